"""The feed beside writers in real processes, and the log in pages."""

from __future__ import annotations

import dataclasses
import uuid
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from django.db import transaction

from core.db import as_owner, clock, one_snapshot, settled_instant
from core.models import AuditEntry
from core.models.audit import AuditAction
from core.models.audit_log import record
from core.models.audit_reader import (
    BEGINNING,
    LogFilter,
    Position,
    Row,
    changes,
    feed_place_of,
    last_place,
    log_page,
    place_of,
)
from core.models.scd2 import Change, Channel, Context
from core.personal import Sight
from core.tests.crew import Sailor, the_gun
from core.tests.databases import CommittedDatabase
from core.tests.doors import apply_changes
from core.tests.harbour.models import Flag

MODELS = ["harbour.flag", "harbour.vessel", "harbour.cargo"]
ALL = Sight({}, frozenset())
ADA = Context(actor="ada", channel=Channel.SYSTEM)
PLAIN = {"flag": "NO", "tonnage": None, "in_service": None, "launched": None, "inspected_at": None}

pytestmark = pytest.mark.xdist_group("crew")


class Reader:
    """Follows the feed, part by part."""

    def __init__(self, limit: int = 1000) -> None:
        self.place: Position = BEGINNING
        self.seen: list[Row] = []
        self.limit = limit

    def look(self) -> list[Row]:
        settled = settled_instant()
        with one_snapshot():
            entries, place = changes(
                MODELS, after=self.place, settled=settled, sight=ALL, limit=self.limit
            )
        assert place >= self.place
        self.place = place
        self.seen += entries
        return entries


def vessel(root: str, name: str) -> dict[str, Any]:
    return {"vessel": [root], "set": {"name": name, **PLAIN}, "from": 2000}


def names(entries: list[Row]) -> list[str]:
    return [entry["after"]["name"] for entry in entries if entry["model"] == "harbour.vessel"]


def test_slow_and_fast_writers_and_a_reader_who_misses_nothing(crew: list[Sailor]) -> None:
    roots = [str(uuid.uuid4()) for _ in range(3)]
    reader, hasty = Reader(limit=7), Reader(limit=1000)
    parts = 0
    with the_gun():
        for seed, sailor in enumerate(crew[:2]):
            sailor.tell("dawdle", seed=seed, roots=roots, rounds=12)
        for seed, sailor in enumerate(crew[2:], 10):
            sailor.tell("hammer", seed=seed, roots=roots, rounds=40)
    for sailor in crew:
        while not sailor.has_answered():
            parts += bool(reader.look()) + bool(hasty.look())
        assert sailor.done()
    while reader.look() or hasty.look():
        parts += 1
    logged = list(
        AuditEntry.objects.filter(model__in=MODELS)
        .order_by("recorded_at", "txid", "id")
        .values_list("id", flat=True)
    )
    assert parts > 10
    for one in (reader, hasty):
        assert [entry["id"] for entry in one.seen] == logged
    for before, after in pairwise(reader.seen):
        assert feed_place_of(before) < feed_place_of(after)


def test_no_key_goes_backwards(crew: list[Sailor]) -> None:
    root = str(uuid.uuid4())
    crew[0].do("hold", changes=[vessel(root, "one")])
    crew[1].tell("service", changes=[vessel(root, "two")])
    reader = Reader()
    reader.look()
    assert names(reader.seen) == []
    crew[0].say("commit")
    assert crew[0].done() == "commit done"
    crew[1].done()
    reader.look()
    assert names(reader.seen) == ["one", "two"]


def test_who_began_early_and_wrote_late_is_not_missed(crew: list[Sailor]) -> None:
    """The settled instant goes backwards when it takes its id; the reader does not."""
    first, second, third = (str(uuid.uuid4()) for _ in range(3))
    reader = Reader()
    assert crew[0].do("linger", changes=[vessel(first, "late")]) == "began"
    crew[1].do("service", changes=[vessel(second, "early")])
    reader.look()
    assert names(reader.seen) == ["early"]
    before, place = settled_instant(), reader.place
    crew[0].say("write")
    crew[0].done()
    crew[2].do("service", changes=[vessel(third, "later")])
    assert settled_instant() < before
    assert (reader.look(), reader.place) == ([], place)
    crew[0].say("commit")
    assert crew[0].done() == "done"
    reader.look()
    assert names(reader.seen) == ["early", "late", "later"]


def test_a_backfill_between_two_looks_is_not_missed(committed_db: CommittedDatabase) -> None:
    """Although it sets instants long before those that the reader knows, of other registers."""
    reader = Reader()
    with transaction.atomic():
        record(
            ADA,
            model_label="harbour.vessel",
            key={"id": 1},
            before=None,
            after={"name": "Seen"},
            action=AuditAction.OPENED,
        )
    assert names(reader.look()) == ["Seen"]
    old = datetime(1999, 1, 1, tzinfo=UTC)
    with as_owner():
        backfill = dataclasses.replace(ADA, system_instant=old)
        apply_changes([(Flag, [Change({"code": "XX"}, {"name": "Old"})])], backfill)
    found = reader.look()
    assert [(entry["after"], entry["instant"]) for entry in found] == [({"name": "Old"}, old)]
    assert reader.look() == []


@pytest.fixture
def log(db: None) -> list[int]:
    """Five entries by two actors, two of them of one request."""
    made = []
    for number, actor in enumerate(["ada", "bob", "ada", "bob", "ada"]):
        context = Context(
            actor=actor,
            channel=Channel.API,
            request_id="r" if number < 2 else None,
            batch="b" if number == 4 else None,
        )
        record(
            context,
            model_label="harbour.thing",
            key={"id": number},
            before=None,
            after={"n": number},
            action=AuditAction.OPENED,
        )
        made.append(AuditEntry.objects.latest("id").id)
    return made


def ids(**given: Any) -> list[int]:
    how = {name: given.pop(name) for name in ("after", "backwards") if name in given}
    return own(log_page(LogFilter(**given), limit=100, **how))


def own(rows: list[dict[str, Any]]) -> list[int]:
    """The numbers of what was not there from the first migration on."""
    return [row["id"] for row in rows if row["actor"] != "migration"]


def test_the_log_newest_first(log: list[int]) -> None:
    assert ids() == log[::-1]
    assert ids(backwards=True) == log


def test_its_filters(log: list[int]) -> None:
    entry = AuditEntry.objects.get(id=log[2])
    assert ids(actor="ada") == [log[4], log[2], log[0]]
    assert ids(actor="ada", request_id="r") == [log[0]]
    assert ids(batch="b") == [log[4]]
    assert ids(uuid=entry.uuid) == [log[2]]
    assert ids(from_=entry.instant) == log[:1:-1]
    assert ids(to=entry.instant) == log[2::-1]
    assert ids(actor="nobody") == []


def test_its_pages(log: list[int]) -> None:
    found, after = [], None
    while page := log_page(LogFilter(), after=after, limit=2):
        found += own(page)
        after = place_of(page[-1])
    assert found == log[::-1]
    assert ids(after=after, backwards=True) == log


def test_an_entry_as_it_is_read(log: list[int]) -> None:
    entry = AuditEntry.objects.get(id=log[0])
    row = log_page(LogFilter(uuid=entry.uuid), limit=1)[0]
    assert row == {
        name: getattr(entry, name) for name in row if name not in ("natural_key", "before", "after")
    } | {"natural_key": {"id": 0}, "before": None, "after": {"n": 0}}


def test_the_last_place(log: list[int]) -> None:
    entry = AuditEntry.objects.get(id=log[4])
    assert last_place(clock()) == (entry.recorded_at, entry.txid, entry.id)
    assert last_place(datetime(2000, 1, 1, tzinfo=UTC)) == BEGINNING
