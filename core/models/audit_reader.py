"""Reading the audit log: pages of it, newest first, and the changes in the order they were made.

An entry is a dict of its columns, instants in UTC, ``txid`` a number. Its place in the log is
``(instant, txid, id)``, in the feed ``(recorded_at, txid, id)``: a backfill comes last there,
whatever instant it sets. In both the entries of a thing never go backwards.
"""

from __future__ import annotations

import dataclasses
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from itertools import islice
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connection
from psycopg import sql

from core.personal import Call, Sight, call_of, is_known
from core.sql import read_sql

Row = dict[str, Any]
Position = tuple[datetime, int, int]

COLUMNS = (
    "id",
    "instant",
    "recorded_at",
    "txid",
    "actor_id",
    "actor",
    "channel",
    "client_address",
    "request_id",
    "reason",
    "batch",
    "model",
    "uuid",
    "natural_key",
    "valid_from",
    "valid_to",
    "before",
    "after",
    "action",
)
SOURCE = ("source", "source_id")
"""The columns of an anchor that say which feed named the thing, and how."""
BEGINNING: Position = (datetime.min.replace(tzinfo=UTC), 0, 0)
"""Before every entry."""
AT_A_TIME = 2_000
"""Entries fetched at a time where all are read."""
LAST = 2**63 - 1
"""Greater than every transaction id and every id."""


@dataclasses.dataclass(frozen=True, slots=True)
class LogFilter:
    """Which entries; None is any. ``from_`` and ``to``: system instants, both included."""

    uuid: UUID | None = None
    actor: str | None = None
    request_id: str | None = None
    batch: str | None = None
    from_: datetime | None = None
    to: datetime | None = None

    def parameters(self) -> Row:
        given = {name: getattr(self, name) for name in ("uuid", "actor", "request_id", "batch")}
        return {**given, "from_instant": self.from_, "to_instant": self.to}


def log_query(*, backwards: bool = False) -> sql.Composed:
    """The statement of a page, newest first or, ``backwards``, oldest first."""
    return sql.SQL(read_sql("audit_page.sql")).format(
        columns=columns(),
        beyond=sql.SQL(">" if backwards else "<"),
        direction=sql.SQL("ASC" if backwards else "DESC"),
    )


def log_page(
    filters: LogFilter, *, after: Position | None = None, backwards: bool = False, limit: int
) -> list[Row]:
    """A page of the log. One statement; ``after`` is the place of the last entry before it."""
    place = dict(zip(("after_instant", "after_txid", "after_id"), after or [None] * 3, strict=True))
    parameters = {**filters.parameters(), **place, "limit": limit}
    return fetch(log_query(backwards=backwards), parameters)


def log_rows(filters: LogFilter) -> Iterator[Row]:
    """The log, oldest entry first, from a cursor of the server: memory does not grow with it."""
    place = dict.fromkeys(("after_instant", "after_txid", "after_id"))
    parameters = {**filters.parameters(), **place, "limit": None}
    with connection.chunked_cursor() as cursor:
        cursor.execute(log_query(backwards=True), parameters)
        cursor.cursor.itersize = AT_A_TIME
        yield from map(entry_of, cursor)


def changes(
    models: Sequence[str], *, after: Position, settled: datetime, sight: Sight, limit: int
) -> tuple[list[Row], Position]:
    """What was done to some models after a place, and the place up to which that is all.

    Entries of things whose key alone says that they are hidden are left out. Two statements.
    """
    hidden = sight.hidden_keys()
    parameters = {
        "after_recorded_at": after[0],
        "after_txid": str(after[1]),
        "after_id": after[2],
        "settled": settled,
        "models": list(models),
        "limit": limit,
        "hidden_models": [model for model, _, _ in hidden],
        "hidden_columns": [column for _, column, _ in hidden],
        "hidden_codes": [code for _, _, code in hidden],
    }
    query = sql.SQL(read_sql("audit_changes.sql")).format(columns=columns())
    entries = fetch(query, parameters)
    reached = feed_place_of(entries[-1]) if len(entries) == limit else last_place(settled)
    return entries, max(after, reached)


def as_seen(sight: Sight, entries: Iterable[Row]) -> Iterator[Row]:
    """Entries as a reader sees them. One statement for every AT_A_TIME where any is hidden."""
    remaining = iter(entries)
    while some := list(islice(remaining, AT_A_TIME)):
        calls = masked_calls(sight, some)
        yield from (sight.entry(entry, calls) for entry in some)


def with_sources(entries: Iterable[Row]) -> Iterator[Row]:
    """Entries with ``source`` and ``source_id`` of the thing that they are about, None where no
    feed named it. One statement a register for every AT_A_TIME.
    """
    remaining = iter(entries)
    while some := list(islice(remaining, AT_A_TIME)):
        named = sources_of(some)
        for entry in some:
            source, source_id = named.get((entry["model"], entry["uuid"]), (None, None))
            yield {**entry, "source": source, "source_id": source_id}


def sources_of(entries: Iterable[Row]) -> dict[tuple[str, UUID], tuple[str, str]]:
    """The source and the source_id of things that a feed named, by model and uuid."""
    things: dict[str, set[UUID]] = defaultdict(set)
    for entry in entries:
        things[entry["model"]].add(entry["uuid"])
    found = {}
    for label, uuids in things.items():
        anchor = anchor_named_by_source(label)
        if anchor is not None:
            rows = anchor.objects.filter(pk__in=uuids, source__isnull=False)
            for uuid, *named in rows.values_list("pk", *SOURCE):
                found[label, uuid] = tuple(named)
    return found


@cache
def anchor_named_by_source(label: str) -> Any:
    """The anchor model of a register whose things feeds name; None for any other model."""
    model: Any = apps.get_model(label) if is_known(label) else None
    if not hasattr(model, "shape"):
        return None
    anchor = model.shape.anchor
    names = {field.name for field in anchor._meta.get_fields()}
    return anchor if names.issuperset(SOURCE) else None


def masked_calls(sight: Sight, entries: Sequence[Row]) -> Collection[Call]:
    """The calls behind some entries that wrote personal data which is hidden from the reader."""
    hidden = sight.hidden_values()
    if not (hidden and entries):
        return ()
    calls = {call_of(entry) for entry in entries}
    with connection.cursor() as cursor:
        cursor.execute(
            read_sql("audit_masked_calls.sql"),
            {
                "instants": [instant for instant, _ in calls],
                "uuids": [uuid for _, uuid in calls],
                "hidden_models": [model for model, _, _ in hidden],
                "hidden_columns": [column for _, column, _ in hidden],
                "hidden_codes": [code for _, _, code in hidden],
            },
        )
        return set(cursor.fetchall())


def last_place(settled: datetime) -> Position:
    """The place in the feed of the last entry that is settled."""
    with connection.cursor() as cursor:
        cursor.execute(read_sql("audit_last.sql"), {"settled": settled})
        row = cursor.fetchone()
    return (row[0], int(row[1]), row[2]) if row else BEGINNING


def place_of(entry: Row) -> Position:
    return entry["instant"], entry["txid"], entry["id"]


def feed_place_of(entry: Row) -> Position:
    return entry["recorded_at"], entry["txid"], entry["id"]


def columns() -> sql.Composable:
    return sql.SQL(", ").join(sql.Identifier("entry", name) for name in COLUMNS)


def fetch(query: sql.Composable, parameters: Row) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return [entry_of(row) for row in cursor.fetchall()]


def entry_of(row: Sequence[Any]) -> Row:
    """A row of the log as an entry."""
    entry = dict(zip(COLUMNS, row, strict=True))
    entry["txid"] = int(entry["txid"])
    for name in ("natural_key", "before", "after"):
        if isinstance(entry[name], str):
            entry[name] = json.loads(entry[name])
    return entry
