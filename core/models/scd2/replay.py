"""The versions of a key and its log, played again call by call. Pure: no database, no clock.

Both lead to a timeline after every call. To compare them only what a call changed is looked at, so
that a key takes time that grows with its versions, not with their square.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from operator import itemgetter
from typing import Any, NamedTuple

from core.models.scd2.timeline import FOREVER, Span, melt, value_at


class Version(NamedTuple):
    """A row of a versioned table, its payload as JSON text.

    ``sound``: whether its hash is that of its payload.
    """

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

    @property
    def instants(self) -> Iterable[datetime | None]:
        """The calls that touched the row."""
        return self.system_from, self.system_to, self.closed_at

    def end_known_at(self, known_at: datetime) -> datetime:
        """The end of the row as it stood at an instant."""
        closed_later = self.closed_at is not None and self.closed_at > known_at
        return FOREVER if closed_later or self.valid_to is None else self.valid_to

    def span_known_at(self, known_at: datetime) -> Span:
        return Span(self.valid_from, self.end_known_at(known_at), self.payload)  # type: ignore[arg-type]


class Entry(NamedTuple):
    """An entry of the audit log, its payloads as JSON text."""

    thing: Any
    key: str
    instant: datetime
    valid_from: datetime
    valid_to: datetime | None
    before: str | None
    after: str | None

    @property
    def end(self) -> datetime:
        return self.valid_to or FOREVER


class Clash(NamedTuple):
    """Two versions of a key that were believed together and must not be."""

    problem: str
    rows: tuple[int, int]


class Difference:
    """What the rows say and the log does not, or the other way round."""

    def __init__(self) -> None:
        self.counts: Counter[Span] = Counter()

    def count(self, span: Span, number: int) -> None:
        self.counts[span] += number
        if not self.counts[span]:
            del self.counts[span]


class Believed:
    """The versions that are believed, in order of start."""

    def __init__(self, difference: Difference) -> None:
        self.difference = difference
        self.places: list[tuple[datetime, int]] = []
        self.spans: dict[int, tuple[Span, bytes]] = {}

    def add(self, row: Version, at: datetime) -> Iterator[Clash]:
        span = row.span_known_at(at)
        position = bisect_left(self.places, (span.start, row.id))
        self.places.insert(position, (span.start, row.id))
        self.spans[row.id] = span, row.hash_diff
        self.difference.count(span, 1)
        yield from self.clashes(position)

    def remove(self, row: Version) -> None:
        span, _ = self.spans.pop(row.id)
        del self.places[bisect_left(self.places, (span.start, row.id))]
        self.difference.count(span, -1)

    def clashes(self, position: int) -> Iterator[Clash]:
        """Of the version at a position with its neighbours."""
        ids = [ident for _, ident in self.places[max(position - 1, 0) : position + 2]]
        for one, other in pairwise(ids):
            (earlier, its_hash), (later, hash_of_later) = self.spans[one], self.spans[other]
            if earlier.end > later.start:
                yield Clash("versions overlap", (one, other))
            elif earlier.end == later.start and its_hash == hash_of_later:
                yield Clash("equal versions touch", (one, other))


class Log:
    """The timeline to which the entries of a key lead."""

    def __init__(self, difference: Difference) -> None:
        self.difference = difference
        self.spans: list[Span] = []

    def apply(self, entry: Entry) -> bool:
        """Whether what the entry says was there before is what the log had led to."""
        first = bisect_right(self.spans, entry.valid_from, key=itemgetter(1))
        last = bisect_left(self.spans, entry.end, key=itemgetter(0))
        goes_on = continues(self.spans[first:last], entry)
        around = slice(max(first - 1, 0), last + 1)  # the neighbours may melt
        before = self.spans[around]
        self.spans[around] = after = applied(before, entry)
        for span in before:
            self.difference.count(span, 1)
        for span in after:
            self.difference.count(span, -1)
        return goes_on


def continues(spans: Sequence[Span], entry: Entry) -> bool:
    """Whether the spans say of the entry's period what it says was there before."""
    edges = {edge for span in spans for edge in (span.start, span.end)}
    inside = {edge for edge in edges if entry.valid_from < edge < entry.end}
    held: Any = entry.before
    return all(value_at(spans, at) == held for at in {entry.valid_from, *inside})


def applied(spans: Iterable[Span], entry: Entry) -> list[Span]:
    """The spans after an entry."""
    start, end = entry.valid_from, entry.end
    made = [Span(start, end, entry.after)]  # type: ignore[arg-type]
    for span in spans:
        if span.start < start:
            made.append(span._replace(end=min(span.end, start)))
        if span.end > end:
            made.append(span._replace(start=max(span.start, end)))
    return melt(sorted(made, key=itemgetter(0)))


def replay(versions: Sequence[Version], entries: Sequence[Entry]) -> Iterator[str | Clash]:
    """What is wrong with the versions and the log of one key, both in order of their calls."""
    touched = {instant for row in versions for instant in row.instants} - {None}
    if touched != {entry.instant for entry in entries}:
        yield "rows and log know of different instants"
    difference = Difference()
    believed, log = Believed(difference), Log(difference)
    calls, logged = by_call(versions), defaultdict(list)
    for entry in entries:
        logged[entry.instant].append(entry)
    known: set[Clash] = set()
    for instant in sorted(calls.keys() | logged.keys()):
        found = list(played(believed, calls.get(instant, ()), instant))
        yield from (one for one in found if one not in known)
        known.update(found)
        for entry in logged.get(instant, ()):
            if not log.apply(entry):
                yield f"the entry of {instant.isoformat()} does not continue the log"
        if instant in logged and difference.counts:
            yield f"the log does not lead to the rows as known at {instant.isoformat()}"


def by_call(versions: Iterable[Version]) -> Mapping[datetime, list[Version]]:
    """The versions that a call opened, closed or superseded, for those that were ever believed."""
    calls: dict[datetime, list[Version]] = defaultdict(list)
    for row in versions:
        until = row.system_to or FOREVER
        if until > row.system_from:
            calls[row.system_from].append(row)
            if row.system_to is not None:
                calls[until].append(row)
            if row.closed_at is not None and row.system_from < row.closed_at < until:
                calls[row.closed_at].append(row)
    return calls


def played(believed: Believed, rows: Iterable[Version], instant: datetime) -> Iterator[Clash]:
    """One call: what it took away goes first, then come the ends, then what it opened."""
    held = [row for row in rows if row.id in believed.spans]
    for row in held:
        believed.remove(row)
    for row in held:
        if row.system_to != instant:
            yield from believed.add(row, instant)
    for row in rows:
        if row.system_from == instant:
            yield from believed.add(row, instant)
