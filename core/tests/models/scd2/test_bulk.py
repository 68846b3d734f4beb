"""A staged load: what it reports, how it goes on without what was refused, what is left of it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from core.models import AuditEntry
from core.models.scd2.bulk import apply_in_bulk, apply_load
from core.models.scd2.change import Change, Outcome, Result
from core.models.scd2.exceptions import (
    BatchRefused,
    InvalidChange,
    LaterChange,
    NothingToAmend,
    OutsideLifetime,
    TwoPayloads,
    UnknownReference,
)
from core.models.scd2.instruction import instructions
from core.models.scd2.staging import Load
from core.tests.databases import CommittedDatabase
from core.tests.harbour.models import Cargo, Flag, Vessel, VesselAnchor
from core.tests.models.scd2.port import PLAIN, TESTER, hoist_flags, year

ONE, TWO, THREE, FOUR = (uuid.UUID(int=number) for number in (1, 2, 3, 4))
PATHS = pytest.mark.parametrize("fast_paths", [True, False], ids=["fast", "staged"])


@pytest.fixture
def flags(db: None) -> None:
    hoist_flags()


def vessel(root: uuid.UUID, name: str | None, start: int = 2000, **given: Any) -> Change:
    payload = None if name is None else {"name": name, "flag": given.pop("flag", "NO"), **PLAIN}
    return Change({"uuid": root}, payload, year(start), **given)


def amended(root: uuid.UUID, start: int = 2000, **payload: Any) -> Change:
    return Change({"uuid": root}, payload, year(start), partial=True)


def cargo(root: uuid.UUID, goods: str | None, start: int = 2000, hold: str = "AFT") -> Change:
    payload = None if goods is None else {"goods": goods, "weight": None}
    return Change({"vessel_uuid": root, "hold_code": hold}, payload, year(start))


@pytest.fixture
def load(flags: None) -> Iterator[Load]:
    with Load(Vessel.shape) as made:
        yield made


def stage(load: Load, vessels: list[Change], cargoes: list[Change] | None = None) -> None:
    load.stage(Vessel.shape, instructions(Vessel.shape, vessels))
    load.stage(Cargo.shape, instructions(Cargo.shape, cargoes or []))
    load.prepare()


def refusals(error: BatchRefused) -> set[tuple[Any, type[Exception], int | None]]:
    return {(model, type(one), getattr(one, "ordinal", None)) for model, one in error.errors}


def temporary_tables() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_class WHERE relnamespace = pg_my_temp_schema() "
            "AND relkind = 'r'"
        )
        return int(cursor.fetchone()[0])


# What it reports


@PATHS
def test_totals_count_each_key_once(flags: None, fast_paths: bool) -> None:
    def tell(vessels: list[Change], cargoes: list[Change]) -> Result:
        return apply_in_bulk([(Vessel, vessels), (Cargo, cargoes)], TESTER, fast_paths=fast_paths)

    first = tell(
        [vessel(ONE, "A"), vessel(TWO, "B"), vessel(TWO, "C", 2010), vessel(THREE, None)],
        [cargo(ONE, "grain"), cargo(TWO, "salt")],
    )
    assert first.totals == {
        Vessel: Outcome(opened=3, unchanged=1),
        Cargo: Outcome(opened=2),
    }
    second = tell(
        [vessel(ONE, "D", 2010), vessel(TWO, "C", 2010), vessel(FOUR, "E"), vessel(TWO, "B")],
        [cargo(ONE, "grain"), cargo(TWO, "fish", 2020)],
    )
    assert second.totals == {
        Vessel: Outcome(opened=2, closed=1, unchanged=1),
        Cargo: Outcome(opened=1, closed=1, unchanged=1),
    }
    assert second.outcomes == {}
    assert first.instant is not None
    assert second.instant is not None
    assert first.instant < second.instant


@PATHS
def test_what_goes_along_with_its_container_is_counted(flags: None, fast_paths: bool) -> None:
    holds = [cargo(ONE, "grain", hold=hold) for hold in ("AFT", "FORE", "MID")]
    apply_in_bulk([(Vessel, [vessel(ONE, "A")]), (Cargo, holds)], TESTER, fast_paths=fast_paths)
    ended = [(Vessel, [vessel(ONE, None, 2010)])]
    result = apply_in_bulk(ended, TESTER, fast_paths=fast_paths)
    assert result.totals == {Vessel: Outcome(closed=1), Cargo: Outcome(closed=3)}


@PATHS
def test_a_repeated_file_writes_nothing(flags: None, fast_paths: bool) -> None:
    said = [vessel(ONE, "A"), vessel(ONE, "B", 2010), vessel(TWO, None), vessel(THREE, "C")]
    batch = [(Vessel, said), (Cargo, [cargo(ONE, "grain")])]
    apply_in_bulk(batch, TESTER, fast_paths=fast_paths)
    entries = AuditEntry.objects.count()
    again = apply_in_bulk(batch, TESTER, fast_paths=fast_paths)
    assert again.instant is None
    assert again.totals == {Vessel: Outcome(unchanged=3), Cargo: Outcome(unchanged=1)}
    assert AuditEntry.objects.count() == entries


def test_an_empty_load_does_nothing(flags: None) -> None:
    result = apply_in_bulk([(Vessel, [])], TESTER)
    assert (result.instant, result.totals) == (None, {Vessel: Outcome(), Cargo: Outcome()})


def test_a_load_concerns_one_container(flags: None) -> None:
    norway = Change({"code": "NO"}, {"name": "Norge"}, year(2000))
    with pytest.raises(ValueError, match="one container"):
        apply_in_bulk([(Vessel, [vessel(ONE, "A")]), (Flag, [norway])], TESTER)


def test_a_thing_without_contents_is_loaded_too(db: None) -> None:
    said = [Change({"code": code}, {"name": code.lower()}, year(2000)) for code in ("NO", "SE")]
    result = apply_in_bulk([(Flag, said)], TESTER)
    assert result.totals == {Flag: Outcome(opened=2)}


def test_more_things_than_are_planned_at_a_time(
    flags: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.models.scd2.bulk.CHUNK", 2)
    roots = [uuid.UUID(int=number) for number in range(1, 8)]
    told = (Vessel, [vessel(root, "A") for root in roots])
    holds = (Cargo, [cargo(root, "grain") for root in roots])
    assert apply_in_bulk([told, holds], TESTER, fast_paths=False).total == Outcome(opened=14)
    gone = [(Vessel, [vessel(root, None, 2010) for root in roots])]
    assert apply_in_bulk(gone, TESTER).total == Outcome(closed=14)
    assert not Cargo.objects.filter(valid_to=None).exists()


# What it refuses


def test_every_unknown_reference_is_named(load: Load) -> None:
    stage(
        load,
        [
            vessel(ONE, "A", flag="XX"),
            vessel(TWO, "B"),
            vessel(THREE, "C", flag="XX"),
            vessel(FOUR, "D", flag=""),
        ],
    )
    with pytest.raises(BatchRefused) as caught:
        apply_load(load, TESTER)
    found = [
        (error.ordinal, error.field, error.value, error.key)
        for _, error in caught.value.errors
        if isinstance(error, UnknownReference)
    ]
    assert found == [
        (0, "flag", "XX", {"uuid": ONE}),
        (2, "flag", "XX", {"uuid": THREE}),
        (3, "flag", "", {"uuid": FOUR}),
    ]
    assert str(caught.value) == "3 changes were refused, the first: flag: there is no XX."


@PATHS
def test_every_change_that_cannot_be_carried_out_is_named(load: Load, fast_paths: bool) -> None:
    stage(
        load,
        [
            vessel(ONE, "A"),
            amended(TWO, name="B"),
            vessel(THREE, "C"),
            vessel(THREE, "D"),
            Change({"uuid": FOUR}, None, valid_to=year(2001)),
        ],
        [cargo(ONE, "grain", 1990), cargo(TWO, "salt")],
    )
    with pytest.raises(BatchRefused) as caught:
        apply_load(load, TESTER, fast_paths=fast_paths)
    assert refusals(caught.value) == {
        (Vessel, NothingToAmend, 1),
        (Vessel, TwoPayloads, 3),
        (Vessel, InvalidChange, 4),
        (Cargo, OutsideLifetime, 0),
        (Cargo, OutsideLifetime, 1),
    }
    assert not VesselAnchor.objects.exists()
    assert not Vessel.objects.exists()


@PATHS
def test_it_goes_on_without_what_was_refused(load: Load, fast_paths: bool) -> None:
    stage(
        load,
        [vessel(ONE, "A"), amended(TWO, name="B"), vessel(THREE, "C")],
        [cargo(ONE, "grain"), cargo(TWO, "salt"), cargo(THREE, "fish")],
    )
    with pytest.raises(BatchRefused):
        apply_load(load, TESTER, fast_paths=fast_paths)
    load.remove([1])
    result = apply_load(load, TESTER, fast_paths=fast_paths)
    assert result.totals == {Vessel: Outcome(opened=2), Cargo: Outcome(opened=2)}
    assert set(VesselAnchor.objects.values_list("uuid", flat=True)) == {ONE, THREE}


def test_a_key_that_is_left_with_one_change_is_no_longer_repeated(load: Load) -> None:
    stage(load, [vessel(ONE, "A"), vessel(ONE, "B")])
    with pytest.raises(BatchRefused):
        apply_load(load, TESTER)
    load.remove([1])
    assert apply_load(load, TESTER).totals[Vessel] == Outcome(opened=1)


def test_a_later_change_is_named(load: Load) -> None:
    stage(load, [vessel(ONE, "A"), vessel(ONE, "B", 2010)])
    apply_load(load, TESTER)
    with Load(Vessel.shape) as next_load:
        stage(next_load, [vessel(ONE, "C", 2005, future="reject")])
        with pytest.raises(BatchRefused) as caught:
            apply_load(next_load, TESTER)
    assert refusals(caught.value) == {(Vessel, LaterChange, 0)}


def test_removing_nothing_and_everything(load: Load) -> None:
    stage(load, [vessel(ONE, "A"), vessel(TWO, "B")])
    load.remove([])
    load.remove([0, 1, 99])
    assert apply_load(load, TESTER).total == Outcome()


# What it leaves behind


def test_nothing_of_a_load_is_left(flags: None) -> None:
    before = temporary_tables()
    apply_in_bulk([(Vessel, [vessel(ONE, "A")])], TESTER)
    with pytest.raises(BatchRefused):
        apply_in_bulk([(Vessel, [amended(TWO, name="B")])], TESTER)
    with pytest.raises(InvalidChange):
        apply_in_bulk([(Vessel, [vessel(ONE, "A", valid_to=year(1999))])], TESTER)
    assert temporary_tables() == before


def test_nothing_is_left_after_a_database_error(committed_db: CommittedDatabase) -> None:
    def broken(instant: datetime) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELEKT")

    hoist_flags()
    with pytest.raises(DatabaseError, match="syntax error"):
        apply_in_bulk([(Vessel, [vessel(ONE, "A")])], TESTER, check=broken)
    assert temporary_tables() == 0
    assert not VesselAnchor.objects.exists()


def test_staging_survives_a_transaction_that_was_undone(committed_db: CommittedDatabase) -> None:
    """So that a retry need not read the file again."""
    hoist_flags()
    with Load(Vessel.shape) as load:
        stage(load, [vessel(ONE, "A"), vessel(TWO, "B")], [cargo(ONE, "grain")])
        with transaction.atomic():
            first = apply_load(load, TESTER)
            transaction.set_rollback(True)
        assert not Vessel.objects.exists()
        second = apply_load(load, TESTER)
    assert second.totals == first.totals == {Vessel: Outcome(opened=2), Cargo: Outcome(opened=1)}
    assert Vessel.objects.count() == 2


def test_a_load_applied_twice_does_nothing_the_second_time(load: Load) -> None:
    stage(load, [vessel(ONE, "A"), vessel(ONE, "B", 2010)], [cargo(ONE, "grain")])
    apply_load(load, TESTER)
    again = apply_load(load, TESTER)
    assert (again.instant, again.total) == (None, Outcome(unchanged=2))


def test_two_loads_beside_each_other(flags: None) -> None:
    with Load(Vessel.shape) as one, Load(Vessel.shape) as other:
        stage(one, [vessel(ONE, "A")])
        stage(other, [vessel(TWO, "B")])
        assert apply_load(other, TESTER).total == Outcome(opened=1)
        assert apply_load(one, TESTER).total == Outcome(opened=1)
    assert [row.name for row in Vessel.objects.order_by("system_from")] == ["B", "A"]


@PATHS
def test_few_things_that_change_among_many(flags: None, fast_paths: bool) -> None:
    """The rest is left behind before the locks, and still counted."""
    roots = [uuid.UUID(int=number) for number in range(1, 13)]
    first = [(Vessel, [vessel(root, "A") for root in roots])]
    goods = [cargo(root, "tea") for root in roots]
    apply_in_bulk([*first, (Cargo, goods)], TESTER, fast_paths=fast_paths)
    again = [vessel(root, "B" if root == ONE else "A", 2001) for root in roots]
    changed = {ONE: "salt", TWO: None}
    goods = [cargo(root, changed.get(root, "tea"), 2001) for root in roots]

    result = apply_in_bulk([(Vessel, again), (Cargo, goods)], TESTER, fast_paths=fast_paths)

    assert result.totals[Vessel] == Outcome(opened=1, closed=1, unchanged=11)
    assert result.totals[Cargo] == Outcome(opened=1, closed=2, unchanged=10)
    assert Vessel.objects.timeline(uuid=ONE).last().name == "B"
    assert not Cargo.objects.as_of(year(2001)).filter(vessel_uuid=TWO).exists()
