"""Random histories: the engine against the naive model, after every batch and in hindsight."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings

from core.models.scd2.change import Stretch
from core.tests.models.scd2.history import History, joined, own_vessels, rolled_back
from core.tests.models.scd2.port import hoist_flags
from core.tests.models.scd2.stored import MODELS, Row, payload_of, thing_of, wanted_rows
from core.tests.oracle import Batch, Payload, Shape, Thing, World, all_instants, value_at
from core.tests.strategies import crowds, histories, stretched_histories

pytestmark = [pytest.mark.database, pytest.mark.django_db]
TICK = timedelta(microseconds=1)
PATHS = pytest.mark.parametrize("fast_paths", [None, True, False], ids=["call", "fast", "staged"])


@pytest.fixture(autouse=True)
def flags(db: None) -> None:
    hoist_flags()


@PATHS
@given(batches=histories())
def test_history(fast_paths: bool | None, batches: list[Batch]) -> None:
    with rolled_back():
        history = History(fast_paths=fast_paths)
        # What the contract leaves open ends a history: the two may differ from there on.
        if all(history.play(batch) for batch in own_vessels(batches)):
            assert_every_belief(history)


@pytest.mark.parametrize("fast_paths", [True, False], ids=["fast", "staged"])
@given(told=stretched_histories())
def test_history_of_stretches(fast_paths: bool, told: list[tuple[Batch, Stretch]]) -> None:
    """Loads that each speak for some time only, as full files do."""
    with rolled_back():
        history = History(fast_paths=fast_paths)
        batches = own_vessels([batch for batch, _ in told])
        for batch, (_, stretch) in zip(batches, told, strict=True):
            if not history.play(batch, stretch):
                return
        assert_every_belief(history)


@PATHS
@given(crowd=crowds())
@settings(max_examples=max(settings().max_examples // 4, 1))
def test_histories_side_by_side(fast_paths: bool | None, crowd: list[list[Batch]]) -> None:
    """What is said of one vessel in a call has no bearing on another."""
    with rolled_back():
        history = History(fast_paths=fast_paths)
        steps = itertools.zip_longest(*[own_vessels(batches) for batches in crowd], fillvalue=[])
        for step in steps:
            assert history.play(joined([batch for batch in step if history.admits(batch)]))
        assert_every_belief(history)


def assert_every_belief(history: History) -> None:
    """Whatever instant is asked, the tables say what was believed then."""
    days = instants_to_ask(world for _, world in history.oracle.beliefs)
    asked = itertools.cycle(days)
    for known_at in sorted({at - gap for at in history.instants for gap in (TICK, TICK * 0)}):
        world = history.oracle.believed_at(known_at)
        believed = list(rows_believed(history, known_at))
        assert as_they_stood(believed, known_at) == wanted_rows(world)
        for day in days:
            assert holding(believed, day, known_at) == values(world, day)
        assert_answered(history, world, next(asked), known_at)


def instants_to_ask(worlds: Iterable[World]) -> list[datetime]:
    """Every instant at which something may change, and one between each two of them."""
    cuts = all_instants(worlds)
    between = [one + (other - one) / 2 for one, other in itertools.pairwise(cuts)]
    outside = [cuts[0] - TICK, cuts[-1] + timedelta(days=1)]
    return sorted({*cuts, *between, *outside})


def rows_believed(history: History, known_at: datetime) -> Iterator[tuple[Shape, Row]]:
    for shape, model in MODELS.items():
        mine = {f"{shape.key[0]}__in": list(history.seen)}
        kept = model.objects.filter(system_from__lte=known_at, **mine).values()
        for row in kept:
            if row["system_to"] is None or row["system_to"] > known_at:
                yield shape, row


def end_as_it_stood(row: Row, known_at: datetime) -> datetime | None:
    ended_later = row["closed_at"] is not None and row["closed_at"] > known_at
    return None if ended_later else row["valid_to"]


def as_they_stood(rows: list[tuple[Shape, Row]], known_at: datetime) -> dict[Any, Any]:
    return {
        (thing_of(shape, row), row["valid_from"]): (
            end_as_it_stood(row, known_at),
            payload_of(shape, row),
        )
        for shape, row in rows
    }


def holding(
    rows: list[tuple[Shape, Row]], day: datetime, known_at: datetime
) -> dict[Thing, Payload]:
    """The rows that hold at an instant, by the letter of the predicate."""
    found = [
        (thing_of(shape, row), payload_of(shape, row))
        for shape, row in rows
        if row["valid_from"] <= day
        and (
            row["valid_to"] is None
            or row["valid_to"] > day
            or (row["closed_at"] is not None and row["closed_at"] > known_at)
        )
    ]
    assert len(dict(found)) == len(found)
    return dict(found)


def values(world: World, day: datetime) -> dict[Thing, Payload]:
    found = {thing: value_at(timeline, day) for thing, timeline in world.items()}
    return {thing: payload for thing, payload in found.items() if payload is not None}


def assert_answered(history: History, world: World, day: datetime, known_at: datetime) -> None:
    """The query that everybody else asks with gives the same answer."""
    answer: dict[Thing, Payload] = {}
    for shape, model in MODELS.items():
        mine = {f"{shape.key[0]}__in": list(history.seen)}
        rows = model.objects.filter(**mine).as_of(day, known_at).values()
        answer |= {thing_of(shape, row): payload_of(shape, row) for row in rows}
    assert answer == values(world, day)
