"""Reads of a register that is not the one of entities: other columns, contents, no types."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
import pytest

from core.models.scd2 import Change, Channel, Context
from core.models.scd2.diff import Window
from core.models.scd2.engine import apply_changes
from core.registers.pii import Hidden
from core.registers.read.diff import diff
from core.registers.read.fragments import marked_now
from core.registers.read.history import history
from core.registers.read.page import Criteria, page
from core.registers.read.snapshot import exists, snapshot, valid_periods
from core.registers.register import Contains, Exact, Pii, Register
from core.tests.harbour.models import Cargo, Flag, Vessel

VESSELS = Register(
    model=Vessel,
    contains=(Cargo,),
    filters=(Contains("name", param="q"), Exact("flag", param="flag")),
    orderings=("name", "tonnage", "launched"),
    pii=Pii("name"),
)
FLAGS = Register(model=Flag, orderings=("code",))
WHO = Context(actor="ada", channel=Channel.API, reason="by hand")
ARGO, BEAGLE, CUTTY = (UUID(int=number) for number in (1, 2, 3))

pytestmark = pytest.mark.django_db


def day(year: int) -> datetime:
    return datetime(year, 1, 1, tzinfo=UTC)


def vessel(uuid: UUID, name: str, start: int, **more: Any) -> Change:
    payload = {
        "name": name,
        "flag": "GR",
        "tonnage": None,
        "in_service": None,
        "launched": None,
        "inspected_at": None,
    }
    return Change({"uuid": uuid}, payload | more, day(start))


def cargo(uuid: UUID, hold: str, goods: str, weight: str, start: int) -> Change:
    key = {"vessel_uuid": uuid, "hold_code": hold}
    return Change(key, {"goods": goods, "weight": Decimal(weight)}, day(start))


@pytest.fixture(autouse=True)
def fleet(db: None) -> None:
    apply_changes(
        [(Flag, [Change({"code": c}, {"name": c}, day(2000)) for c in ("GR", "GB")])], WHO
    )
    ships = [
        vessel(ARGO, "Árgo", 2020, tonnage=Decimal("12.50"), launched=date(2019, 5, 1)),
        vessel(BEAGLE, "Beagle", 2020, flag="GB", in_service=True),
        vessel(CUTTY, "argo II", 2020, tonnage=Decimal(3)),
    ]
    holds = [
        cargo(ARGO, "A1", "wool", "1.500", 2020),
        cargo(ARGO, "B2", "wine", "2", 2021),
    ]
    apply_changes([(Vessel, ships), (Cargo, holds)], WHO)
    later = [vessel(ARGO, "Argo", 2022, tonnage=Decimal(13))]
    apply_changes([(Vessel, later), (Cargo, [cargo(ARGO, "A1", "silk", "1.5", 2022)])], WHO)


def names(criteria: Criteria | None = None, **how: Any) -> list[Any]:
    how = {"as_of": day(2025), "ordering": "name", "limit": 10, **how}
    return [item.thing["name"] for item in page(VESSELS, criteria or Criteria(), **how).items]


def test_a_snapshot_has_every_column_and_what_is_contained() -> None:
    found = snapshot(VESSELS, ARGO, as_of=day(2021))

    assert found is not None
    thing = found.thing
    assert (len(thing.pop("versions")), len(thing.pop("hash_diff"))) == (3, 64)
    assert thing.pop("system_from")
    assert thing == {
        "uuid": ARGO,
        "name": "Árgo",
        "flag": "GR",
        "tonnage": Decimal("12.50"),
        "in_service": None,
        "launched": date(2019, 5, 1),
        "inspected_at": None,
        "valid_from": day(2020),
        "valid_to": day(2022),
        "is_current": False,
        "cargos": {
            "A1": {"goods": "wool", "weight": "1.5"},
            "B2": {"goods": "wine", "weight": "2"},
        },
    }
    assert found.seen == {"name"}
    assert snapshot(VESSELS, ARGO, as_of=day(2019)) is None
    assert snapshot(FLAGS, "GR", as_of=day(2001)).thing["name"] == "GR"  # type: ignore[union-attr]


def test_a_thing_is_known_and_has_lifetimes() -> None:
    assert exists(VESSELS, ARGO)
    assert not exists(VESSELS, UUID(int=9))
    assert valid_periods(VESSELS, ARGO) == [(day(2020), None)]


def test_a_page_is_alphabetical_and_can_be_read_on_both_ways() -> None:
    assert names() == ["Argo", "argo II", "Beagle"]
    first = page(VESSELS, Criteria(), ordering="name", limit=1, as_of=day(2025)).items[0].thing
    after = (first["name"], first["uuid"])
    assert names(after=after) == ["argo II", "Beagle"]
    assert names(ordering="-name", after=("argo II", CUTTY)) == ["Argo"]


def test_a_page_is_ordered_by_columns_of_other_types() -> None:
    found = page(VESSELS, Criteria(), ordering="tonnage", limit=2, as_of=day(2025)).items
    assert [item.thing["tonnage"] for item in found] == [Decimal(3), Decimal(13)]


def test_a_page_is_filtered() -> None:
    assert names(Criteria({"q": "ARGO"})) == ["Argo", "argo II"]
    assert names(Criteria({"flag": "GB"})) == ["Beagle"]
    assert names(Criteria({"q": "argo", "flag": "GB"})) == []
    with pytest.raises(StopIteration):
        names(Criteria({"nothing": "x"}))


def test_a_page_brings_the_contents_along_if_asked() -> None:
    found = page(VESSELS, Criteria({"q": "ii"}), ordering="name", limit=1, expand=True)
    assert found.items[0].thing["cargos"] == {}
    assert "cargos" not in page(VESSELS, Criteria(), ordering="name", limit=1).items[0].thing


def test_a_history_has_the_versions_of_both_models() -> None:
    rows = history(VESSELS, ARGO, limit=10)

    assert [(row["model"], row["inner"], row["valid_from"].year) for row in rows] == [
        (None, None, 2022),
        (Cargo, "A1", 2022),
        (Cargo, "B2", 2021),
        (None, None, 2020),
        (Cargo, "A1", 2020),
    ]
    assert rows[1]["weight"] == Decimal("1.500")


def test_a_diff_names_every_field() -> None:
    now = datetime.now(UTC)
    (row,) = diff(VESSELS, Window(day(2021), day(2023), now, now), only=ARGO, limit=5)

    fields = orjson.loads(row["fields"])
    assert (row["uuid"], row["name"], row["change"]) == (ARGO, "Argo", "updated")
    shown = {name: (field["before"], field["after"]) for name, field in fields.items()}
    assert shown == {
        "name": ("Árgo", "Argo"),
        "tonnage": ("12.5", "13"),
        "launched": ("2019-05-01", None),
        "cargos.A1.goods": ("wool", "silk"),
        "cargos.B2.goods": (None, "wine"),
        "cargos.B2.weight": (None, "2"),
    }


# A column that always is personal data


def test_a_hidden_column_is_null_everywhere() -> None:
    hidden = marked_now(VESSELS)
    assert hidden == Hidden(every_name=True)

    shown = snapshot(VESSELS, ARGO, hidden=hidden)
    assert shown is not None
    assert (shown.thing["name"], shown.thing["hash_diff"], shown.seen) == (None, None, set())
    rows = [row for row in history(VESSELS, ARGO, limit=9, hidden=hidden) if row["model"] is None]
    assert {(row["name"], row["hash_diff"], row["reason"]) for row in rows} == {(None,) * 3}
    now = datetime.now(UTC)
    (row,) = diff(VESSELS, Window(day(2021), day(2023), now, now), limit=5, hidden=hidden)
    assert (row["name"], "name" in orjson.loads(row["fields"])) == (None, False)


def test_a_hidden_column_orders_nothing_and_is_not_searched() -> None:
    hidden = marked_now(VESSELS)
    found = page(VESSELS, Criteria(), ordering="name", limit=9, as_of=day(2025), hidden=hidden)
    assert [item.thing["uuid"] for item in found.items] == [ARGO, BEAGLE, CUTTY]
    assert names(Criteria({"q": "argo"}), hidden=hidden) == []
    assert names(after=(None, BEAGLE), hidden=hidden) == [None]
