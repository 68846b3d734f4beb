"""Runs: what is kept of each, what others see of it meanwhile, and what is left of a killed one."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, LiteralString

import psycopg
import pytest
from psycopg import sql

from core.env import ROOT
from core.models import AuditEntry, BatchState, IngestBatch
from core.models.scd2 import Channel
from core.tests.databases import CommittedDatabase
from entities.models import Entity, EntityAnchor, EntityDetail
from entities.tests.feed import SOURCE, Feed, did, latest_batch

HEADER = "source_id,entity_type,display_name,detail:NOTE"
ROWS = "\n".join((HEADER, "A,BANK,Alpha,one", "B,BANK,Beta,", "C,FIRM,Gamma,")) + "\n"
PATIENCE = 60.0


def test_a_batch_says_what_was_asked_for_and_done(feed: Feed) -> None:
    path = feed.write("feed.csv", ROWS)

    feed.run(path, *SOURCE, "--effective", "2020-01-01", "--reason", "nightly", "--actor", "cron")

    batch = latest_batch()
    assert (batch.state, batch.error) == (BatchState.DONE, "")
    assert (batch.file, batch.actor, batch.model) == ("feed.csv", "cron", "entities.entity")
    assert batch.sha256 == hashlib.sha256(ROWS.encode()).hexdigest()
    assert (batch.read, batch.rejected) == (3, 1)
    assert batch.counts == {"entities": did(opened=2), "details": did(opened=1)}
    assert batch.options == {
        "source": "feed",
        "format": "csv",
        "effective": "2020-01-01T00:00:00+00:00",
        "mode": "delta",
        "max_ended": None,
        "future": None,
        "dry_run": False,
        "strict": False,
        "system_time": None,
        "initial": False,
        "reason": "nightly",
        "new_source": False,
        "max_corrected": None,
        "delimiter": None,
        "encoding": None,
        "whole_timelines": False,
        "inclusive_ends": False,
        "last_wins": False,
    }
    assert batch.started_at is not None
    assert batch.finished_at is not None
    assert batch.started_at < batch.finished_at
    assert (batch.size, batch.bytes_read) == (len(ROWS), len(ROWS))


def test_what_a_batch_wrote_can_be_found_in_the_audit_log(feed: Feed) -> None:
    feed.run(feed.write("feed.csv", ROWS), *SOURCE, "--reason", "nightly", "--actor", "cron")

    batch = latest_batch()
    entries = AuditEntry.objects.filter(batch=str(batch.pk)).order_by("id")
    assert {(e.actor, e.channel, e.reason) for e in entries} == {
        ("cron", Channel.INGEST, "nightly")
    }
    assert [entry.model for entry in entries] == [
        "entities.entity",
        "entities.entity",
        "entities.entitydetail",
        "core.ingestbatch",
    ]
    own = entries.get(model="core.ingestbatch")
    assert own.natural_key == {"id": batch.pk}
    assert own.before is None
    assert own.after == {
        "file": "feed.csv",
        "sha256": batch.sha256,
        "options": batch.options,
        "state": "done",
        "cancel_requested_at": None,
        "read": 3,
        "rejected": 1,
        "missing": 0,
        "not_ended": 0,
        "counts": batch.counts,
    }


def test_a_run_that_wrote_nothing_is_no_change_to_audit(feed: Feed) -> None:
    path = feed.write("feed.csv", ROWS)
    feed.run(path, *SOURCE, "--effective", "2020-01-01")
    entries = AuditEntry.objects.count()

    feed.run(path, *SOURCE, "--effective", "2020-01-01")
    feed.run(path, *SOURCE, "--dry-run", "--effective", "2021-01-01")
    feed.run(path, *SOURCE, "--strict")
    feed.run("missing.csv")

    assert AuditEntry.objects.count() == entries
    states = IngestBatch.objects.order_by("id").values_list("state", flat=True)
    assert list(states) == ["done", "done", "dry_run", "refused", "failed"]
    assert IngestBatch.objects.get(state="done", system_instant=None).counts == {
        "entities": did(unchanged=2),
        "details": did(unchanged=1),
    }


def test_the_table_is_for_people(feed: Feed) -> None:
    answer = feed.run(feed.write("feed.csv", ROWS), *SOURCE, "--no-progress")

    lines = answer.out.splitlines()
    assert lines[0].startswith(f"Batch {latest_batch().pk}: 3 rows read, 1 rejected, in ")
    cells = [[cell.strip() for cell in line.split("│")] for line in lines if "│" in line]
    assert [row[1:-1] for row in cells] == [
        ["entities", "2", "0", "0", "0", "0"],
        ["details", "1", "0", "0", "0", "0"],
    ]


# Real processes


def command(*arguments: str) -> list[str]:
    return [sys.executable, str(ROOT / "manage.py"), *arguments]


def environment() -> dict[str, str]:
    """That of a service on the database of the test."""
    return os.environ | {"DJANGO_SETTINGS_MODULE": "entities.config.settings"}


@contextmanager
def started(arguments: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    """A process that does not outlive the block."""
    with subprocess.Popen(
        arguments, cwd=ROOT, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def held(database: CommittedDatabase, table: LiteralString) -> Iterator[psycopg.Connection[Any]]:
    """Let nobody write to a table; whoever tries waits."""
    with psycopg.connect(database.owner_url) as holder:
        holder.execute(sql.SQL("LOCK TABLE {} IN SHARE MODE").format(sql.Identifier(table)))
        yield holder


WAITING = (
    "SELECT FROM pg_locks WHERE NOT granted AND database = "
    "(SELECT oid FROM pg_database WHERE datname = current_database())"
)
LIVING = (
    "SELECT FROM pg_locks WHERE locktype = 'advisory' AND database = "
    "(SELECT oid FROM pg_database WHERE datname = current_database())"
)
"""Locks by which a run shows that it is alive."""


def wait_for(connection: psycopg.Connection[Any], query: LiteralString, there: bool) -> None:
    """Return once the query has rows, or has none."""
    deadline = time.monotonic() + PATIENCE
    while bool(connection.execute(query).rowcount) != there:
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.05)


def test_a_killed_load_leaves_nothing_and_can_be_repeated(
    feed: Feed, committed_db: CommittedDatabase
) -> None:
    path = feed.write("feed.csv", ROWS)
    with held(committed_db, "core_auditentry") as holder:
        arguments = command("ingest_entities", str(path), *SOURCE, "--json")
        with started(arguments) as process:
            wait_for(holder, WAITING, there=True)
            assert latest_batch().state == BatchState.RUNNING
            process.kill()
        assert process.returncode == -signal.SIGKILL
    with psycopg.connect(committed_db.owner_url, autocommit=True) as connection:
        wait_for(connection, LIVING, there=False)

    assert not Entity.objects.exists()
    assert not EntityAnchor.objects.exists()
    assert not EntityDetail.objects.exists()
    killed = latest_batch()

    again = subprocess.run(arguments, cwd=ROOT, env=environment(), capture_output=True, check=False)

    assert again.returncode == 2, again.stderr
    assert Entity.objects.count() == 2
    killed.refresh_from_db()
    assert (killed.state, killed.error) == (
        BatchState.FAILED,
        "The process ended before the load did; nothing of it was written.",
    )
    assert feed.run(path, *SOURCE, "--json").json["entities"] == did(unchanged=2)


def test_a_run_that_is_alive_is_left_alone(feed: Feed, committed_db: CommittedDatabase) -> None:
    path = feed.write("feed.csv", ROWS)
    with held(committed_db, "entities_entityanchor") as holder:
        arguments = command("ingest_entities", str(path), *SOURCE, "--json")
        with started(arguments) as process:
            wait_for(holder, WAITING, there=True)
            alive = latest_batch()
            feed.run("missing.csv")
            alive.refresh_from_db()
            assert alive.state == BatchState.RUNNING
            holder.rollback()
            process.wait()

    alive.refresh_from_db()
    assert (process.returncode, alive.state) == (2, BatchState.DONE)


def test_an_interrupted_run_says_so(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*args: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("entities.ingest.EntityRows.from_cells", interrupted)
    with pytest.raises(KeyboardInterrupt):
        feed.run(feed.write("feed.csv", ROWS), *SOURCE)

    assert latest_batch().state == BatchState.FAILED
    assert latest_batch().error == "It was interrupted; nothing of it was written."
