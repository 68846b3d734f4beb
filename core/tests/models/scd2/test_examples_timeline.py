"""A timeline is a function, and the rows are its shortest description."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.models.scd2.change import Outcome
from core.tests.harbour.models import Vessel
from core.tests.models.scd2.port import Port

pytestmark = pytest.mark.database


def test_a_change_sets_its_period_and_nothing_else(port: Port) -> None:
    port.tell(port.vessel("A NO", 2000), port.vessel("B PL", 2004, 2008))
    assert port.timeline() == [
        ("A", "NO", 2000, 2004),
        ("B", "PL", 2004, 2008),
        ("A", "NO", 2008, None),
    ]


def test_a_forward_change_is_one_update_and_one_insert(port: Port) -> None:
    port.apply(port.vessel("A NO", 2000))
    result = port.apply(port.vessel("B NO", 2010))
    assert result.total == Outcome(opened=1, closed=1)
    assert port.rows() == [
        ("A", "NO", 2000, 2010, 1, 2, None),
        ("B", "NO", 2010, None, 2, None, None),
    ]


def test_the_same_payload_again_does_nothing(port: Port) -> None:
    port.apply(port.vessel("A NO", 2000))
    result = port.apply(port.vessel("A NO", 2010))
    assert result.instant is None
    assert result.total == Outcome(unchanged=1)
    assert port.rows() == [("A", "NO", 2000, None, 1, None, None)]


def test_the_same_payload_before_the_start_melts_into_one_row(port: Port) -> None:
    port.tell(port.vessel("A NO", 2010), port.vessel("A NO", 2000))
    assert port.rows() == [
        ("A", "NO", 2010, None, 1, None, 2),
        ("A", "NO", 2000, None, 2, None, None),
    ]


def test_the_same_payload_at_the_end_melts_into_one_row(port: Port) -> None:
    port.tell(port.vessel("A NO", 2000, 2010), port.vessel("A NO", 2010))
    assert port.rows() == [
        ("A", "NO", 2000, 2010, 1, None, 2),
        ("A", "NO", 2000, None, 2, None, None),
    ]


def test_a_bridge_of_the_same_payload_melts_three_into_one(port: Port) -> None:
    port.tell(
        port.vessel("A NO", 2000, 2004),
        port.vessel("A NO", 2008, 2012),
        port.vessel("A NO", 2004, 2008),
    )
    assert port.timeline() == [("A", "NO", 2000, 2012)]


def test_undoing_a_change_melts_its_neighbours(port: Port) -> None:
    port.tell(port.vessel("A NO", 2000), port.vessel("B NO", 2010))
    result = port.apply(port.vessel("A NO", 2010))
    assert result.total == Outcome(opened=1, superseded=2)
    assert port.rows() == [
        ("A", "NO", 2000, 2010, 1, 2, 3),
        ("B", "NO", 2010, None, 2, None, 3),
        ("A", "NO", 2000, None, 3, None, None),
    ]


def test_an_open_row_that_gets_an_end_is_closed_in_place_by_a_retraction(port: Port) -> None:
    port.apply(port.vessel("A NO", 2000))
    assert port.apply(port.vessel(None, 2010)).total == Outcome(closed=1)
    assert port.rows() == [("A", "NO", 2000, 2010, 1, 2, None)]


def test_and_by_a_bounded_change_in_its_middle(port: Port) -> None:
    port.apply(port.vessel("A NO", 2000))
    assert port.apply(port.vessel("B NO", 2010, 2020)).total == Outcome(opened=2, closed=1)
    assert port.rows() == [
        ("A", "NO", 2000, 2010, 1, 2, None),
        ("B", "NO", 2010, 2020, 2, None, None),
        ("A", "NO", 2020, None, 2, None, None),
    ]


def test_and_by_a_bounded_retraction(port: Port) -> None:
    port.tell(port.vessel("A NO", 2000), port.vessel(None, 2010, 2020))
    assert port.rows() == [
        ("A", "NO", 2000, 2010, 1, 2, None),
        ("A", "NO", 2020, None, 2, None, None),
    ]


def test_a_bounded_row_that_ends_earlier_is_superseded(port: Port) -> None:
    port.tell(port.vessel("A NO", 2000, 2020), port.vessel(None, 2010))
    assert port.rows() == [
        ("A", "NO", 2000, 2020, 1, None, 2),
        ("A", "NO", 2000, 2010, 2, None, None),
    ]


def test_a_closed_row_is_never_closed_again(port: Port) -> None:
    port.tell(port.vessel("A NO", 2000), port.vessel(None, 2020), port.vessel(None, 2010))
    assert port.rows() == [
        ("A", "NO", 2000, 2020, 1, 2, 3),
        ("A", "NO", 2000, 2010, 3, None, None),
    ]


def test_a_closed_row_is_never_opened_again(port: Port) -> None:
    port.tell(port.vessel("A NO", 2000), port.vessel(None, 2010), port.vessel("A NO", 2010))
    assert port.rows() == [
        ("A", "NO", 2000, 2010, 1, 2, 3),
        ("A", "NO", 2000, None, 3, None, None),
    ]


def test_another_payload_from_the_same_start_supersedes(port: Port) -> None:
    port.tell(port.vessel("A NO", 2000), port.vessel("B NO", 2000))
    assert port.rows() == [
        ("A", "NO", 2000, None, 1, None, 2),
        ("B", "NO", 2000, None, 2, None, None),
    ]


def test_a_later_start_supersedes(port: Port) -> None:
    port.tell(port.vessel("A NO", 2000), port.vessel(None, 2000, 2010))
    assert port.rows() == [
        ("A", "NO", 2000, None, 1, None, 2),
        ("A", "NO", 2010, None, 2, None, None),
    ]


def test_a_correction_of_the_past_leaves_the_other_rows_alone(port: Port) -> None:
    port.tell(port.vessel("A NO", 2000), port.vessel("B NO", 2010), port.vessel("X NO", 2004))
    assert port.rows() == [
        ("A", "NO", 2000, 2010, 1, 2, 3),
        ("B", "NO", 2010, None, 2, None, None),
        ("A", "NO", 2000, 2004, 3, None, None),
        ("X", "NO", 2004, 2010, 3, None, None),
    ]


def test_closing_loses_no_belief(port: Port) -> None:
    port.tell(port.vessel("A NO", 2000), port.vessel("B NO", 2010))
    first, second = port.instants
    assert port.names_known_at(first, 1999, 2000, 2009, 2010, 2090) == [None, "A", "A", "A", "A"]
    just_before = second - timedelta(microseconds=1)
    assert port.names_known_at(just_before, 2009, 2010) == ["A", "A"]
    assert port.names_known_at(second, 2009, 2010) == ["A", "B"]
    assert port.names_known_at(first - timedelta(microseconds=1), 2000, 2010) == [None, None]


def test_superseding_loses_no_belief(port: Port) -> None:
    port.tell(
        port.vessel("A NO", 2000),
        port.vessel("B NO", 2010),
        port.vessel("X NO", 2004),
        port.vessel(None, 2000, 2020),
    )
    known = [port.names_known_at(instant, 2000, 2004, 2010, 2020) for instant in port.instants]
    assert known == [
        ["A", "A", "A", "A"],
        ["A", "A", "B", "B"],
        ["A", "X", "B", "B"],
        [None, None, None, "B"],
    ]


def test_current_is_live_and_open_ended(port: Port) -> None:
    port.tell(port.vessel("A NO", 2000), port.vessel("B NO", 2010), port.vessel("C NO", 2010))
    found = Vessel.objects.filter(uuid=port.uuid).order_by("name")
    assert [(row.name, row.is_current) for row in found] == [
        ("A", False),
        ("B", False),
        ("C", True),
    ]


def test_an_ended_thing_may_come_back_and_the_gap_stays(port: Port) -> None:
    port.tell(port.vessel("A NO", 2000), port.vessel(None, 2010), port.vessel("A NO", 2020))
    assert port.rows() == [
        ("A", "NO", 2000, 2010, 1, 2, None),
        ("A", "NO", 2020, None, 3, None, None),
    ]
