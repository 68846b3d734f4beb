"""The engine's contract, read as literally and as slowly as possible.

Valid time is a handful of instants. A timeline says, for each of them, what holds from there
to the next one: a payload or nothing. A belief is a snapshot of all timelines, taken once per
batch that changed something. There are no rows here, nothing is closed and nothing superseded,
so agreement with the engine means something.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from core.models.scd2.change import EVERYTHING, Change, Future, Stretch
from core.models.scd2.exceptions import (
    CoversStart,
    InvalidChange,
    LaterChange,
    NothingToAmend,
    OutsideLifetime,
    TwoPayloads,
)

Payload = Mapping[str, Any]
Timeline = Mapping[datetime, Payload | None]

NEVER = datetime.max.replace(tzinfo=UTC)
EXISTS = "(exists)"


class UnpinnedError(Exception):
    """The contract does not say what should come out; a comparison skips such a batch."""


@dataclasses.dataclass(frozen=True)
class Shape:
    """What the oracle knows of a model; ``via`` is the key column that names its container."""

    label: str
    key: tuple[str, ...]
    tracked: tuple[str, ...]
    container: Shape | None = None
    via: str = ""

    def __repr__(self) -> str:
        return self.label


class Thing(NamedTuple):
    """One key of one model."""

    shape: Shape
    key: tuple[Any, ...]

    @property
    def container(self) -> Thing | None:
        if self.shape.container is None:
            return None
        return Thing(self.shape.container, (self.key[self.shape.key.index(self.shape.via)],))


class Entry(NamedTuple):
    """A period over which a timeline changed; ``valid_to`` None is without end."""

    thing: Thing
    valid_from: datetime
    valid_to: datetime | None
    before: Payload | None
    after: Payload | None
    action: str


Batch = Sequence[tuple[Shape, Sequence[Change]]]
World = Mapping[Thing, Timeline]


# --- a timeline as a function -------------------------------------------------------------


def value_at(timeline: Timeline, instant: datetime) -> Payload | None:
    """What holds at an instant."""
    starts = [start for start in timeline if start <= instant]
    return timeline[max(starts)] if starts else None


def next_change(
    timeline: Timeline, after: datetime, aspect: Callable[[Payload | None], Any]
) -> datetime:
    """The next instant at which an aspect of what holds is no longer as it is at ``after``."""
    now = aspect(value_at(timeline, after))
    later = (start for start in sorted(timeline) if start > after)
    return next((start for start in later if aspect(timeline[start]) != now), NEVER)


def exists(payload: Payload | None) -> bool:
    return payload is not None


def cells(*timelines: Timeline) -> Iterator[tuple[datetime, datetime]]:
    """Every stretch between two neighbouring instants of any of the timelines."""
    starts = sorted({start for timeline in timelines for start in timeline})
    yield from itertools.pairwise([*starts, NEVER])


def same(one: Timeline, other: Timeline) -> bool:
    return all(value_at(one, at) == value_at(other, at) for at, _ in cells(one, other))


def boundaries(timeline: Timeline) -> list[datetime]:
    """The instants at which what holds changes."""
    found: list[datetime] = []
    last: Payload | None = None
    for start in sorted(timeline):
        if timeline[start] != last:
            found.append(start)
        last = timeline[start]
    return found


def shortest(timeline: Timeline) -> list[tuple[datetime, datetime | None, Payload]]:
    """The fewest periods, each with one payload, that say all of it."""
    stretches = itertools.pairwise([*boundaries(timeline), NEVER])
    valued = ((start, end, value_at(timeline, start)) for start, end in stretches)
    return [(start, ended(end), payload) for start, end, payload in valued if payload is not None]


def ended(end: datetime) -> datetime | None:
    """An end as everybody else writes it: None is without end."""
    return None if end == NEVER else end


def restricted(timeline: Timeline, container: Timeline) -> Timeline:
    """What is left of a contained thing: nothing where its container is not."""
    return {
        at: value_at(timeline, at) if exists(value_at(container, at)) else None
        for at, _ in cells(timeline, container)
    }


# --- one Change ---------------------------------------------------------------------------


def start_of(change: Change) -> datetime:
    assert change.valid_from is not None, "starts are filled in before anything else"
    return change.valid_from


def sets(change: Change, shape: Shape) -> dict[str, Any]:
    """The columns that a Change sets, existence being one more of them."""
    if change.payload is None:
        return {EXISTS: False} | dict.fromkeys(shape.tracked)
    return dict(change.payload) if change.partial else {EXISTS: True, **change.payload}


def refuse_invalid(change: Change, shape: Shape) -> None:
    """Raise InvalidChange for a Change that contradicts itself."""
    if change.valid_to is not None:
        if change.future is not Future.KEEP:
            raise InvalidChange("future together with valid_to")
        if change.valid_to <= start_of(change):
            raise InvalidChange("empty period")
    if change.payload is None and change.partial:
        raise InvalidChange("partial retraction")
    if change.payload is not None:
        refuse_columns(set(change.payload), set(shape.tracked), partial=change.partial)


def refuse_columns(named: set[str], tracked: set[str], *, partial: bool) -> None:
    if partial and named and named <= tracked:
        return
    if partial or named != tracked:
        raise InvalidChange("columns")


def own_reach(change: Change, column: str, timeline: Timeline, stretch: Stretch) -> datetime:
    """How far an open-ended Change reaches by itself, on the timeline as it is."""
    start = start_of(change)
    horizon = max(start, stretch.horizon or start)
    if change.future is not Future.KEEP:
        return next_change(timeline, start, exists) if change.partial else NEVER
    if change.partial:
        return next_change(timeline, horizon, of_column(column))
    return next_change(timeline, horizon, exists if change.retracts else lambda payload: payload)


def of_column(column: str) -> Callable[[Payload | None], Any]:
    """A column's value, told apart from nothing at all."""
    return lambda payload: ("something", payload[column]) if payload is not None else None


# --- the Changes of one key ---------------------------------------------------------------


@dataclasses.dataclass
class Plan:
    """The Changes of one thing in one batch, over its timeline as it is."""

    thing: Thing
    changes: Sequence[Change]
    timeline: Timeline
    container: Timeline | None
    stretch: Stretch

    def result(self) -> Timeline:
        """The timeline afterwards; raises the Conflict that refuses it."""
        self._refuse_two_payloads()
        self._refuse_covered_starts()
        self._refuse_outside_lifetime()
        extents = [(change, self._extent(change)) for change in self._in_order()]
        edges = {start_of(change) for change in self.changes}
        edges |= {reach for _, extent in extents for reach in extent.values()} - {NEVER}
        after: Timeline = {at: self._value(at, extents) for at in edges | set(self.timeline)}
        if self.container is not None:
            after = restricted(after, self.container)
        self._refuse_later_change(after)
        return after

    def _is_beyond(self, change: Change) -> bool:
        limit = self.stretch.limit or NEVER
        return change.valid_to is None and start_of(change) >= limit

    def _open_ended(self) -> list[Change]:
        return [change for change in self.changes if change.valid_to is None]

    def _bounded(self) -> list[Change]:
        return [change for change in self.changes if change.valid_to is not None]

    def _in_order(self) -> list[Change]:
        return [*sorted(self._open_ended(), key=start_of), *self._bounded()]

    def _extent(self, change: Change) -> dict[str, datetime]:
        """For each column that a Change sets, the instant up to which it sets it."""
        columns = sets(change, self.thing.shape)
        if change.valid_to is not None:
            return dict.fromkeys(columns, change.valid_to)
        return {column: self.reach(change, column) for column in columns}

    def reach(self, change: Change, column: str) -> datetime:
        """The end of an open-ended Change's extent."""
        limits = [own_reach(change, column, self.timeline, self.stretch)]
        limits.append(self.stretch.limit or NEVER)
        limits += [
            start_of(other)
            for other in self._open_ended()
            if start_of(other) > start_of(change) and column in sets(other, self.thing.shape)
        ]
        if self.container is not None and not change.retracts:
            limits.append(next_change(self.container, start_of(change), exists))
        return min(limits)

    def _value(
        self, at: datetime, extents: Sequence[tuple[Change, dict[str, datetime]]]
    ) -> Payload | None:
        """What holds at an instant once every Change has had its say."""
        before = value_at(self.timeline, at)
        columns: dict[str, Any] = {EXISTS: exists(before), **(before or {})}
        for change, extent in extents:
            covered = {column for column in extent if start_of(change) <= at < extent[column]}
            if change.partial and covered and not columns[EXISTS]:
                raise NothingToAmend("nothing holds there")
            said = sets(change, self.thing.shape)
            if said.get(EXISTS) and EXISTS in covered and not columns[EXISTS]:
                covered = set(said)  # where nothing held, a whole payload holds whole
            columns.update({column: said[column] for column in covered})
        return self._payload(columns)

    def _payload(self, columns: dict[str, Any]) -> Payload | None:
        if not columns.pop(EXISTS):
            return None
        return {column: columns[column] for column in self.thing.shape.tracked}

    def _refuse_two_payloads(self) -> None:
        within = [change for change in self.changes if not self._is_beyond(change)]
        for one in within:
            for other in within:
                if start_of(one) == start_of(other) and (one.payload, one.partial) != (
                    other.payload,
                    other.partial,
                ):
                    raise TwoPayloads("two payloads with one start")

    def _refuse_covered_starts(self) -> None:
        for one in self._bounded():
            for other in self._open_ended():
                covered = start_of(one) <= start_of(other) < (one.valid_to or NEVER)
                if covered and not self._is_beyond(other):
                    raise CoversStart("a bounded Change covers the start of an open-ended one")

    def _refuse_outside_lifetime(self) -> None:
        if self.container is None:
            return
        for change in self.changes:
            if change.retracts or self._is_beyond(change):
                continue
            if not exists(value_at(self.container, start_of(change))):
                raise OutsideLifetime("starts where the container is not")
            end = next_change(self.container, start_of(change), exists)
            if change.valid_to is not None and change.valid_to > end:
                raise OutsideLifetime("reaches beyond the end of the container")

    def _refuse_later_change(self, after: Timeline) -> None:
        rejecting = [change for change in self.changes if change.future is Future.REJECT]
        late = [
            edge
            for change in rejecting
            for edge in boundaries(self.timeline)
            if edge > start_of(change)
        ]
        if late and not same(self.timeline, after):
            raise LaterChange("there is a later change")


# --- a batch ------------------------------------------------------------------------------


def grouped(batch: Batch, instant: datetime) -> dict[Thing, list[Change]]:
    """The Changes by thing, containers first, with every start filled in."""
    found: dict[Thing, list[Change]] = {}
    for shape, changes in sorted(batch, key=lambda pair: pair[0].container is not None):
        for change in changes:
            started = dataclasses.replace(change, valid_from=change.valid_from or instant)
            refuse_invalid(started, shape)
            thing = Thing(shape, tuple(change.key[column] for column in shape.key))
            found.setdefault(thing, []).append(started)
    return found


def differences(
    thing: Thing, before: Timeline, after: Timeline, instant: datetime
) -> Iterator[Entry]:
    """One entry for each maximal period over which a timeline changed in one way."""
    open_entry: Entry | None = None
    for start, end in cells(before, after):
        old, new = value_at(before, start), value_at(after, start)
        if open_entry and (old, new) == (open_entry.before, open_entry.after):
            open_entry = open_entry._replace(valid_to=end)
            continue
        if open_entry:
            yield open_entry
        action = action_of(old, new, start, instant)
        open_entry = Entry(thing, start, end, old, new, action) if old != new else None
    if open_entry:
        yield open_entry


def action_of(old: Payload | None, new: Payload | None, start: datetime, instant: datetime) -> str:
    if old is None:
        return "opened"
    if new is None:
        return "ended"
    return "corrected" if start < instant else "changed"


def settled(thing: Thing, timeline: Timeline, world: World) -> Timeline:
    """A timeline within its container's, without instants at which nothing changes."""
    if thing.container:
        timeline = restricted(timeline, world.get(thing.container, {}))
    return {at: timeline[at] for at in boundaries(timeline)}


class Oracle:
    """Everything that was ever believed, batch by batch."""

    def __init__(self) -> None:
        self.world: World = {}
        self.beliefs: list[tuple[datetime, World]] = []

    def apply(self, batch: Batch, instant: datetime, stretch: Stretch = EVERYTHING) -> list[Entry]:
        """Take a batch in at a system instant; what changed, or the refusal of all of it."""
        after = self._planned(batch, instant, stretch)
        entries = [
            entry._replace(valid_to=ended(entry.valid_to or NEVER))
            for thing, timeline in after.items()
            for entry in differences(thing, self.world.get(thing, {}), timeline, instant)
        ]
        if entries:
            self.world = after
            self.beliefs.append((instant, after))
        return entries

    def believed_at(self, known_at: datetime) -> World:
        """All timelines as they were known at a system instant."""
        known = [world for instant, world in self.beliefs if instant <= known_at]
        return known[-1] if known else {}

    def _planned(self, batch: Batch, instant: datetime, stretch: Stretch) -> World:
        after: dict[Thing, Timeline] = dict(self.world)
        for thing, changes in grouped(batch, instant).items():
            container = after.get(thing.container, {}) if thing.container else None
            before = self.world.get(thing, {})
            after[thing] = Plan(thing, changes, before, container, stretch).result()
        return {thing: settled(thing, timeline, after) for thing, timeline in after.items()}


def all_instants(worlds: Iterable[World]) -> list[datetime]:
    """Every instant at which any timeline of any of the worlds may change."""
    return sorted({at for world in worlds for timeline in world.values() for at in timeline})
