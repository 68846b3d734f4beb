"""Histories and diffs of any model, read from its tables: vessels, their cargo, and flags."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from core.db import clock
from core.models.scd2 import Change, Channel, Context
from core.models.scd2.diff import (
    FieldChange,
    Page,
    Transition,
    Window,
    field_changes,
    pairs,
    touched_roots,
)
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


def window(start: datetime, end: datetime, *known: datetime) -> Window:
    known_from, known_to = known or (clock(), clock())
    return Window(start, end, known_from, known_to)


def touched(window: Window, shapes: Sequence[Any] = SHAPES, **page: Any) -> list[Any]:
    return touched_roots(shapes, window, Page(**{"limit": 10, **page}))


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


# Diffs


def test_what_begins_or_ends_in_the_window_touches_its_thing(fleet: None) -> None:
    sail(ONE, "Dar Pomorza", day(2021))
    apply_changes([(Cargo, [Change({"vessel_uuid": TWO, "hold_code": "A"}, None, day(2022))])], ADA)
    assert touched(window(day(2020), day(2020))) == [ONE, TWO]
    assert touched(window(day(2021), day(2021))) == [ONE]
    assert touched(window(day(2022), day(2023))) == [TWO]
    assert touched(window(day(2023), day(2024))) == []


def test_touched_things_come_in_pages_both_ways(fleet: None) -> None:
    for number in range(3, 8):
        sail(UUID(int=number), "Tug", day(2020))
    whole = [UUID(int=number) for number in range(1, 8)]
    around = window(day(2020), day(2020))
    assert touched(around) == whole
    assert touched(around, limit=3, after=whole[1]) == whole[2:5]
    assert touched(around, limit=3, after=whole[4], backwards=True) == whole[3:0:-1]
    assert touched(around, only=TWO) == [TWO]
    assert touched(around, within=("name", "Dar")) == [ONE]


def test_a_change_of_belief_touches_things_and_kinds_of_any_key(fleet: None) -> None:
    before = clock()
    sail(TWO, "Sęp", day(2020))
    fly("PL", "Polska", day(1919))
    after = clock()
    at = day(2021)
    one_instant = window(at + timedelta(microseconds=1), at, before, after)
    assert touched(one_instant) == [TWO]
    assert touched(one_instant, [Flag.shape]) == ["PL"]
    assert touched(one_instant, [Flag.shape], only="DE") == []
    assert touched(one_instant, within=("name", "Dar")) == []
    assert touched(window(at + timedelta(microseconds=1), at, after, after)) == []
    (pair,) = pairs(Flag.shape, ["PL"], one_instant, unchanged=True).values()
    assert field_changes(("name",), pair, one_instant) == {
        "name": FieldChange("Poland", "Polska", [])
    }


def test_only_what_may_have_changed_is_read_unless_all_is_asked_for(fleet: None) -> None:
    sail(ONE, "Dar", day(2021), A="ore")
    around = window(day(2021), day(2022))
    found = pairs(Cargo.shape, [ONE, TWO], around, unchanged=False)
    assert list(found) == [(ONE, "A")]
    everything = pairs(Cargo.shape, [ONE, TWO], around, unchanged=True)
    assert list(everything) == [(ONE, "A"), (ONE, "B"), (TWO, "A")]
    changes = {
        key: field_changes(("goods", "weight"), pair, around) for key, pair in everything.items()
    }
    assert changes == {
        (ONE, "A"): {
            "goods": FieldChange(
                "grain", "ore", [Transition(day(2021), "grain", "ore", corrects=True)]
            )
        },
        (ONE, "B"): {},
        (TWO, "A"): {},
    }


def test_an_end_filled_in_later_is_not_yet_there_for_an_earlier_belief(fleet: None) -> None:
    before = clock()
    sail(ONE, "Dar", day(2021), A="ore")
    after = clock()
    span = window(day(2021), day(2022), before, before)
    assert touched(span) == []
    (pair,) = pairs(Cargo.shape, [ONE], span, unchanged=False).values()
    assert field_changes(("goods", "weight"), pair, span) == {}
    span = window(day(2021), day(2022), before, after)
    assert touched(span) == [ONE]
    (pair,) = pairs(Cargo.shape, [ONE], span, unchanged=False).values()
    assert field_changes(("goods", "weight"), pair, span)["goods"].after == "ore"
