"""A diff of any model, against looking at every tick of both clocks: vessels and their cargo."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from core.db import as_owner
from core.models.scd2 import Change as Said
from core.models.scd2 import Channel, Context
from core.models.scd2.diff import Changed, Page, Source, Window, changes
from core.models.scd2.exceptions import Conflict
from core.tests.databases import CommittedDatabase
from core.tests.doors import apply_changes
from core.tests.harbour.models import Cargo, Flag, Vessel
from core.tests.models.scd2.history import rolled_back

pytestmark = pytest.mark.database

ORIGIN = datetime(2024, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
LAST = 7
ONE, TWO, THREE = (UUID(int=number) for number in (1, 2, 3))
BARE = dict.fromkeys(("tonnage", "in_service", "launched", "inspected_at"))
SOURCES = (
    Source(
        Vessel.shape,
        sql.SQL(
            "(0, 'name', to_json(version.name)::text), (1, 'flag', to_json(version.flag)::text)"
        ),
    ),
    Source(
        Cargo.shape,
        sql.SQL(
            "(2, 'goods.' || version.hold_code, to_json(version.goods)::text),"
            "(3, 'weight.' || version.hold_code, to_json(version.weight)::text)"
        ),
    ),
)


def at(tick: int) -> datetime:
    return ORIGIN + tick * timedelta(days=1)


def told_at(tick: int) -> Context:
    return Context(actor="ada", channel=Channel.SYSTEM, system_instant=at(tick))


def vessel(uuid: UUID, start: int, end: int | None = None, **columns: str) -> Any:
    payload = {"name": "Dar", "flag": "PL", **BARE, **columns}
    return Vessel, [Said({"uuid": uuid}, payload, at(start), None if end is None else at(end))]


def cargo(uuid: UUID, goods: str | None, start: int, end: int | None = None) -> Any:
    payload = None if goods is None else {"goods": goods, "weight": None}
    key = {"vessel_uuid": uuid, "hold_code": "A"}
    return Cargo, [Said(key, payload, at(start), None if end is None else at(end))]


def ended(uuid: UUID, start: int) -> Any:
    return Vessel, [Said({"uuid": uuid}, None, at(start))]


@pytest.fixture
def port(committed_db: CommittedDatabase) -> Iterator[None]:
    """A database of its own, in which the owner says when something was told."""
    with as_owner():
        flags = [Said({"code": code}, {"name": code}, at(-9)) for code in ("PL", "DE")]
        apply_changes([(Flag, flags)], told_at(-9))
        yield


def window(start: int, end: int, known_from: int = LAST, known_to: int = LAST) -> Window:
    return Window(at(start), at(end), at(known_from), at(known_to))


def page_of(window: Window, **page: Any) -> list[Changed]:
    return list(changes(SOURCES, window, Page(**{"limit": 10, **page}), {}))


def fields_of(changed: Changed) -> Any:
    return orjson.loads(changed.fields or "{}")


def step(tick: int, before: Any, after: Any, correction: bool) -> dict[str, Any]:
    told = at(tick).isoformat().replace("+00:00", "Z")
    return {"at": told, "before": before, "after": after, "correction": correction}


# Random histories


def shown(tick: datetime, known_at: datetime) -> dict[str, Any]:
    """The fields of the first vessel at an instant as known at another."""
    fields: dict[str, Any] = {}
    for row in Vessel.objects.filter(uuid=ONE).as_of(tick, known_at):
        fields |= {"name": row.name, "flag": row.flag}
    for row in Cargo.objects.filter(vessel_uuid=ONE).as_of(tick, known_at):
        fields["goods.A"] = row.goods
    return fields


def naive_steps(name: str, start: int, end: int, known_to: int) -> Iterator[dict[str, Any]]:
    for tick in range(start, end + 1):
        was = shown(at(tick) - MICROSECOND, at(known_to)).get(name)
        becomes = shown(at(tick), at(known_to)).get(name)
        if was != becomes:
            believed = [shown(at(tick), at(known)).get(name) for known in range(tick, known_to + 1)]
            corrects = any(one not in (None, becomes) for one in believed)
            yield step(tick, was, becomes, corrects)


def naive(start: int, end: int, known_from: int, known_to: int) -> dict[str, Any]:
    before = shown(at(start) - MICROSECOND, at(known_from))
    after = shown(at(end), at(known_to))
    return {
        name: {
            "before": before.get(name),
            "after": after.get(name),
            "transitions": list(naive_steps(name, start, end, known_to)),
        }
        for name in before.keys() | after.keys()
        if before.get(name) != after.get(name)
    }


TICKS = st.integers(0, LAST)
CHANGES = st.one_of(
    st.builds(vessel, st.just(ONE), TICKS, name=st.sampled_from("ab")),
    st.builds(vessel, st.just(ONE), st.integers(0, 3), st.integers(4, LAST), flag=st.just("DE")),
    st.builds(cargo, st.just(ONE), st.sampled_from(["ore", "coal", None]), TICKS),
    st.builds(cargo, st.just(ONE), st.just("salt"), st.integers(0, 3), st.integers(4, LAST)),
    st.builds(ended, st.just(ONE), TICKS),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.lists(CHANGES, max_size=LAST + 1), data=st.data())
def test_a_diff_is_what_looking_at_every_tick_finds(
    port: None, said: list[Any], data: st.DataObject
) -> None:
    with rolled_back():
        apply_changes([vessel(ONE, 0), cargo(ONE, "ore", 0)], told_at(-1))
        for tick, one in enumerate(said):
            try:
                apply_changes([one], told_at(tick))
            except Conflict:
                continue
        start, end = sorted((data.draw(TICKS), data.draw(TICKS)))
        known_from, known_to = data.draw(TICKS), data.draw(TICKS)
        expected = naive(start, end, known_from, known_to)
        found = page_of(window(start, end, known_from, known_to))
        assert [fields_of(changed) for changed in found if changed.fields] == (
            [expected] if expected else []
        )


# What a page says of a thing


def test_a_page_says_what_a_thing_is_and_whether_it_was_and_is_there(port: None) -> None:
    apply_changes([vessel(ONE, 0), cargo(ONE, "ore", 0)], told_at(0))
    apply_changes([vessel(TWO, 0)], told_at(1))
    apply_changes([vessel(THREE, 3, name="Tug")], told_at(2))
    apply_changes([ended(TWO, 3)], told_at(3))
    apply_changes([vessel(ONE, 3, flag="DE")], told_at(4))
    one, two, three = page_of(window(2, 5))
    assert one[:4] == (ONE, True, True, ["Dar", "DE"])
    assert two[:4] == (TWO, True, False, ["Dar", "PL"])
    assert three[:4] == (THREE, False, True, ["Tug", "PL"])
    assert fields_of(one) == {
        "flag": {"before": "PL", "after": "DE", "transitions": [step(3, "PL", "DE", True)]}
    }
    assert list(fields_of(three)) == ["name", "flag"]


def test_what_was_touched_and_did_not_change_has_no_fields(port: None) -> None:
    apply_changes([vessel(ONE, 0)], told_at(0))
    apply_changes([vessel(ONE, 2, 3, name="Tug")], told_at(1))
    [touched] = page_of(window(1, 5))
    assert touched == (ONE, True, True, ["Dar", "PL"], None, ())


def test_a_gap_is_a_step_to_nothing_and_back(port: None) -> None:
    apply_changes([vessel(ONE, 0), cargo(ONE, "ore", 0, 2)], told_at(0))
    apply_changes([cargo(ONE, "coal", 4)], told_at(1))
    [changed] = page_of(window(1, 5))
    assert fields_of(changed)["goods.A"]["transitions"] == [
        step(2, "ore", None, False),
        step(4, None, "coal", False),
    ]


def test_digits_of_an_instant_are_those_it_has(port: None) -> None:
    start = at(2) + timedelta(microseconds=100)
    late = Said({"uuid": ONE}, {"name": "Tug"}, start, partial=True)
    apply_changes([vessel(ONE, 0)], told_at(0))
    apply_changes([(Vessel, [late])], told_at(1))
    [changed] = page_of(window(1, 5))
    [only] = fields_of(changed)["name"]["transitions"]
    assert only["at"] == "2024-01-03T00:00:00.000100Z"


# Which things a window touches


def test_what_begins_or_ends_in_the_window_touches_its_thing(port: None) -> None:
    apply_changes([vessel(ONE, 0), cargo(ONE, "ore", 0)], told_at(0))
    apply_changes([vessel(TWO, 0)], told_at(1))
    apply_changes([cargo(ONE, None, 4)], told_at(2))
    assert [changed.root for changed in page_of(window(0, 0))] == [ONE, TWO]
    assert [changed.root for changed in page_of(window(4, 4))] == [ONE]
    assert page_of(window(1, 3)) == []


def test_touched_things_come_in_pages_both_ways(port: None) -> None:
    everything = [UUID(int=number) for number in range(1, 8)]
    for tick, uuid in enumerate(everything):
        apply_changes([vessel(uuid, 0, name="Dar" if uuid == ONE else "Tug")], told_at(tick))

    def touched(**page: Any) -> list[UUID]:
        return [changed.root for changed in page_of(window(0, 0), **page)]

    assert touched() == everything
    assert touched(limit=3, after=everything[1]) == everything[2:5]
    assert touched(limit=3, after=everything[4], backwards=True) == everything[3:0:-1]
    assert touched(only=TWO) == [TWO]
    assert touched(within=("name", "Dar")) == [ONE]


def test_a_change_of_belief_touches_things_of_any_key(port: None) -> None:
    apply_changes([vessel(ONE, 0)], told_at(0))
    apply_changes([vessel(TWO, 0)], told_at(1))
    apply_changes([vessel(TWO, 0, name="Tug")], told_at(3))
    apply_changes([(Flag, [Said({"code": "PL"}, {"name": "Polska"}, at(-9))])], told_at(4))
    about = Window(at(2) + MICROSECOND, at(2), at(2), at(5))
    [changed] = page_of(about)
    assert changed[:4] == (TWO, True, True, ["Tug", "PL"])
    assert fields_of(changed) == {"name": {"before": "Dar", "after": "Tug", "transitions": []}}
    assert page_of(about, within=("flag", "DE")) == []
    assert page_of(Window(at(2) + MICROSECOND, at(2), at(5), at(5))) == []
    flags = (Source(Flag.shape, sql.SQL("(0, 'name', to_json(version.name)::text)")),)
    [of_flag] = changes(flags, about, Page(10), {})
    assert of_flag.root == "PL"
    assert fields_of(of_flag) == {"name": {"before": "PL", "after": "Polska", "transitions": []}}
    assert list(changes(flags, about, Page(10, only="DE"), {})) == []


def test_an_end_filled_in_later_is_not_yet_there_for_an_earlier_belief(port: None) -> None:
    apply_changes([vessel(ONE, 0), cargo(ONE, "grain", 0)], told_at(0))
    apply_changes([cargo(ONE, "ore", 3)], told_at(4))
    assert page_of(window(3, 5, 2, 2)) == []
    [changed] = page_of(window(3, 5, 2, 5))
    assert fields_of(changed) == {
        "goods.A": {
            "before": "grain",
            "after": "ore",
            "transitions": [step(3, "grain", "ore", True)],
        }
    }


def test_a_page_is_one_statement(port: None, django_assert_num_queries: Any) -> None:
    apply_changes([vessel(ONE, 0), cargo(ONE, "ore", 0)], told_at(0))
    with django_assert_num_queries(1, connection=connection):
        page_of(window(0, 5, 0, 5))
