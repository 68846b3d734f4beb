"""What is refused before a file is queued, and options of an upload that reach its load."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from rest_framework.test import APIClient

from cockpit.tests.v1.conftest import send
from core.ingest.asked import Asked
from core.models import IngestBatch, KeptFile
from core.models.scd2.change import Future
from core.tests.problems import wrong

pytestmark = pytest.mark.django_db
NAMELESS = [
    ("feed.csv", "source_id,entity_type,display_name\nA,BANK,Alpha\n"),
    ("feed.csv", "source_id;entity_type;display_name\nA;BANK;Alpha\n"),
    ("feed.jsonl", '{"source_id": "A", "source": null, "entity_type": "BANK"}\n'),
]
NAMED = [
    ("feed.csv", "source,source_id,entity_type,display_name\nfeed,A,BANK,Alpha\n"),
    ("feed.csv", "uuid,source_id,entity_type,display_name\n,A,BANK,Alpha\n"),
    ("feed.jsonl", '{"source_id": "A", "source": "feed", "entity_type": "BANK"}\n'),
    # What is wrong otherwise is for the batch to say.
    ("feed.jsonl", "no JSON\n"),
    ("feed.csv", ""),
    ("feed.csv", b"PK\x03\x04"),
]


@pytest.mark.parametrize(("name", "content"), NAMELESS)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
def test_rows_named_by_source_id_alone_need_a_source(
    steward: APIClient, name: str, content: str, packed: bool
) -> None:
    given: Any = gzip.compress(content.encode()) if packed else content
    answer = send(steward, given, name=f"{name}.gz" if packed else name, source=None)

    assert answer.status_code == 400
    assert wrong(answer) == [("source", "invalid_change")]
    assert answer.json()["errors"][0]["detail"] == (
        "The rows are named by source_id alone: say the source of the file."
    )
    assert (IngestBatch.objects.count(), KeptFile.objects.count()) == (0, 0)
    assert send(steward, given, name=f"{name}.gz" if packed else name).status_code == 202


@pytest.mark.parametrize(("name", "content"), NAMED)
def test_others_are_queued(steward: APIClient, name: str, content: str | bytes) -> None:
    assert send(steward, content or b" ", name=name, source=None).status_code == 202


def test_the_file_is_kept_from_its_beginning(steward: APIClient) -> None:
    content = "source,source_id,entity_type,display_name\n" + "feed,A,BANK,Alpha\n" * 100_000
    assert send(steward, content, source=None).status_code == 202
    kept = KeptFile.objects.get()
    assert b"".join(piece.content for piece in kept.pieces.order_by("number")) == content.encode()


def test_every_option_reaches_the_load(steward: APIClient) -> None:
    options: dict[str, Any] = {
        "mode": "full",
        "max_ended": "5",
        "max_corrected": "7%",
        "inclusive_ends": "true",
        "last_wins": "true",
        "new_source": "true",
        "future": "keep",
        "strict": "true",
    }
    assert send(steward, **options).status_code == 202
    asked = Asked.from_json(IngestBatch.objects.get().options)
    assert (str(asked.max_ended), str(asked.max_corrected)) == ("5", "7%")
    assert (asked.inclusive_ends, asked.last_wins, asked.new_source) == (True, True, True)
    assert (asked.future, asked.strict, asked.whole_timelines) == (Future.KEEP, True, False)
    assert send(steward, whole_timelines="true").status_code == 202
    asked = Asked.from_json(IngestBatch.objects.latest("id").options)
    assert (asked.whole_timelines, asked.future) == (True, None)


def test_options_that_contradict_each_other(steward: APIClient) -> None:
    assert wrong(send(steward, whole_timelines="true", future="keep")) == [
        ("future", "invalid_change")
    ]
    assert wrong(send(steward, max_corrected="5%")) == [("max_corrected", "invalid_change")]
