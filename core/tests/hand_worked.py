"""Words for timelines worked out by hand: years for instants, letters for payloads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from core.models.scd2.change import Change, Future
from core.models.scd2.exceptions import Scd2Error
from core.tests.oracle import Oracle, Shape, Thing, shortest

THING = Shape("Thing", ("code",), ("a", "b"))
PART = Shape("Part", ("code", "slot"), ("a", "b"), container=THING, via="code")
ONE, ITS_PART = Thing(THING, ("one",)), Thing(PART, ("one", "left"))
KEYS = {THING: {"code": "one"}, PART: {"code": "one", "slot": "left"}}

Period = tuple[int, int | None, str]


def year(number: int | None) -> Any:
    return None if number is None else datetime(number, 1, 1, tzinfo=UTC)


def system(number: int) -> datetime:
    return datetime(2025, 1, 1, 0, 0, number, tzinfo=UTC)


def change(
    payload: str | Mapping[str, str] | None,
    valid_from: int | None,
    valid_to: int | None = None,
    future: Future = Future.KEEP,
    shape: Shape = THING,
) -> Change:
    """``"XY"`` is a whole payload, a mapping a partial one, None a retraction."""
    whole = dict(zip("ab", payload, strict=True)) if isinstance(payload, str) else payload
    return Change(
        key=KEYS[shape],
        payload=whole,
        valid_from=year(valid_from),
        valid_to=year(valid_to),
        future=future,
        partial=isinstance(payload, Mapping),
    )


def part(
    payload: str | Mapping[str, str] | None,
    valid_from: int | None,
    valid_to: int | None = None,
    future: Future = Future.KEEP,
) -> Change:
    return change(payload, valid_from, valid_to, future, PART)


def periods(oracle: Oracle, thing: Thing = ONE) -> list[Period]:
    found = shortest(oracle.world.get(thing, {}))
    return [
        (start.year, end.year if end else None, "".join(payload.values()))
        for start, end, payload in found
    ]


def started(*said: Period, parts: Sequence[Period] = ()) -> Oracle:
    """An oracle that believes these periods, told one by one."""
    oracle = Oracle()
    told = [(THING, change(what, start, end)) for start, end, what in said]
    told += [(PART, part(what, start, end)) for start, end, what in parts]
    for number, (shape, told_change) in enumerate(told):
        oracle.apply([(shape, [told_change])], system(number))
    return oracle


def after(before: Sequence[Period], *changes: Change) -> list[Period]:
    oracle = started(*before)
    oracle.apply([(THING, changes)], system(30))
    return periods(oracle)


def refusal(before: Sequence[Period], *changes: Change) -> type[Exception]:
    oracle = started(*before)
    world = oracle.world
    with pytest.raises(Scd2Error) as refused:
        oracle.apply([(THING, changes)], system(30))
    assert oracle.world is world
    return refused.type


OVER, REJECT = Future.OVERWRITE, Future.REJECT
STEPS = [(2000, 2010, "AB"), (2010, 2020, "AC"), (2020, None, "DC")]
