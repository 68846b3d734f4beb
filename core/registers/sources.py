"""The feeds that have named things of a register."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from psycopg import sql

from core.models.scd2.exceptions import InvalidChange
from core.nearest import nearest
from core.registers.register import Register
from core.registers.sql import statement
from core.rows import fetch


class UnknownSource(InvalidChange):
    """A question about a source that has never named a thing."""

    code = "unknown_source"


class LooksLikeSource(InvalidChange):
    """A source that was never seen and looks like one that was."""

    code = "looks_like_source"


def known_sources(register: Register) -> list[str]:
    """Every source that has named a thing, sorted. It takes an index look-up for each."""
    anchors = sql.Identifier(register.anchor._meta.db_table)
    return [source for (source,) in fetch(statement("known_sources", anchors=anchors), {})]


def require_known_source(register: Register, source: str | None) -> None:
    """Raises UnknownSource for one that has never named a thing, at whatever instant: a slip
    does not look like an empty register.
    """
    anchors: Any = register.anchor._default_manager
    if source is None or anchors.filter(source=source).exists():
        return
    near = nearest(source, known_sources(register))
    hint = f"; did you mean {near!r}?" if near else "."
    raise UnknownSource(f"There is no source {source!r}{hint}", field="source")


def begun_sources(register: Register, sources: Iterable[str], *, may_be_near: bool) -> list[str]:
    """Those that have never named a thing, sorted.

    Raises LooksLikeSource for one that differs from another, known or new, by nothing but case,
    white space or one letter, unless it ``may_be_near``: a slip begins a second register.
    """
    known = known_sources(register)
    begun: list[str] = []
    for source in sorted(set(sources).difference(known)):
        near = [] if may_be_near else [name for name in (*known, *begun) if is_near(source, name)]
        if near:
            raise LooksLikeSource(
                f"There is no source {source!r} yet, but {near[0]!r}, which differs by case, white "
                "space or one letter. If another source is meant, say --new-source (new_source of "
                "an upload).",
                field="source",
            )
        begun.append(source)
    return begun


def is_near(one: str, other: str) -> bool:
    """Whether names differ by nothing but case, white space or one letter."""
    first, second = ("".join(name.split()).casefold() for name in (one, other))
    return first == second or differ_by_one(first, second)


def differ_by_one(one: str, other: str) -> bool:
    """Whether one letter of a text is another one, too much, or swapped with the next."""
    shorter, longer = sorted((one, other), key=len)
    pairs = enumerate(zip(shorter, longer, strict=False))
    start = next((place for place, (left, right) in pairs if left != right), len(shorter))
    left, right = shorter[start:], longer[start:]
    if len(left) < len(right):
        return left == right[1:]
    swapped = left[:2] == right[1::-1] and left[2:] == right[2:]
    return left[1:] == right[1:] or swapped
