"""A hold is never valid at an instant at which its vessel is not."""

from __future__ import annotations

import pytest

from core.models.scd2.change import Future, Outcome
from core.models.scd2.exceptions import Conflict, OutsideLifetime
from core.tests.harbour.models import Cargo, Vessel
from core.tests.models.scd2.port import Port

pytestmark = pytest.mark.database


class TestAsserting:
    @pytest.mark.parametrize("start", [1999, 2010, 2015])
    @pytest.mark.parametrize("end", [None, 2017])
    def test_a_start_outside_the_life_is_a_conflict(self, port: Port, start, end) -> None:
        port.apply(port.vessel("A NO", 2000, 2010))
        with pytest.raises(OutsideLifetime) as refused:
            port.apply(port.cargo("grain", start, end))
        assert refused.value.key == {"vessel_uuid": port.uuid, "hold_code": "AFT"}
        assert port.hold_rows() == []

    def test_a_vessel_never_seen_has_no_life(self, port: Port) -> None:
        with pytest.raises(Conflict):
            port.apply(port.cargo("grain", 2000))
        assert port.hold_rows() == []

    @pytest.mark.parametrize("future", list(Future))
    def test_an_open_one_is_cut_at_the_end_of_that_lifetime(self, port: Port, future) -> None:
        port.tell(port.vessel("A NO", 2000, 2010), port.vessel("A NO", 2020))
        port.apply(port.cargo("grain", 2005, future=future))
        assert port.hold() == [("grain", 2005, 2010)]

    def test_a_bounded_one_that_crosses_the_end_is_a_conflict(self, port: Port) -> None:
        port.apply(port.vessel("A NO", 2000, 2010))
        with pytest.raises(OutsideLifetime):
            port.apply(port.cargo("grain", 2005, 2011))

    def test_a_bounded_one_across_a_gap_is_a_conflict(self, port: Port) -> None:
        port.tell(port.vessel("A NO", 2000, 2010), port.vessel("A NO", 2020))
        with pytest.raises(OutsideLifetime):
            port.apply(port.cargo("grain", 2005, 2025))

    def test_a_bounded_one_up_to_the_end_is_taken(self, port: Port) -> None:
        port.apply(port.vessel("A NO", 2000, 2010))
        port.apply(port.cargo("grain", 2005, 2010))
        assert port.hold() == [("grain", 2005, 2010)]

    def test_over_several_versions_of_the_vessel(self, port: Port) -> None:
        port.tell(port.vessel("A NO", 2000), port.vessel("B NO", 2010))
        port.apply(port.cargo("grain", 2005))
        assert port.hold() == [("grain", 2005, None)]

    def test_together_with_its_vessel(self, port: Port) -> None:
        result = port.apply(port.cargo("grain", 2005), port.vessel("A NO", 2000, 2010))
        assert port.hold() == [("grain", 2005, 2010)]
        rows = [*Vessel.objects.all(), *Cargo.objects.all()]
        assert {row.system_from for row in rows} == {result.instant}

    def test_at_the_very_instant_at_which_its_vessel_begins(self, port: Port) -> None:
        result = port.apply(port.cargo("grain", None), port.vessel("A NO", None))
        assert Cargo.objects.get(vessel_uuid=port.uuid).valid_from == result.instant

    def test_of_a_vessel_that_the_same_batch_ends(self, port: Port) -> None:
        port.apply(port.vessel("A NO", 2000))
        with pytest.raises(OutsideLifetime):
            port.apply(port.cargo("grain", 2015), port.vessel(None, 2010))
        assert port.timeline() == [("A", "NO", 2000, None)]


class TestRetractingTheVessel:
    @pytest.fixture
    def laden(self, port: Port) -> Port:
        port.apply(
            port.vessel("A NO", 2000),
            port.cargo("grain", 2000),
            port.cargo("coal", 2005, 2030, hold="FORE"),
        )
        return port

    def test_ends_its_holds(self, laden: Port) -> None:
        result = laden.apply(laden.vessel(None, 2010))
        assert laden.hold_rows("AFT") == [("grain", 2000, 2010, 1, 2, None)]
        assert laden.hold_rows("FORE") == [
            ("coal", 2005, 2030, 1, None, 2),
            ("coal", 2005, 2010, 2, None, None),
        ]
        assert result.totals[Vessel] == Outcome(closed=1)
        assert result.totals[Cargo] == Outcome(opened=1, closed=1, superseded=1)

    def test_over_a_period_takes_them_along_over_that_period(self, laden: Port) -> None:
        laden.apply(laden.vessel(None, 2010, 2020))
        assert laden.timeline() == [("A", "NO", 2000, 2010), ("A", "NO", 2020, None)]
        assert laden.hold("AFT") == [("grain", 2000, 2010), ("grain", 2020, None)]
        assert laden.hold("FORE") == [("coal", 2005, 2010), ("coal", 2020, 2030)]

    def test_from_the_beginning_on_leaves_nothing(self, laden: Port) -> None:
        laden.apply(laden.vessel(None, 2000))
        assert (laden.timeline(), laden.hold("AFT"), laden.hold("FORE")) == ([], [], [])

    def test_leaves_an_entry_for_each_thing(self, laden: Port) -> None:
        laden.apply(laden.vessel(None, 2010))
        assert laden.audit(Vessel) == [("ended", 2010, None, "A NO", None)]
        assert laden.audit(Cargo) == [
            ("ended", 2010, 2030, "coal", None),
            ("ended", 2010, None, "grain", None),
        ]

    def test_again_does_nothing(self, laden: Port) -> None:
        laden.apply(laden.vessel(None, 2010, 2020))
        assert laden.apply(laden.vessel(None, 2010, 2020)).instant is None

    def test_leaves_holds_that_were_over_before(self, laden: Port) -> None:
        result = laden.apply(laden.vessel(None, 2040))
        assert result.totals[Cargo] == Outcome(closed=1)
        assert laden.hold_rows("FORE") == [("coal", 2005, 2030, 1, None, None)]

    def test_a_later_start_of_the_vessel_cuts_their_beginning(self, laden: Port) -> None:
        laden.apply(laden.vessel(None, 1990, 2010))
        assert laden.hold("AFT") == [("grain", 2010, None)]
        assert laden.hold("FORE") == [("coal", 2010, 2030)]

    def test_with_a_new_hold_content_in_the_same_batch(self, laden: Port) -> None:
        laden.apply(laden.vessel(None, 2020), laden.cargo("peat", 2010))
        assert laden.hold("AFT") == [("grain", 2000, 2010), ("peat", 2010, 2020)]


class TestNothingComesBack:
    @pytest.fixture
    def ended(self, port: Port) -> Port:
        port.apply(port.vessel("A NO", 2000), port.cargo("grain", 2000))
        port.apply(port.vessel(None, 2010))
        return port

    def test_by_extending_the_vessel(self, ended: Port) -> None:
        ended.apply(ended.vessel("A NO", 2010))
        assert ended.timeline() == [("A", "NO", 2000, None)]
        assert ended.hold() == [("grain", 2000, 2010)]

    def test_by_reviving_the_vessel(self, ended: Port) -> None:
        ended.apply(ended.vessel("A NO", 2020))
        assert ended.hold() == [("grain", 2000, 2010)]

    def test_by_backdating_the_vessel(self, ended: Port) -> None:
        ended.apply(ended.vessel("A NO", 1990))
        assert ended.timeline() == [("A", "NO", 1990, 2010)]
        assert ended.hold() == [("grain", 2000, 2010)]

    def test_until_it_is_said_again(self, ended: Port) -> None:
        ended.apply(ended.vessel("A NO", 2020), ended.cargo("grain", 2020))
        assert ended.hold() == [("grain", 2000, 2010), ("grain", 2020, None)]


def test_changing_a_vessel_leaves_its_holds_alone(port: Port) -> None:
    port.apply(port.vessel("A NO", 2000), port.cargo("grain", 2000))
    result = port.apply(port.vessel("B NO", 2010))
    assert port.hold_rows() == [("grain", 2000, None, 1, None, None)]
    assert result.total == Outcome(opened=1, closed=1)


def test_retracting_a_hold_leaves_the_vessel_and_the_others_alone(port: Port) -> None:
    port.apply(
        port.vessel("A NO", 2000), port.cargo("grain", 2000), port.cargo("coal", 2000, hold="FORE")
    )
    port.apply(port.cargo(None, 2010))
    assert port.timeline() == [("A", "NO", 2000, None)]
    assert port.hold("AFT") == [("grain", 2000, 2010)]
    assert port.hold("FORE") == [("coal", 2000, None)]


def test_retracting_a_hold_outside_the_life_of_its_vessel_does_nothing(port: Port) -> None:
    port.apply(port.vessel("A NO", 2000, 2010))
    assert port.apply(port.cargo(None, 2020)).instant is None
    assert port.apply(port.cargo(None, 1990, 1995)).instant is None


def test_another_vessel_is_not_touched(port: Port) -> None:
    other = Port(fast_paths=port.fast_paths)
    other.apply(other.vessel("A NO", 2000), other.cargo("grain", 2000))
    port.apply(port.vessel("A NO", 2000), port.cargo("grain", 2000))
    port.apply(port.vessel(None, 2010))
    assert other.rows() == [("A", "NO", 2000, None, 1, None, None)]
    assert other.hold_rows() == [("grain", 2000, None, 1, None, None)]


def test_a_hold_that_a_retraction_does_not_touch_is_not_counted(port: Port) -> None:
    other = Port(fast_paths=port.fast_paths)
    port.apply(port.vessel("A NO", 2000), other.vessel("A NO", 2000), port.cargo("grain", 2004))
    result = port.apply(port.vessel(None, 2000, 2004), other.vessel("A NO", 2000))
    assert result.totals[Vessel] == Outcome(opened=1, superseded=1, unchanged=1)
    assert result.totals.get(Cargo, Outcome()) == Outcome()
