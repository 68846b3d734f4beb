"""Random batches over the harbour models, small enough that everything collides with everything.

Few vessels, holds, names and instants: touching periods with equal payloads, revivals, gaps and
changes that meet on one instant are then the rule and not the exception. Keys are stand-ins
(``VESSELS``), which a driver replaces by uuids of its own; ``LAST`` stands for the system
instant of the batch before.
"""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from core.models.scd2.change import EVERYTHING, Change, Future, Stretch
from core.tests.oracle import Batch, Shape

VESSEL = Shape(
    "Vessel", ("uuid",), ("name", "flag", "tonnage", "in_service", "launched", "inspected_at")
)
CARGO = Shape(
    "Cargo", ("vessel_uuid", "hold_code"), ("goods", "weight"), container=VESSEL, via="vessel_uuid"
)

VESSELS = [uuid.UUID(int=number) for number in (1, 2)]
HOLDS = ["AFT", "FORE"]
FLAGS = ["NO", "PL"]
LAST = datetime(1900, 1, 1, tzinfo=UTC)
GRID = [
    datetime(year, 1, 1, tzinfo=UTC) for year in (2000, 2004, 2008, 2012, 2016, 2060, 2080, 2100)
]

# Where the grid's past ends; a start left out lies after it and before the next instant.
NOWADAYS = datetime(2020, 1, 1, tzinfo=UTC)
FUTURES = st.sampled_from([Future.KEEP, Future.KEEP, Future.OVERWRITE, Future.REJECT])

_NOON = datetime(2012, 6, 1, 12, tzinfo=UTC)
_NAMES = ["Aurora", "", "Ærø 東京 🚢"]
_PLAIN = {"tonnage": None, "in_service": None, "launched": None, "inspected_at": None}
_FULL = {
    "tonnage": Decimal("1.0"),
    "in_service": True,
    "launched": date(1912, 4, 10),
    "inspected_at": _NOON,
}
# The same values, written differently: never a change.
_FULL_AGAIN = _FULL | {
    "tonnage": Decimal("1.00"),
    "inspected_at": _NOON.astimezone(timezone(timedelta(hours=-5))),
}
_RESTS = [_PLAIN, _PLAIN, _FULL, _FULL_AGAIN, _FULL | {"in_service": False}]
_WEIGHTS = [None, Decimal(2), Decimal("2.000"), Decimal("0.001")]

Payload = dict[str, Any]


def whole_payloads(shape: Shape) -> st.SearchStrategy[Payload]:
    if shape is CARGO:
        return st.fixed_dictionaries(
            {"goods": st.sampled_from(["grain", ""]), "weight": st.sampled_from(_WEIGHTS)}
        )
    said = {"name": st.sampled_from(_NAMES), "flag": st.sampled_from(FLAGS)}
    rests = st.sampled_from(_RESTS)
    return st.builds(lambda said, rest: {**said, **rest}, st.fixed_dictionaries(said), rests)


@st.composite
def partial_payloads(draw: st.DrawFn, shape: Shape) -> Payload:
    whole = draw(whole_payloads(shape))
    columns = draw(st.sets(st.sampled_from(shape.tracked[:3]), min_size=1))
    return {column: whole[column] for column in shape.tracked if column in columns}


def keys(shape: Shape) -> st.SearchStrategy[Payload]:
    if shape is CARGO:
        parts = {"vessel_uuid": st.sampled_from(VESSELS), "hold_code": st.sampled_from(HOLDS)}
        return st.fixed_dictionaries(parts)
    return st.fixed_dictionaries({"uuid": st.sampled_from(VESSELS)})


def starts(grid: Sequence[datetime] = GRID) -> st.SearchStrategy[datetime | None]:
    """The grid mostly; now, and the system instant of the batch before, now and then."""
    return st.one_of(st.sampled_from(grid), st.sampled_from([*grid, None, LAST]))


@st.composite
def changes(draw: st.DrawFn, shape: Shape) -> Change:
    """Any Change at all, as long as it does not contradict itself."""
    start = draw(starts())
    begun = NOWADAYS if start in {None, LAST} else start
    ends = [end for end in GRID if end > begun]
    end = draw(st.sampled_from([None, *ends]) if draw(st.booleans()) else st.none())
    kind = draw(st.sampled_from(["whole", "partial", "whole", "partial", "retract"]))
    payloads = {"whole": whole_payloads(shape), "partial": partial_payloads(shape)}
    return Change(
        key=draw(keys(shape)),
        payload=draw(payloads.get(kind, st.none())),
        valid_from=start,
        valid_to=end,
        future=draw(FUTURES) if end is None else Future.KEEP,
        partial=kind == "partial",
    )


@st.composite
def foundations(draw: st.DrawFn) -> Batch:
    """Vessels that begin, most of them with something in their holds, so that there is history."""
    start = draw(st.sampled_from(GRID[:3]))
    vessels = [
        Change(key={"uuid": vessel}, payload=draw(whole_payloads(VESSEL)), valid_from=start)
        for vessel in VESSELS
    ]
    holds = st.lists(keys(CARGO), max_size=3, unique_by=lambda key: frozenset(key.items()))
    cargo = [
        Change(
            key=key, payload=draw(whole_payloads(CARGO)), valid_from=draw(st.sampled_from(later))
        )
        for later in [[at for at in GRID if at >= start]]
        for key in draw(holds)
    ]
    return [(VESSEL, vessels), (CARGO, cargo)]


def batches(most: int = 4) -> st.SearchStrategy[Batch]:
    """A few Changes of vessels and of cargo, in one call."""
    vessels = st.lists(changes(VESSEL), max_size=most)
    cargo = st.lists(changes(CARGO), max_size=most)
    pairs = st.builds(lambda *both: [(VESSEL, both[0]), (CARGO, both[1])], vessels, cargo)
    return pairs.filter(lambda batch: any(said for _, said in batch))


@st.composite
def tangles(draw: st.DrawFn) -> Batch:
    """Several Changes of one key, each with a start of its own: what decides is who cuts whom."""
    shape = draw(st.sampled_from([VESSEL, CARGO]))
    key = draw(keys(shape))
    said = st.lists(
        changes(shape), min_size=2, max_size=4, unique_by=lambda change: change.valid_from
    )
    return [(shape, [dataclasses.replace(change, key=key) for change in draw(said)])]


def single_changes() -> st.SearchStrategy[Batch]:
    """A batch of one, as a call of the API is."""
    return st.one_of(
        changes(VESSEL).map(lambda change: [(VESSEL, [change])]),
        changes(CARGO).map(lambda change: [(CARGO, [change])]),
    )


def histories(most: int = 5) -> st.SearchStrategy[list[Batch]]:
    """Batches one after the other, beginning with something to change."""
    later = st.lists(st.one_of(single_changes(), batches(), tangles()), min_size=1, max_size=most)
    return st.builds(lambda first, rest: [first, *rest], foundations(), later)


@st.composite
def stretches(draw: st.DrawFn) -> Stretch:
    """Horizon and limit, either of them or both."""
    horizon = draw(st.sampled_from([None, *GRID]))
    later = [at for at in GRID if horizon is None or at > horizon]
    return Stretch(horizon, draw(st.sampled_from([None, *later])))


def stretched_histories() -> st.SearchStrategy[list[tuple[Batch, Stretch]]]:
    """Loads one after the other that each speak for some time only."""
    loads = st.tuples(st.one_of(single_changes(), batches(), tangles()), stretches())
    first = st.tuples(foundations(), st.just(EVERYTHING))
    later = st.lists(loads, min_size=1, max_size=4)
    return st.builds(lambda first, rest: [first, *rest], first, later)


def crowds(most: int = 6) -> st.SearchStrategy[list[list[Batch]]]:
    """Several histories that happen side by side."""
    return st.lists(histories(most=2), min_size=2, max_size=most)
