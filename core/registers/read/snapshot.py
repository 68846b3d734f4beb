"""One thing of a register, with what it contains, at an instant of either clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

import orjson
from psycopg import sql

from core.models.scd2.history import as_known, lifetimes
from core.registers.attributes.values import json_of
from core.registers.pii import NOTHING, Hidden
from core.registers.read.fragments import (
    held_contents,
    held_details,
    holds,
    instant,
    shown_parts,
)
from core.registers.read.sql import statement
from core.registers.register import Register, name_of
from core.rows import fetch

Row = dict[str, Any]
PERIOD = ("valid_from", "valid_to", "closed_at", "system_from", "hash_diff")


class Shown(NamedTuple):
    """A thing, and the fields in which the reader sees what is marked as personal data."""

    thing: Row
    seen: set[str]


def snapshot(
    register: Register,
    key: Any,
    *,
    as_of: datetime | None = None,
    known_at: datetime | None = None,
    hidden: Hidden = NOTHING,
) -> Shown | None:
    """A thing with what it contains; None where it is not valid. One statement.

    Instants are aware; None is now, and what is believed now. ``versions`` names the rows shown.
    """
    query = snapshot_query(register, now=as_of is None, believed_now=known_at is None)
    rows = fetch(query, {"key": key, "as_of": as_of, "known_at": known_at})
    return shown(register, rows[0], known_at, hidden) if rows else None


@cache
def snapshot_query(register: Register, *, now: bool, believed_now: bool) -> sql.Composed:
    at = instant(now=now)
    return statement(
        "snapshot",
        **shown_parts(register),
        version_holds=holds("version", at, believed_now=believed_now),
        details=held_details(register, at, believed_now=believed_now),
        contents=held_contents(register, at, believed_now=believed_now),
    )


def exists(register: Register, key: Any) -> bool:
    """Whether there is, or ever was, such a thing."""
    return register.anchor._default_manager.filter(pk=key).exists()


def valid_periods(
    register: Register, key: Any, *, known_at: datetime | None = None
) -> list[tuple[datetime, datetime | None]]:
    """The lifetimes of a thing in order; the end of the last may be open (None)."""
    return lifetimes(register.shape, (key,), known_at)


# From rows to things


def shown(
    register: Register, row: Iterable[Any], known_at: datetime | None, hidden: Hidden
) -> Shown:
    """A version as it stood at ``known_at``, with its contents where the row has them.

    ``versions`` names the rows shown, that of the thing itself first.
    """
    ident, *columns, marked, details, contents = row
    names = (*register.columns, *PERIOD)
    thing = as_known(dict(zip(names, columns, strict=True)), known_at)
    del thing["closed_at"]
    thing["is_current"] = thing["valid_to"] is None
    thing["versions"] = [ident]
    seen = mask(register, thing, marked, hidden)
    if details is not None:
        seen |= add_details(thing, orjson.loads(details), hidden)
    if contents is not None:
        add_contents(register, thing, orjson.loads(contents))
    return Shown(thing, seen)


def mask(register: Register, thing: Row, marked: bool, hidden: Hidden) -> set[str]:
    """Take the personal data from a version that hides it; returns the fields that are seen."""
    pii = register.pii
    if pii is None:
        return set()
    code = thing[pii.marked_by] if pii.marked_by else None
    if hidden.hides_name(code, marked):
        thing[pii.column] = thing["hash_diff"] = None
        return set()
    return {pii.column} if marked else set()


def add_details(thing: Row, held: Iterable[tuple[int, str, str, Any]], hidden: Hidden) -> set[str]:
    """Give a thing what is not hidden of its details; returns the codes that are marked."""
    thing["details"], thing["masked"], seen = {}, [], set()
    for ident, code, text, kind in held:
        data_type, marked = kind or (None, False)
        if hidden.hides_detail(code, marked):
            thing["masked"].append(code)
            continue
        thing["details"][code] = json_of(data_type, text)
        thing["versions"].append(ident)
        if marked:
            seen.add(code)
    return seen


def add_contents(register: Register, thing: Row, held: Mapping[str, Any]) -> None:
    """Give a thing what it contains: columns by key, under the name of each model."""
    for model in register.contains:
        rows = held[name_of(model)]
        thing[name_of(model)] = {key: columns for _, key, columns in rows}
        thing["versions"].extend(ident for ident, _, _ in rows)
