"""The naive model where one thing is contained in another, its log and its beliefs."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given

from core.models.scd2.change import Change
from core.models.scd2.exceptions import (
    OutsideLifetime,
    Scd2Error,
)
from core.tests.hand_worked import (
    ITS_PART,
    ONE,
    OVER,
    PART,
    STEPS,
    THING,
    Period,
    change,
    part,
    periods,
    started,
    system,
    year,
)
from core.tests.oracle import Oracle, Shape, shortest
from core.tests.strategies import histories, single_changes


class TestContainment:
    def after(self, before: Oracle, *batch: tuple[Shape, list[Change]]) -> list[list[Period]]:
        before.apply(batch, system(30))
        return [periods(before), periods(before, ITS_PART)]

    def test_a_bounded_retraction_takes_the_part_along_over_its_period(self) -> None:
        before = started((2000, None, "AB"), parts=[(2005, None, "XY")])
        assert self.after(before, (THING, [change(None, 2010, 2020)])) == [
            [(2000, 2010, "AB"), (2020, None, "AB")],
            [(2005, 2010, "XY"), (2020, None, "XY")],
        ]

    def test_the_end_ends_the_part(self) -> None:
        before = started((2000, None, "AB"), parts=[(2005, None, "XY")])
        assert self.after(before, (THING, [change(None, 2010)])) == [
            [(2000, 2010, "AB")],
            [(2005, 2010, "XY")],
        ]

    def test_extending_brings_nothing_back(self) -> None:
        before = started((2000, 2010, "AB"), parts=[(2005, None, "XY")])
        assert self.after(before, (THING, [change("AB", 2010)])) == [
            [(2000, None, "AB")],
            [(2005, 2010, "XY")],
        ]

    def test_an_open_part_is_cut_at_the_end_of_the_lifetime(self) -> None:
        before = started((2000, 2010, "AB"), (2020, None, "AB"))
        assert self.after(before, (PART, [part("XY", 2005, None, OVER)])) == [
            [(2000, 2010, "AB"), (2020, None, "AB")],
            [(2005, 2010, "XY")],
        ]

    def test_both_in_one_batch(self) -> None:
        batch = [(PART, [part("XY", 2005)]), (THING, [change("AB", 2000, 2010)])]
        assert self.after(Oracle(), *batch) == [[(2000, 2010, "AB")], [(2005, 2010, "XY")]]

    @pytest.mark.parametrize("start", [1999, 2010, 2015])
    def test_a_start_outside_is_refused(self, start: int) -> None:
        with pytest.raises(OutsideLifetime):
            started((2000, 2010, "AB")).apply([(PART, [part("XY", start)])], system(30))

    def test_a_bounded_part_that_crosses_the_end_is_refused(self) -> None:
        with pytest.raises(OutsideLifetime):
            started((2000, 2010, "AB")).apply([(PART, [part("XY", 2005, 2011)])], system(30))

    def test_a_bounded_part_up_to_the_end_is_taken(self) -> None:
        before = started((2000, 2010, "AB"))
        assert self.after(before, (PART, [part("XY", 2005, 2010)]))[1] == [(2005, 2010, "XY")]

    def test_retracting_a_part_of_nothing_does_nothing(self) -> None:
        assert Oracle().apply([(PART, [part(None, 2000)])], system(1)) == []


class TestEntries:
    def entries(self, before: Oracle, *changes: Change) -> list[tuple[Any, ...]]:
        found = before.apply([(THING, changes)], system(30))
        return [
            (
                entry.valid_from.year,
                entry.valid_to.year if entry.valid_to else None,
                "".join((entry.before or {}).values()),
                "".join((entry.after or {}).values()),
                entry.action,
            )
            for entry in found
        ]

    def test_forward(self) -> None:
        assert self.entries(started((2000, None, "AB")), change("CD", 2040)) == [
            (2040, None, "AB", "CD", "changed")
        ]

    def test_a_correction_across_three_versions_is_three_entries(self) -> None:
        assert self.entries(started(*STEPS), change("XX", 2005, 2030)) == [
            (2005, 2010, "AB", "XX", "corrected"),
            (2010, 2020, "AC", "XX", "corrected"),
            (2020, 2030, "DC", "XX", "corrected"),
        ]

    def test_opened_and_ended_whatever_the_period(self) -> None:
        assert self.entries(
            started((2000, 2010, "AB")), change(None, 2005), change("CD", 2020)
        ) == [
            (2005, 2010, "AB", "", "ended"),
            (2020, None, "", "CD", "opened"),
        ]

    def test_only_what_changed(self) -> None:
        before = started((2000, 2010, "AB"), (2010, 2020, "CD"), (2020, None, "AB"))
        assert self.entries(before, change("AB", 2000, None, OVER)) == [
            (2010, 2020, "CD", "AB", "corrected")
        ]


def test_beliefs_are_kept() -> None:
    oracle = started((2000, None, "AB"), (2010, None, "CD"))
    assert shortest(oracle.believed_at(system(0))[ONE]) == [
        (year(2000), None, {"a": "A", "b": "B"})
    ]
    assert len(shortest(oracle.believed_at(system(1))[ONE])) == 2
    assert oracle.believed_at(datetime(2024, 1, 1, tzinfo=UTC)) == {}


def test_a_refused_batch_leaves_every_belief() -> None:
    oracle = started((2000, None, "AB"))
    batch = [(THING, [change("CD", 2010)]), (PART, [part("XY", 1990)])]
    with pytest.raises(OutsideLifetime):
        oracle.apply(batch, system(30))
    assert periods(oracle) == [(2000, None, "AB")]
    assert len(oracle.beliefs) == 1


@given(history=histories(), change=single_changes())
def test_one_change_said_twice_is_said_once(history, change) -> None:
    oracle = Oracle()
    for number, batch in enumerate([*history, change]):
        with suppress(Scd2Error):
            oracle.apply(batch, system(number))
    with suppress(Scd2Error):
        assert oracle.apply(change, system(30)) == []
