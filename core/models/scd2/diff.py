"""What changed in the world between two instants, under two beliefs.

For each field of a thing: its value just before the first instant as known at ``known_from``, its
value at the last instant as known at ``known_to``, and every step in between as known at
``known_to``. A field is listed if the two values differ; where only the belief differs there is
no step. A step corrects if, at some time since its instant, something else was believed about it:
else it was told in time, or is the first that was told.

Pure functions on timelines come first, then the statements that read them for many things.
"""

from __future__ import annotations

import dataclasses
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from psycopg import sql

from core.models.scd2.instruction import Key
from core.models.scd2.sql import columns, statement
from core.models.scd2.timeline import FOREVER, Payload, Span, value_at
from core.models.scd2.versioning import Shape
from core.rows import fetch


class Transition(NamedTuple):
    """One step of one field; None is nothing, or null.

    ``corrects``: something else was believed about ``at`` when it had come.
    """

    at: datetime
    before: Any
    after: Any
    corrects: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class FieldChange:
    """The net change of one field and the steps that lead to it, in order."""

    before: Any
    after: Any
    transitions: list[Transition]


class Step(NamedTuple):
    """One step of a timeline."""

    at: datetime
    before: Payload
    after: Payload


class Belief(NamedTuple):
    """A version and how long it was believed; ``closed`` is when its end was filled in."""

    start: datetime
    end: datetime
    payload: Payload
    since: datetime
    closed: datetime | None
    until: datetime

    def about(self, at: datetime, known_to: datetime) -> bool:
        """Whether, at some time from ``at`` to ``known_to``, it was believed to hold at ``at``."""
        until = self.until
        if self.end <= at:
            until = min(until, self.closed or self.since)
        return self.start <= at and max(self.since, at) < until and max(self.since, at) <= known_to


@dataclasses.dataclass(slots=True)
class Pair:
    """One key under both beliefs: what held just before the window, and the spans in it.

    ``late``: what was still believed about instants of the window when they had come, and is not
    any more.
    """

    before: Payload = None
    spans: list[Span] = dataclasses.field(default_factory=list)
    late: list[Belief] = dataclasses.field(default_factory=list)

    def after(self, window: Window) -> Payload:
        """What holds at the end of the window."""
        return value_at(self.spans, window.end)


@dataclasses.dataclass(frozen=True, slots=True)
class Window:
    """From just before ``start`` to ``end`` (inclusive) on valid time, under two beliefs.

    All aware. To compare two beliefs about one instant let ``start`` be a microsecond later
    than ``end``.
    """

    start: datetime
    end: datetime
    known_from: datetime
    known_to: datetime

    def parameters(self) -> dict[str, Any]:
        return {
            "start": self.start,
            "end": self.end,
            "known_from": self.known_from,
            "known_to": self.known_to,
            "earlier": min(self.known_from, self.known_to),
            "later": max(self.known_from, self.known_to),
        }


# Pure functions on timelines


def value_before(spans: Sequence[Span], at: datetime) -> Payload:
    """What holds just before ``at``."""
    position = bisect_left(spans, at, key=lambda span: span.start) - 1
    if position < 0 or spans[position].end < at:
        return None
    return spans[position].payload


def steps(spans: Sequence[Span], start: datetime, end: datetime) -> list[Step]:
    """Every step of a timeline from ``start`` to ``end``, both included."""
    edges = sorted({edge for span in spans for edge in (span.start, span.end)})
    taken = (
        Step(at, value_before(spans, at), value_at(spans, at))
        for at in edges
        if start <= at <= end and at != FOREVER
    )
    return [step for step in taken if step.before != step.after]


def field_changes(names: Sequence[str], pair: Pair, window: Window) -> dict[str, FieldChange]:
    """The net change of each column; ``names`` are those of the payload's columns in order."""
    after = pair.after(window)
    if pair.before == after:
        return {}
    taken = steps(pair.spans, window.start, window.end)
    changes = {}
    for position, name in enumerate(names):
        was, becomes = column_of(pair.before, position), column_of(after, position)
        if was != becomes:
            transitions = field_transitions(taken, position, pair.late, window.known_to)
            changes[name] = FieldChange(was, becomes, transitions)
    return changes


def field_transitions(
    taken: Iterable[Step], position: int, late: Sequence[Belief], known_to: datetime
) -> list[Transition]:
    """The steps that one column takes part in."""
    transitions = []
    for step in taken:
        before, after = column_of(step.before, position), column_of(step.after, position)
        if before != after:
            corrects = any(
                belief.about(step.at, known_to)
                and column_of(belief.payload, position) not in (None, after)
                for belief in late
            )
            transitions.append(Transition(step.at, before, after, corrects))
    return transitions


def column_of(payload: Payload, position: int) -> Any:
    return None if payload is None else payload[position]


# What the pure functions need, of many things at once

ABOUT = 8
"""How many columns of ``diff_rows.sql`` stand between the key and the tracked ones."""


@dataclasses.dataclass(frozen=True, slots=True)
class Page:
    """Which things of a diff are asked for, in the order of their anchors.

    ``after`` is the last anchor of the page before; ``only`` restricts to one thing, ``within``
    to things that have a value in a column of the container.
    """

    limit: int
    after: Any = None
    backwards: bool = False
    only: Any = None
    within: tuple[str, Any] | None = None

    def parameters(self) -> dict[str, Any]:
        within = self.within[1] if self.within else None
        return {"limit": self.limit, "after": self.after, "only": self.only, "within": within}


def touched_roots(shapes: Sequence[Shape], window: Window, page: Page) -> list[Any]:
    """Anchors, in order, of things in whose timelines the window may show a change.

    ``shapes`` hang on one anchor, the container first. Nothing that changed is missing; some of
    what is returned may not have changed.
    """
    names = ["diff_starts", "diff_ends"]
    if window.known_from != window.known_to:
        names.append("diff_beliefs")
    arms = [diff_arm(name, shape, shapes[0], page) for shape in shapes for name in names]
    order = sql.SQL("DESC" if page.backwards else "ASC")
    query = statement("diff_roots", arms=sql.SQL(" UNION ").join(arms), order=order)
    return [root for (root,) in fetch(query, window.parameters() | page.parameters())]


def diff_arm(name: str, shape: Shape, container: Shape, page: Page) -> sql.Composed:
    """One way of finding things that may have changed."""
    type_ = sql.SQL(shape.types[shape.root])
    root: sql.Composable = sql.Identifier("version", shape.root)
    if name == "diff_beliefs":
        named = sql.SQL("(entry.natural_key ->> {})::{}")
        root = named.format(sql.Literal(shape.root), type_)
    return statement(
        name,
        table=sql.Identifier(shape.table),
        model=sql.Literal(shape.label),
        root=root,
        type=type_,
        beyond=sql.SQL("<" if page.backwards else ">"),
        order=sql.SQL("DESC" if page.backwards else "ASC"),
        within=diff_within(root, container, page),
    )


def diff_within(root: sql.Composable, container: Shape, page: Page) -> sql.Composable:
    if page.within is None:
        return sql.SQL("")
    return statement(
        "diff_within",
        root=root,
        anchor=sql.Identifier(container.root),
        table=sql.Identifier(container.table),
        column=sql.Identifier(page.within[0]),
    )


def pairs(
    shape: Shape, roots: Sequence[Any], window: Window, *, unchanged: bool
) -> dict[Key, Pair]:
    """Both beliefs about the window, by key, of all that hangs on the anchors ``roots``.

    Without ``unchanged``, versions are left out that hold throughout the window under both
    beliefs: where nothing else does, there is no change.
    """
    query = statement(
        "diff_rows",
        key=columns(shape.key, of="version"),
        tracked=columns(shape.tracked, of="version"),
        table=sql.Identifier(shape.table),
        root=sql.Identifier("version", shape.root),
        type=sql.SQL(shape.types[shape.root]),
    )
    values = {**window.parameters(), "roots": list(roots), "unchanged": unchanged}
    return pairs_of(shape, fetch(query, values))


def pairs_of(shape: Shape, rows: Iterable[tuple[Any, ...]]) -> dict[Key, Pair]:
    width = len(shape.key)
    found: dict[Key, Pair] = defaultdict(Pair)
    for row in rows:
        key, payload = row[:width], row[width + ABOUT :]
        before, within, late, start, end, closed, since, until = row[width : width + ABOUT]
        if before:
            found[key].before = payload
        if within:
            found[key].spans.append(Span(start, end or FOREVER, payload))
        if late:
            belief = Belief(start, end or FOREVER, payload, since, closed, until or FOREVER)
            found[key].late.append(belief)
    return dict(found)
