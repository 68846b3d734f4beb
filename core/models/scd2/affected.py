"""The things that a load ends or corrects, by name, read in its own transaction.

A load affects a thing that it ends, whose past it corrects, or whose row is overtaken by a later
change. Rows are found in sets by the database and come one at a time, so memory stays flat.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection
from psycopg import sql

from core.models.scd2.locks import anchor_parts, identity_fields
from core.models.scd2.sql import columns, statement
from core.models.scd2.staging import Load, StagedModel
from core.models.scd2.versioning import Shape

PAGE = 2_000
"""Rows fetched at a time."""


class Effect(enum.StrEnum):
    """What a load does to a thing; ``NOT_ENDED``: it lacks it, and the end was held back."""

    ENDED = "ended"
    CORRECTED = "corrected"
    OVERTAKEN = "overtaken"
    NOT_ENDED = "not_ended"


class AffectedThing(NamedTuple):
    """``number``: its place among the things of a model that are affected so, of ``total``.

    ``thing``: the key, identity and tracked columns of the container, and the key columns of what
    is contained in it, null for the container itself. ``start``: since when (UTC). ``ordinal``: of
    the Change that says so, None where it follows from what a full file lacks.
    """

    effect: Effect
    number: int
    total: int
    thing: dict[str, Any]
    start: datetime
    ordinal: int | None


def written(
    load: Load, instant: datetime, past: datetime, most: int | None = None
) -> Iterator[AffectedThing]:
    """What the call of an instant ended, and corrected before ``past``; at most so many of each.

    Call it in the transaction of the load.
    """
    given = {"instant": instant, "past": past, "most": most}
    for shape, model in load.models.items():
        container = shape.container or shape
        log = {"model": shape.label, "container": container.label}
        found = model.statement(
            "affected_written",
            root_name=sql.Literal(shape.root),
            kind_of_log=kind_of_log(shape),
            staged_kind=kind_of(shape, "staged"),
        )
        yield from named(model, load.container, found, {**given, **log})


def overtaken(load: Load, instant: datetime, most: int | None = None) -> Iterator[AffectedThing]:
    """What the load says that does not hold, a row a Change, since a later change stands."""
    for model in load.models.values():
        kind = kind_of(model.shape, "overtaken")
        found = model.statement("affected_overtaken", overtaken_kind=kind)
        yield from named(model, load.container, found, {"instant": instant, "most": most})


def lacking(
    load: Load,
    effect: Effect,
    instant: datetime,
    kinds: Collection[str],
    most: int | None = None,
    *,
    whole: bool,
) -> Iterator[AffectedThing]:
    """What is staged to end as a full file lacks it: contents of some kinds, ``whole`` things."""
    given = {"what": effect.value, "instant": instant, "most": most}
    for shape, model in load.models.items():
        wanted = list(kinds) if shape.container else None
        if not (kinds if shape.container else whole):
            continue
        found = model.statement("affected_staged", staged_kind=kind_of(shape, "staged"))
        yield from named(model, load.container, found, {**given, "kinds": wanted})


def named(
    model: StagedModel, container: Shape, found: sql.Composable, given: dict[str, Any]
) -> Iterator[AffectedThing]:
    """The things that a query finds, with the names that their containers have."""
    anchor = anchor_parts(container.anchor)
    identity = [field.column for field in identity_fields(container.anchor)]
    query = statement(
        "affected",
        found=found,
        identity=listed(identity, "numbered"),
        anchor_identity=listed(identity, "anchor"),
        tracked=columns(container.tracked, of="own"),
        own_columns=columns(container.tracked, of="version"),
        own=sql.Identifier(container.table),
        own_root=sql.Identifier(container.root),
        anchors=anchor["anchors"],
        anchor_key=anchor["key"],
    )
    names = (container.root, *identity, *container.tracked)
    with connection.chunked_cursor() as rows:
        rows.execute(query, given)
        rows.cursor.itersize = PAGE
        for what, number, total, kind, *values, start, ordinal in rows:
            thing = dict(zip(names, values, strict=True)) | contained(model.shape, container, kind)
            yield AffectedThing(Effect(what), number, total, thing, start, ordinal)


def listed(names: Collection[str], of: str) -> sql.Composable:
    """Columns before others in a list; there may be none."""
    return sql.SQL("{}, ").format(columns(names, of=of)) if names else sql.SQL("")


def contained(shape: Shape, container: Shape, kind: str | None) -> dict[str, Any]:
    """What tells contents apart, by column; null for the container itself."""
    names = dict.fromkeys(kind_column(content) for content in container.contents)
    return names if shape is container else names | {kind_column(shape): kind}


def kind_column(shape: Shape) -> str:
    names = shape.key[1:]
    return names[0] if len(names) == 1 else "contents"


def kind_of(shape: Shape, of: str) -> sql.Composable:
    """The text that tells the contents of a container apart; NULL for the container itself."""
    if shape.container is None:
        return sql.SQL("NULL::text")
    names = shape.key[1:]
    if not names:
        return sql.Literal(str(shape.model._meta.verbose_name_plural))
    if len(names) == 1:
        return sql.Identifier(of, names[0])
    return sql.SQL("concat_ws(' ', {})").format(columns(names, of=of))


def kind_of_log(shape: Shape) -> sql.Composable:
    """As ``kind_of``, of an entry of the log."""
    if shape.container is None:
        return sql.SQL("NULL::text")
    names = shape.key[1:]
    if not names:
        return kind_of(shape, "log")
    members = [sql.SQL("log.natural_key ->> {}").format(sql.Literal(name)) for name in names]
    return sql.SQL("concat_ws(' ', {})").format(sql.SQL(", ").join(members))
