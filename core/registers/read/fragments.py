"""The parts of statements that follow from the declaration of a register."""

from __future__ import annotations

from functools import cache
from typing import Any

from psycopg import sql

from core.models.scd2.model import VersionedModel
from core.models.scd2.payload import json_object
from core.registers.pii import Hidden
from core.registers.read.sql import statement
from core.registers.register import Register, inner_key, name_of
from core.rows import fetch

NULL_TEXT = sql.SQL("NULL::text")


@cache
def fixed_parts(register: Register) -> dict[str, sql.Composable]:
    """What every statement about a register's things names."""
    shape = register.shape
    anchor_key: Any = register.anchor._meta.pk
    return {
        "table": sql.Identifier(shape.table),
        "anchors": sql.Identifier(register.anchor._meta.db_table),
        "anchor_key": sql.Identifier(anchor_key.column),
        "root": root(register),
        "root_type": sql.SQL(shape.types[shape.root]),
    }


@cache
def shown_parts(register: Register) -> dict[str, sql.Composable]:
    """What a statement that shows things names besides."""
    version = (*register.shape.key, *register.shape.tracked)
    columns = [
        *(sql.Identifier("version", name) for name in version),
        *(sql.Identifier("anchor", name) for name in register.identity),
    ]
    return {
        **fixed_parts(register),
        "kinds": kinds(register),
        "columns": sql.SQL(", ").join(columns),
        "marked": marked(register),
    }


def root(register: Register, of: str = "version") -> sql.Identifier:
    """The column that names a thing."""
    return sql.Identifier(of, register.shape.root)


def instant(*, now: bool) -> sql.Composable:
    """The instant that a statement looks at: that of its own clock, or the parameter ``as_of``."""
    return sql.SQL("(SELECT now.instant FROM now)" if now else "%(as_of)s::timestamptz")


def holds(row: str, as_of: sql.Composable, *, believed_now: bool = False) -> sql.Composed:
    """The condition that a version holds."""
    name = "holds_now" if believed_now else "holds"
    return statement(name, row=sql.Identifier(row), as_of=as_of)


@cache
def kinds(register: Register) -> sql.Composed:
    """Common table expressions of the clock and the types."""
    pii, attributes = register.pii, register.attributes
    names: sql.Composable = sql.SQL("NULL::jsonb")
    details: sql.Composable = sql.SQL("NULL::jsonb")
    if pii and pii.types:
        types = sql.Identifier(pii.types.shape.table)
        names = statement("kinds_of_names", types=types, mark=sql.Identifier(pii.mark))
    if attributes:
        types = sql.Identifier(attributes.types.shape.table)
        details = statement("kinds_of_details", types=types)
    return statement("kinds", names=names, details=details)


def marked(register: Register) -> sql.Composable:
    """Whether the column of personal data of a version is marked now."""
    pii = register.pii
    if pii is None:
        return sql.SQL("false")
    if pii.marked_by is None:
        return sql.SQL("true")
    by = sql.Identifier("version", pii.marked_by)
    return sql.SQL("(kinds.names -> {})::boolean").format(by)


def held_details(
    register: Register, as_of: sql.Composable, *, believed_now: bool
) -> sql.Composable:
    """The typed details of a thing as JSON text; NULL for a register without."""
    if register.attributes is None:
        return NULL_TEXT
    shape = register.attributes.details.shape
    return statement(
        "held_details",
        table=sql.Identifier(shape.table),
        thing=sql.Identifier("detail", shape.root),
        root=root(register),
        detail_holds=holds("detail", as_of, believed_now=believed_now),
    )


def held_contents(
    register: Register, as_of: sql.Composable, *, believed_now: bool
) -> sql.Composable:
    """What a thing contains as JSON text, by the name of the model; NULL where that is nothing."""
    if not register.contains:
        return NULL_TEXT
    pairs = [
        sql.SQL("{}, {}").format(
            sql.Literal(name_of(model)), held_of(model, register, as_of, believed_now)
        )
        for model in register.contains
    ]
    return sql.SQL("SELECT json_build_object({})::text").format(sql.SQL(", ").join(pairs))


def held_of(
    model: type[VersionedModel], register: Register, as_of: sql.Composable, believed_now: bool
) -> sql.Composed:
    shape = model.shape
    return statement(
        "held_contents",
        table=sql.Identifier(shape.table),
        thing=sql.Identifier("contained", shape.root),
        root=root(register),
        inner=sql.Identifier("contained", inner_key(model)),
        columns=json_object(shape, shape.tracked, "contained"),
        contained_holds=holds("contained", as_of, believed_now=believed_now),
    )


def data_types(register: Register) -> dict[str, str]:
    """The data type of every detail type that there is; it is the same at every instant."""
    if register.attributes is None:
        return {}
    return dict(fetch(data_types_query(register), {}))


@cache
def data_types_query(register: Register) -> sql.Composed:
    assert register.attributes is not None
    types = sql.Identifier(register.attributes.types.shape.table)
    return statement("data_types", types=types)


def marked_now(register: Register) -> Hidden:
    """All that is marked as personal data. One statement, or none where no type marks anything."""
    pii, attributes = register.pii, register.attributes
    every_name = pii is not None and pii.marked_by is None
    if not (attributes or (pii and pii.types)):
        return Hidden(every_name=every_name)
    [codes] = fetch(statement("marked_now", kinds=kinds(register)), {})
    names, details, others = map(frozenset, codes)
    return Hidden(names, details, others, every_name=every_name)
