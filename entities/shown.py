"""An entity as a reader sees it, from the rows of a statement: what is personal data is masked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from psycopg import sql

from core.models.scd2.history import as_known
from entities.personal import Hidden
from entities.reading import json_of
from entities.sql import statement

Row = dict[str, Any]

COLUMNS = (
    "id",
    "uuid",
    "entity_type",
    "display_name",
    "source",
    "source_id",
    "valid_from",
    "valid_to",
    "closed_at",
    "system_from",
    "hash_diff",
)


class Shown(NamedTuple):
    """An entity, and the fields in which the reader sees what is marked as personal data."""

    entity: Row
    seen: set[str]


def shown(row: Iterable[Any], known_at: datetime | None, hidden: Hidden) -> Shown:
    """An entity's version as it stood at ``known_at``, with its details where the row has them.

    ``versions`` names the rows shown, that of the entity first.
    """
    *columns, name_marked, details = row
    entity = as_known(dict(zip(COLUMNS, columns, strict=True)), known_at)
    del entity["closed_at"]
    entity["is_current"] = entity["valid_to"] is None
    entity["versions"] = [entity.pop("id")]
    seen = set()
    if hidden.hides_name(entity["entity_type"], name_marked):
        entity["display_name"] = entity["hash_diff"] = None
    elif name_marked:
        seen.add("display_name")
    if details is not None:
        seen |= add_details(entity, orjson.loads(details), hidden)
    return Shown(entity, seen)


def add_details(entity: Row, held: Iterable[tuple[int, str, str, Any]], hidden: Hidden) -> set[str]:
    """Give an entity what is not hidden of its details; returns the codes that are marked."""
    entity["details"], entity["masked"], seen = {}, [], set()
    for ident, code, text, kind in held:
        data_type, marked = kind or (None, False)
        if hidden.hides_detail(code, marked):
            entity["masked"].append(code)
            continue
        entity["details"][code] = json_of(data_type, text)
        entity["versions"].append(ident)
        if marked:
            seen.add(code)
    return seen


def at(*, now: bool) -> sql.Composable:
    """The instant that a statement looks at: that of its own clock, or the parameter ``as_of``."""
    return sql.SQL("(SELECT now.instant FROM now)" if now else "%(as_of)s::timestamptz")


def holds(row: str, as_of: sql.Composable, *, believed_now: bool) -> sql.Composed:
    """The condition that a version holds."""
    name = "holds_now" if believed_now else "holds_known"
    return statement(name, row=sql.Identifier(row), as_of=as_of)


def held_details(as_of: sql.Composable, *, believed_now: bool) -> sql.Composed:
    return statement("held_details", detail_holds=holds("detail", as_of, believed_now=believed_now))
