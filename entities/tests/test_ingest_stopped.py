"""Loads that somebody cancels, whatever they are at."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from core.models import AuditEntry, BatchStage, BatchState
from core.tests.databases import CommittedDatabase
from entities.ingest import EntityRows
from entities.models import Entity, EntityAnchor
from entities.tests.feed import SOURCE, Feed, latest_batch
from entities.tests.test_ingest_runs import (
    ROWS,
    WAITING,
    command,
    held,
    started,
    wait_for,
)

SENTENCE = "It was cancelled; nothing of it was written."


def ask_for_the_end() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE core_ingestbatch SET cancel_requested_at = now() WHERE state = 'running'"
        )
        assert cursor.rowcount == 1


def nothing_is_written() -> bool:
    return not (
        Entity.objects.exists()
        or EntityAnchor.objects.exists()
        or AuditEntry.objects.filter(model="entities.entity").exists()
    )


@pytest.mark.parametrize("table", ["entities_entityanchor", "core_auditentry"])
def test_while_it_applies_and_waits_for_others(
    feed: Feed, committed_db: CommittedDatabase, table: Any
) -> None:
    path = feed.write("feed.csv", ROWS)
    arguments = command("ingest_entities", str(path), *SOURCE)
    with held(committed_db, table) as holder, started(arguments) as process:
        wait_for(holder, WAITING, there=True)
        assert latest_batch().stage == BatchStage.APPLYING
        ask_for_the_end()
        assert process.wait(20) == 1

    batch = latest_batch()
    assert (batch.state, batch.error, batch.stage) == (BatchState.CANCELLED, SENTENCE, "")
    assert nothing_is_written()


@pytest.fixture
def between_rows(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], None]:
    """Lets something happen after the first row has been read."""
    original = EntityRows.from_cells

    def arrange(happens: Callable[[], None]) -> None:
        def slowly(door: EntityRows, line: int, cells: Any) -> Any:
            if line == 2:
                happens()
            return original(door, line, cells)

        monkeypatch.setattr(EntityRows, "from_cells", slowly)

    return arrange


def test_while_it_reads(feed: Feed, between_rows: Any) -> None:
    between_rows(ask_for_the_end)

    answer = feed.run(feed.write("feed.csv", ROWS), *SOURCE)

    assert answer.code == 1
    assert answer.err.endswith(SENTENCE)
    assert latest_batch().state == BatchState.CANCELLED
    assert nothing_is_written()


def test_a_dry_run(feed: Feed, between_rows: Any) -> None:
    between_rows(ask_for_the_end)

    feed.run(feed.write("feed.csv", ROWS), *SOURCE, "--dry-run")

    batch = latest_batch()
    assert (batch.state, batch.error, batch.counts) == (BatchState.CANCELLED, SENTENCE, {})
