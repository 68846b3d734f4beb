"""What a scrape tells of batches and workers."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone

from core.ingest import metrics
from core.ingest.metrics import BatchGauges
from core.models import BatchState, IngestBatch


def told() -> dict[str, float]:
    return {
        "".join((sample.name, *sample.labels.values())): sample.value
        for metric in BatchGauges().collect()
        for sample in metric.samples
    }


@pytest.mark.django_db
def test_what_waits_and_who_works() -> None:
    assert told() == {
        "cockpit_batchesqueued": 0.0,
        "cockpit_batchesrunning": 0.0,
        "cockpit_batch_waiting_seconds": 0.0,
        "cockpit_workers": 0.0,
    }
    for state, minutes in (("queued", 10), ("queued", 5), ("running", 20), ("done", 30)):
        IngestBatch.objects.create(
            model="entities.entity",
            file="feed.csv",
            options={},
            state=state,
            actor="ada",
            queued_at=timezone.now() - timedelta(minutes=minutes),
            finished_at=timezone.now() if state == BatchState.DONE else None,
        )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) "
            "VALUES (now()), (now() - interval '29 s'), (now() - interval '31 s')"
        )

    found = told()

    assert found.pop("cockpit_batch_waiting_seconds") == pytest.approx(600, abs=30)
    assert found == {
        "cockpit_batchesqueued": 2.0,
        "cockpit_batchesrunning": 1.0,
        "cockpit_workers": 2.0,
    }


def test_a_database_that_is_away_stops_no_scrape(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> Any:
        raise DatabaseError

    monkeypatch.setattr(metrics, "gauges", away)
    assert told() == {}
