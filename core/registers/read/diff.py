"""What changed in a register between two instants, by thing and field."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from functools import cache
from typing import Any

from psycopg import sql

from core.models.scd2.diff import Changed, Page, Source, Window, changes
from core.models.scd2.model import VersionedModel
from core.models.scd2.payload import JSON_SQL
from core.registers.pii import NOTHING, Hidden
from core.registers.read.fragments import data_types_query
from core.registers.read.sql import statement
from core.registers.register import Register, inner_key, name_of

Row = dict[str, Any]
SLACK = 16
"""How many more things are looked at than asked for: some that were touched did not change."""


def diff(
    register: Register,
    window: Window,
    *,
    only: Any = None,
    within: tuple[str, Any] | None = None,
    anchored: tuple[str, Any] | None = None,
    after: Any = None,
    backwards: bool = False,
    limit: int,
    hidden: Hidden = NOTHING,
) -> list[Row]:
    """The things whose net change is not nothing, by key.

    ``fields`` is JSON text by field: ``before`` is the value just before the window as known at
    ``known_from``, ``after`` that at its end as known at ``known_to``, ``transitions`` the steps in
    it as known at ``known_to``. ``only``: of one thing. ``within``: of things that have a value in
    a column at the end, or had it when they ended. ``anchored``: of things whose anchor has a
    value, such as those of a source. What is ``hidden`` is as if it never changed: a column is
    None, a detail is not there. One statement, and more where much of what was touched did not
    change.
    """
    page = Page(limit + SLACK, after, backwards, only, within, anchored)
    found: list[Row] = []
    while len(found) < limit:
        looked_at = list(
            changes(sources(register), window, page, hidden.parameters(), register.identity)
        )
        rows = (row_of(register, each) for each in looked_at if each.fields is not None)
        found.extend(row for row in rows if within is None or row[within[0]] == within[1])
        if len(looked_at) < page.limit:
            break
        page = dataclasses.replace(page, after=looked_at[-1].root)
    return found[:limit]


def row_of(register: Register, change: Changed) -> Row:
    """One thing of a diff; its columns as they are at the end, or as they were when it ended."""
    tracked = register.shape.tracked
    kind = "updated"
    if change.existed != change.exists:
        kind = "ended" if change.existed else "created"
    return {
        register.shape.root: change.root,
        **dict(zip(register.identity, change.identity, strict=True)),
        **dict(zip(tracked, change.named or (None,) * len(tracked), strict=True)),
        "change": kind,
        "fields": change.fields,
    }


@cache
def sources(register: Register) -> tuple[Source, ...]:
    """What a diff shows of each model, ranked in the order of the declaration."""
    shape = register.shape
    own = [field(register, rank, name) for rank, name in enumerate(shape.tracked)]
    return (Source(shape, sql.SQL(",\n").join(own)), *contained(register, len(own)))


def field(register: Register, rank: int, name: str) -> sql.Composed:
    """The field of a column; personal data that is hidden is null."""
    value = json_text(register.model, name)
    pii = register.pii
    if pii and pii.column == name:
        is_hidden: sql.Composable = sql.SQL("%(every_name)s")
        if pii.marked_by:
            by = sql.Identifier("version", pii.marked_by)
            is_hidden = sql.SQL("{} = ANY(%(hidden_names)s::text[])").format(by)
        value = sql.SQL("CASE WHEN {} THEN NULL ELSE {} END").format(is_hidden, value)
    return row(rank, sql.Literal(name), value)


def contained(register: Register, rank: int) -> Iterator[Source]:
    if register.attributes:
        model = register.attributes.details
        fields = statement(
            "diff_attribute", rank=sql.Literal(rank), prefix=sql.Literal(f"{name_of(model)}.")
        )
        lookup = statement("diff_kinds", data_types=data_types_query(register))
        yield Source(model.shape, fields, lookup=lookup)
        rank += 1
    for model in register.contains:
        inner = sql.Identifier("version", inner_key(model))
        rows = []
        for name in model.shape.tracked:
            label = sql.SQL("{} || {}::text || {}").format(
                sql.Literal(f"{name_of(model)}."), inner, sql.Literal(f".{name}")
            )
            rows.append(row(rank, label, json_text(model, name)))
            rank += 1
        yield Source(model.shape, sql.SQL(",\n").join(rows))


def row(rank: int, name: sql.Composable, value: sql.Composable) -> sql.Composed:
    return sql.SQL("({}, {}, {})").format(sql.Literal(rank), name, value)


def json_text(model: type[VersionedModel], name: str) -> sql.Composed:
    """The value of a column as JSON text."""
    column = sql.Identifier("version", name)
    text = JSON_SQL.get(model.shape.types[name], sql.SQL("{0}")).format(column)
    return sql.SQL("to_json({})::text").format(text)
