"""Every invariant of versions and log, checked again over the whole database.

The database refuses most of what is looked for here; verifying finds what a restored backup, a
superuser or a defect may have done all the same. Nothing is written.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from django.db import connection
from psycopg import sql

from core.models.scd2.hash_diff import hash_diff
from core.models.scd2.locks import anchor_parts
from core.models.scd2.payload import json_object, to_json
from core.models.scd2.replay import Clash, Entry, Version, replay
from core.models.scd2.sql import columns, statement
from core.models.scd2.staging import thing_sql
from core.models.scd2.versioning import Shape

PIECE = 5_000
"""Rows fetched at a time."""


class Finding(NamedTuple):
    """Something that must not be: in which model, what, and where."""

    model: str
    problem: str
    where: str


class Check(NamedTuple):
    """One question to the database, with what a row of its answer would mean."""

    name: str
    find: Callable[[], Iterator[Finding]]


def settle_plans() -> None:
    """Let whole tables be compared in the time that it takes to read them.

    For the rest of the transaction, whatever is known of the tables.
    """
    with connection.cursor() as cursor:
        cursor.execute(statement("verify_settings"))


def checks_of(shape: Shape) -> list[Check]:
    """The checks of one versioned model, cheapest first."""
    found = [
        Check("order of instants", lambda: ask(shape, "verify_order", "instants out of order")),
        Check("anchors", lambda: ask_anchors(shape)),
    ]
    if shape.container is not None:
        found.append(Check("containment", lambda: ask_containment(shape)))
    found.append(Check("timelines and log", lambda: hold_against_log(shape)))
    return found


def parts(shape: Shape) -> dict[str, sql.Composable]:
    return {
        "table": sql.Identifier(shape.table),
        "root": sql.Identifier(shape.root),
        "json_key": json_object(shape, shape.key, "one"),
    }


def ask(shape: Shape, name: str, problem: str, **more: sql.Composable) -> Iterator[Finding]:
    """Run a statement that returns what must not be."""
    query = statement(name, **{**parts(shape), **more})
    for key, *ids in rows_of(query, {}):
        yield Finding(shape.label, problem, f"{key}, rows {', '.join(map(str, ids))}")


def ask_anchors(shape: Shape) -> Iterator[Finding]:
    for column, anchor in shape.anchors().items():
        names = {**anchor_parts(anchor), "column": sql.Identifier(column)}
        yield from ask(shape, "verify_anchors", f"{column} names no anchor", **names)


def ask_containment(shape: Shape) -> Iterator[Finding]:
    assert shape.container is not None
    yield from ask(
        shape,
        "verify_containment",
        "holds outside its container",
        container=sql.Identifier(shape.container.table),
        container_root=sql.Identifier(shape.container.root),
    )


def rows_of(query: sql.Composed, parameters: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Rows through a server-side cursor, so that memory stays flat."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(query, parameters)
        cursor.cursor.itersize = PIECE
        yield from cursor


# The rows against their hashes and against the log


def hold_against_log(shape: Shape) -> Iterator[Finding]:
    """Hash every payload again, and play the versions and the log of every key side by side."""
    payloads = {name: logged_payload(shape, name) for name in ("before", "after")}
    log = (
        Entry(*row) for row in rows_of(statement("verify_log", **payloads), {"model": shape.label})
    )
    for key, versions, entries in side_by_side(versions_of(shape), log):
        for row in versions:
            if not row.sound:
                yield Finding(shape.label, f"row {row.id} has a false hash", key)
        for found in replay(versions, entries):
            if isinstance(found, Clash):
                rows = ", ".join(map(str, found.rows))
                yield Finding(shape.label, found.problem, f"{key}, rows {rows}")
            else:
                yield Finding(shape.label, found, key)


def logged_payload(shape: Shape, column: str) -> sql.Composed:
    """The payload of an entry; a column that was added since holds what it held then."""
    pairs = [
        sql.SQL("{name}, coalesce({payload} -> {name}, {default}::jsonb)").format(
            name=sql.Literal(name),
            payload=sql.Identifier("entry", column),
            default=sql.Literal(json.dumps(to_json(default))),
        )
        for name, default in zip(shape.tracked, shape.blank, strict=True)
    ]
    return sql.SQL("CASE WHEN {} IS NOT NULL THEN jsonb_build_object({}) END").format(
        sql.Identifier("entry", column), sql.SQL(", ").join(pairs)
    )


def versions_of(shape: Shape) -> Iterator[Version]:
    width = len(Version._fields) - 1
    query = statement(
        "verify_rows",
        **parts(shape),
        thing=thing_sql(shape, sql.Identifier("one", shape.root)),
        json_payload=json_object(shape, shape.tracked, "one"),
        tracked=columns(shape.tracked, of="one"),
    )
    for row in rows_of(query, {}):
        stored, payload = row[:width], row[width:]
        yield Version._make((*stored, bytes(stored[-2]) == hash_diff(payload)))


def side_by_side(
    versions: Iterable[Version], entries: Iterable[Entry]
) -> Iterator[tuple[str, list[Version], list[Entry]]]:
    """Both streams by key; they come in the same order."""
    streams = [itertools.groupby(stream, key=lambda row: row[:2]) for stream in (versions, entries)]
    heads = [next(stream, None) for stream in streams]
    while any(heads):
        first = min(head[0] for head in heads if head)
        found: list[list[Any]] = [[], []]
        for side, head in enumerate(heads):
            if head and head[0] == first:
                found[side] = list(head[1])
                heads[side] = next(streams[side], None)
        yield str(first[1]), found[0], found[1]
