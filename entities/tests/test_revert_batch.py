"""``revert_batch``: what a load did is taken back, as a batch of its own."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command

from core.ingest.revert import Run
from core.models import AuditEntry, BatchState, IngestBatch
from core.models.scd2 import Channel
from entities.models import Entity, EntityDetail
from entities.naming import entity_uuid
from entities.selectors import entity_snapshot
from entities.tests.conftest import day, update
from entities.tests.feed import SOURCE, Answer, Feed, did, latest_batch

HEADER = "source_id,entity_type,display_name,valid_from,detail:NOTE"
A, B = entity_uuid("feed", "A"), entity_uuid("feed", "B")


def csv(*rows: str) -> str:
    return "\n".join((HEADER, *rows)) + "\n"


def live() -> set[tuple[Any, ...]]:
    """All timelines as they are believed now."""
    period = ("valid_from", "valid_to")
    entities = Entity.objects.live().values_list("uuid", "display_name", *period)
    details = EntityDetail.objects.live()
    return {*entities, *details.values_list("entity_uuid", "detail_code", "value", *period)}


def revert(feed: Feed, batch: int, *options: str) -> Answer:
    return feed.call("revert_batch", str(batch), *options)


@pytest.fixture
def loaded(feed: Feed) -> int:
    """A history, and the number of a batch that changed, opened and corrected some of it."""
    feed.load(csv("A,BANK,Alpha,2000-01-01,one", "A,BANK,Aleph,2010-01-01,"))
    rows = ("A,BANK,Alif,2005-01-01,two", "B,BANK,Beta,2005-01-01,new")
    return int(feed.load(csv(*rows))["batch"])


def test_it_is_as_it_was_and_history_shows_both(feed: Feed) -> None:
    feed.load(csv("A,BANK,Alpha,2000-01-01,one", "A,BANK,Aleph,2010-01-01,"))
    before = live()
    report = feed.load(csv("A,BANK,Alif,2005-01-01,two", "B,BANK,Beta,2005-01-01,new"))
    known = IngestBatch.objects.get(pk=report["batch"]).system_instant
    rows = Entity.objects.count() + EntityDetail.objects.count()

    answer = revert(feed, report["batch"], "--json", "--actor", "ada", "--reason", "wrong file")

    assert (answer.code, live()) == (0, before)
    batch = latest_batch()
    assert answer.json == {
        "batch": batch.pk,
        "reverted": report["batch"],
        "kept": 0,
        "entities": did(opened=1, superseded=3),
        "details": did(opened=1, superseded=3),
        "seconds": answer.json["seconds"],
    }
    assert Entity.objects.count() + EntityDetail.objects.count() == rows + 2
    then = entity_snapshot(A, as_of=day(2006), known_at=known)
    assert then is not None
    assert (then["display_name"], then["details"]) == ("Alif", {"NOTE": "two"})
    entries = AuditEntry.objects.filter(batch=str(batch.pk)).exclude(model="core.ingestbatch")
    assert {(e.actor, e.channel, e.reason, e.instant) for e in entries} == {
        ("ada", Channel.INGEST, "wrong file", batch.system_instant)
    }
    assert (batch.state, batch.file) == (BatchState.DONE, f"revert of batch {report['batch']}")
    assert batch.options == {
        "reverts": report["batch"],
        "keep_later": False,
        "dry_run": False,
        "reason": "wrong file",
    }
    assert AuditEntry.objects.get(model="core.ingestbatch", batch=str(batch.pk)).actor == "ada"


def test_a_revert_can_be_reverted(feed: Feed, loaded: int) -> None:
    after = live()
    first = revert(feed, loaded, "--json").json["batch"]
    assert live() != after

    answer = revert(feed, first)

    assert answer.code == 0
    assert answer.out.startswith(f"Batch {latest_batch().pk}: batch {first} is taken back, in ")
    assert live() == after
    assert AuditEntry.objects.latest("id").reason == f"Revert of batch {first}"


def test_a_dry_run_stays_without_effect(feed: Feed, loaded: int) -> None:
    before, entries = live(), AuditEntry.objects.count()

    answer = revert(feed, loaded, "--dry-run")

    assert answer.code == 0
    assert "dry run, nothing was written" in answer.out
    assert latest_batch().state == BatchState.DRY_RUN
    assert (live(), AuditEntry.objects.count()) == (before, entries)
    assert latest_batch().counts["entities"] == did(opened=1, superseded=3)


def test_later_changes_are_named_and_refuse_it(feed: Feed, loaded: int) -> None:
    update(A, day(2007), details={"NOTE": "three"})
    feed.load(csv("B,BANK,Better,2020-01-01,new"))
    later, before = latest_batch().pk, live()

    answer = revert(feed, loaded)

    assert answer.code == 1
    lines = answer.err.splitlines()
    assert lines[0] == (
        f"Later changes stand on top of batch {loaded}; nothing was written. The first:"
    )
    assert lines[1].startswith(
        f"  entities.entitydetail {A} NOTE from 2007-01-01T00:00:00+00:00, by ada at "
    )
    assert lines[2].startswith(f"  entities.entity {B} from 2020-01-01T00:00:00+00:00, by ")
    assert lines[2].endswith(f"(batch {later})")
    assert len(lines) == 3
    assert live() == before
    assert (latest_batch().state, latest_batch().error) == (BatchState.REFUSED, answer.err)


def test_keep_later_takes_back_the_rest(feed: Feed, loaded: int) -> None:
    update(A, day(2007), details={"NOTE": "three"})
    update(B, day(2020), display_name="Better")

    answer = revert(feed, loaded, "--keep-later")

    assert answer.code == 0
    assert "; 2 later changes were left" in answer.out
    notes = EntityDetail.objects.timeline(entity_uuid=A).values_list("value", "valid_from")
    assert list(notes) == [("one", day(2000)), ("three", day(2007))]
    names = Entity.objects.timeline(uuid=A).values_list("display_name", "valid_from")
    assert list(names) == [("Alpha", day(2000)), ("Aleph", day(2010))]
    kept = Entity.objects.timeline(uuid=B).values_list("display_name", "valid_from", "valid_to")
    assert list(kept) == [("Better", day(2020), None)]


def test_something_later_inside_an_entity_keeps_it(feed: Feed, loaded: int) -> None:
    """To take the entity back would take along what another one said of it."""
    update(B, day(2010), valid_to=day(2012), details={"EMPLOYEES": 12})

    assert revert(feed, loaded).code == 1
    assert revert(feed, loaded, "--keep-later").code == 0

    assert list(Entity.objects.timeline(uuid=B).values_list("valid_from", "valid_to")) == [
        (day(2010), day(2012))
    ]


def test_what_a_full_file_ended_comes_back(feed: Feed, loaded: int) -> None:
    before = live()
    full = ("--mode", "full", "--max-ended", "100%", "--effective", "2015-01-01")
    ended = feed.load(csv(), *full)["batch"]
    assert live() != before

    assert revert(feed, ended).code == 0
    assert live() == before


def test_a_change_between_the_look_and_the_locks_is_seen(
    feed: Feed, loaded: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = Run.apply
    calls: list[Any] = []

    def slow(run: Run, load: Any) -> Any:
        if not calls:
            update(A, day(2007), display_name="Meanwhile")
        calls.append(load)
        return original(run, load)

    monkeypatch.setattr(Run, "apply", slow)
    answer = revert(feed, loaded, "--keep-later")

    assert (answer.code, len(calls)) == (0, 2)
    names = Entity.objects.timeline(uuid=A).values_list("display_name", flat=True)
    assert list(names) == ["Alpha", "Meanwhile", "Aleph"]


@pytest.mark.parametrize("what", ["nothing", "unchanged", "dry_run", "failed"])
def test_what_cannot_be_taken_back(feed: Feed, loaded: int, what: str) -> None:
    path = feed.write("again.csv", csv("A,BANK,Alif,2005-01-01,two"))
    if what == "unchanged":
        feed.run(path, *SOURCE)
    elif what == "dry_run":
        feed.run(feed.write("other.csv", csv("C,BANK,C,2000-01-01,")), *SOURCE, "--dry-run")
    elif what == "failed":
        feed.run("missing.csv")
    batch = 0 if what == "nothing" else latest_batch().pk
    count = IngestBatch.objects.count()

    answer = revert(feed, batch)

    assert answer.code == 1
    assert (
        answer.err
        == {
            "nothing": "There is no batch 0.",
            "unchanged": f"Batch {batch} (done) wrote nothing that could be taken back.",
            "dry_run": f"Batch {batch} (dry run) wrote nothing that could be taken back.",
            "failed": f"Batch {batch} (failed) wrote nothing that could be taken back.",
        }[what]
    )
    assert IngestBatch.objects.count() == count


def test_a_number_that_is_none_is_refused_like_any_other_mistake(capsys: Any) -> None:
    with pytest.raises(SystemExit) as ended:
        call_command("revert_batch", "abc")
    assert ended.value.code == 1
    assert capsys.readouterr().err.endswith(
        " revert_batch: argument BATCH: invalid int value: 'abc'\n"
    )
