"""Writers in real processes on the same things: nothing is lost, torn or left half done."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from core.db import one_snapshot
from core.models import AuditEntry
from core.tests.crew import SIZE, Sailor, count_sessions, the_gun, until, waiting
from core.tests.harbour.models import Cargo, Vessel, VesselAnchor
from core.tests.models.scd2.port import year

PLAIN = {"flag": "NO", "tonnage": None, "in_service": None, "launched": None, "inspected_at": None}
DOORS = pytest.mark.parametrize("door", [None, True, False], ids=["call", "fast", "staged"])

pytestmark = pytest.mark.xdist_group("crew")


@pytest.fixture
def crew(crew: list[Sailor]) -> Iterator[list[Sailor]]:
    """Whatever a test does, the database is sound afterwards."""
    yield crew
    call_command("verify", no_progress=True)


def new_roots(count: int) -> list[str]:
    return [str(uuid.uuid4()) for _ in range(count)]


def vessel(root: str, name: str | None, start: int | None = 2000, **given: Any) -> dict[str, Any]:
    payload = None if name is None else {"name": name, **PLAIN}
    return {"vessel": [root], "set": payload, "from": start, **given}


def amended(root: str, start: int = 2000, to: int | None = None, **payload: Any) -> dict[str, Any]:
    return {"vessel": [root], "set": payload, "from": start, "to": to, "partial": True}


def cargo(root: str, goods: str, start: int = 2000, hold: str = "AFT") -> dict[str, Any]:
    return {"cargo": [root, hold], "set": {"goods": goods, "weight": None}, "from": start}


def timeline(root: str) -> list[tuple[str, int]]:
    live = Vessel.objects.timeline(uuid=root)
    return [(row.name, row.valid_from.year) for row in live]


# Together


def test_no_update_is_lost(crew: list[Sailor]) -> None:
    """Each sets a column of its own, year by year, on all vessels, in an order of its own."""
    roots, years = new_roots(3), range(2000, 2008)
    crew[0].do("service", changes=[vessel(root, "start", 1999) for root in roots])
    columns = ("name", "tonnage", "launched", "in_service")
    with the_gun():
        for number, (sailor, column) in enumerate(zip(crew, columns, strict=True)):
            turned = roots[number % 3 :] + roots[: number % 3]
            calls = [
                [amended(root, at, at + 1, **{column: value_of(column, at)}) for root in turned]
                for at in years
            ]
            sailor.tell("each", calls=calls, door=(None, True, False, None)[number])
        until(lambda: waiting() == SIZE)
    instants = [instant for sailor in crew for instant in sailor.done()]
    assert len(set(instants)) == SIZE * len(years)
    for root in roots:
        for at in years:
            row = Vessel.objects.as_of(year(at)).get(uuid=root)
            found = (row.name, row.tonnage, row.launched, row.in_service)
            assert found == (str(at), Decimal(at), date(at, 1, 1), at % 2 == 0)
        assert Vessel.objects.as_of(year(1999)).get(uuid=root).name == "start"
        assert AuditEntry.objects.filter(uuid=root).count() >= SIZE * len(years)


def value_of(column: str, at: int) -> Any:
    return {
        "name": str(at),
        "tonnage": str(at),
        "launched": f"{at}-01-01",
        "in_service": at % 2 == 0,
    }[column]


@DOORS
def test_all_creators_of_one_thing_get_through(crew: list[Sailor], door: bool | None) -> None:
    (root,) = new_roots(1)
    with the_gun():
        for number, sailor in enumerate(crew):
            start = 2000 + number
            said = [vessel(root, f"N{number}", start), cargo(root, "x", start, f"H{number}")]
            sailor.tell("each", calls=[said], door=door)
        until(lambda: waiting() == SIZE)
    instants = [sailor.done()[0] for sailor in crew]
    assert len(set(instants)) == SIZE
    assert VesselAnchor.objects.count() == 1
    assert timeline(root) == [(f"N{number}", 2000 + number) for number in range(SIZE)]
    assert Cargo.objects.live().count() == SIZE


def test_anything_at_once_leaves_a_sound_history(crew: list[Sailor]) -> None:
    """What is refused is refused for a conflict, never for another writer's sake."""
    roots = new_roots(3)
    rounds = 40
    with the_gun():
        for seed, sailor in enumerate(crew):
            sailor.tell("hammer", seed=seed, roots=roots, rounds=rounds)
        until(lambda: waiting() == SIZE)
    done = [sailor.done() for sailor in crew]
    assert [sum(one.values()) for one in done] == [rounds] * SIZE
    assert all(one["wrote"] > 0 for one in done)
    # Every call that wrote has an instant of its own on what it wrote.
    written = AuditEntry.objects.exclude(model="harbour.flag").exclude(actor="migration")
    calls = written.values_list("uuid", "instant", "txid")
    by_instant = {(thing, instant): txid for thing, instant, txid in calls}
    assert len(by_instant) == len(set(calls))
    assert len({txid for _, _, txid in calls}) == sum(one["wrote"] for one in done)


# One behind the other


@DOORS
def test_who_waited_plans_with_what_the_other_committed(
    crew: list[Sailor], door: bool | None
) -> None:
    holder, waiter, *_ = crew
    (root,) = new_roots(1)
    holder.do("service", changes=[vessel(root, "A")])
    holder.do("hold", changes=[vessel(root, "B", 2010)])
    waiter.tell("service", changes=[amended(root, 2005, tonnage="7")], door=door)
    until(lambda: waiting() == 1)
    holder.say("commit")
    assert holder.done() == "commit done"
    assert waiter.done() is not None
    live = Vessel.objects.timeline(uuid=root).values_list("name", "tonnage", "valid_from__year")
    assert list(live) == [("A", None, 2000), ("A", Decimal(7), 2005), ("B", Decimal(7), 2010)]


@pytest.mark.parametrize(
    ("word", "expected"), [("commit", [("A", 2000), ("B", 2010)]), ("rollback", [("B", 2010)])]
)
def test_a_creator_waits_for_another(
    crew: list[Sailor], word: str, expected: list[tuple[str, int]]
) -> None:
    holder, waiter, *_ = crew
    (root,) = new_roots(1)
    holder.do("hold", changes=[vessel(root, "A")])
    waiter.tell("service", changes=[vessel(root, "B", 2010)])
    until(lambda: waiting() == 1)
    holder.say(word)
    holder.done()
    assert waiter.done() is not None
    assert timeline(root) == expected


@DOORS
def test_a_hold_is_not_filled_on_a_vessel_that_is_just_ending(
    crew: list[Sailor], door: bool | None
) -> None:
    holder, waiter, *_ = crew
    (root,) = new_roots(1)
    holder.do("service", changes=[vessel(root, "A")])
    holder.do("hold", changes=[vessel(root, None, 2010)])
    waiter.tell("service", changes=[cargo(root, "grain", 2012)], door=door)
    until(lambda: waiting() == 1)
    holder.say("commit")
    holder.done()
    assert waiter.answer() == {"refused": "outside_lifetime"}
    assert not Cargo.objects.exists()


def test_a_vessel_that_ends_takes_along_what_is_just_being_loaded(crew: list[Sailor]) -> None:
    holder, waiter, *_ = crew
    (root,) = new_roots(1)
    holder.do("service", changes=[vessel(root, "A")])
    holder.do("hold", changes=[cargo(root, "grain", 2005)])
    waiter.tell("service", changes=[vessel(root, None, 2010)])
    until(lambda: waiting() == 1)
    holder.say("commit")
    holder.done()
    assert waiter.done() is not None
    assert Cargo.objects.live().get().valid_to == year(2010)


def test_other_things_do_not_wait(crew: list[Sailor]) -> None:
    holder, other, *_ = crew
    one, two = new_roots(2)
    holder.do("hold", changes=[vessel(one, "A"), cargo(one, "grain")])
    assert other.do("service", changes=[vessel(two, "B"), cargo(two, "salt")]) is not None
    holder.say("commit")
    holder.done()


def test_two_that_lock_crosswise_both_get_through(crew: list[Sailor]) -> None:
    """Two calls in one transaction lock in any order: one of the two is tried again."""
    one, two = new_roots(2)
    left, right, *_ = crew
    left.do("service", changes=[vessel(one, "A"), vessel(two, "A")])
    left.do("crossing", first=[amended(one, name="L")], second=[amended(two, tonnage="1")])
    right.do("crossing", first=[amended(two, name="R")], second=[amended(one, tonnage="2")])
    left.say("go")
    right.say("go")
    assert sorted([left.done(), right.done()]) == [1, 2]
    found = Vessel.objects.live().order_by("name").values_list("name", "tonnage")
    assert list(found) == [("L", Decimal(2)), ("R", Decimal(1))]


# Readers


def test_readers_never_wait(crew: list[Sailor]) -> None:
    holder, *_ = crew
    one, two = new_roots(2)
    holder.do("service", changes=[vessel(one, "A"), cargo(one, "grain")])
    held = [vessel(one, "B", 2010), cargo(one, "salt", 2010), vessel(two, "C")]
    holder.do("hold", changes=held)
    with one_snapshot(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '1ms'")
        assert timeline(one) == [("A", 2000)]
        assert [row.goods for row in Cargo.objects.live()] == ["grain"]
        assert not VesselAnchor.objects.filter(uuid=two).exists()
        assert not AuditEntry.objects.filter(uuid=two).exists()
    holder.say("commit")
    holder.done()
    assert timeline(one) == [("A", 2000), ("B", 2010)]


def test_nobody_sees_half_of_a_change(crew: list[Sailor]) -> None:
    """Vessel and hold always carry the same name, in every snapshot."""
    writer, loader, *_ = crew
    roots = new_roots(2)
    for sailor, root, door in ((writer, roots[0], None), (loader, roots[1], True)):
        calls = [[vessel(root, f"{n}"), cargo(root, f"{n}")] for n in range(25)]
        sailor.tell("each", calls=calls, door=door)
    seen: set[tuple[tuple[str, str, str], ...]] = set()
    last = {(root, "24", "24") for root in roots}
    until(lambda: watch(seen) == last)
    assert all(name == goods for found in seen for _, name, goods in found)
    assert len(seen) > 2
    for sailor in (writer, loader):
        assert len(sailor.done()) == 25


def watch(seen: set[Any]) -> set[tuple[str, str, str]]:
    """One look, in statements of one snapshot, at both tables."""
    with one_snapshot():
        names = dict(Vessel.objects.live().values_list("uuid", "name"))
        goods = dict(Cargo.objects.live().values_list("vessel_uuid", "goods"))
    assert names.keys() == goods.keys()
    found = {(str(root), names[root], goods[root]) for root in names}
    seen.add(tuple(sorted(found)))
    return found


# Death


def test_a_killed_writer_leaves_nothing(crew: list[Sailor]) -> None:
    *_, survivor = crew
    one, two = new_roots(2)
    survivor.do("service", changes=[vessel(one, "A"), cargo(one, "grain")])
    before = counts()
    ending = [vessel(one, None, 2010), vessel(two, "B"), cargo(two, "salt")]
    for victim, door in zip(crew, (None, True, False), strict=False):
        victim.do("hold", changes=ending, door=door)
        victim.kill()
        until(lambda: count_sessions("backend_xid IS NOT NULL") == 0)
        assert counts() == before
    assert survivor.do("service", changes=ending) is not None
    assert timeline(two) == [("B", 2000)]


def counts() -> list[int]:
    everything = [model.objects.all() for model in (Vessel, Cargo, VesselAnchor, AuditEntry)]
    ended = Vessel.objects.filter(closed_at__isnull=False)
    return [rows.using("owner").count() for rows in (*everything, ended)]
