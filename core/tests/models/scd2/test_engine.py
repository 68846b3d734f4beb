"""What a call does around its plan: isolation, locks, the instant, and what it refuses."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import product
from threading import Event
from time import monotonic, sleep
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections, transaction

from core.db import as_owner, clock
from core.models import AuditEntry
from core.models.scd2 import engine
from core.models.scd2.change import Change, Channel, Context, Future, Outcome
from core.models.scd2.exceptions import InstantRefused, NothingToAmend, UnknownReference
from core.tests.databases import CommittedDatabase
from core.tests.doors import apply_changes
from core.tests.harbour.models import Cargo, Flag, Vessel, VesselAnchor
from core.tests.models.scd2.port import PLAIN, TESTER, Port, call_by_call, hoist_flags, year

TICK = timedelta(microseconds=1)
DOORS = pytest.mark.parametrize("fast_paths", [None, True, False], ids=["call", "fast", "staged"])
FULL = Context(
    actor="ada",
    actor_id=7,
    channel=Channel.ADMIN,
    client_address="192.0.2.7",
    request_id="r-1",
    reason="because",
    batch="b-1",
)


def fram(root: uuid.UUID, **payload: Any) -> tuple[type[Vessel], list[Change]]:
    said = {"name": "Fram", "flag": "NO", **PLAIN, **payload}
    return Vessel, [Change({"uuid": root}, said, year(2000))]


def ask(query: str, *parameters: Any, alias: str = "default") -> Any:
    with connections[alias].cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchone()[0]


def stored(instant: datetime, thing: uuid.UUID) -> None:
    """An entry of another time about a thing."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_auditentry (instant, txid, actor, channel, model, uuid, "
            "natural_key, valid_from, action) VALUES (%s, pg_current_xact_id(), 'x', 'system', "
            "'x.y', %s, '{}', %s, 'opened')",
            [instant, thing, instant],
        )


# Isolation


def test_a_fixed_snapshot_is_refused(committed_db: CommittedDatabase) -> None:
    for level, door in product(("REPEATABLE READ", "SERIALIZABLE"), (None, True, False)):
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL " + level)
            with pytest.raises(RuntimeError, match=f"needs READ COMMITTED.*{level.lower()}"):
                apply_changes([fram(uuid.uuid4())], TESTER, fast_paths=door)


# Locks


@DOORS
def test_conditions_are_checked_behind_the_locks(
    committed_db: CommittedDatabase, fast_paths: bool | None
) -> None:
    hoist_flags()
    root = uuid.uuid4()
    apply_changes([fram(root)], TESTER)
    seen: list[Any] = []

    def check(instant: datetime) -> None:
        seen.append(instant)
        with pytest.raises(DatabaseError, match="could not obtain lock"):
            ask(
                "SELECT uuid FROM harbour_vesselanchor WHERE uuid = %s FOR NO KEY UPDATE NOWAIT",
                root,
                alias="owner",
            )
        assert Vessel.objects.get(uuid=root).name == "Fram"

    renamed = [fram(root, name="Gjøa")]
    result = apply_changes(renamed, TESTER, check=check, fast_paths=fast_paths)
    assert seen == [result.instant]
    assert Vessel.objects.filter(system_from=result.instant).get().name == "Gjøa"


@DOORS
def test_a_condition_that_fails_refuses_the_call(db: None, fast_paths: bool | None) -> None:
    hoist_flags()
    root = uuid.uuid4()

    def check(instant: datetime) -> None:
        raise LookupError("changed meanwhile")

    with pytest.raises(LookupError, match="changed meanwhile"):
        apply_changes([fram(root)], TESTER, check=check, fast_paths=fast_paths)
    assert not Vessel.objects.exists()
    assert not VesselAnchor.objects.exists()


@call_by_call
def test_a_condition_is_checked_where_nothing_changes_too(port: Port) -> None:
    port.apply(port.vessel("A NO", 2000))
    seen: list[datetime] = []
    batch = [(Vessel, [port.vessel("A NO", 2000)[1]])]
    result = apply_changes(batch, TESTER, check=seen.append)
    assert len(seen) == 1
    assert (result.instant, result.total) == (None, Outcome(unchanged=1))


def test_what_changes_nothing_locks_nothing(committed_db: CommittedDatabase) -> None:
    hoist_flags()
    root = uuid.uuid4()
    hold = (Cargo, [Change({"vessel_uuid": root, "hold_code": "AFT"}, {"goods": "x", "weight": 1})])
    apply_changes([fram(root), hold], TESTER)
    with transaction.atomic():
        result = apply_changes([fram(root), hold], TESTER)
        assert ask("SELECT pg_current_xact_id_if_assigned()::text") is None
        strong = (
            "SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND relation IS NOT NULL "
            "AND mode <> 'AccessShareLock'"
        )
        assert ask(strong) == 0
    assert (result.instant, result.total) == (None, Outcome(unchanged=2))


# The instant


def test_instants_increase_within_a_transaction(port: Port) -> None:
    before = clock()
    for name in "ABCDEFGH":
        port.apply(port.vessel(f"{name} NO", None))
    assert port.instants == sorted(set(port.instants))
    assert before < port.instants[0]
    assert port.instants[-1] <= clock()


def test_an_instant_is_later_than_all_on_its_keys(port: Port) -> None:
    ahead = clock() + timedelta(days=1)
    stored(ahead, port.uuid)
    result = port.apply(port.vessel("A NO", 2000))
    assert result.instant == ahead + TICK
    entry = AuditEntry.objects.get(uuid=port.uuid, model="harbour.vessel")
    assert entry.recorded_at == entry.instant == ahead + TICK
    assert port.apply(port.vessel("B NO", 2010)).instant == ahead + 2 * TICK


def test_the_instants_of_other_keys_do_not_matter(port: Port) -> None:
    ahead = clock() + timedelta(days=1)
    stored(ahead, uuid.uuid4())
    result = port.apply(port.vessel("A NO", 2000))
    assert result.instant is not None
    assert result.instant < ahead


def test_a_hold_takes_the_instant_of_its_vessel(port: Port) -> None:
    result = port.apply(port.vessel("A NO", 2000), port.cargo("grain", 2000))
    assert {row.system_from for row in Vessel.objects.all()} == {result.instant}
    assert {row.system_from for row in Cargo.objects.all()} == {result.instant}


def test_now_is_the_instant_of_the_call(port: Port) -> None:
    result = port.apply(port.vessel("A NO", None))
    assert Vessel.objects.get().valid_from == result.instant


# Who did it


@DOORS
def test_rows_and_log_say_who_did_it(db: None, fast_paths: bool | None) -> None:
    hoist_flags()
    root = uuid.uuid4()
    own = Change({"uuid": root}, {"name": "Fram", "flag": "NO", **PLAIN}, reason="launched")
    apply_changes([(Vessel, [own])], FULL, fast_paths=fast_paths)
    row, entry = Vessel.objects.get(), AuditEntry.objects.get(uuid=root)
    assert (row.actor, row.actor_id, row.reason) == ("ada", 7, "launched")
    assert (entry.actor, entry.actor_id, entry.reason) == ("ada", 7, "launched")
    assert (entry.channel, entry.client_address) == ("admin", "192.0.2.7")
    assert (entry.request_id, entry.batch) == ("r-1", "b-1")
    assert entry.txid == int(ask("SELECT pg_current_xact_id()::text"))


@pytest.mark.parametrize("actor", ["", "  ", "\n"])
def test_nobody_changes_nothing(actor: str) -> None:
    with pytest.raises(ValueError, match="needs an actor"):
        Context(actor=actor, channel=Channel.SYSTEM)


# What a call refuses


@DOORS
@pytest.mark.parametrize("flag", ["XX", ""])
def test_an_unknown_reference_is_named(db: None, fast_paths: bool | None, flag: str) -> None:
    hoist_flags()
    known, lost = uuid.uuid4(), uuid.uuid4()
    changes = [*fram(known)[1], *fram(lost, flag=flag)[1]]
    with pytest.raises(UnknownReference) as caught:
        apply_changes([(Vessel, changes)], TESTER, fast_paths=fast_paths)
    assert (caught.value.field, caught.value.value) == ("flag", flag)
    assert (caught.value.ordinal, caught.value.key) == (1, {"uuid": lost})
    assert str(caught.value) == f"flag: there is no {flag}."
    assert not VesselAnchor.objects.exists()


def test_a_reference_may_be_made_in_the_same_call(db: None) -> None:
    fiji = Change({"code": "FJ"}, {"name": "Fiji"}, year(2000))
    apply_changes([fram(uuid.uuid4(), flag="FJ"), (Flag, [fiji])], TESTER)
    assert Vessel.objects.get().flag == "FJ"


@DOORS
def test_a_refusal_leaves_no_anchor_behind(db: None, fast_paths: bool | None) -> None:
    hoist_flags()
    fresh, amended = uuid.uuid4(), uuid.uuid4()
    partial = Change({"uuid": amended}, {"name": "Gjøa"}, year(2000), partial=True)
    with pytest.raises(NothingToAmend) as caught:
        apply_changes([(Vessel, [*fram(fresh)[1], partial])], TESTER, fast_paths=fast_paths)
    assert (caught.value.ordinal, caught.value.key) == (1, {"uuid": amended})
    assert not VesselAnchor.objects.exists()
    assert not Vessel.objects.exists()


@DOORS
def test_a_model_named_twice_is_a_mistake(db: None, fast_paths: bool | None) -> None:
    with pytest.raises(ValueError, match="names each model once"):
        apply_changes([fram(uuid.uuid4()), fram(uuid.uuid4())], TESTER, fast_paths=fast_paths)


def test_a_reach_may_be_given_by_its_name(port: Port) -> None:
    port.tell(port.vessel("A NO", 2000), port.vessel("B NO", 2010))
    key = {"uuid": port.uuid}
    over = Change(key, {"name": "C"}, year(2005), future="overwrite", partial=True)  # type: ignore[arg-type]
    bounded = Change(key, {"name": "D"}, year(2001), year(2002), "keep", partial=True)  # type: ignore[arg-type]
    port.tell((Vessel, over), (Vessel, bounded))
    assert [row[0] for row in port.timeline()] == ["A", "D", "A", "C"]
    assert over.future == Future.OVERWRITE


# Backfills


def backfill(instant: datetime) -> Context:
    return Context(actor="tester", channel=Channel.INGEST, system_instant=instant)


@DOORS
def test_the_owner_says_when_a_load_was_believed(
    committed_db: CommittedDatabase, fast_paths: bool | None
) -> None:
    root, before = uuid.uuid4(), clock()
    with as_owner():
        apply_changes([(Flag, [Change({"code": "NO"}, {"name": "Norway"})])], backfill(year(2001)))
        first = apply_changes([fram(root)], backfill(year(2002)), fast_paths=fast_paths)
        renamed = [fram(root, name="Gjøa")]
        second = apply_changes(renamed, backfill(year(2003)), fast_paths=fast_paths)
    assert (first.instant, second.instant) == (year(2002), year(2003))
    rows = Vessel.objects.order_by("system_from").values_list("name", "system_from", "system_to")
    assert list(rows) == [("Fram", year(2002), year(2003)), ("Gjøa", year(2003), None)]
    for entry in AuditEntry.objects.filter(uuid=root):
        assert before < entry.recorded_at <= clock()


def test_a_backfill_goes_forward(committed_db: CommittedDatabase) -> None:
    hoist_flags()
    apply_changes([fram(uuid.uuid4())], TESTER)
    for door in (None, True, False):
        latest = AuditEntry.objects.filter(model="harbour.vessel").latest("instant").instant
        with as_owner():
            for refused in (latest, latest - TICK, year(2002)):
                with pytest.raises(
                    InstantRefused, match="later than every one stored in its register"
                ):
                    apply_changes([fram(uuid.uuid4())], backfill(refused), fast_paths=door)
            result = apply_changes([fram(uuid.uuid4())], backfill(latest + TICK), fast_paths=door)
        assert result.instant == latest + TICK


@DOORS
def test_a_backfill_goes_by_the_instants_of_its_register(
    committed_db: CommittedDatabase, fast_paths: bool | None
) -> None:
    """Flags are another register; a cargo belongs to the vessel that carries it."""
    hoist_flags()
    root = uuid.uuid4()
    hold = {"vessel_uuid": root, "hold_code": "1"}
    ice = Change(hold, {"goods": "ice", "weight": None}, year(2000))

    def load(at: int, *batch: Any) -> None:
        with as_owner():
            apply_changes([*batch], backfill(year(at)), fast_paths=fast_paths)

    load(2002, fram(root), (Cargo, [ice]))
    with pytest.raises(InstantRefused, match="the latest is 2002-01-01T00:00:00"):
        load(2002, fram(root, name="Gjøa"))
    load(2004, (Cargo, [Change(hold, None, year(2001))]))
    with pytest.raises(InstantRefused, match="the latest is 2004-01-01T00:00:00"):
        load(2003, fram(root, name="Gjøa"))
    assert AuditEntry.objects.filter(model="harbour.flag").latest("instant").instant > year(2004)


@DOORS
def test_a_backfill_waits_for_writers_before_it_locks_anything_they_need(
    committed_db: CommittedDatabase, fast_paths: bool | None
) -> None:
    """Otherwise each would hold what the other waits for."""
    hoist_flags()
    root, locked = uuid.uuid4(), Event()

    def is_waiting(instant: datetime) -> None:
        locked.set()
        eventually(lambda: ask("SELECT count(*) FROM pg_locks WHERE NOT granted") == 1)

    with ThreadPoolExecutor(1) as other:
        writing = other.submit(write_aside, [fram(root)], is_waiting, fast_paths)
        assert locked.wait(60)
        with as_owner():
            apply_changes([fram(root, name="Gjøa")], backfill(clock()), fast_paths=fast_paths)
        writing.result()
    rows = Vessel.objects.filter(uuid=root).order_by("system_from").values_list("name", flat=True)
    assert list(rows) == ["Fram", "Gjøa"]


def write_aside(batch: Any, check: Any, fast_paths: bool | None) -> None:
    try:
        apply_changes(batch, TESTER, check=check, fast_paths=fast_paths)
    finally:
        connections.close_all()


def eventually(happened: Callable[[], bool]) -> None:
    deadline = monotonic() + 60
    while not happened():
        assert monotonic() < deadline, "it never happened"
        sleep(0.01)


def test_a_backfill_is_not_of_the_future(committed_db: CommittedDatabase) -> None:
    hoist_flags()
    for door in (None, True, False):
        later = backfill(clock() + timedelta(hours=1))
        with as_owner(), pytest.raises(InstantRefused, match="cannot lie in the future"):
            apply_changes([fram(uuid.uuid4())], later, fast_paths=door)
    assert not VesselAnchor.objects.exists()


@DOORS
def test_the_application_does_not_backfill(db: None, fast_paths: bool | None) -> None:
    with pytest.raises(InstantRefused, match="Only the owner role"):
        apply_changes(
            [(Flag, [Change({"code": "NO"}, {"name": "Norway"})])],
            backfill(year(2001)),
            fast_paths=fast_paths,
        )
    assert not Flag.objects.exists()
    assert ask("SELECT current_setting('core.backfill', true)") in ("", None)


def test_a_backfill_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a time zone"):
        backfill(datetime(2001, 1, 1))  # noqa: DTZ001


# The transaction it is called in


@pytest.mark.django_db
def test_what_is_refused_undoes_the_transaction_of_the_service() -> None:
    """There is no savepoint in between: nothing of the service's own is left half done."""
    hoist_flags()
    nobody = Change({"uuid": uuid.uuid4()}, {"name": "Fram"}, partial=True)
    with transaction.atomic():
        with pytest.raises(NothingToAmend):
            engine.apply_changes([(Vessel, [nobody])], TESTER)
        assert connection.needs_rollback
        transaction.set_rollback(True)
