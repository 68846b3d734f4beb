"""Several Changes of one key in one batch."""

from __future__ import annotations

import pytest

from core.models.scd2.change import Future, Outcome
from core.models.scd2.exceptions import Conflict, CoversStart, NothingToAmend, TwoPayloads
from core.tests.harbour.models import Cargo, Vessel
from core.tests.models.scd2.port import Port, call_by_call

pytestmark = pytest.mark.database


def test_open_ended_ones_reach_to_the_start_of_the_next(port: Port) -> None:
    port.apply(port.vessel("C NO", 2020), port.vessel("A NO", 2000), port.vessel("B NO", 2010))
    assert port.timeline() == [
        ("A", "NO", 2000, 2010),
        ("B", "NO", 2010, 2020),
        ("C", "NO", 2020, None),
    ]


def test_also_when_they_overwrite(port: Port) -> None:
    port.apply(port.vessel("Z NO", 2015))
    port.apply(
        port.vessel("A NO", 2000, future=Future.OVERWRITE),
        port.vessel("B NO", 2010, future=Future.OVERWRITE),
    )
    assert port.timeline() == [("A", "NO", 2000, 2010), ("B", "NO", 2010, None)]


def test_the_cut_is_per_column(port: Port) -> None:
    port.apply(port.vessel("A NO", 2000))
    port.apply(port.vessel({"name": "B"}, 2010), port.vessel({"flag": "PL"}, 2020))
    assert port.timeline() == [
        ("A", "NO", 2000, 2010),
        ("B", "NO", 2010, 2020),
        ("B", "PL", 2020, None),
    ]


def test_a_partial_one_amends_what_the_batch_itself_asserts(port: Port) -> None:
    port.apply(port.vessel("A NO", 2000), port.vessel({"flag": "PL"}, 2010))
    assert port.timeline() == [("A", "NO", 2000, 2010), ("A", "PL", 2010, None)]


def test_extents_are_fixed_against_the_timeline_as_it_was(port: Port) -> None:
    """The name of 2000 reaches to the change of 2020, which the batch itself moves."""
    port.tell(port.vessel("A NO", 2000), port.vessel("B NO", 2020))
    port.apply(port.vessel("X NO", 2004), port.vessel("A NO", 2020, 2030))
    assert port.timeline() == [
        ("A", "NO", 2000, 2004),
        ("X", "NO", 2004, 2020),
        ("A", "NO", 2020, 2030),
        ("B", "NO", 2030, None),
    ]


def test_bounded_ones_come_on_top_and_never_cut(port: Port) -> None:
    port.apply(port.vessel("B NO", 2010, 2020), port.vessel("A NO", 2000))
    assert port.timeline() == [
        ("A", "NO", 2000, 2010),
        ("B", "NO", 2010, 2020),
        ("A", "NO", 2020, None),
    ]


def test_bounded_ones_apply_in_the_order_given(port: Port) -> None:
    port.apply(port.vessel("A NO", 2000, 2030), port.vessel("B NO", 2010, 2020))
    assert port.timeline() == [
        ("A", "NO", 2000, 2010),
        ("B", "NO", 2010, 2020),
        ("A", "NO", 2020, 2030),
    ]
    port.apply(port.vessel("B NO", 2010, 2020), port.vessel("A NO", 2000, 2030))
    assert port.timeline() == [("A", "NO", 2000, 2030)]


def test_a_bounded_partial_one_amends_a_bounded_whole_one(port: Port) -> None:
    port.apply(port.vessel("A NO", 2000, 2030), port.vessel({"flag": "PL"}, 2010, 2020))
    assert port.timeline() == [
        ("A", "NO", 2000, 2010),
        ("A", "PL", 2010, 2020),
        ("A", "NO", 2020, 2030),
    ]


def test_an_end_and_a_revival(port: Port) -> None:
    port.apply(port.vessel("A NO", 2000))
    result = port.apply(port.vessel(None, 2010), port.vessel("B NO", 2020))
    assert result.total == Outcome(opened=1, closed=1)
    assert port.timeline() == [("A", "NO", 2000, 2010), ("B", "NO", 2020, None)]


def test_a_beginning_and_an_end(port: Port) -> None:
    port.apply(port.vessel("A NO", 2000), port.vessel(None, 2010))
    assert port.rows() == [("A", "NO", 2000, 2010, 1, None, None)]


def test_the_same_thing_said_twice_is_said_once(port: Port) -> None:
    result = port.apply(port.vessel("A NO", 2000), port.vessel("A NO", 2000))
    assert port.rows() == [("A", "NO", 2000, None, 1, None, None)]
    assert result.totals[Vessel] == Outcome(opened=1)


@pytest.mark.parametrize("future", list(Future))
def test_the_same_batch_again_does_nothing(port: Port, future: Future) -> None:
    batch = [
        port.vessel("A NO", 2000, future=future),
        port.vessel({"flag": "PL"}, 2010, future=future),
        port.vessel(None, 2030, future=future),
        port.vessel("B NO", 2060, future=future),
        port.vessel("C SE", 2040, 2050),
        port.cargo("grain", 2004, future=future),
        port.cargo({"weight": 2}, 2008, future=future),
    ]
    port.apply(*batch)
    rows = port.rows(), port.hold_rows()
    result = port.apply(*batch)
    assert result.instant is None
    assert result.total == Outcome(unchanged=2)
    assert (port.rows(), port.hold_rows()) == rows


@call_by_call
def test_a_thing_said_twice_has_one_outcome(port: Port) -> None:
    result = port.apply(port.vessel("A NO", 2000), port.vessel("A NO", 2000))
    assert result.outcomes[Vessel] == [Outcome(opened=1), Outcome(opened=1)]
    assert result.totals[Vessel] == Outcome(opened=1)


@call_by_call
def test_outcomes_are_in_the_order_given_and_shared_by_a_key(port: Port) -> None:
    port.apply(port.vessel("A NO", 2000))
    result = port.apply(
        port.cargo("grain", 2000, hold="FORE"),
        port.vessel("A NO", 2010),
        port.cargo("coal", 2000, hold="AFT"),
        port.cargo("peat", 2010, hold="FORE"),
    )
    assert result.outcomes[Vessel] == [Outcome(unchanged=1)]
    assert result.outcomes[Cargo] == [Outcome(opened=2), Outcome(opened=1), Outcome(opened=2)]
    assert result.totals[Cargo] == Outcome(opened=3)
    assert result.total == Outcome(opened=3, unchanged=1)


class TestConflicts:
    def refused(self, port: Port, error: type[Conflict], *said) -> Conflict:
        port.apply(port.vessel("A NO", 2000))
        with pytest.raises(error) as refused:
            port.apply(*said)
        assert port.rows() == [("A", "NO", 2000, None, 1, None, None)]
        assert refused.value.key == {"uuid": port.uuid}
        return refused.value

    def test_two_payloads_with_one_start(self, port: Port) -> None:
        self.refused(port, TwoPayloads, port.vessel("B NO", 2010), port.vessel("C NO", 2010))

    def test_a_payload_and_a_retraction_with_one_start(self, port: Port) -> None:
        self.refused(port, TwoPayloads, port.vessel("B NO", 2010), port.vessel(None, 2010))

    def test_two_bounded_payloads_with_one_start(self, port: Port) -> None:
        first, second = port.vessel("B NO", 2010, 2020), port.vessel("C NO", 2010, 2015)
        self.refused(port, TwoPayloads, first, second)

    def test_a_bounded_one_over_the_start_of_an_open_ended_one(self, port: Port) -> None:
        bounded, open_ended = port.vessel("B NO", 2005, 2015), port.vessel("C NO", 2010)
        self.refused(port, CoversStart, bounded, open_ended)

    def test_also_where_both_begin_at_once_with_one_payload(self, port: Port) -> None:
        bounded, open_ended = port.vessel("B NO", 2010, 2020), port.vessel("B NO", 2010)
        self.refused(port, CoversStart, bounded, open_ended)

    def test_a_bounded_retraction_over_such_a_start(self, port: Port) -> None:
        bounded, open_ended = port.vessel(None, 2005, 2015), port.vessel({"flag": "PL"}, 2010)
        self.refused(port, CoversStart, open_ended, bounded)

    def test_an_amendment_of_what_the_batch_has_ended(self, port: Port) -> None:
        end, amendment = port.vessel(None, 2010), port.vessel({"name": "B"}, 2020)
        self.refused(port, NothingToAmend, end, amendment)

    def test_a_bounded_one_up_to_such_a_start_is_none(self, port: Port) -> None:
        port.apply(port.vessel("B NO", 2005, 2010), port.vessel("C NO", 2010))
        assert port.timeline() == [("B", "NO", 2005, 2010), ("C", "NO", 2010, None)]


def test_a_conflict_anywhere_refuses_all_of_the_batch(port: Port) -> None:
    elsewhere = Port(fast_paths=port.fast_paths)
    with pytest.raises(TwoPayloads):
        port.apply(
            port.vessel("A NO", 2000),
            elsewhere.vessel("B NO", 2000),
            elsewhere.vessel("C NO", 2000),
        )
    assert (port.rows(), elsewhere.rows()) == ([], [])
