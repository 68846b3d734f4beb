"""A whole snapshot of a register, row by row: what an export is made of.

Rows come from a cursor of the server, in one snapshot of the database, so memory does not grow
with the register. A row says what held at ``as_of``; read back by the ingestion it asserts that
from there on, which writes nothing where it is still believed.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

import orjson
from django.db import connection
from psycopg import sql

from core.datetimes import asked_knowledge
from core.db import clock, one_snapshot, settled_instant
from core.ingest.asked import in_one_form
from core.models.scd2.exceptions import InvalidChange
from core.models.scd2.model import VersionedModel
from core.registers.export.sql import statement
from core.registers.pii import NOTHING, Hidden
from core.registers.read.fragments import (
    data_types,
    fixed_parts,
    held_contents,
    holds,
    instant,
    marked_now,
    root,
)
from core.registers.register import Register, inner_key, name_of
from core.registers.sources import require_known_source
from core.rows import fetch

SETTLED = "settled"
AT_A_TIME = 5_000
"""Rows fetched at a time."""
Contents = Mapping[str, Mapping[str, Mapping[str, Any]]]


class Exported(NamedTuple):
    """A thing. ``values``: by column of the register. ``details``: canonical text by code;
    ``masked``: the codes left out. ``contents``: columns by key by the name of the model.
    """

    values: Mapping[str, Any]
    details: Mapping[str, str]
    masked: list[str]
    contents: Contents


@dataclasses.dataclass(frozen=True)
class Snapshot:
    """What is exported; its instants are the basis of the answer (UTC).

    ``believed_at`` is what statements take: None for what is believed now.
    """

    register: Register
    as_of: datetime
    known_at: datetime
    believed_at: datetime | None
    source: str | None
    hidden: Hidden
    data_types: Mapping[str, str]

    def codes(self) -> list[str]:
        """The codes of the details that any row has."""
        attributes = self.register.attributes
        return self.keys(attributes.details) if attributes else []

    def keys(self, model: type[VersionedModel]) -> list[str]:
        """The keys of the contained things of a model that any row has."""
        query = keys_query(self.register, model)
        return [key for (key,) in fetch(query, self.parameters())]

    def rows(self) -> Iterator[Exported]:
        """Everything that is valid, by key."""
        columns = exported_columns(self.register)
        width = len(columns) + 1
        with connection.chunked_cursor() as cursor:
            cursor.execute(export_query(self.register), self.parameters())
            cursor.cursor.itersize = AT_A_TIME
            for head, held in itertools.groupby(cursor, key=lambda row: row[:width]):
                details = [row[width:] for row in held if row[width] is not None]
                yield Exported(
                    values=dict(zip(columns, head[:-1], strict=True)),
                    details={code: text for code, text in details if text is not None},
                    masked=[code for code, text in details if text is None],
                    contents=contents_of(head[-1]),
                )

    def parameters(self) -> dict[str, Any]:
        instants = {"as_of": self.as_of, "known_at": self.believed_at}
        return {**instants, "source": self.source, **self.hidden.parameters()}


@contextmanager
def snapshot(
    register: Register,
    *,
    as_of: datetime | None = None,
    known_at: datetime | date | str | None = None,
    source: str | None = None,
    mask: bool = False,
) -> Iterator[Snapshot]:
    """One snapshot of the database, as long as the block lasts.

    ``known_at``: an instant, a day (today ends now), or ``settled``. ``mask`` hides what is
    personal data. Raises NotSettled; InvalidChange for what will only be known later;
    UnknownSource.
    """
    settled = settled_instant() if known_at == SETTLED else None
    source = in_one_form(source)
    with one_snapshot():
        require_known_source(register, source)
        now = clock()
        believed_at = settled
        if isinstance(known_at, date):
            believed_at = asked_knowledge(known_at, now)
        if believed_at is not None and believed_at > now:
            raise InvalidChange("What will be known later is not known yet.", field="known_at")
        yield Snapshot(
            register=register,
            as_of=as_of or now,
            known_at=believed_at or now,
            believed_at=believed_at,
            source=source,
            hidden=marked_now(register) if mask else NOTHING,
            data_types=data_types(register),
        )


def contents_of(text: str | None) -> Contents:
    """What a thing contains: columns by key by the name of the model."""
    held = orjson.loads(text) if text else {}
    return {name: {key: columns for _, key, columns in rows} for name, rows in held.items()}


# The statements


def exported_columns(register: Register) -> tuple[str, ...]:
    """The columns of a row: what names a thing, then what is tracked."""
    return (*register.shape.key, *register.identity, *register.shape.tracked)


@cache
def export_query(register: Register) -> sql.Composed:
    at = instant(now=False)
    order: list[sql.Composable] = [root(register)]
    detail: sql.Composable = sql.SQL("NULL::text AS detail_code, NULL::text AS value")
    details: sql.Composable = sql.SQL("")
    if register.attributes:
        shape = register.attributes.details.shape
        order.append(sql.SQL("detail.detail_code"))
        detail = sql.SQL(
            "detail.detail_code, CASE WHEN detail.detail_code = ANY(%(hidden_details)s::text[]) "
            "THEN NULL ELSE detail.value END AS value"
        )
        details = statement(
            "export_details",
            table=sql.Identifier(shape.table),
            thing=sql.Identifier("detail", shape.root),
            root=root(register),
            detail_holds=holds("detail", at),
        )
    return statement(
        "export",
        **fixed_parts(register),
        columns=sql.SQL(", ").join(column(register, name) for name in exported_columns(register)),
        contents=held_contents(register, at, believed_now=False),
        detail=detail,
        details=details,
        version_holds=holds("version", at),
        of_source=of_source(register),
        order=sql.SQL(", ").join(order),
    )


def column(register: Register, name: str) -> sql.Composable:
    """A column of a row; personal data that is hidden is null."""
    pii = register.pii
    if name in register.identity:
        return sql.Identifier("anchor", name)
    value = sql.Identifier("version", name)
    if pii is None or pii.column != name:
        return value
    is_hidden: sql.Composable = sql.SQL("%(every_name)s")
    if pii.marked_by:
        by = sql.Identifier("version", pii.marked_by)
        is_hidden = sql.SQL("{} = ANY(%(hidden_names)s::text[])").format(by)
    return sql.SQL("CASE WHEN {} THEN NULL ELSE {} END").format(is_hidden, value)


def of_source(register: Register) -> sql.Composable:
    return statement("export_of_source") if "source" in register.identity else sql.SQL("")


@cache
def keys_query(register: Register, model: type[VersionedModel]) -> sql.Composed:
    shape = model.shape
    parts = fixed_parts(register) | {"table": sql.Identifier(shape.table)}
    return statement(
        "export_keys",
        **parts,
        inner=sql.Identifier("contained", inner_key(model)),
        thing=sql.Identifier("contained", shape.root),
        contained_holds=holds("contained", instant(now=False)),
        of_source=of_source(register),
    )


def content_columns(register: Register) -> list[tuple[type[VersionedModel], str, str]]:
    """Contained models with their names and tracked columns."""
    return [
        (model, name_of(model), name) for model in register.contains for name in model.shape.tracked
    ]
