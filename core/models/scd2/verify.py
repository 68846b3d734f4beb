"""Every invariant of versions and log, checked again over the whole database.

The database refuses most of what is looked for here; verifying finds what a restored backup, a
superuser or a defect may have done all the same. Nothing is written.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection
from psycopg import sql

from core.models.scd2.hash_diff import hash_diff
from core.models.scd2.locks import anchor_parts
from core.models.scd2.payload import json_object
from core.models.scd2.sql import columns, statement
from core.models.scd2.staging import key_equal, thing_sql
from core.models.scd2.timeline import FOREVER, Span, melt, value_at
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
        Check("overlaps", lambda: ask(shape, "verify_overlap", "versions overlap")),
        Check("shortest", lambda: ask(shape, "verify_shortest", "equal versions touch")),
    ]
    if shape.container is not None:
        found.append(Check("containment", lambda: ask_containment(shape)))
    found.append(Check("hashes and log", lambda: hold_against_log(shape)))
    return found


def parts(shape: Shape) -> dict[str, sql.Composable]:
    return {
        "table": sql.Identifier(shape.table),
        "root": sql.Identifier(shape.root),
        "json_key": json_object(shape, shape.key, "one"),
        "other_is_one": key_equal(shape, "other", "one"),
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


class Version(NamedTuple):
    """A row as ``verify_rows.sql`` returns it, and whether its hash is that of its payload."""

    thing: Any
    key: str
    id: int
    valid_from: datetime
    valid_to: datetime | None
    system_from: datetime
    system_to: datetime | None
    closed_at: datetime | None
    hash_diff: bytes
    payload: str
    sound: bool

    def instants(self) -> set[datetime | None]:
        """The calls that touched the row."""
        return {self.system_from, self.system_to, self.closed_at}

    def end_known_at(self, known_at: datetime) -> datetime:
        """The end of the row as it stood at an instant."""
        closed_later = self.closed_at is not None and self.closed_at > known_at
        return FOREVER if closed_later or self.valid_to is None else self.valid_to


class Entry(NamedTuple):
    """An audit entry as ``verify_log.sql`` returns it."""

    thing: Any
    key: str
    instant: datetime
    valid_from: datetime
    valid_to: datetime | None
    before: str | None
    after: str | None


def hold_against_log(shape: Shape) -> Iterator[Finding]:
    """Hash every payload again, and replay the log of every key into its live rows."""
    log = (Entry(*row) for row in rows_of(statement("verify_log"), {"model": shape.label}))
    for key, versions, entries in side_by_side(versions_of(shape), log):
        for problem in problems_of(versions, entries):
            yield Finding(shape.label, problem, key)


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


def problems_of(versions: Iterable[Version], entries: Iterable[Entry]) -> Iterator[str]:
    """What is wrong with one key."""
    versions, entries = list(versions), list(entries)
    yield from (f"row {row.id} has a false hash" for row in versions if not row.sound)
    instants = set().union(*(row.instants() for row in versions)) - {None}
    if instants != {entry.instant for entry in entries}:
        yield "rows and log know of different instants"
    timeline: list[Span] = []
    for instant, call in itertools.groupby(entries, key=lambda entry: entry.instant):
        for entry in call:
            if not continues(timeline, entry):
                yield f"the entry of {instant.isoformat()} does not continue the log"
            timeline = applied(timeline, entry)
        if timeline != believed(versions, instant):
            yield f"the log does not lead to the rows as known at {instant.isoformat()}"


def believed(versions: Iterable[Version], known_at: datetime) -> list[Span]:
    """The timeline of a key as known at an instant, by its rows."""
    return [
        Span(row.valid_from, row.end_known_at(known_at), row.payload)  # type: ignore[arg-type]
        for row in versions
        if row.system_from <= known_at and (row.system_to is None or row.system_to > known_at)
    ]


def continues(timeline: list[Span], entry: Entry) -> bool:
    """Whether what the entry says was there before is what the log had led to."""
    end = entry.valid_to or FOREVER
    inside = {span.start for span in timeline if entry.valid_from < span.start < end}
    inside |= {span.end for span in timeline if entry.valid_from < span.end < end}
    held: Any = entry.before
    return all(value_at(timeline, at) == held for at in {entry.valid_from, *inside})


def applied(timeline: list[Span], entry: Entry) -> list[Span]:
    """The timeline after an entry."""
    start, end = entry.valid_from, entry.valid_to or FOREVER
    spans = [Span(start, end, entry.after)]  # type: ignore[arg-type]
    for span in timeline:
        if span.start < start:
            spans.append(span._replace(end=min(span.end, start)))
        if span.end > end:
            spans.append(span._replace(start=max(span.start, end)))
    return melt(sorted(spans, key=lambda span: span.start))
