"""Uploaded files in the hands of real workers, which are told to end, killed, and too many."""

import gzip
import random
import signal
import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.db.models import F

from core.ingest import batches
from core.ingest.asked import Mode
from core.ingest.background import run
from core.ingest.full import Limit
from core.ingest.loading import Loading
from core.ingest.queue import run_batch
from core.ingest.uploads import batch_cancel
from core.models import AuditEntry, BatchStage, BatchState, IngestBatch
from core.models.scd2 import Channel
from core.personal import VIEW
from core.tests.databases import CommittedDatabase, Run
from entities.models import Entity
from entities.tests.background import (
    context_of,
    ended,
    eventually,
    has,
    steward,
    upload,
    working,
)
from entities.tests.conftest import day
from entities.tests.feed import Feed, did, read_jsonl
from entities.tests.test_ingest_runs import HEADER, ROWS, WAITING, held, wait_for

CANCELLED = "It was cancelled; nothing of it was written."
MANY = "\n".join((HEADER, *(f"M{number},BANK,Bank {number},note" for number in range(2000)))) + "\n"


def written_by(batch: IngestBatch) -> int:
    """How often the batch opened an entity."""
    return AuditEntry.objects.filter(model="entities.entity", batch=str(batch.pk)).count()


def test_a_batch_is_run_and_says_what_became_of_it(feed: Feed) -> None:
    batch = upload(ROWS, reason="nightly")
    assert (batch.state, batch.started_at, batch.size) == (BatchState.QUEUED, None, len(ROWS))

    with working():
        eventually(ended(batch))

    assert (batch.state, batch.error, batch.attempts) == (BatchState.DONE, "", 1)
    assert batch.counts == {"entities": did(opened=2), "details": did(opened=1)}
    assert (batch.read, batch.rejected, batch.bytes_read) == (3, 1, len(ROWS))
    assert batch.rejects is not None
    path = feed.write("rejects.jsonl", b"".join(map(bytes, contents(batch.rejects))))
    assert [(one["line"], one["row"]) for one in read_jsonl(path)] == [(4, "C,FIRM,Gamma,")]


def test_a_preview_names_what_it_would_end(feed: Feed) -> None:
    feed.load(ROWS.replace("C,FIRM,Gamma,\n", ""), "--effective", "2020-01-01")
    whole = {"mode": Mode.FULL, "max_ended": Limit.parse("1"), "dry_run": True}
    batch = upload(f"{HEADER}\nA,BANK,Alpha,one\n", effective=day(2021), **whole)

    with working():
        eventually(ended(batch))

    assert (batch.state, batch.missing, batch.not_ended) == (BatchState.DRY_RUN, 1, 0)
    assert batch.affected == {"ended": 1, "corrected": 0, "overtaken": 0}
    path = feed.write("report.jsonl", b"".join(map(bytes, contents(batch.report))))
    assert [(one["what"], one["source_id"], one["line"]) for one in read_jsonl(path)] == [
        ("ended", "B", None)
    ]


def contents(kept: Any) -> Iterator[bytes]:
    return kept.pieces.order_by("number").values_list("content", flat=True).iterator()


def test_the_log_has_who_asked_for_it_and_what_came_of_it(feed: Feed) -> None:
    batch = upload(ROWS, reason="nightly")
    with working():
        eventually(ended(batch))

    own = AuditEntry.objects.filter(model="core.ingestbatch").order_by("id")
    assert [(e.actor, e.channel, e.action, e.batch) for e in own] == [
        ("stella", Channel.API, "opened", str(batch.pk)),
        ("stella", Channel.INGEST, "changed", str(batch.pk)),
    ]
    states = [(e.before and e.before["state"], e.after["state"]) for e in own]
    assert states == [(None, "queued"), ("running", "done")]
    loaded = AuditEntry.objects.filter(model="entities.entity", batch=str(batch.pk))
    assert [(e.actor_id, e.reason) for e in loaded] == [(steward().pk, "nightly")] * 2


# While it runs


def test_how_far_it_is_can_be_seen(feed: Feed, committed_db: CommittedDatabase) -> None:
    batch = upload(ROWS)
    with held(committed_db, "core_auditentry") as holder, working():
        wait_for(holder, WAITING, there=True)
        batch.refresh_from_db()

    assert (batch.state, batch.stage) == (BatchState.RUNNING, BatchStage.APPLYING)
    assert (batch.read, batch.rejected, batch.bytes_read) == (3, 1, len(ROWS))


OPEN_TRANSACTIONS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND usename = %s AND xact_start IS NOT NULL
"""


def test_the_queue_holds_no_transaction_open(feed: Feed, committed_db: CommittedDatabase) -> None:
    upload(ROWS)
    with held(committed_db, "core_auditentry") as holder, working():
        wait_for(holder, WAITING, there=True)
        application = connection.settings_dict["USER"]

        def only_the_load() -> bool:
            return holder.execute(OPEN_TRANSACTIONS, [application]).fetchone() == (1,)

        for _ in range(20):
            eventually(only_the_load)


# Cancelled


def test_cancelled_in_the_queue_it_never_runs(feed: Feed) -> None:
    batch, after = upload(ROWS), upload(ROWS)
    batch_cancel(batch_id=batch.pk, context=context_of(steward()))
    batch.refresh_from_db()
    assert (batch.state, batch.error) == (BatchState.CANCELLED, CANCELLED)

    with working():
        eventually(ended(after))

    batch.refresh_from_db()
    assert (batch.state, batch.attempts, written_by(batch)) == (BatchState.CANCELLED, 0, 0)


def test_cancelled_while_it_applies_the_worker_goes_on(
    feed: Feed, committed_db: CommittedDatabase
) -> None:
    batch = upload(ROWS)
    with working() as worker:
        with held(committed_db, "entities_entityanchor") as holder:
            wait_for(holder, WAITING, there=True)
            batch_cancel(batch_id=batch.pk, context=context_of(steward()))
            eventually(ended(batch), patience=10)
        assert (batch.state, batch.error) == (BatchState.CANCELLED, CANCELLED)
        assert not Entity.objects.exists()
        again = upload(ROWS)
        eventually(ended(again))
        assert worker.poll() is None

    assert (again.state, Entity.objects.count()) == (BatchState.DONE, 2)


# Ended and killed


def test_told_to_end_it_leaves_the_batch_to_others(
    feed: Feed, committed_db: CommittedDatabase
) -> None:
    batch = upload(ROWS)
    with held(committed_db, "core_auditentry") as holder, working() as worker:
        wait_for(holder, WAITING, there=True)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(20) == 0
    assert has(batch, BatchState.QUEUED)()
    assert (batch.read, batch.started_at) == (0, None)
    assert not Entity.objects.exists()

    with working():
        eventually(ended(batch))

    assert (batch.state, batch.attempts, written_by(batch)) == (BatchState.DONE, 2, 2)


def test_killed_while_it_applies(feed: Feed, committed_db: CommittedDatabase) -> None:
    batch = upload(ROWS)
    with held(committed_db, "core_auditentry") as holder, working() as worker:
        wait_for(holder, WAITING, there=True)
        worker.kill()
        worker.wait()
    assert has(batch, BatchState.RUNNING)()
    assert not Entity.objects.exists()

    with working():
        eventually(ended(batch))

    assert (batch.state, batch.attempts, written_by(batch)) == (BatchState.DONE, 2, 2)


@pytest.mark.slow
def test_killed_at_any_moment_it_is_done_once(feed: Feed) -> None:
    """Each time it is killed somewhere between taking the batch and long after it."""
    moments = random.Random(4)
    for number in range(6):
        batch = upload(MANY.replace("M", f"K{number}-"))
        with working() as worker:
            eventually(lambda batch=batch: not has(batch, BatchState.QUEUED)())
            time.sleep(moments.uniform(0.0, 1.2))
            worker.kill()
            worker.wait()
        visible = Entity.objects.filter(display_name__startswith="Bank").count() - 2000 * number
        batch.refresh_from_db()
        assert visible == (2000 if batch.state == BatchState.DONE else 0)

        with working():
            eventually(ended(batch))

        assert (batch.state, written_by(batch)) == (BatchState.DONE, 2000)


def test_what_is_done_is_not_done_again(feed: Feed) -> None:
    """Killed after the load was committed and before the queue knew."""
    batch = upload(ROWS)
    with working():
        eventually(ended(batch))
    run_batch.defer(batch_id=batch.pk)
    after = upload(ROWS)
    with working():
        eventually(ended(after))

    batch.refresh_from_db()
    assert (batch.attempts, written_by(batch)) == (1, 2)


def test_a_batch_that_ends_every_worker_is_given_up(feed: Feed) -> None:
    batch = upload(ROWS)
    IngestBatch.objects.filter(id=batch.pk).update(
        state=BatchState.RUNNING, attempts=batches.ATTEMPTS
    )
    with working():
        eventually(ended(batch))

    assert batch.state == BatchState.FAILED
    assert batch.error == (
        "It was tried 5 times, and every time the process ended before the load did."
    )


def test_only_the_process_that_has_a_batch_may_finish_it(
    feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever was taken for gone, and is not, writes nothing and says nothing of the batch."""
    batch = upload(ROWS)
    original = Loading.apply

    def late(*args: Any, **kwargs: Any) -> Any:
        IngestBatch.objects.filter(id=batch.pk).update(attempts=F("attempts") + 1)
        return original(*args, **kwargs)

    monkeypatch.setattr(Loading, "apply", late)

    run(batch.pk, stop=lambda: False)

    assert has(batch, BatchState.RUNNING)()
    assert (batch.attempts, batch.counts, batch.rejects) == (2, {}, None)
    assert not Entity.objects.exists()


HOLDERS = """
SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND database = (
    SELECT oid FROM pg_database WHERE datname = current_database()
)
"""


def test_one_that_lost_its_hold_on_a_batch_commits_nothing(
    feed: Feed, committed_db: CommittedDatabase, database_run: Run
) -> None:
    """Its load goes on beside that of the worker that took the batch over: one of them counts."""
    batch = upload(ROWS)
    with held(committed_db, "core_auditentry") as holder, working():
        wait_for(holder, WAITING, there=True)
        (lost,) = holder.execute(HOLDERS).fetchall()
        with psycopg.connect(database_run.superuser_url, autocommit=True) as superuser:
            superuser.execute("SELECT pg_terminate_backend(%s)", lost)
        with working():
            eventually(lambda: refreshed(batch).attempts == 2)
            holder.rollback()
            eventually(ended(batch))

    assert (batch.state, batch.attempts, written_by(batch)) == (BatchState.DONE, 2, 2)


def refreshed(batch: IngestBatch) -> IngestBatch:
    batch.refresh_from_db()
    return batch


def test_a_file_that_unpacks_to_far_more_than_it_is_ends_the_batch(
    feed: Feed, settings: Any
) -> None:
    settings.UPLOAD_MAX_BYTES = len(ROWS)
    batch = upload(gzip.compress((ROWS + "\n" * 20 * len(ROWS)).encode()))

    run(batch.pk, stop=lambda: False)

    batch.refresh_from_db()
    assert (batch.state, Entity.objects.count()) == (BatchState.FAILED, 0)
    assert batch.error == f"The file unpacks to more than {20 * len(ROWS):,} bytes."


def test_two_workers_share_the_batches(feed: Feed) -> None:
    queued = [upload(MANY.replace("M", f"S{number}-")) for number in range(6)]
    with working(), working():
        for batch in queued:
            eventually(ended(batch))

    assert [(b.state, b.attempts, written_by(b)) for b in queued] == [("done", 1, 2000)] * 6


def test_it_survives_the_database_being_away(
    feed: Feed, committed_db: CommittedDatabase, database_run: Run
) -> None:
    first = upload(ROWS)
    with working() as worker:
        eventually(ended(first))
        with psycopg.connect(database_run.superuser_url, autocommit=True) as superuser:
            open_to(superuser, committed_db.name, "false")
            superuser.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                [committed_db.name],
            )
            time.sleep(3)
            open_to(superuser, committed_db.name, "true")
        connection.close()
        second = upload(ROWS.replace("A,", "X,"))
        eventually(ended(second))
        assert (second.state, worker.poll()) == (BatchState.DONE, None)


def open_to(superuser: Any, name: str, allowed: str) -> None:
    superuser.execute(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS {allowed}')


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("deactivated", "stella may not load files."),
        ("without a role", "stella may not load files."),
        ("removed", "There is no user stella any more."),
    ],
)
def test_the_file_acts_with_the_rights_that_its_uploader_has_now(
    feed: Feed, change: str, sentence: str
) -> None:
    batch = upload(ROWS)
    user = steward()
    if change == "deactivated":
        user.is_active = False
        user.save()
    elif change == "removed":
        user.delete()
    else:
        user.groups.clear()

    run(batch.pk, stop=lambda: False)

    batch.refresh_from_db()
    assert (batch.state, batch.error) == (BatchState.FAILED, sentence)
    assert not Entity.objects.exists()


def test_rows_that_its_uploader_may_not_write_are_rejected(feed: Feed) -> None:
    """Somebody who may load files, see everything in them, and only write from now on."""
    header = "source_id,entity_type,display_name,valid_from\n"
    batch = upload(f"{header}A,BANK,Alpha,2020-01-01\nB,BANK,Beta,\n")
    user = steward()
    user.groups.clear()
    granted = Permission.objects.filter(codename__in=("add_ingestbatch", VIEW))
    user.user_permissions.set(granted)

    run(batch.pk, stop=lambda: False)

    batch.refresh_from_db()
    assert (batch.state, batch.read, batch.rejected) == (BatchState.DONE, 2, 1)
    assert [entity.display_name for entity in Entity.objects.all()] == ["Beta"]
    path = feed.write("rejects.jsonl", b"".join(map(bytes, contents(batch.rejects))))
    (rejected,) = read_jsonl(path)
    assert rejected["line"] == 2
    assert "would change from 2020-01-01T00:00:00+00:00 on, and your role" in rejected["reason"]
