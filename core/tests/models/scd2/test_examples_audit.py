"""What a call did to a key is the periods over which its timeline changed."""

from __future__ import annotations

import pytest

from core.models import AuditEntry
from core.models.scd2.change import Channel, Context
from core.models.scd2.exceptions import NothingToAmend
from core.tests.harbour.models import Cargo
from core.tests.models.scd2.port import Port, year

pytestmark = pytest.mark.database


def test_an_opening(port: Port) -> None:
    port.apply(port.vessel("A NO", 2000))
    assert port.audit() == [("opened", 2000, None, None, "A NO")]


def test_an_ordinary_forward_change_is_one_entry(port: Port) -> None:
    port.tell(port.vessel("A NO", 2000), port.vessel("B NO", 2080))
    assert port.audit() == [("changed", 2080, None, "A NO", "B NO")]


def test_from_now_on_is_a_change_and_no_correction(port: Port) -> None:
    port.tell(port.vessel("A NO", 2000), port.vessel("B NO", None))
    entry = AuditEntry.objects.get(uuid=port.uuid, instant=port.instants[-1])
    assert (entry.action, entry.valid_from, entry.valid_to) == ("changed", entry.instant, None)


def test_a_correction_across_three_versions_is_three_entries(port: Port) -> None:
    port.tell(
        port.vessel("A NO", 2000),
        port.vessel("B NO", 2010),
        port.vessel("C NO", 2020),
        port.vessel({"flag": "PL"}, 2005, 2025),
    )
    assert port.audit() == [
        ("corrected", 2005, 2010, "A NO", "A PL"),
        ("corrected", 2010, 2020, "B NO", "B PL"),
        ("corrected", 2020, 2025, "C NO", "C PL"),
    ]


def test_rows_rewritten_without_a_change_of_the_timeline_leave_no_entry(port: Port) -> None:
    port.tell(port.vessel("A NO", 2000, 2010), port.vessel("A NO", 2010))
    assert port.audit() == [("opened", 2010, None, None, "A NO")]


def test_an_ending(port: Port) -> None:
    port.tell(port.vessel("A NO", 2000), port.vessel(None, 2010))
    assert port.audit() == [("ended", 2010, None, "A NO", None)]


def test_an_ending_of_two_versions_is_two_entries(port: Port) -> None:
    port.tell(port.vessel("A NO", 2000), port.vessel("B NO", 2010), port.vessel(None, 2005))
    assert port.audit() == [
        ("ended", 2005, 2010, "A NO", None),
        ("ended", 2010, None, "B NO", None),
    ]


def test_an_end_and_a_revival_in_one_call(port: Port) -> None:
    port.apply(port.vessel("A NO", 2000, 2010))
    port.apply(port.vessel(None, 2005), port.vessel("A NO", 2008))
    assert port.audit() == [("ended", 2005, 2008, "A NO", None)]


def test_nothing_written_leaves_no_entry(port: Port) -> None:
    port.tell(port.vessel("A NO", 2000), port.vessel("A NO", 2010), port.vessel(None, 1990))
    assert AuditEntry.objects.filter(uuid=port.uuid).count() == 1


def test_nothing_refused_leaves_an_entry(port: Port) -> None:
    with pytest.raises(NothingToAmend):
        port.apply(port.vessel({"name": "A"}, 2010))
    assert not AuditEntry.objects.filter(uuid=port.uuid).exists()


def test_an_entry_says_who_when_how_and_why(port: Port) -> None:
    context = Context(
        actor="ada",
        actor_id=7,
        channel=Channel.INGEST,
        client_address="192.0.2.1",
        request_id="r-1",
        reason="as registered",
        batch="b-1",
    )
    result = port.apply(port.vessel("A NO", 2000), port.cargo("grain", 2005), context=context)
    vessel, cargo = AuditEntry.objects.filter(uuid=port.uuid).order_by("valid_from")
    for entry in (vessel, cargo):
        assert (entry.instant, entry.actor, entry.actor_id) == (result.instant, "ada", 7)
        assert (entry.channel, entry.client_address) == ("ingest", "192.0.2.1")
        assert (entry.request_id, entry.reason, entry.batch) == ("r-1", "as registered", "b-1")
        assert entry.txid > 0
    assert (vessel.model, vessel.natural_key) == ("harbour.vessel", {"uuid": str(port.uuid)})
    assert cargo.model == "harbour.cargo"
    assert cargo.natural_key == {"vessel_uuid": str(port.uuid), "hold_code": "AFT"}


def test_a_row_says_who_opened_it_and_why(port: Port) -> None:
    ada = Context(actor="ada", actor_id=7, channel=Channel.API, reason="as registered")
    port.apply(port.vessel("A NO", 2000), port.cargo("grain", 2005), context=ada)
    port.apply(port.vessel(None, 2010), context=Context(actor="bob", channel=Channel.API))
    row = Cargo.objects.get(vessel_uuid=port.uuid)
    assert (row.actor, row.actor_id, row.reason) == ("ada", 7, "as registered")
    assert row.valid_to == year(2010)
