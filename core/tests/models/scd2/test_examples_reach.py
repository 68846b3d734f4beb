"""How far a Change reaches, and what is refused."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from core.models.scd2.change import Change, Future, Outcome
from core.models.scd2.exceptions import (
    InvalidChange,
    LaterChange,
    NothingToAmend,
    UnknownReference,
)
from core.tests.doors import apply_changes
from core.tests.harbour.models import Vessel
from core.tests.models.scd2.port import PLAIN, TESTER, Port, year

pytestmark = pytest.mark.database

# The name changes in 2010, the flag in 2020, and in 2080 all is over.
STEPS = [("A", "NO", 2000, 2010), ("B", "NO", 2010, 2020), ("B", "PL", 2020, 2080)]


@pytest.fixture
def steps(port: Port) -> Port:
    port.tell(
        port.vessel("A NO", 2000, 2080),
        port.vessel({"name": "B"}, 2010),
        port.vessel({"flag": "PL"}, 2020),
    )
    assert port.timeline() == STEPS
    return port


class TestKeep:
    def test_a_whole_payload_reaches_to_the_next_change_of_any_column(self, steps: Port) -> None:
        steps.apply(steps.vessel("X SE", 2004))
        assert steps.timeline() == [("A", "NO", 2000, 2004), ("X", "SE", 2004, 2010), *STEPS[1:]]

    def test_in_a_gap_it_reaches_to_the_next_start(self, steps: Port) -> None:
        steps.apply(steps.vessel("X SE", 1990))
        assert steps.timeline() == [("X", "SE", 1990, 2000), *STEPS]

    def test_after_the_end_it_reaches_without_end(self, steps: Port) -> None:
        steps.apply(steps.vessel("X SE", 2090))
        assert steps.timeline() == [*STEPS, ("X", "SE", 2090, None)]

    def test_in_the_last_version_it_reaches_to_the_end_of_it(self, steps: Port) -> None:
        steps.apply(steps.vessel("X SE", 2030))
        assert steps.timeline() == [
            *STEPS[:2],
            ("B", "PL", 2020, 2030),
            ("X", "SE", 2030, 2080),
        ]

    def test_a_name_reaches_to_the_next_change_of_the_name(self, steps: Port) -> None:
        steps.apply(steps.vessel({"name": "X"}, 2004))
        assert steps.timeline() == [("A", "NO", 2000, 2004), ("X", "NO", 2004, 2010), *STEPS[1:]]

    def test_a_scheduled_change_of_flag_does_not_undo_a_name(self, steps: Port) -> None:
        steps.apply(steps.vessel({"name": "X"}, 2010))
        assert steps.timeline() == [
            ("A", "NO", 2000, 2010),
            ("X", "NO", 2010, 2020),
            ("X", "PL", 2020, 2080),
        ]

    def test_a_name_reaches_to_the_end_of_the_lifetime_and_no_further(self, port: Port) -> None:
        port.tell(port.vessel("A NO", 2000, 2010), port.vessel("A NO", 2020))
        port.apply(port.vessel({"name": "X"}, 2004))
        assert port.timeline() == [
            ("A", "NO", 2000, 2004),
            ("X", "NO", 2004, 2010),
            ("A", "NO", 2020, None),
        ]

    def test_each_column_has_a_reach_of_its_own(self, steps: Port) -> None:
        steps.apply(steps.vessel({"name": "X", "flag": "SE"}, 2004))
        assert steps.timeline() == [
            ("A", "NO", 2000, 2004),
            ("X", "SE", 2004, 2010),
            ("B", "SE", 2010, 2020),
            ("B", "PL", 2020, 2080),
        ]

    def test_setting_a_name_to_what_it_is_does_nothing(self, steps: Port) -> None:
        assert steps.apply(steps.vessel({"name": "B"}, 2030)).total == Outcome(unchanged=1)

    def test_a_name_that_comes_back_counts_as_two_changes(self, port: Port) -> None:
        port.tell(port.vessel("A NO", 2000), port.vessel("B NO", 2010, 2020))
        port.apply(port.vessel({"name": "X"}, 2004))
        assert port.timeline() == [
            ("A", "NO", 2000, 2004),
            ("X", "NO", 2004, 2010),
            ("B", "NO", 2010, 2020),
            ("A", "NO", 2020, None),
        ]


class TestOverwrite:
    def test_a_whole_payload_reaches_without_end(self, steps: Port) -> None:
        steps.apply(steps.vessel("X SE", 2004, future=Future.OVERWRITE))
        assert steps.timeline() == [("A", "NO", 2000, 2004), ("X", "SE", 2004, None)]

    def test_a_partial_one_goes_over_all_later_changes_of_what_it_sets(self, steps: Port) -> None:
        steps.apply(steps.vessel({"name": "X"}, 2004, future=Future.OVERWRITE))
        assert steps.timeline() == [
            ("A", "NO", 2000, 2004),
            ("X", "NO", 2004, 2020),
            ("X", "PL", 2020, 2080),
        ]

    def test_a_partial_one_stops_at_the_end_of_the_lifetime(self, port: Port) -> None:
        port.tell(port.vessel("A NO", 2000, 2010), port.vessel("A NO", 2020))
        port.apply(port.vessel({"name": "X"}, 2004, future=Future.OVERWRITE))
        assert port.timeline() == [
            ("A", "NO", 2000, 2004),
            ("X", "NO", 2004, 2010),
            ("A", "NO", 2020, None),
        ]

    def test_a_retraction_reaches_without_end(self, port: Port) -> None:
        port.tell(port.vessel("A NO", 2000, 2010), port.vessel("A NO", 2020))
        port.apply(port.vessel(None, 2004, future=Future.OVERWRITE))
        assert port.timeline() == [("A", "NO", 2000, 2004)]

    def test_also_where_nothing_holds_at_its_start(self, port: Port) -> None:
        port.tell(port.vessel("A NO", 2020))
        port.apply(port.vessel(None, 2004, future=Future.OVERWRITE))
        assert port.timeline() == []


class TestReject:
    @pytest.mark.parametrize("payload", ["X SE", {"name": "X"}, None])
    def test_a_later_change_is_a_conflict(self, steps: Port, payload) -> None:
        with pytest.raises(LaterChange) as refused:
            steps.apply(steps.vessel(payload, 2015, future=Future.REJECT))
        assert refused.value.key == {"uuid": steps.uuid}
        assert refused.value.ordinal == 0
        assert steps.timeline() == STEPS

    def test_an_end_is_a_later_change(self, steps: Port) -> None:
        with pytest.raises(LaterChange):
            steps.apply(steps.vessel({"name": "X"}, 2030, future=Future.REJECT))

    def test_a_later_lifetime_is_a_later_change(self, port: Port) -> None:
        port.tell(port.vessel("A NO", 2020))
        with pytest.raises(LaterChange):
            port.apply(port.vessel("X SE", 2004, future=Future.REJECT))

    @pytest.mark.parametrize("start", [2080, 2090])
    def test_without_a_later_change_it_is_taken(self, steps: Port, start: int) -> None:
        steps.apply(steps.vessel("X SE", start, future=Future.REJECT))
        assert steps.timeline() == [*STEPS, ("X", "SE", start, None)]

    def test_where_it_changes_nothing_there_is_nothing_to_refuse(self, port: Port) -> None:
        port.tell(port.vessel("A NO", 2000), port.vessel(None, 2010))
        result = port.apply(port.vessel({"name": "A"}, 2004, future=Future.REJECT))
        assert result.total == Outcome(unchanged=1, overtaken=1)


class TestBounded:
    def test_exactly_its_period(self, steps: Port) -> None:
        steps.apply(steps.vessel("X SE", 2004, 2030))
        assert steps.timeline() == [
            ("A", "NO", 2000, 2004),
            ("X", "SE", 2004, 2030),
            ("B", "PL", 2030, 2080),
        ]

    def test_a_partial_one_leaves_the_other_columns_as_they_are_there(self, steps: Port) -> None:
        steps.apply(steps.vessel({"name": "X"}, 2004, 2030))
        assert steps.timeline() == [
            ("A", "NO", 2000, 2004),
            ("X", "NO", 2004, 2020),
            ("X", "PL", 2020, 2030),
            ("B", "PL", 2030, 2080),
        ]

    def test_beyond_the_end_it_revives(self, steps: Port) -> None:
        steps.apply(steps.vessel("X SE", 2090, 2095))
        assert steps.timeline() == [*STEPS, ("X", "SE", 2090, 2095)]

    @pytest.mark.parametrize("future", [Future.OVERWRITE, Future.REJECT])
    def test_future_together_with_an_end_is_an_error(self, port: Port, future: Future) -> None:
        with pytest.raises(InvalidChange):
            port.apply(port.vessel("A NO", 2000, 2010, future))


class TestNothingToAmend:
    @pytest.mark.parametrize(
        ("start", "end"),
        [(1990, None), (1990, 2004), (2080, None), (2030, 2081), (2090, 2095)],
    )
    def test_where_nothing_holds(self, steps: Port, start: int, end: int | None) -> None:
        with pytest.raises(NothingToAmend) as refused:
            steps.apply(steps.vessel({"name": "X"}, start, end))
        assert refused.value.key == {"uuid": steps.uuid}
        assert steps.timeline() == STEPS

    def test_across_a_gap(self, port: Port) -> None:
        port.tell(port.vessel("A NO", 2000, 2010), port.vessel("A NO", 2020))
        with pytest.raises(NothingToAmend):
            port.apply(port.vessel({"name": "X"}, 2004, 2030))

    def test_of_something_never_seen(self, port: Port) -> None:
        with pytest.raises(NothingToAmend):
            port.apply(port.vessel({"name": "X"}, 2004))
        assert port.rows() == []


class TestRetraction:
    def test_reaches_to_the_end_of_the_lifetime_over_all_its_versions(self, steps: Port) -> None:
        steps.apply(steps.vessel(None, 2004))
        assert steps.timeline() == [("A", "NO", 2000, 2004)]

    def test_leaves_the_next_lifetime(self, port: Port) -> None:
        port.tell(port.vessel("A NO", 2000, 2010), port.vessel("B NO", 2020))
        port.apply(port.vessel(None, 2004))
        assert port.timeline() == [("A", "NO", 2000, 2004), ("B", "NO", 2020, None)]

    def test_where_nothing_holds_it_does_nothing(self, port: Port) -> None:
        port.tell(port.vessel("A NO", 2000, 2010), port.vessel("B NO", 2020))
        assert port.apply(port.vessel(None, 2015)).total == Outcome(unchanged=1)
        assert port.apply(port.vessel(None, 2010)).total == Outcome(unchanged=1)

    def test_of_something_never_seen_does_nothing(self, port: Port) -> None:
        assert port.apply(port.vessel(None, 2015)).instant is None
        assert port.rows() == []

    def test_bounded_over_a_gap_ends_what_there_is(self, port: Port) -> None:
        port.tell(port.vessel("A NO", 2000, 2010), port.vessel("B NO", 2020))
        port.apply(port.vessel(None, 2005, 2030))
        assert port.timeline() == [("A", "NO", 2000, 2005), ("B", "NO", 2030, None)]

    def test_from_before_the_start_to_an_instant(self, port: Port) -> None:
        port.tell(port.vessel("A NO", 2000))
        port.apply(port.vessel(None, 1990, 2010))
        assert port.timeline() == [("A", "NO", 2010, None)]


def test_an_older_file_again_does_not_wipe_out_what_a_newer_one_brought(port: Port) -> None:
    older = [port.vessel("A NO", 2000)]
    newer = [port.vessel("B PL", 2010)]
    port.apply(*older)
    port.apply(*newer)
    assert port.apply(*older).total == Outcome(unchanged=1, overtaken=1)
    assert port.timeline() == [("A", "NO", 2000, 2010), ("B", "PL", 2010, None)]


def test_nor_does_an_older_retraction_end_what_came_back_since(port: Port) -> None:
    port.tell(port.vessel("A NO", 2000), port.vessel(None, 2010), port.vessel("B PL", 2020))
    assert port.apply(port.vessel(None, 2010)).total == Outcome(unchanged=1)
    assert port.timeline() == [("A", "NO", 2000, 2010), ("B", "PL", 2020, None)]


class TestInvalid:
    """What contradicts itself is refused, whatever the timeline says."""

    def refused(self, port: Port, **said) -> None:
        change = Change(key={"uuid": port.uuid}, **{"payload": self.whole, **said})
        with pytest.raises(InvalidChange):
            apply_changes([(Vessel, [change])], TESTER, fast_paths=port.fast_paths)
        assert port.rows() == []

    whole = {"name": "A", "flag": "NO", **PLAIN}

    @pytest.mark.parametrize("end", [2000, 1999])
    def test_an_empty_period(self, port: Port, end: int) -> None:
        self.refused(port, valid_from=year(2000), valid_to=year(end))

    def test_an_end_in_the_past_where_the_start_is_left_out(self, port: Port) -> None:
        self.refused(port, valid_to=year(2000))

    def test_a_naive_start(self, port: Port) -> None:
        self.refused(port, valid_from=datetime(2000, 1, 1))  # noqa: DTZ001

    def test_a_naive_end(self, port: Port) -> None:
        self.refused(port, valid_from=year(2000), valid_to=datetime(2001, 1, 1))  # noqa: DTZ001

    def test_a_missing_column(self, port: Port) -> None:
        self.refused(port, payload={"name": "A", "flag": "NO"}, valid_from=year(2000))

    def test_an_unknown_column(self, port: Port) -> None:
        self.refused(port, payload={**self.whole, "colour": "red"}, valid_from=year(2000))

    def test_an_unknown_column_of_a_partial_payload(self, port: Port) -> None:
        self.refused(port, payload={"colour": "red"}, valid_from=year(2000), partial=True)

    def test_an_empty_partial_payload(self, port: Port) -> None:
        self.refused(port, payload={}, valid_from=year(2000), partial=True)

    def test_a_partial_retraction(self, port: Port) -> None:
        self.refused(port, payload=None, valid_from=year(2000), partial=True)


def test_an_unknown_flag_is_refused_by_name(port: Port) -> None:
    with pytest.raises(UnknownReference) as refused:
        port.apply(port.vessel("A XX", 2000))
    assert (refused.value.field, refused.value.value) == ("flag", "XX")
    assert port.rows() == []


def test_a_start_left_out_is_the_instant_of_the_call(port: Port) -> None:
    result = port.apply(port.vessel("A NO", None))
    row = Vessel.objects.get(uuid=port.uuid)
    assert row.valid_from == row.system_from == result.instant


def test_a_start_and_an_end_left_out_for_something_that_holds(port: Port) -> None:
    port.apply(port.vessel("A NO", 2000))
    result = port.apply(port.vessel({"name": "B"}, None))
    first, second = Vessel.objects.filter(uuid=port.uuid).order_by("valid_from")
    assert (first.name, first.valid_to, first.closed_at) == ("A", result.instant, result.instant)
    assert (second.name, second.valid_from) == ("B", result.instant)


def test_a_later_call_in_one_transaction_has_a_later_instant(port: Port) -> None:
    for name in "ABCDEFGH":
        port.apply(port.vessel(f"{name} NO", 2000))
    assert port.instants == sorted(set(port.instants))
    assert len(port.instants) == 8


def test_one_value_written_in_two_ways_is_one_value(port: Port) -> None:
    port.apply(port.vessel("A NO", 2000))
    port.apply(port.vessel({"tonnage": Decimal("1.0")}, 2000))
    result = port.apply(port.vessel({"tonnage": Decimal("1.00")}, 2010))
    assert result.total == Outcome(unchanged=1)


def test_nothing_and_an_empty_text_are_two_values(port: Port) -> None:
    port.tell(port.vessel("A NO", 2000), port.vessel({"name": ""}, 2010))
    assert port.timeline() == [("A", "NO", 2000, 2010), ("", "NO", 2010, None)]


def test_an_instant_carries_microseconds(port: Port) -> None:
    instant = year(2010) + timedelta(microseconds=1)
    model, change = port.vessel("B NO", 2000)
    port.apply(port.vessel("A NO", 2000))
    apply_changes(
        [(model, [Change(change.key, change.payload, instant)])],
        TESTER,
        fast_paths=port.fast_paths,
    )
    assert [row.valid_from for row in Vessel.objects.timeline(uuid=port.uuid)] == [
        year(2000),
        instant,
    ]
