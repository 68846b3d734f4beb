"""A timeline as spans of valid time: pure functions over them.

A payload is a tuple of the tracked columns in declared order, or None for nothing. Ends are
exclusive; ``FOREVER`` stands for an end that is not set. Spans are in order of start.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, NamedTuple

FOREVER = datetime.max.replace(tzinfo=UTC)

Payload = tuple[Any, ...] | None
Lifetimes = Sequence[tuple[datetime, datetime]]


class Span(NamedTuple):
    """A payload over ``[start, end)``."""

    start: datetime
    end: datetime
    payload: Payload


class Row(NamedTuple):
    """A live version as it stands in the table."""

    id: int
    start: datetime
    end: datetime
    payload: tuple[Any, ...]


class Period(NamedTuple):
    """A maximal period over which the timeline went from one value to another."""

    start: datetime
    end: datetime
    before: Payload
    after: Payload


def value_at(spans: Sequence[Span], at: datetime) -> Payload:
    position = bisect_right(spans, at, key=lambda span: span.start) - 1
    if position < 0 or spans[position].end <= at:
        return None
    return spans[position].payload


def next_edge(spans: Sequence[Span], after: datetime, view: Callable[[Payload], Any]) -> datetime:
    """The next instant later than ``after`` at which ``view`` of the timeline changes."""
    edges = {edge for span in spans for edge in (span.start, span.end)}
    held = view(value_at(spans, after))
    for edge in sorted(edge for edge in edges if after < edge < FOREVER):
        if view(value_at(spans, edge)) != held:
            return edge
    return FOREVER


def clip(spans: Iterable[Span], lifetimes: Lifetimes | None) -> list[Span]:
    """The parts of the spans that lie within the container's lifetimes."""
    if lifetimes is None:
        return list(spans)
    return [
        Span(max(span.start, start), min(span.end, end), span.payload)
        for span in spans
        for start, end in lifetimes
        if span.start < end and start < span.end
    ]


def melt(spans: Iterable[Span]) -> list[Span]:
    """The shortest description: nothing is left out, touching equal payloads become one."""
    melted: list[Span] = []
    for span in spans:
        if span.payload is None:
            continue
        if melted and melted[-1].end == span.start and melted[-1].payload == span.payload:
            melted[-1] = melted[-1]._replace(end=span.end)
        else:
            melted.append(span)
    return melted


def lifetimes_of(spans: Iterable[Span | Row]) -> list[tuple[datetime, datetime]]:
    """The maximal stretches without a gap, of spans in order of start."""
    lifetimes: list[tuple[datetime, datetime]] = []
    for span in spans:
        if lifetimes and lifetimes[-1][1] == span.start:
            lifetimes[-1] = (lifetimes[-1][0], span.end)
        else:
            lifetimes.append((span.start, span.end))
    return lifetimes


def changed_periods(before: Sequence[Span], after: Sequence[Span]) -> list[Period]:
    """The maximal periods over which the timeline's value went from one to another."""
    edges = sorted({edge for span in (*before, *after) for edge in (span.start, span.end)})
    periods: list[Period] = []
    for start, end in pairwise(edges):
        was, is_now = value_at(before, start), value_at(after, start)
        if was == is_now:
            continue
        last = periods[-1] if periods else None
        if last and (last.end, last.before, last.after) == (start, was, is_now):
            periods[-1] = last._replace(end=end)
        else:
            periods.append(Period(start, end, was, is_now))
    return periods
