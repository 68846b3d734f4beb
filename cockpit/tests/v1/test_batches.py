"""Batches over HTTP, up to the queue: what runs them is tested where workers are."""

import hashlib
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from django.contrib.auth.models import Group, Permission
from rest_framework.test import APIClient

from cockpit.tests.v1.conftest import BATCHES, Caller, send
from core.ingest.batches import end
from core.ingest.kept import keep_path
from core.models import AuditEntry, BatchStage, BatchState, IngestBatch, KeptFile, KeptPiece
from core.personal import Mask
from core.tests.problems import problem, wrong

pytestmark = pytest.mark.django_db
ROWS = "source_id,entity_type,display_name\nA,BANK,Alpha\n"


def one(**values: Any) -> IngestBatch:
    """A batch that was loaded from a shell."""
    given = {
        "model": "entities.entity",
        "file": "feed.csv",
        "options": {},
        "state": BatchState.DONE,
        "actor": "cron",
        "finished_at": datetime(2026, 1, 1, tzinfo=UTC),
    }
    return IngestBatch.objects.create(**given | values)


def finished(batch_id: int, state: BatchState) -> None:
    end(IngestBatch.objects.filter(id=batch_id), state)


# Upload


def test_a_file_is_queued(steward: APIClient) -> None:
    answer = send(
        steward,
        ROWS,
        effective="2024-05-02",
        mode="full",
        max_ended="5%",
        dry_run="true",
        reason="Register of 2 May",
        headers={"X-Request-ID": "req-7"},
    )

    assert answer.status_code == 202, answer.content
    said = answer.json()
    assert answer["Location"] == f"http://testserver{BATCHES}/{said['id']}"
    assert said["options"] == {
        "source": "feed",
        "new_source": False,
        "delimiter": None,
        "encoding": None,
        "format": "csv",
        "effective": "2024-05-02T00:00:00+00:00",
        "mode": "full",
        "max_ended": "5%",
        "max_corrected": None,
        "whole_timelines": False,
        "inclusive_ends": False,
        "last_wins": False,
        "future": None,
        "dry_run": True,
        "strict": False,
        "initial": False,
        "system_time": None,
        "reason": "Register of 2 May",
    }
    assert (said["state"], said["file"], said["actor"]) == ("queued", "feed.csv", "steward")
    assert (said["size"], said["percent"], said["attempts"]) == (len(ROWS), 0, 0)
    assert said["sha256"] == hashlib.sha256(ROWS.encode()).hexdigest()
    assert said["started_at"] is said["finished_at"] is said["rejects"] is None
    assert steward.get(answer["Location"]).json() == said
    (piece,) = KeptPiece.objects.all()
    assert bytes(piece.content) == ROWS.encode()
    entry = AuditEntry.objects.get(model="core.ingestbatch")
    assert (entry.actor, entry.channel, entry.request_id) == ("steward", "api", "req-7")
    assert (entry.before, entry.after["state"]) == (None, "queued")


@pytest.mark.parametrize(
    ("name", "form"),
    [("a.csv", "csv"), ("a.CSV.gz", "csv"), ("a.jsonl", "jsonl"), ("a.ndjson.gz", "jsonl")],
)
def test_the_format_follows_from_the_name(steward: APIClient, name: str, form: str) -> None:
    assert send(steward, name=name).json()["options"]["format"] == form


@pytest.mark.parametrize(
    ("fields", "at_fault"),
    [
        ({"file": None}, [("file", "required")]),
        ({"file": "text"}, [("file", "invalid")]),
        ({"name": "feed.xml"}, [("format", "required")]),
        ({"format": "xml"}, [("format", "invalid_choice")]),
        ({"effective": "yesterday"}, [("effective", "invalid")]),
        ({"effective": "2024-05-02T00:00"}, [("effective", "naive")]),
        ({"max_ended": "5 %", "mode": "full"}, [("max_ended", "invalid")]),
        ({"max_ended": "5%"}, [("max_ended", "invalid_change")]),
        ({"mode": "full", "source": None}, [("source", "invalid_change")]),
        ({"dry_run": "yes"}, [("dry_run", "invalid_choice")]),
        ({"model": "entities.nothing"}, [("model", "invalid_change")]),
        ({"colour": "blue"}, [("colour", "unknown")]),
        ({"reason": ["one", "two"]}, [("reason", "repeated")]),
    ],
)
def test_what_is_wrong_with_a_form(
    steward: APIClient, fields: dict[str, Any], at_fault: list[tuple[str, str]]
) -> None:
    assert wrong(send(steward, **fields)) == at_fault
    assert not KeptFile.objects.exists()


def test_other_bodies_are_not_taken(steward: APIClient) -> None:
    problem(steward.post(BATCHES, {"file": "x"}, format="json"), 415, "unsupported_media_type")
    broken = steward.post(BATCHES, b"--x", content_type="multipart/form-data; boundary=y")
    assert wrong(broken) == [("file", "required")]


def test_a_file_that_is_too_large_is_not_kept(steward: APIClient, settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES = 10
    problem(send(steward, "x" * 11), 413, "body_too_large")
    assert not KeptFile.objects.exists()
    assert send(steward, "x" * 10).status_code == 202


def test_a_file_sent_twice_under_a_key_is_one_batch(steward: APIClient) -> None:
    key = {"Idempotency-Key": "u-1"}
    first, again = (send(steward, ROWS, headers=key) for _ in "ab")
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == again.json()
    assert first["Location"] == again["Location"]
    problem(send(steward, ROWS + "B,BANK,Beta\n", headers=key), 422, "key_reused")
    problem(send(steward, ROWS, dry_run="true", headers=key), 422, "key_reused")
    assert IngestBatch.objects.count() == KeptFile.objects.count() == 1
    assert send(steward, ROWS).json()["id"] != first.json()["id"]


def test_one_that_is_far_too_large_is_refused_unread(steward: APIClient, settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES = 10
    answer = problem(send(steward, "x" * 2_000_000), 413, "body_too_large")
    assert answer["detail"] == "A file has at most 10 bytes: pack it with gzip, or split it."


@pytest.mark.parametrize("name", ["../../etc/passwd.csv", "/root/a.csv", "..\\a.csv"])
def test_a_name_is_never_a_path(steward: APIClient, name: str) -> None:
    said = send(steward, name=name).json()
    assert "/" not in said["file"]
    assert "\\" not in said["file"]


def test_an_uploader_needs_the_right_to_personal_data(db: None, as_role: Caller) -> None:
    loaders = Group.objects.create(name="loaders")
    loaders.permissions.set(Permission.objects.filter(content_type__model="ingestbatch"))
    client = as_role("loaders")
    answer = problem(send(client), 403, "permission_denied")
    assert answer["detail"] == (
        "The rows of a file may hold personal data, which loaders may not see."
    )
    assert not KeptFile.objects.exists()


# Lists


def test_batches_come_in_pages_the_newest_first(
    steward: APIClient, django_assert_num_queries: Any
) -> None:
    made = [one().pk for _ in range(5)]
    with django_assert_num_queries(4):
        first = steward.get(f"{BATCHES}?limit=2").json()
    second = steward.get(first["next"]).json()
    third = steward.get(second["next"]).json()

    pages = [[batch["id"] for batch in page["results"]] for page in (first, second, third)]
    assert pages == [made[:2:-1], made[2:0:-1], made[:1]]
    assert (first["previous"], third["next"]) == (None, None)
    assert steward.get(second["previous"]).json()["results"] == first["results"]


def test_batches_by_state_and_model(steward: APIClient) -> None:
    done, failed = one(), one(state=BatchState.FAILED, model="other.thing")

    def found(query: str) -> list[int]:
        return [batch["id"] for batch in steward.get(f"{BATCHES}?{query}").json()["results"]]

    assert found("state=done") == [done.pk]
    assert found("model=other.thing") == [failed.pk]
    assert found("state=done&model=other.thing") == []
    assert wrong(steward.get(f"{BATCHES}?state=lost")) == [("state", "invalid_choice")]


def test_how_much_of_the_run_is_over(steward: APIClient) -> None:
    def percent(**values: Any) -> int | None:
        return int_or_none(steward.get(f"{BATCHES}/{one(**values).pk}").json()["percent"])

    reading = {"state": BatchState.RUNNING, "stage": BatchStage.READING, "finished_at": None}
    applying = reading | {"stage": BatchStage.APPLYING}
    assert percent(**reading, size=200, bytes_read=99) == 24
    assert percent(**reading, size=200, bytes_read=200) == 50
    assert percent(**reading, size=None, bytes_read=99) is None
    assert percent(**reading, size=0) == 0
    assert percent(**applying, size=None, bytes_read=99) == 50
    assert percent(**applying, size=200, bytes_read=200) == 50
    assert percent(size=None, bytes_read=99) == 100
    assert percent(state=BatchState.DRY_RUN, size=200, bytes_read=200) == 100
    assert percent(state=BatchState.FAILED, size=200, bytes_read=100) == 25


def test_what_a_file_lacks(steward: APIClient) -> None:
    said = steward.get(f"{BATCHES}/{one(missing=3, not_ended=2).pk}").json()
    assert (said["missing"], said["not_ended"]) == (3, 2)


def int_or_none(value: Any) -> int | None:
    return None if value is None else int(value)


def test_a_batch_that_is_none(steward: APIClient) -> None:
    problem(steward.get(f"{BATCHES}/1"), 404, "not_found")
    for what in ("apply", "cancel"):
        problem(steward.post(f"{BATCHES}/1/{what}"), 404, "not_found")
    problem(steward.get(f"{BATCHES}/1/rejects"), 404, "not_found")


# After a dry run


def test_a_dry_run_is_applied_once(steward: APIClient) -> None:
    shown = send(steward, ROWS, dry_run="true", mode="full").json()
    address = f"{BATCHES}/{shown['id']}/apply"
    answer = problem(steward.post(address), 409, "batch_conflict")
    assert answer["detail"] == f"Batch {shown['id']} is no dry run that has ended: it is queued."
    finished(shown["id"], BatchState.DRY_RUN)

    applied = steward.post(address)

    assert applied.status_code == 202
    said = applied.json()
    assert (said["preview"], said["state"], said["sha256"]) == (
        shown["id"],
        "queued",
        shown["sha256"],
    )
    assert said["options"] == shown["options"] | {"dry_run": False}
    assert KeptFile.objects.count() == 1
    answer = problem(steward.post(address), 409, "batch_conflict")
    assert answer["detail"] == f"Batch {shown['id']} is applied already, by batch {said['id']}."
    finished(said["id"], BatchState.FAILED)
    assert steward.post(address).status_code == 202


def test_one_whose_file_is_gone_is_not_applied(steward: APIClient) -> None:
    shown = send(steward, dry_run="true").json()
    finished(shown["id"], BatchState.DRY_RUN)
    KeptFile.objects.all().delete()

    answer = problem(steward.post(f"{BATCHES}/{shown['id']}/apply"), 409, "batch_conflict")

    assert answer["detail"] == (
        f"The file of batch {shown['id']} is not kept any more; upload it again."
    )


def test_applying_under_a_key_is_done_once(steward: APIClient) -> None:
    shown = send(steward, dry_run="true").json()
    finished(shown["id"], BatchState.DRY_RUN)
    key = {"Idempotency-Key": "a-1"}
    first, again = (steward.post(f"{BATCHES}/{shown['id']}/apply", headers=key) for _ in "ab")
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json()["id"] == again.json()["id"]
    assert first["Location"] == again["Location"]


# Cancelling


def test_cancelled_in_the_queue(steward: APIClient) -> None:
    batch = send(steward).json()
    answer = steward.post(f"{BATCHES}/{batch['id']}/cancel")
    assert answer.status_code == 202
    assert answer.json()["state"] == "cancelled"
    assert answer.json()["error"] == "It was cancelled; nothing of it was written."
    entry = AuditEntry.objects.filter(model="core.ingestbatch").latest("id")
    assert (entry.action, entry.before["state"], entry.after["state"]) == (
        "changed",
        "queued",
        "cancelled",
    )
    answer = problem(steward.post(f"{BATCHES}/{batch['id']}/cancel"), 409, "batch_conflict")
    assert answer["detail"] == f"Batch {batch['id']} is over: it is cancelled."


def test_one_that_runs_is_asked_to_end_and_asked_once(steward: APIClient) -> None:
    batch = one(state=BatchState.RUNNING, finished_at=None)
    for _ in range(2):
        answer = steward.post(f"{BATCHES}/{batch.pk}/cancel")
        assert (answer.status_code, answer.json()["state"]) == (202, "running")
        assert answer.json()["cancel_requested_at"] is not None
    assert AuditEntry.objects.filter(model="core.ingestbatch").count() == 1


# Rejects


@pytest.fixture
def rejecting(tmp_path: Any, db: None) -> IngestBatch:
    path = tmp_path / "rejects"
    path.write_bytes(b'{"line":4}\n')
    return one(rejects=keep_path(path, "rejects-7.jsonl"))


def test_rejects_are_downloaded(steward: APIClient, rejecting: IngestBatch, caplog: Any) -> None:
    address = steward.get(f"{BATCHES}/{rejecting.pk}").json()["rejects"]
    assert address == f"http://testserver{BATCHES}/{rejecting.pk}/rejects"
    answer = steward.get(address, headers={"Accept": "application/x-ndjson"})
    assert answer["Content-Type"] == "application/x-ndjson"
    assert answer["Content-Disposition"] == 'attachment; filename="rejects-7.jsonl"'
    assert b"".join(cast("Any", answer).streaming_content) == b'{"line":4}\n'
    problem(steward.get(f"{BATCHES}/{one().pk}/rejects"), 404, "not_found")


def test_whoever_may_not_see_personal_data_sees_no_rejects(
    as_role: Caller, rejecting: IngestBatch
) -> None:
    lookers = Group.objects.create(name="lookers")
    lookers.permissions.set(Permission.objects.filter(codename="view_ingestbatch"))
    client = as_role("lookers")
    assert client.get(f"{BATCHES}/{rejecting.pk}").status_code == 200
    problem(client.get(f"{BATCHES}/{rejecting.pk}/rejects"), 403, "permission_denied")


# What it affects

REPORT = "".join(
    f'{{"what":"ended","uuid":"{n}","entity_type":"{kind}","display_name":"{name}","line":{n}}}\n'
    for n, (kind, name) in enumerate([("PERSON", "Ada"), ("BANK", "Alpha")], 1)
).encode()


@pytest.fixture
def reporting(tmp_path: Any, db: None) -> IngestBatch:
    path = tmp_path / "report"
    path.write_bytes(REPORT)
    counts = {"ended": 2, "corrected": 0, "overtaken": 0}
    return one(affected=counts, report=keep_path(path, "report-7.jsonl"))


def report_to(client: APIClient, batch: IngestBatch) -> bytes:
    answer = client.get(f"{BATCHES}/{batch.pk}/report", headers={"Accept": "application/x-ndjson"})
    assert answer.status_code == 200
    return b"".join(cast("Any", answer).streaming_content)


def test_what_it_affects_is_counted_and_downloaded(
    steward: APIClient, reporting: IngestBatch
) -> None:
    said = steward.get(f"{BATCHES}/{reporting.pk}").json()
    assert said["affected"] == {"ended": 2, "corrected": 0, "overtaken": 0}
    assert said["report"] == f"http://testserver{BATCHES}/{reporting.pk}/report"
    assert report_to(steward, reporting) == REPORT
    other = one()
    assert steward.get(f"{BATCHES}/{other.pk}").json()["affected"]["ended"] == 0
    problem(steward.get(f"{BATCHES}/{other.pk}/report"), 404, "not_found")
    problem(steward.get(f"{BATCHES}/0/report"), 404, "not_found")


def test_names_are_masked_for_whoever_may_not_see_them(
    as_role: Caller, reporting: IngestBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    lookers = Group.objects.create(name="lookers")
    lookers.permissions.set(Permission.objects.filter(codename="view_ingestbatch"))
    client = as_role("lookers")
    mask = Mask("entity_type", frozenset({"PERSON"}), "display_name")
    monkeypatch.setattr(
        "entities.apps.EntitiesConfig.personal_data", lambda self: {"entities.entity": mask}
    )

    found = report_to(client, reporting)

    assert found == REPORT.replace(b'"Ada"', b"null")
