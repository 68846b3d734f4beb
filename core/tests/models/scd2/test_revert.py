"""Taking a batch back: random histories against a model that looks at one instant at a time."""

from __future__ import annotations

import dataclasses
import itertools
import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import pytest
from django.db import transaction
from hypothesis import assume, event, given
from hypothesis import strategies as st

from core.models import AuditEntry
from core.models.scd2.bulk import apply_in_bulk, apply_load
from core.models.scd2.change import Result
from core.models.scd2.exceptions import BatchRefused, Scd2Error
from core.models.scd2.revert import Taken
from core.models.scd2.staging import Load
from core.tests.doors import apply_changes
from core.tests.harbour.models import Cargo, Vessel
from core.tests.models.scd2.history import own_vessels, rolled_back, starting
from core.tests.models.scd2.port import TESTER, Port, hoist_flags
from core.tests.models.scd2.stored import MODELS
from core.tests.oracle import Batch, Shape
from core.tests.strategies import CARGO, LAST, VESSEL, histories

pytestmark = [pytest.mark.database, pytest.mark.django_db]

Key = tuple[Any, ...]
Value = tuple[Any, ...] | None
Spans = list[tuple[datetime, datetime | None, Value]]
World = dict[tuple[Shape, Key], Spans]


@pytest.fixture(autouse=True)
def flags(db: None) -> None:
    hoist_flags()


def world_of(vessels: Iterable[uuid.UUID]) -> World:
    """All timelines of some vessels and their holds, as they are believed now."""
    found: World = {}
    for shape, model in MODELS.items():
        mine = model.objects.live().filter(**{f"{shape.key[0]}__in": list(vessels)})
        for row in mine.order_by("valid_from").values():
            key = tuple(row[part] for part in shape.key)
            payload = tuple(row[column] for column in shape.tracked)
            spans = found.setdefault((shape, key), [])
            spans.append((row["valid_from"], row["valid_to"], payload))
    return found


def value_at(spans: Spans, at: datetime) -> Value:
    held = [value for start, end, value in spans if start <= at and (end is None or end > at)]
    return held[0] if held else None


class Story:
    """Batches told one after the other; what contradicts what is there is left out."""

    def __init__(self, fast_paths: bool) -> None:
        self.fast_paths = fast_paths
        self.vessels: set[uuid.UUID] = set()
        self.instants: list[datetime] = []

    def tell(self, batch: Batch, name: str | None = None) -> Result | None:
        batch = starting(batch, {LAST: self.instants[-1]} if self.instants else {})
        self.vessels |= {change.key[shape.key[0]] for shape, said in batch for change in said}
        told = [(MODELS[shape], list(changes)) for shape, changes in batch]
        context = dataclasses.replace(TESTER, batch=name)
        try:
            with transaction.atomic():
                result = (
                    apply_in_bulk(told, context, fast_paths=self.fast_paths)
                    if name
                    else apply_changes(told, context)
                )
        except (Scd2Error, BatchRefused):
            return None
        if result.instant:
            self.instants.append(result.instant)
        return result

    def revert(self, name: str, instant: datetime) -> Result:
        with Load(Vessel.shape) as load:
            Taken(name, instant).stage(load)
            load.prepare()
            context = dataclasses.replace(TESTER, batch=f"revert of {name}")
            return apply_load(load, context, fast_paths=self.fast_paths)

    def later(self, name: str, instant: datetime) -> int:
        with Load(Vessel.shape) as load:
            return Taken(name, instant).count_later(load)

    @property
    def world(self) -> World:
        return world_of(self.vessels)


PATHS = pytest.mark.parametrize("fast_paths", [True, False], ids=["fast", "staged"])


@PATHS
@given(batches=histories())
def test_a_batch_taken_back_leaves_what_was_there_before(
    fast_paths: bool, batches: list[Batch]
) -> None:
    with rolled_back():
        story = Story(fast_paths)
        *earlier, last = own_vessels(batches)
        for batch in earlier:
            story.tell(batch)
        before = story.world
        told = story.tell(last, "7")
        assume(told is not None and told.instant is not None)
        assert told is not None
        assert told.instant is not None
        after, rows = story.world, count_rows()

        reverted = story.revert("7", told.instant)

        assert story.world == before
        assert reverted.instant is not None
        assert count_rows() >= rows
        assert story.revert("7", told.instant).instant is None, "twice is once"
        again = story.revert("revert of 7", reverted.instant)
        assert again.instant is not None
        assert story.world == after
        assert not story.later("revert of revert of 7", again.instant)
        assert story.later("7", told.instant)
        assert_audited(reverted.instant, before=after, after=before)


def count_rows() -> int:
    return Vessel.objects.count() + Cargo.objects.count()


def assert_audited(instant: datetime, before: World, after: World) -> None:
    """Every timeline that differs has an entry of the reversal, and no other."""
    keys = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    entries = AuditEntry.objects.filter(instant=instant, batch="revert of 7")
    found = {
        (shape, tuple(entry.natural_key[part] for part in shape.key))
        for entry in entries
        for shape in (VESSEL, CARGO)
        if entry.model == MODELS[shape]._meta.label_lower
    }
    assert found == {(shape, tuple(map(str, key))) for shape, key in keys}


@PATHS
@given(batches=histories(most=6), place=st.integers(0, 5))
def test_what_was_changed_since_is_left_as_it_is(
    fast_paths: bool, batches: list[Batch], place: int
) -> None:
    with rolled_back():
        story = Story(fast_paths)
        batches = own_vessels(batches)
        place = min(place, len(batches) - 1)
        for batch in batches[:place]:
            story.tell(batch)
        before = story.world
        told = story.tell(batches[place], "7")
        assume(told is not None and told.instant is not None)
        assert told is not None
        assert told.instant is not None
        worlds = [story.world]
        worlds += [story.world for batch in batches[place + 1 :] if story.tell(batch)]
        event(f"later changes: {bool(story.later('7', told.instant))}")

        story.revert("7", told.instant)

        assert_merged(before, worlds, story.world)


def assert_merged(before: World, worlds: list[World], found: World) -> None:
    """At each instant: as before the batch, unless something changed there since."""
    everything = [before, *worlds, found]
    edges = {
        edge
        for world in everything
        for spans in world.values()
        for start, end, _ in spans
        for edge in (start, end)
        if edge is not None
    }
    things = {thing for world in everything for thing in world}
    for at in sorted(edges):
        for thing in things:
            wanted = merged(thing, at, before, worlds)
            assert value_at(found.get(thing, []), at) == wanted, (thing, at)


def merged(thing: tuple[Shape, Key], at: datetime, before: World, worlds: list[World]) -> Value:
    now = at_of(worlds[-1], thing, at)
    if at_of(before, thing, at) == at_of(worlds[0], thing, at):
        return now
    stands = covered(thing, at, before, worlds)
    return now if stands else at_of(before, thing, at)


def covered(thing: tuple[Shape, Key], at: datetime, before: World, worlds: list[World]) -> bool:
    """Whether something later stands on the thing at an instant."""
    shape, key = thing
    steps = list(itertools.pairwise(worlds))
    if any(at_of(one, thing, at) != at_of(two, thing, at) for one, two in steps):
        return True
    was = at_of(before, thing, at)
    if shape is VESSEL and was is None:
        parts = {part for world in worlds for part in world if part[0] is CARGO}
        return any(
            at_of(one, part, at) != at_of(two, part, at) and at_of(two, part, at) is not None
            for one, two in steps
            for part in parts
            if part[1][0] == key[0]
        )
    if shape is CARGO and was is not None:
        vessel = (VESSEL, key[:1])
        return any(
            at_of(one, vessel, at) != at_of(two, vessel, at)
            and None in (at_of(one, vessel, at), at_of(two, vessel, at))
            for one, two in steps
        )
    return False


def at_of(world: World, thing: tuple[Shape, Key], at: datetime) -> Value:
    return value_at(world.get(thing, []), at)


def test_the_first_later_changes_are_named() -> None:

    port = Port(fast_paths=None)
    told = port.apply(
        port.vessel("A NO", 2000),
        port.cargo("grain", 2000),
        context=dataclasses.replace(TESTER, batch="7"),
    )
    assert told.instant is not None
    port.tell(port.vessel("B NO", 2010), port.cargo("salt", 2005, 2006))
    with Load(Vessel.shape) as load:
        taken = Taken("7", told.instant)
        later = taken.later(load, 10)
        assert taken.count_later(load) == 3, "the salt stands on the grain and on the vessel"
    assert [(one.model, one.valid_from.year, one.actor) for one in later] == [
        ("harbour.vessel", 2010, "tester"),
        ("harbour.cargo", 2005, "tester"),
    ]
