"""Histories of any model, read from its tables: vessels, their cargo, and flags."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from core.db import clock
from core.models.scd2 import Change, Channel, Context
from core.models.scd2.engine import apply_changes
from core.models.scd2.history import as_known, history, lifetimes
from core.tests.harbour.models import Cargo, Flag, Vessel

pytestmark = pytest.mark.django_db

ADA = Context(actor="ada", channel=Channel.SYSTEM)
ONE, TWO = UUID(int=1), UUID(int=2)
SHAPES = (Vessel.shape, Cargo.shape)
BARE = dict.fromkeys(("tonnage", "in_service", "launched", "inspected_at"))


def day(year: int) -> datetime:
    return datetime(year, 1, 1, tzinfo=UTC)


def fly(code: str, name: str, since: datetime, until: datetime | None = None) -> datetime:
    """A flag; the system instant after it."""
    apply_changes([(Flag, [Change({"code": code}, {"name": name}, since, until)])], ADA)
    return clock()


def sail(uuid: UUID, name: str, since: datetime, **holds: str | None) -> datetime:
    """A vessel and what lies in its holds; the system instant after it."""
    vessel = Change({"uuid": uuid}, {"name": name, "flag": "PL", **BARE}, since)
    cargo = [
        Change(
            {"vessel_uuid": uuid, "hold_code": hold},
            None if goods is None else {"goods": goods, "weight": None},
            since,
        )
        for hold, goods in holds.items()
    ]
    apply_changes([(Vessel, [vessel]), (Cargo, cargo)], ADA)
    return clock()


@pytest.fixture
def fleet() -> None:
    fly("PL", "Poland", day(1919))
    sail(ONE, "Dar", day(2020), A="grain", B="coal")
    sail(TWO, "Orzeł", day(2020), A="fish")


# Histories


def test_a_history_merges_the_models_newest_first(fleet: None) -> None:
    sail(ONE, "Dar Pomorza", day(2022), A="ore")
    items = history(SHAPES, ONE, limit=10)
    assert [
        (item.shape.model, *item.key[1:], item.version["valid_from"].year) for item in items
    ] == [
        (Vessel, 2022),
        (Cargo, "A", 2022),
        (Vessel, 2020),
        (Cargo, "B", 2020),
        (Cargo, "A", 2020),
    ]
    assert [item.position for item in items] == sorted(
        (item.position for item in items), reverse=True
    )
    for cut in range(1, 5):
        rest = history(SHAPES, ONE, after=items[cut - 1].position, limit=10)
        assert rest == items[cut:]
    assert history(SHAPES, ONE, limit=2) == items[:2]


def test_lifetimes_are_as_known_then(fleet: None) -> None:
    before = clock()
    apply_changes([(Vessel, [Change({"uuid": ONE}, None, day(2021))])], ADA)
    assert lifetimes(Vessel.shape, (ONE,)) == [(day(2020), day(2021))]
    assert lifetimes(Vessel.shape, (ONE,), before) == [(day(2020), None)]
    assert lifetimes(Cargo.shape, (ONE, "A")) == [(day(2020), day(2021))]
    assert lifetimes(Vessel.shape, (UUID(int=9),)) == []


def test_a_version_is_shown_as_it_stood() -> None:
    version: dict[str, Any] = {
        "valid_from": day(2020),
        "valid_to": day(2021),
        "closed_at": day(2022),
        "system_to": day(2023),
        "is_current": False,
    }
    assert as_known(version, None) is version
    assert as_known(version, day(2023)) == version
    assert as_known(version, day(2022)) == {**version, "system_to": None}
    assert as_known(version, day(2021)) == {
        "valid_from": day(2020),
        "valid_to": None,
        "closed_at": None,
        "system_to": None,
        "is_current": True,
    }


def test_an_end_that_was_there_from_the_beginning_stays() -> None:
    version = {"valid_to": day(2021), "closed_at": None, "system_to": None, "is_current": False}
    assert as_known(version, day(2000)) == version
