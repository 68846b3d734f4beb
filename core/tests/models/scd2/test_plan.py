"""What the live rows of one key must become, for a thing of two columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from core.models.scd2.change import Future, Outcome
from core.models.scd2.exceptions import (
    CoversStart,
    LaterChange,
    NothingToAmend,
    TwoPayloads,
)
from core.models.scd2.extents import Step
from core.models.scd2.plan import Plan, apply_one, make_plan
from core.models.scd2.timeline import Period, Row, Span
from core.tests.models.scd2.test_extents import step
from core.tests.models.scd2.test_timeline import at

A, B, C = ("a", "a"), ("b", "b"), ("c", "c")
SET_A, SET_B, SET_C = ({0: one, 1: one} for one in "abc")
NOW = at(10)


def row(ident: int, start: int, end: int | None, payload: tuple[Any, ...]) -> Row:
    return Row(ident, at(start), at(end), payload)


def span(start: int, end: int | None, payload: tuple[Any, ...]) -> Span:
    return Span(at(start), at(end), payload)


def plan(rows: Sequence[Row], *steps: Step, lifetimes: Sequence[Any] | None = None) -> Plan:
    given = None if lifetimes is None else [(at(start), at(end)) for start, end in lifetimes]
    return make_plan(rows, steps, 2, given, now=NOW)


def test_the_first_version_is_opened() -> None:
    made = plan([], step(0, SET_A))
    assert made == Plan(
        opens=[span(0, None, A)],
        periods=[Period(at(0), at(None), None, A)],
        after=[span(0, None, A)],
    )
    assert made.outcome == Outcome(opened=1)
    assert not made.shrinks


def test_a_forward_change_closes_one_row_and_opens_one() -> None:
    made = plan([row(1, 0, None, A)], step(5, SET_B))
    assert made == Plan(
        closes=[(1, at(5))],
        opens=[span(5, None, B)],
        periods=[Period(at(5), at(None), A, B)],
        after=[span(0, 5, A), span(5, None, B)],
    )
    assert made.outcome == Outcome(opened=1, closed=1)


def test_an_end_closes_and_opens_nothing() -> None:
    made = plan([row(1, 0, None, A)], step(5, None))
    assert (made.closes, made.supersedes, made.opens) == ([(1, at(5))], [], [])
    assert made.shrinks
    assert made.outcome == Outcome(closed=1)


def test_a_row_with_an_end_is_superseded_when_that_moves() -> None:
    made = plan([row(1, 0, 9, A)], step(5, SET_B, end=9))
    assert (made.closes, made.supersedes) == ([], [1])
    assert made.opens == [span(0, 5, A), span(5, 9, B)]
    assert made.outcome == Outcome(opened=2, superseded=1)


def test_a_row_that_still_holds_is_left_alone() -> None:
    rows = [row(1, 0, 2, A), row(2, 2, 4, B), row(3, 4, None, A)]
    made = plan(rows, step(5, SET_C))
    assert (made.closes, made.supersedes) == ([(3, at(5))], [])
    assert made.opens == [span(5, None, C)]


def test_equal_neighbours_melt_into_a_new_row() -> None:
    rows = [row(1, 0, 2, A), row(2, 2, 4, B), row(3, 4, None, A)]
    made = plan(rows, step(2, SET_A, end=4))
    assert (made.closes, made.supersedes) == ([], [1, 2, 3])
    assert made.opens == [span(0, None, A)]
    assert made.periods == [Period(at(2), at(4), B, A)]


def test_a_bounded_change_splits_an_open_row() -> None:
    made = plan([row(1, 0, None, A)], step(5, SET_B, end=9))
    assert made.closes == [(1, at(5))]
    assert made.opens == [span(5, 9, B), span(9, None, A)]


@pytest.mark.parametrize(
    "steps",
    [
        [step(5, SET_A)],
        [step(0, SET_A)],
        [step(5, {1: "a"})],
        [step(1, SET_A, end=3), step(5, SET_A)],
        [step(-9, None)],
        [step(-9, None, end=0)],
        [],
    ],
)
def test_what_holds_already_changes_nothing(steps: list[Step]) -> None:
    made = plan([row(1, 0, None, A)], *steps)
    assert made == Plan(after=[span(0, None, A)])
    assert made.outcome == Outcome(unchanged=1)


def test_a_partial_change_leaves_the_rest_as_it_is_there() -> None:
    rows = [row(1, 0, 2, A), row(2, 2, None, ("a", "b"))]
    made = plan(rows, step(1, {0: "x"}))
    assert made.after == [span(0, 1, A), span(1, 2, ("x", "a")), span(2, None, ("x", "b"))]


def test_a_whole_payload_holds_whole_where_nothing_held() -> None:
    """A column cut short by a later partial Change is not left without a value."""
    rows = [row(1, 0, 4, A)]
    made = plan(rows, step(0, SET_B, future="overwrite"), step(2, {1: "z"}, future="overwrite"))
    assert made.after == [span(0, 2, B), span(2, 4, ("b", "z")), span(4, None, B)]


@pytest.mark.parametrize("rows", [[], [row(1, 0, 2, A)], [row(1, 6, None, A)]])
def test_where_nothing_holds_nothing_is_amended(rows: list[Row]) -> None:
    with pytest.raises(NothingToAmend, match="At 2004-01-01") as caught:
        plan(rows, step(4, {0: "x"}, ordinal=2))
    assert caught.value.ordinal == 2


def test_a_bounded_amendment_finds_a_gap() -> None:
    rows = [row(1, 0, 2, A), row(2, 4, None, A)]
    with pytest.raises(NothingToAmend, match="At 2002-01-01"):
        plan(rows, step(1, {0: "x"}, end=5))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (step(5, SET_A), step(5, SET_B)),
        (step(5, SET_A), step(5, None)),
        (step(5, SET_A), step(5, {0: "a"})),
        (step(5, SET_A), step(5, SET_B, end=9)),
        (step(5, SET_A, end=7), step(5, SET_B, end=9)),
    ],
)
def test_two_payloads_with_one_start_contradict_each_other(one: Step, other: Step) -> None:
    with pytest.raises(TwoPayloads, match="start at 2005-01-01") as caught:
        plan([row(1, 0, None, C)], one, other._replace(ordinal=9))
    assert caught.value.ordinal == 9


def test_changes_that_may_reach_nothing_contradict_nothing() -> None:
    beyond = step(5, SET_A, limit=5), step(5, SET_B, limit=5)
    assert plan([row(1, 0, None, C)], *beyond).outcome == Outcome(unchanged=1)
    covering = step(4, SET_A, end=6)
    assert plan([], covering, *beyond).opens == [span(4, 6, A)]


def test_the_same_twice_is_no_contradiction() -> None:
    assert plan([], step(5, SET_A), step(5, SET_A)).opens == [span(5, None, A)]


@pytest.mark.parametrize("start", [5, 6, 8])
def test_a_bounded_change_covers_no_start(start: int) -> None:
    bounded = step(5, SET_A, end=9, ordinal=4)
    same = SET_A if start == 5 else SET_B
    with pytest.raises(CoversStart, match="covers the start") as caught:
        plan([], bounded, step(start, same))
    assert caught.value.ordinal == 4


def test_a_bounded_change_may_end_where_another_starts() -> None:
    made = plan([], step(5, SET_A, end=9), step(9, SET_B))
    assert made.after == [span(5, 9, A), span(9, None, B)]


@pytest.mark.parametrize(
    "rows", [[row(1, 0, 9, A)], [row(1, 0, 5, A), row(2, 7, None, B)], [row(1, 7, None, A)]]
)
def test_a_later_change_is_rejected_if_asked(rows: list[Row]) -> None:
    with pytest.raises(LaterChange, match="There is a later change") as caught:
        plan(rows, step(5, SET_C, future="reject", ordinal=6))
    assert caught.value.ordinal == 6


def test_nothing_later_or_nothing_new_is_not_rejected() -> None:
    rows = [row(1, 0, 5, A), row(2, 5, None, B)]
    assert plan(rows, step(5, SET_C, future="reject")).opens == [span(5, None, C)]
    assert plan(rows, step(3, {0: "a"}, end=5)).outcome == Outcome(unchanged=1)
    later = [row(1, 0, None, A)]
    assert plan(later, Step(0, at(-1), at(0), Future.REJECT, None, False, at(-1))).periods == []


def test_a_contained_timeline_ends_with_its_container() -> None:
    rows = [row(1, 0, 4, A), row(2, 6, None, B)]
    made = plan(rows, lifetimes=[(0, 3), (7, 9)])
    assert made.after == [span(0, 3, A), span(7, 9, B)]
    assert (made.closes, made.supersedes) == ([], [1, 2])
    assert made.opens == [span(0, 3, A), span(7, 9, B)]
    assert made.shrinks


def test_a_contained_open_row_is_closed() -> None:
    made = plan([row(1, 0, None, A)], lifetimes=[(0, 3)])
    assert (made.closes, made.opens) == ([(1, at(3))], [])


def test_many_changes_of_one_key_are_each_looked_at_where_they_hold(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked = []

    def counted(*told: Any) -> Any:
        looked.append(told)
        return apply_one(*told)

    monkeypatch.setattr("core.models.scd2.plan.apply_one", counted)
    many = [step(start, SET_A if start % 2 else SET_B) for start in range(1, 501)]
    made = plan([], *many, *many)
    assert len(made.opens) == 500
    # Every change stands there twice, and one of both decides.
    assert len(looked) == 500
