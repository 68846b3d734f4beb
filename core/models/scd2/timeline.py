"""A timeline as spans of valid time: pure functions over them.

A payload is a tuple of the tracked columns in declared order, or None for nothing. Ends are
exclusive; ``FOREVER`` stands for an end that is not set. Spans are in order of start.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice, pairwise
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


def values_at(spans: Sequence[Span], instants: Iterable[datetime]) -> Iterator[Payload]:
    """``value_at`` for instants in order, in one pass."""
    position = 0
    for at in instants:
        while position < len(spans) and spans[position].end <= at:
            position += 1
        holds = position < len(spans) and spans[position].start <= at
        yield spans[position].payload if holds else None


class Edges:
    """The instants at which a timeline changes, found once for each way of looking at it."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self.spans = spans
        self.found: dict[int | str, list[datetime]] = {}

    def next_of_payload(self, after: datetime) -> datetime:
        """The next instant later than ``after`` at which another payload holds, or none."""
        return self.next("payload", after, lambda payload: payload)

    def next_of_existence(self, after: datetime) -> datetime:
        """The next instant later than ``after`` at which the thing begins or ceases to exist."""
        return self.next("existence", after, lambda payload: payload is not None)

    def next_of_column(self, column: int, after: datetime) -> datetime:
        """The next instant later than ``after`` at which the column holds something else."""
        return self.next(column, after, lambda payload: payload and (payload[column],))

    def next(self, name: int | str, after: datetime, view: Callable[[Payload], Any]) -> datetime:
        if name not in self.found:
            self.found[name] = list(edges_of(self.spans, view))
        edges = self.found[name]
        position = bisect_right(edges, after)
        return edges[position] if position < len(edges) else FOREVER


def edges_of(spans: Iterable[Span], view: Callable[[Payload], Any]) -> Iterator[datetime]:
    """The instants, in order, at which ``view`` of the timeline changes."""
    nothing = held = view(None)
    until = None
    for span in spans:
        if until is not None and until < span.start and held != nothing:
            yield until
            held = nothing
        seen = view(span.payload)
        if seen != held:
            yield span.start
        held, until = seen, span.end
    if until is not None and until < FOREVER and held != nothing:
        yield until


def clip(spans: Iterable[Span], lifetimes: Lifetimes | None) -> list[Span]:
    """The parts of the spans that lie within the container's lifetimes, both in order of start."""
    if lifetimes is None:
        return list(spans)
    clipped: list[Span] = []
    first = 0
    for span in spans:
        while first < len(lifetimes) and lifetimes[first][1] <= span.start:
            first += 1
        for start, end in islice(lifetimes, first, None):
            if start >= span.end:
                break
            clipped.append(Span(max(span.start, start), min(span.end, end), span.payload))
    return clipped


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
    values = zip(pairwise(edges), values_at(before, edges), values_at(after, edges), strict=False)
    for (start, end), was, is_now in values:
        if was == is_now:
            continue
        last = periods[-1] if periods else None
        if last and (last.end, last.before, last.after) == (start, was, is_now):
            periods[-1] = last._replace(end=end)
        else:
            periods.append(Period(start, end, was, is_now))
    return periods
