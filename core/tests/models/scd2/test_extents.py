"""How far a Change reaches, column by column, in a thing of two columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from core.models.scd2.change import Future
from core.models.scd2.exceptions import OutsideLifetime
from core.models.scd2.extents import EXISTENCE, Step, fix_extents
from core.models.scd2.timeline import Span
from core.tests.models.scd2.test_timeline import at

WHOLE = {0: "x", 1: "y"}

# A column changes at 2, the other at 3, the thing ends at 5 and is there again from 8.
BEFORE = [
    Span(at(0), at(2), ("a", "a")),
    Span(at(2), at(3), ("b", "a")),
    Span(at(3), at(5), ("b", "b")),
    Span(at(8), at(None), ("b", "b")),
]


def step(
    start: int,
    sets: dict[int, str] | None,
    end: int | None = None,
    future: str = "keep",
    ordinal: int = 0,
    *,
    horizon: int | None = None,
    limit: int | None = None,
) -> Step:
    partial = sets is not None and len(sets) < 2
    until = None if end is None else at(end)
    given = at(start if horizon is None else horizon)
    return Step(ordinal, at(start), until, Future(future), sets, partial, given, at(limit))


def ends(*steps: Step, lifetimes: Sequence[Any] | None = None) -> list[dict[int, Any]]:
    given = lifetimes and [(at(start), at(end)) for start, end in lifetimes]
    return [dict(reach.ends) for reach in fix_extents(BEFORE, steps, 2, given)]


def everywhere(number: int | None) -> dict[int, Any]:
    return dict.fromkeys((EXISTENCE, 0, 1), at(number))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (step(1, WHOLE), everywhere(2)),
        (step(2, WHOLE), everywhere(3)),
        (step(4, WHOLE), everywhere(5)),
        (step(6, WHOLE), everywhere(8)),
        (step(9, WHOLE), everywhere(None)),
        (step(1, WHOLE, future="overwrite"), everywhere(None)),
        (step(1, WHOLE, future="reject"), everywhere(None)),
        (step(1, WHOLE, end=4), everywhere(4)),
        (step(1, {0: "x"}), {0: at(2)}),
        (step(1, {1: "y"}), {1: at(3)}),
        (step(2, {0: "x"}), {0: at(5)}),
        (step(9, {0: "x"}), {0: at(None)}),
        (step(1, {0: "x"}, future="overwrite"), {0: at(5)}),
        (step(1, {0: "x"}, future="reject"), {0: at(5)}),
        (step(1, {0: "x"}, end=9), {0: at(9)}),
        (step(1, None), everywhere(5)),
        (step(5, None), everywhere(8)),
        (step(9, None), everywhere(None)),
        (step(1, None, future="overwrite"), everywhere(None)),
        (step(1, None, end=9), everywhere(9)),
        (step(1, WHOLE, horizon=2), everywhere(3)),
        (step(1, WHOLE, horizon=6), everywhere(8)),
        (step(1, WHOLE, horizon=9), everywhere(None)),
        (step(1, WHOLE, horizon=9, limit=12), everywhere(12)),
        (step(1, WHOLE, horizon=1, limit=12), everywhere(2)),
        (step(1, WHOLE, future="overwrite", limit=12), everywhere(12)),
        (step(9, WHOLE, limit=8), everywhere(8)),
        (step(1, WHOLE, end=9, limit=8), everywhere(9)),
        (step(1, {1: "y"}, horizon=4), {1: at(5)}),
        (step(1, None, horizon=3), everywhere(5)),
        (step(1, None, horizon=3, limit=4), everywhere(4)),
    ],
)
def test_a_change_by_itself(change: Step, expected: dict[int, Any]) -> None:
    assert ends(change) == [expected]


def test_a_later_start_cuts_what_both_set() -> None:
    first = step(9, WHOLE, ordinal=0)
    second = step(11, {1: "z"}, ordinal=1)
    cut = {EXISTENCE: at(None), 0: at(None), 1: at(11)}
    assert ends(first, second) == [cut, {1: at(None)}]
    assert ends(second, first) == [cut, {1: at(None)}]


def test_the_earliest_of_several_starts_cuts() -> None:
    steps = [step(9, {0: "x"}), step(13, {0: "z"}), step(11, WHOLE)]
    assert ends(*steps) == [{0: at(11)}, everywhere(None) | {0: at(13)}, {0: at(None)}]


def test_an_empty_retraction_cuts_too() -> None:
    assert ends(step(5, WHOLE), step(6, None)) == [everywhere(6), everywhere(8)]


def test_a_bounded_change_cuts_nothing_and_comes_last() -> None:
    bounded = step(10, WHOLE, end=12, ordinal=0)
    opened = step(9, WHOLE, ordinal=1)
    reaches = fix_extents(BEFORE, [bounded, opened], 2, None)
    assert [reach.step.ordinal for reach in reaches] == [1, 0]
    assert [dict(reach.ends) for reach in reaches] == [everywhere(None), everywhere(12)]


def test_a_reach_covers_from_its_start_to_just_before_its_end() -> None:
    (reach,) = fix_extents(BEFORE, [step(1, {1: "y"})], 2, None)
    assert [reach.covers(1, at(number)) for number in (0, 1, 2, 3)] == [False, True, True, False]
    assert not reach.covers(0, at(1))
    assert not reach.covers(EXISTENCE, at(1))


# In a container


def test_an_open_end_is_cut_at_the_end_of_the_container_s_life() -> None:
    assert ends(step(9, WHOLE), lifetimes=[(0, 5), (8, 12)]) == [everywhere(12)]
    assert ends(step(9, {0: "x"}), lifetimes=[(8, 12)]) == [{0: at(12)}]
    assert ends(step(1, WHOLE), lifetimes=[(0, 12)]) == [everywhere(2)]


def test_a_bounded_change_may_reach_just_to_the_end() -> None:
    assert ends(step(9, WHOLE, end=12), lifetimes=[(8, 12)]) == [everywhere(12)]
    with pytest.raises(OutsideLifetime, match="valid only until 2012") as caught:
        ends(step(9, WHOLE, end=13, ordinal=7), lifetimes=[(8, 12)])
    assert caught.value.ordinal == 7


@pytest.mark.parametrize("start", [5, 7, 12])
@pytest.mark.parametrize("sets", [WHOLE, {0: "x"}])
def test_nothing_starts_outside_the_container_s_life(start: int, sets: dict[int, str]) -> None:
    with pytest.raises(OutsideLifetime, match="is not valid") as caught:
        ends(step(start, sets, ordinal=4), lifetimes=[(0, 5), (8, 12)])
    assert caught.value.ordinal == 4


def test_a_retraction_may_reach_beyond() -> None:
    assert ends(step(6, None, end=99), lifetimes=[(0, 5)]) == [everywhere(99)]
