"""The database's clock, what is settled, and the application's rights."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connections, transaction
from psycopg import conninfo, sql

from core import db
from core.db import GrantApplicationRole, clock, one_snapshot, settled_instant
from core.models import AuditEntry
from core.models.scd2.exceptions import NotSettled
from core.sql import read_sql
from core.tests.crew import Sailor, count_sessions, the_gun, until, waiting
from core.tests.databases import CommittedDatabase, Run
from core.tests.harbour.models import Vessel
from core.tests.models.scd2.test_concurrency import cargo, new_roots, vessel

TICK = timedelta(microseconds=1)

pytestmark = pytest.mark.xdist_group("crew")


def one(query: str, *parameters: Any, alias: str = "default") -> Any:
    with connections[alias].cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchone()[0]


def now() -> datetime:
    return one("SELECT clock_timestamp()", alias="owner")


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def known_at(instant: datetime) -> set[tuple[Any, ...]]:
    """Everything as known at an instant: names over valid time, and the log."""
    believed = Vessel.objects.believed(instant)
    rows = {(row.uuid, row.name, row.valid_from, end_at(row, instant)) for row in believed}
    entries = AuditEntry.objects.filter(instant__lte=instant)
    return rows | set(entries.values_list("instant", "txid", "id"))


def end_at(row: Vessel, instant: datetime) -> datetime | None:
    closed_later = row.closed_at is not None and row.closed_at > instant
    return None if closed_later else row.valid_to


# The clock


@pytest.mark.django_db
def test_the_clock_is_the_server_s_and_goes_on() -> None:
    before = one("SELECT clock_timestamp()")
    first, second = clock(), clock()
    assert before < first < second
    assert first.tzinfo == UTC


@pytest.mark.django_db
def test_the_clock_is_never_behind_what_is_stored() -> None:
    ahead = one("SELECT clock_timestamp()") + timedelta(days=1)
    for instant in (ahead - timedelta(days=9), ahead, ahead - timedelta(hours=1)):
        one(
            "INSERT INTO core_auditentry (instant, txid, actor, channel, model, uuid, "
            "natural_key, valid_from, action) VALUES (%s, pg_current_xact_id(), 'x', 'system', "
            "'x.y', gen_random_uuid(), '{}', now(), 'opened') RETURNING id",
            instant,
        )
    assert clock() == ahead


# What is settled


def test_nobody_writes_so_what_is_past_is_settled(committed_db: CommittedDatabase) -> None:
    before = now()
    settled = settled_instant()
    assert before - TICK <= settled < now()


def test_an_answer_beside_a_slow_writer_stays(crew: list[Sailor]) -> None:
    """It took its instant before we asked and commits after: that instant is not settled."""
    slow, quick, *_ = crew
    root, other = new_roots(2)
    quick.do("service", changes=[vessel(root, "A")])
    written = moment(slow.do("hold", changes=[vessel(root, "B", 2010)]))
    later = moment(quick.do("service", changes=[vessel(other, "C"), cargo(other, "grain")]))
    settled = settled_instant()
    assert settled < written < later < now()
    first = known_at(settled)
    assert {row[1] for row in first if len(row) == 4} == {"A"}
    slow.say("commit")
    slow.done()
    assert known_at(settled) == first
    assert settled_instant() > later


def test_who_has_not_written_yet_does_not_hold_it_up(crew: list[Sailor]) -> None:
    """Its instant is still to come, and will be later than what is settled."""
    slow, *_ = crew
    (root,) = new_roots(1)
    with the_gun():
        slow.tell("each", calls=[[vessel(root, "A")]])
        until(lambda: waiting() == 1)
        before = now()
        settled = settled_instant()
        assert settled >= before - TICK
    (written,) = slow.done()
    assert moment(written) > settled


def test_who_waits_for_a_lock_holds_it_up_already(crew: list[Sailor]) -> None:
    """A transaction takes its id before its locks, and its instant after them."""
    holder, waiter, *_ = crew
    (root,) = new_roots(1)
    holder.do("service", changes=[vessel(root, "A")])
    holder.do("hold", changes=[vessel(root, "B", 2010)])
    waiter.tell("service", changes=[vessel(root, "C", 2020)])
    until(lambda: waiting() == 1)
    assert count_sessions("backend_xid IS NOT NULL") == 2
    settled = settled_instant()
    holder.say("commit")
    holder.done()
    assert moment(waiter.done()) > settled


def test_answers_never_change_while_others_write(crew: list[Sailor]) -> None:
    roots = new_roots(3)
    answers: list[tuple[datetime, set[tuple[Any, ...]]]] = []
    with the_gun():
        for seed, sailor in enumerate(crew):
            sailor.tell("hammer", seed=seed, roots=roots, rounds=25)
        until(lambda: waiting() == len(crew))
    while count_sessions("state <> 'idle'") or len(answers) < 20:
        settled = settled_instant()
        answers.append((settled, known_at(settled)))
    for sailor in crew:
        sailor.done()
    for settled, answer in answers:
        assert known_at(settled) == answer
    assert len({frozenset(answer) for _, answer in answers}) > 2


def test_a_long_transaction_looks_anew_each_time(crew: list[Sailor]) -> None:
    """PostgreSQL shows a transaction the sessions as they were when it first looked."""
    slow, *_ = crew
    (root,) = new_roots(1)
    with transaction.atomic():
        settled_instant()
        written = moment(slow.do("hold", changes=[vessel(root, "A")]))
        assert settled_instant() < written
        slow.say("commit")
        slow.done()
        assert settled_instant() > written


def test_the_clock_is_read_before_the_sessions(committed_db: CommittedDatabase) -> None:
    """Whoever begins after the sessions were looked at has a later instant."""
    text = read_sql("settled_instant.sql")
    # The statement stops between the clock and the look at the sessions.
    slow = text.replace("SELECT\n", "SELECT pg_sleep(0.05),\n", 1)
    assert slow != text
    arrived = now()
    with connections["default"].cursor() as cursor:
        cursor.execute(slow)
        settled = cursor.fetchone()[-1]
    assert arrived - TICK <= settled < arrived + timedelta(milliseconds=50)


def test_a_fixed_snapshot_cannot_be_settled(committed_db: CommittedDatabase) -> None:
    with one_snapshot(), pytest.raises(RuntimeError, match="not in repeatable read"):
        settled_instant()


# Where nothing can be settled


def answering(monkeypatch: pytest.MonkeyPatch, row: str) -> None:
    """Let the server say this of itself."""
    monkeypatch.setattr(
        db, "read_sql", lambda name: f"SELECT {row if name == 'settled_instant.sql' else 1}"
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("hidden", "prepared", "standby", "because"),
    [
        (True, False, False, "grant pg_read_all_stats"),
        (False, True, False, "prepared transaction"),
        (False, False, True, "standby"),
        (True, True, True, "standby"),
    ],
)
def test_what_cannot_be_dated_is_not_settled(
    monkeypatch: pytest.MonkeyPatch, hidden: bool, prepared: bool, standby: bool, because: str
) -> None:
    answering(monkeypatch, f"'read committed', {hidden}, {prepared}, {standby}, now()")
    with pytest.raises(NotSettled, match=because):
        settled_instant()


@pytest.mark.django_db
def test_otherwise_it_is_what_the_server_says(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, "'read committed', false, false, false, timestamptz '2020-01-01Z'")
    assert settled_instant() == datetime(2020, 1, 1, tzinfo=UTC)


@contextmanager
def stranger(run: Run, database: CommittedDatabase) -> Iterator[psycopg.Connection]:
    """A session of a role that may not see others."""
    name = f"{run.name}_stranger_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(run.superuser_url, autocommit=True) as superuser:
        role = sql.Identifier(name)
        superuser.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'x'").format(role))
        address = conninfo.make_conninfo(
            run.superuser_url, dbname=database.name, user=name, password="x"
        )
        try:
            with psycopg.connect(address) as session:
                yield session
        finally:
            superuser.execute(sql.SQL("DROP ROLE {}").format(role))


def test_who_may_not_see_the_others_settles_nothing(
    committed_db: CommittedDatabase, database_run: Run
) -> None:
    with stranger(database_run, committed_db) as session:
        before = settled_instant()
        found = session.execute(read_sql("settled_instant.sql")).fetchone()
        assert found is not None
        assert found[:4] == ("read committed", True, False, False)
        # The application sees the stranger, and since when it may be writing.
        writing = "SELECT transaction_timestamp(), pg_current_xact_id()::text"
        began = session.execute(writing).fetchone()
        assert began is not None
        assert before < settled_instant() == began[0] - TICK


# The application's rights


@pytest.mark.django_db(databases=["default", "owner"])
def test_what_is_made_later_is_granted_too() -> None:
    application = connections["default"].settings_dict["USER"]
    with connections["owner"].cursor() as cursor:
        cursor.execute("CREATE TABLE later (id bigint GENERATED ALWAYS AS IDENTITY)")
        cursor.execute(
            "SELECT p FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', "
            "'REFERENCES', 'TRIGGER']) AS p WHERE has_table_privilege(%s, 'later', p)",
            [application],
        )
        granted = {row[0] for row in cursor.fetchall()}
        cursor.execute(
            "SELECT has_sequence_privilege(%s, pg_get_serial_sequence('later', 'id'), 'USAGE')",
            [application],
        )
        assert cursor.fetchone() == (True,)
    assert granted == {"SELECT", "INSERT", "UPDATE", "DELETE"}


def test_a_role_that_is_missing_is_made(committed_db: CommittedDatabase, database_run: Run) -> None:
    name = f"{database_run.name}_{uuid.uuid4().hex[:8]}"
    given = connections["default"].settings_dict | {"USER": name, "PASSWORD": "it's secret"}
    owner = sql.Identifier(connections["owner"].settings_dict["USER"])
    with psycopg.connect(database_run.superuser_url, autocommit=True) as superuser:
        superuser.execute(sql.SQL("ALTER ROLE {} CREATEROLE").format(owner))
        try:
            for _ in range(2):
                # Undone here: afterwards committed_db takes its own settings back.
                with (
                    pytest.MonkeyPatch.context() as patch,
                    connections["owner"].schema_editor() as editor,
                ):
                    patch.setitem(settings.DATABASES, "default", given)
                    GrantApplicationRole().database_forwards("core", editor, None, None)
        finally:
            superuser.execute(sql.SQL("ALTER ROLE {} NOCREATEROLE").format(owner))
        can = "SELECT rolcanlogin, rolsuper, rolcreatedb FROM pg_roles WHERE rolname = %s"
        assert superuser.execute(can, [name]).fetchone() == (True, False, False)
    reads = "SELECT has_table_privilege(%s, 'core_auditentry', 'SELECT')"
    assert one(reads, name, alias="owner") is True


def test_the_operation_says_what_it_does() -> None:
    operation = GrantApplicationRole()
    assert operation.describe() == "Give the application role its rights"
    assert operation.reversible
    assert operation.deconstruct() == ("GrantApplicationRole", (), {})
