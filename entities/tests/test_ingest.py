"""What rows mean: files into the register, as it is read afterwards."""

import gzip
import io
import json
import sys
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from core.models import AuditEntry
from core.models.scd2.exceptions import OutsideLifetime
from entities import services
from entities.models import Entity, EntityAnchor, EntityDetail
from entities.naming import entity_uuid
from entities.selectors import basis, entity_snapshot, valid_periods
from entities.tests.conftest import ADA, create, day, update
from entities.tests.feed import Feed, did, latest_batch

HEADER = "source_id,op,entity_type,display_name,valid_from,valid_to,detail:NOTE,detail:EMPLOYEES"
ALPHA = entity_uuid("feed", "A")
BETA = entity_uuid("feed", "B")


def csv(*rows: str, header: str = HEADER) -> str:
    return "\n".join((header, *rows)) + "\n"


def snapshot(uuid: UUID, as_of: datetime | None = None) -> tuple[Any, ...] | None:
    found = entity_snapshot(uuid, as_of=as_of)
    return (found["entity_type"], found["display_name"], found["details"]) if found else None


def test_rows_of_a_csv(feed: Feed) -> None:
    report = feed.load(
        csv("A,upsert,BANK,Alpha,2020-01-01,,plain,12", "B,,PERSON,Beta,2020-01-01,2021-01-01,,")
    )

    assert report["read"] == 2
    assert report["entities"] == did(opened=2)
    assert report["details"] == did(opened=2)
    assert snapshot(ALPHA) == ("BANK", "Alpha", {"NOTE": "plain", "EMPLOYEES": 12})
    assert snapshot(BETA, day(2020, 6)) == ("PERSON", "Beta", {})
    assert valid_periods(BETA) == [(day(2020), day(2021))]
    found = entity_snapshot(ALPHA)
    assert found is not None
    assert (found["source"], found["source_id"]) == ("feed", "A")


def test_rows_of_a_jsonl_are_bodies_of_the_api(feed: Feed) -> None:
    uuid = "6f2d3c8e-0f2e-4a52-9b1d-0c3f6f4bb1a1"
    rows = [
        {
            "source": "feed",
            "source_id": "A",
            "entity_type": "BANK",
            "display_name": "Alpha",
            "details": {"EMPLOYEES": 12, "EQUITY": "1.50", "EXTRA": {"b": [1], "a": None}},
            "valid_from": "2020-01-01",
            "reason": "first seen",
        },
        {
            "uuid": uuid,
            "op": "upsert",
            "entity_type": "PERSON",
            "display_name": "Ada",
            "source": None,
        },
    ]

    answer = feed.run(feed.write("feed.jsonl", "\n".join(map(json.dumps, rows))), "--json")

    assert (answer.code, answer.json["entities"]) == (0, did(opened=2))
    assert snapshot(ALPHA) == (
        "BANK",
        "Alpha",
        {"EMPLOYEES": 12, "EQUITY": "1.5", "EXTRA": {"a": None, "b": [1]}},
    )
    assert snapshot(UUID(uuid)) == ("PERSON", "Ada", {})
    assert Entity.objects.get(uuid=ALPHA).reason == "first seen"


def test_the_same_file_again_writes_nothing(feed: Feed) -> None:
    rows = csv("A,,BANK,Alpha,2020-01-01,,plain,12", "B,,PERSON,Beta,2020-01-01,2021-01-01,,")
    feed.load(rows)
    entries = AuditEntry.objects.count()

    report = feed.load(rows)

    assert report["entities"] == did(unchanged=2)
    assert report["details"] == did(unchanged=2)
    assert AuditEntry.objects.count() == entries


def test_an_empty_cell_says_nothing_and_null_ends_a_detail(feed: Feed) -> None:
    feed.load(csv("A,,BANK,Alpha,2020-01-01,,plain,12"))

    report = feed.load(csv(r"A,,BANK,Alpha,2021-01-01,,,\N"))

    assert report["entities"] == did(unchanged=1)
    assert report["details"] == did(closed=1)
    assert snapshot(ALPHA) == ("BANK", "Alpha", {"NOTE": "plain"})
    assert snapshot(ALPHA, day(2020)) == ("BANK", "Alpha", {"NOTE": "plain", "EMPLOYEES": 12})


def test_cells_that_look_like_something_else_are_written_with_a_backslash(feed: Feed) -> None:
    header = "source_id,entity_type,display_name,detail:NOTE"
    texts = {r"\E": "", r"\\E": r"\E", r"\\N": r"\N", r"\\\N": r"\\N", r"\\host\N": r"\\host\N"}
    rows = [rf"{cell},BANK,\\N,{cell}" for cell in texts if cell != r"\E"]

    feed.load(csv(*rows, r"empty,BANK,\\N,\E", header=header))

    found = EntityAnchor.objects.values_list("source_id", "uuid")
    assert {name: snapshot(uuid) for name, uuid in found} == {
        text or "empty": ("BANK", r"\N", {"NOTE": text}) for text in texts.values()
    }


def test_a_column_names_the_source_of_each_row(feed: Feed) -> None:
    header = "source,source_id,entity_type,display_name"
    rows = ("feed,A,BANK,Alpha", "other,A,BANK,Aleph")
    path = feed.write("feed.csv", csv(*rows, header=header))

    assert feed.run(path).code == 0
    assert snapshot(ALPHA) == ("BANK", "Alpha", {})
    assert snapshot(entity_uuid("other", "A")) == ("BANK", "Aleph", {})
    assert feed.rejects(path, "--source", "feed") == [(3, "The file's source is feed.")]


def test_null_ends_a_detail_in_jsonl_too(feed: Feed) -> None:
    feed.load(csv("A,,BANK,Alpha,2020-01-01,,plain,12"))

    feed.load('{"source_id": "A", "details": {"NOTE": null}}', name="feed.jsonl")

    assert snapshot(ALPHA) == ("BANK", "Alpha", {"EMPLOYEES": 12})


def test_one_column_amends_and_none_leaves_the_entity_alone(feed: Feed) -> None:
    feed.load(csv("A,,BANK,Alpha,2020-01-01,,,", "B,,BANK,Beta,2020-01-01,,,"))

    report = feed.load(csv("A,,,Aleph,2021-01-01,,,", "B,,,,2021-01-01,,told,"))

    assert report["entities"] == did(opened=1, closed=1)
    assert report["details"] == did(opened=1)
    assert snapshot(ALPHA) == ("BANK", "Aleph", {})
    assert snapshot(BETA) == ("BANK", "Beta", {"NOTE": "told"})


def test_the_end_of_an_entity_is_that_of_its_details(feed: Feed) -> None:
    feed.load(csv("A,,BANK,Alpha,2020-01-01,,plain,12"))

    report = feed.load(csv("A,end,,,2021-01-01,,,", "B,end,,,2021-01-01,,,"))

    assert report["entities"] == did(closed=1, unchanged=1)
    assert report["details"] == did(closed=2)
    assert snapshot(ALPHA) is None
    assert valid_periods(ALPHA) == [(day(2020), day(2021))]


def test_what_comes_back_leaves_its_gap(feed: Feed) -> None:
    feed.load(csv("A,,BANK,Alpha,2020-01-01,,plain,"))
    feed.load(csv("A,end,,,2021-01-01,,,"))

    feed.load(csv("A,,BANK,Alpha,2022-01-01,,,"))

    assert valid_periods(ALPHA) == [(day(2020), day(2021)), (day(2022), None)]
    assert snapshot(ALPHA) == ("BANK", "Alpha", {})


def test_effective_is_the_start_of_rows_without_one(feed: Feed) -> None:
    feed.load(csv("A,,BANK,Alpha,,,,", "B,,BANK,Beta,2020-01-01,,,"), "--effective", "2021-03-31")

    assert valid_periods(ALPHA) == [(day(2021, 3, 31), None)]
    assert valid_periods(BETA) == [(day(2020), None)]


def test_without_effective_rows_start_with_the_load(feed: Feed) -> None:
    feed.load(csv("A,,BANK,Alpha,,,,"))

    (version,) = Entity.objects.filter(uuid=ALPHA)
    assert version.valid_from == version.system_from == latest_batch().system_instant


@pytest.mark.parametrize(
    ("future", "later"), [("keep", "Scheduled"), ("overwrite", "Now")], ids=["keep", "overwrite"]
)
def test_future_decides_about_what_is_scheduled(feed: Feed, future: str, later: str) -> None:
    feed.load(csv("A,,BANK,Alpha,2020-01-01,,,", "A,,BANK,Scheduled,2022-01-01,,,"))

    feed.load(csv("A,,BANK,Now,2021-01-01,,,"), "--future", future)

    assert snapshot(ALPHA, day(2021)) == ("BANK", "Now", {})
    assert snapshot(ALPHA, day(2022)) == ("BANK", later, {})


def test_future_reject_refuses_what_is_scheduled_otherwise(feed: Feed) -> None:
    feed.load(csv("A,,BANK,Alpha,2020-01-01,,,", "A,,BANK,Scheduled,2022-01-01,,,"))
    path = feed.write("now.csv", csv("A,,BANK,Now,2021-01-01,,,", "B,,BANK,Beta,2021-01-01,,,"))

    rejected = feed.rejects(path, "--source", "feed", "--future", "reject")

    assert rejected == [(2, "There is a later change, at 2022-01-01T00:00:00+00:00.")]
    assert snapshot(ALPHA, day(2021)) == ("BANK", "Alpha", {})
    assert snapshot(BETA) == ("BANK", "Beta", {})


def test_a_uuid_names_an_entity_that_a_person_made(feed: Feed) -> None:
    uuid = create("Gamma").uuid
    rows = csv(f"{uuid},Delta,told", header="uuid,display_name,detail:NOTE")

    feed.load(rows, "--effective", "2021-01-01")

    assert snapshot(uuid) == ("BANK", "Delta", {"NOTE": "told"})


def test_the_uuid_of_a_source_id_may_stand_beside_it(feed: Feed) -> None:
    header = "uuid,source_id,entity_type,display_name"

    feed.load(csv(f"{ALPHA},A,BANK,Alpha", header=header))

    assert snapshot(ALPHA) == ("BANK", "Alpha", {})


def test_gzip_and_standard_input_are_read_as_they_are(
    feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = gzip.compress(csv("A,,BANK,Alpha,2020-01-01,,,").encode())
    feed.run(feed.write("feed.csv.gz", packed), "--source", "feed")
    monkeypatch.setattr(
        sys, "stdin", io.TextIOWrapper(io.BytesIO(csv("B,,BANK,Beta,,,,").encode()))
    )

    answer = feed.run("-", "--format", "csv", "--source", "feed", "--json")

    assert (answer.code, answer.json["entities"]) == (0, did(opened=1))
    assert snapshot(ALPHA) == ("BANK", "Alpha", {})
    assert snapshot(BETA) == ("BANK", "Beta", {})
    assert latest_batch().file == "-"


def test_quoted_cells_marks_of_bytes_and_other_ends_of_lines(feed: Feed) -> None:
    header = "source_id,entity_type,display_name,detail:NOTE"
    rows = f'\ufeff{header}\r\nA,BANK,"Alpha, ""the"" first","two\nlines"\r\n\r\nB,BANK,Βήτα,\r\n'

    report = feed.load(rows)

    assert report["read"] == 2
    assert snapshot(ALPHA) == ("BANK", 'Alpha, "the" first', {"NOTE": "two\nlines"})
    assert snapshot(BETA) == ("BANK", "Βήτα", {})


def test_more_rows_than_are_held_at_a_time(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.ingest.lines.BLOCK", 60)
    rows = [f"{number},,BANK,Bank {number},2020-01-01,,note {number}," for number in range(10)]

    report = feed.load(csv(*rows))

    assert (report["read"], report["entities"]) == (10, did(opened=10))
    assert Entity.objects.count() == EntityDetail.objects.count() == 10


def test_a_dry_run_does_everything_but_stay(feed: Feed) -> None:
    feed.load(csv("A,,BANK,Alpha,2020-01-01,,plain,"))
    rows = csv("A,,BANK,Aleph,2021-01-01,,,", "B,,BANK,Beta,2021-01-01,,told,")
    entries = AuditEntry.objects.count()

    tried = feed.load(rows, "--dry-run")

    assert tried["entities"] == did(opened=2, closed=1)
    assert tried["details"] == did(opened=1)
    assert snapshot(ALPHA) == ("BANK", "Alpha", {"NOTE": "plain"})
    assert snapshot(BETA) is None
    assert AuditEntry.objects.count() == entries
    loaded = feed.load(rows)
    assert (loaded["entities"], loaded["details"]) == (tried["entities"], tried["details"])


def test_writing_by_hand_goes_on_between_two_loads(feed: Feed) -> None:
    feed.load(csv("A,,BANK,Alpha,2020-01-01,,,"))
    update(ALPHA, valid_from=day(2021), display_name="By hand")

    feed.load(csv("A,,BANK,Alpha,2020-01-01,,,"))

    assert snapshot(ALPHA) == ("BANK", "By hand", {})


def test_the_door_is_as_strict_as_the_services(feed: Feed) -> None:
    header = "source_id,detail:NOTE,valid_from"
    feed.load(csv("A,,BANK,Alpha,2020-01-01,,,"))

    path = feed.write("early.csv", csv("A,told,2019-01-01", header=header))
    ((line, reason),) = feed.rejects(path, "--source", "feed")

    with pytest.raises(OutsideLifetime) as refused:
        services.entity_update(
            uuid=ALPHA, changes={"details": {"NOTE": "told"}}, valid_from=day(2019), context=ADA
        )
    assert (line, reason) == (2, str(refused.value))


# Backfills


def test_system_time_is_the_instant_of_the_load(feed: Feed) -> None:
    earlier = basis()[1]

    then = (earlier + timedelta(microseconds=1)).isoformat()
    report = feed.load(
        csv("A,,BANK,Alpha,2020-01-01,,plain,"), "--system-time", then, "--actor", "history"
    )

    (version,) = Entity.objects.filter(uuid=ALPHA)
    assert (version.system_from.isoformat(), version.actor) == (then, "history")
    entries = AuditEntry.objects.filter(batch=str(report["batch"]))
    assert {entry.instant.isoformat() for entry in entries} == {then}
    assert {entry.model for entry in entries} == {
        "entities.entity",
        "entities.entitydetail",
        "core.ingestbatch",
    }
    own = AuditEntry.objects.get(model="core.ingestbatch")
    assert (own.instant.isoformat(), own.natural_key) == (then, {"id": report["batch"]})
    assert own.recorded_at > own.instant


def test_history_is_compared_with_what_held_at_its_own_instant(feed: Feed) -> None:
    """Not with what holds now: that was still to come."""
    stored = basis()[1]
    one, two, three = (stored + timedelta(microseconds=number) for number in (1, 2, 3))
    rows = ("A,,BANK,Alpha,2020-01-01,,,", f"A,,BANK,Beta,{three.isoformat()},,,")
    feed.load(csv(*rows), "--system-time", one.isoformat())

    feed.load(csv("A,,BANK,Beta,,,,"), "--system-time", two.isoformat())

    timeline = Entity.objects.timeline(uuid=ALPHA).values_list("display_name", "valid_from")
    assert list(timeline) == [("Alpha", day(2020)), ("Beta", two)]


def test_history_is_added_behind_what_is_stored(feed: Feed) -> None:
    """Types are another register: that they were made today is in nobody's way."""
    feed.load(csv("B,,BANK,Beta,2020-01-01,,,"), "--system-time", "2020-01-01")
    path = feed.write("feed.csv", csv("A,,BANK,Alpha,2020-01-01,,,"))

    answer = feed.run(path, "--source", "feed", "--system-time", "2020-01-01")

    assert answer.code == 1
    assert answer.err == (
        "The system instant of a load must be later than every one stored in its register; the "
        "latest is 2020-01-01T00:00:00+00:00."
    )
    assert snapshot(ALPHA) is None


def test_history_is_not_written_in_advance(feed: Feed) -> None:
    path = feed.write("feed.csv", csv("A,,BANK,Alpha,2020-01-01,,,"))

    answer = feed.run(path, "--source", "feed", "--system-time", "9000-01-01")

    assert (answer.code, answer.err) == (
        1,
        "The system instant of a load cannot lie in the future.",
    )
    assert latest_batch().state == "failed"
    assert latest_batch().error == answer.err


def test_nor_where_the_file_changes_nothing(feed: Feed) -> None:
    content = csv("A,,BANK,Alpha,2020-01-01,,,")
    feed.load(content, "--system-time", "2024-01-01")

    answer = feed.run(feed.path("feed.csv"), "--source", "feed", "--system-time", "9000-01-01")
    again = feed.run(feed.path("feed.csv"), "--source", "feed", "--system-time", "2024-01-01")

    assert (answer.code, answer.err) == (
        1,
        "The system instant of a load cannot lie in the future.",
    )
    assert again.code == 0
