"""The batches in the admin: to look at, to download from, and to cancel."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from cockpit.tests.conftest import signed_in
from core.ingest.kept import keep_path
from core.models import AuditEntry, BatchStage, BatchState, IngestBatch
from core.models.audit_log import thing_uuid

pytestmark = pytest.mark.django_db
LIST = "/core/ingestbatch/"
REPORT = b'{"what":"ended","uuid":"1","entity_type":"PERSON","display_name":"Ada","line":null}\n'


@pytest.fixture(autouse=True)
def cockpit_service(settings: Any) -> None:
    settings.ROOT_URLCONF = "cockpit.config.urls"


@pytest.fixture
def steward() -> Client:
    return signed_in("stella", "steward")


def made(state: BatchState, **values: Any) -> IngestBatch:
    given = {"model": "entities.entity", "file": "feed.csv", "options": {"source": "feed"}}
    over = None if state in (BatchState.QUEUED, BatchState.RUNNING) else datetime.now(UTC)
    return IngestBatch.objects.create(**given | values, state=state, actor="cron", finished_at=over)


def test_the_list_says_how_far_each_is(steward: Client, django_assert_max_num_queries: Any) -> None:
    counts = {
        "entities": {"opened": 1200, "closed": 3, "superseded": 0, "unchanged": 7, "overtaken": 0}
    }
    made(BatchState.DONE, read=1210, counts=counts)
    made(BatchState.RUNNING, read=5000, size=200, bytes_read=99, stage=BatchStage.READING)
    for _ in range(20):
        made(BatchState.QUEUED)

    with django_assert_max_num_queries(8):
        page = steward.get(LIST).content.decode()

    assert "entities: 1,200 opened, 3 closed, 0 superseded" in page
    assert "reading: 5,000 rows, 49 % of the file" in page


def test_who_may_load_cancels(steward: Client) -> None:
    queued, done = made(BatchState.QUEUED), made(BatchState.DONE)

    answer = steward.post(
        LIST, {"action": "cancel", "_selected_action": [queued.pk, done.pk]}, follow=True
    )

    queued.refresh_from_db()
    assert queued.state == BatchState.CANCELLED
    assert f"Batch {done.pk} is over: it is done." in answer.content.decode()
    entry = AuditEntry.objects.get(model="core.ingestbatch")
    assert (entry.actor, entry.channel, entry.after["state"]) == ("stella", "admin", "cancelled")


def test_who_only_looks_cancels_nothing() -> None:
    queued = made(BatchState.QUEUED)
    auditor = signed_in("otto", "auditor")
    assert 'value="cancel"' not in auditor.get(LIST).content.decode()

    auditor.post(LIST, {"action": "cancel", "_selected_action": [queued.pk]}, follow=True)

    queued.refresh_from_db()
    assert queued.state == BatchState.QUEUED


def test_rejects_are_downloaded(steward: Client, tmp_path: Path) -> None:
    path = tmp_path / "rejects"
    path.write_bytes(b'{"line":4}\n')
    batch = made(BatchState.DONE, rejected=1, rejects=keep_path(path, "rejects-1.jsonl"))
    address = f"{LIST}{batch.pk}/rejects/"

    assert address in steward.get(f"{LIST}{batch.pk}/change/").content.decode()
    answer: Any = steward.get(address)
    assert b"".join(answer.streaming_content) == b'{"line":4}\n'
    assert answer["Content-Disposition"] == 'attachment; filename="rejects-1.jsonl"'
    assert steward.get(f"{LIST}{made(BatchState.DONE).pk}/rejects/").status_code == 404


def test_what_it_affects_is_downloaded_as_its_reader_may_see_it(
    steward: Client, tmp_path: Path
) -> None:
    path = tmp_path / "report"
    path.write_bytes(REPORT)
    counts = {"ended": 1_200, "corrected": 3, "overtaken": 0}
    batch = made(BatchState.DRY_RUN, affected=counts, report=keep_path(path, "report-1.jsonl"))
    address = f"{LIST}{batch.pk}/report/"

    page = steward.get(f"{LIST}{batch.pk}/change/").content.decode()
    assert address in page
    assert "1,200 ended, 3 corrected, 0 overtaken" in page
    answer: Any = steward.get(address)
    assert b"".join(answer.streaming_content) == REPORT
    assert answer["Content-Disposition"] == 'attachment; filename="report-1.jsonl"'
    assert steward.get(f"{LIST}{made(BatchState.DONE).pk}/report/").status_code == 404


def test_what_a_file_lacks_is_shown(steward: Client) -> None:
    batch = made(BatchState.DONE, missing=1_200, not_ended=7)
    page = steward.get(f"{LIST}{batch.pk}/change/").content.decode()
    assert "1,200 that are valid, 7 of them not ended" in page


def test_its_history_is_in_the_log(steward: Client) -> None:
    batch = made(BatchState.DONE)
    answer = steward.get(f"{LIST}{batch.pk}/history/")
    uuid = thing_uuid("core.ingestbatch", {"id": batch.pk})
    assert answer["Location"] == f"/core/auditentry/?uuid={uuid}"


def test_the_queue_s_own_pages_are_left_out() -> None:
    root = signed_in("root", superuser=True)
    assert root.get("/procrastinate/procrastinatejob/").status_code == 404
