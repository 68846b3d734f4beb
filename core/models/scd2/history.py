"""The versions of one thing, newest first, and what a version looked like at an earlier belief."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from psycopg import sql

from core.models.scd2.instruction import Key
from core.models.scd2.sql import columns, statement
from core.models.scd2.timeline import FOREVER, Span, lifetimes_of
from core.models.scd2.versioning import Shape
from core.rows import fetch

ABOUT = (
    "valid_from",
    "valid_to",
    "system_from",
    "closed_at",
    "system_to",
    "is_current",
    "hash_diff",
    "actor",
    "reason",
    "created_at",
    "updated_at",
)
"""What every version says besides its payload; ``hash_diff`` as hexadecimal digits."""

Position = tuple[datetime, datetime, int, int]
"""Where a version stands in a history, newest first: valid_from, system_from, model, id."""


class Item(NamedTuple):
    """One version in a history: of which model and key, and its columns by name."""

    shape: Shape
    key: Key
    version: dict[str, Any]
    position: Position


def as_known(version: dict[str, Any], known_at: datetime | None) -> dict[str, Any]:
    """A believed version as it stood at ``known_at``: what was filled in later is not yet there."""
    if known_at is None:
        return version
    known = dict(version)
    if later(version.get("closed_at"), known_at):
        known["valid_to"] = None
    for name in ("closed_at", "system_to"):
        if later(version.get(name), known_at):
            known[name] = None
            if "updated_at" in known:
                known["updated_at"] = updated_before(version, known_at)
    known["is_current"] = known["valid_to"] is None and known.get("system_to") is None
    return known


def updated_before(version: dict[str, Any], known_at: datetime) -> datetime:
    """``updated_at`` of a row that was written again after ``known_at``: the instant at which it
    had been closed, or that of its insertion.
    """
    created: datetime = version["created_at"]
    closed: datetime | None = version["closed_at"]
    return created if closed is None or closed > known_at else max(created, closed)


def later(instant: datetime | None, known_at: datetime) -> bool:
    return instant is not None and instant > known_at


def history(
    shapes: Sequence[Shape],
    root: Any,
    *,
    known_at: datetime | None = None,
    superseded: bool = False,
    after: Position | None = None,
    limit: int,
    left_out: Collection[str] = (),
) -> list[Item]:
    """A page of the versions of all models that hang on one anchor, newest first.

    ``superseded`` adds what was no longer believed at ``known_at`` (default: now); ``after`` is
    the position of the last version of the page before. ``left_out`` names contained things, by
    the last column of their key, that are passed over. One statement a model.
    """
    valid, system, rank, ident = after or (None, None, None, None)
    wanted = {
        "root": root,
        "known_at": known_at,
        "superseded": superseded,
        "limit": limit,
        "after_valid": valid,
        "after_system": system,
        "after_rank": rank,
        "after_id": ident,
        "left_out": list(left_out),
    }
    pages = [versions(shape, -rank, wanted) for rank, shape in enumerate(shapes)]
    merged = heapq.merge(*pages, key=lambda item: item.position, reverse=True)
    return list(islice(merged, limit))


def versions(shape: Shape, rank: int, wanted: dict[str, Any]) -> Iterator[Item]:
    """One model's versions, newest first."""
    query = statement(
        "history",
        key=columns(shape.key, of="version"),
        tracked=columns(shape.tracked, of="version"),
        table=sql.Identifier(shape.table),
        root=sql.Identifier("version", shape.root),
        type=sql.SQL(shape.types[shape.root]),
        inner=sql.Identifier("version", shape.key[-1]),
        rank=sql.Literal(rank),
    )
    width = len(shape.key)
    for row in fetch(query, wanted):
        ident, key, values = row[0], row[1 : width + 1], row[width + 1 :]
        version = dict(zip((*ABOUT, *shape.tracked), values, strict=True))
        position = (version["valid_from"], version["system_from"], rank, ident)
        yield Item(shape, key, as_known(version, wanted["known_at"]), position)


def lifetimes(
    shape: Shape, key: Key, known_at: datetime | None = None
) -> list[tuple[datetime, datetime | None]]:
    """The periods over which a thing exists; the end of the last may be open (None)."""
    rows = (
        shape.model.objects.believed(known_at)
        .filter(**dict(zip(shape.key, key, strict=True)))
        .order_by("valid_from")
        .values("valid_from", "valid_to", "closed_at")
    )
    known = [as_known(row, known_at) for row in rows]
    spans = [Span(row["valid_from"], row["valid_to"] or FOREVER, ()) for row in known]
    return [(start, None if end == FOREVER else end) for start, end in lifetimes_of(spans)]
