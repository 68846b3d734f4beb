"""Full loads of one source: what they say holds, in whatever order they come."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.db import OperationalError, connection, connections
from django.utils import timezone

from core.ingest.full import Full, Limit
from core.ingest.full_loads import one_at_a_time
from core.ingest.loading import Loading
from core.ingest.rejects import Rejects
from core.ingest.source import Source
from core.models import BatchState, IngestBatch
from core.models.scd2.change import Future, Result
from core.models.scd2.staging import Load
from core.sql import read_sql
from core.tests.models.scd2.history import rolled_back
from entities.ingest import EntityRows
from entities.models import Entity, EntityDetail
from entities.naming import entity_uuid
from entities.tests.conftest import ADA, day, update
from entities.tests.feed import SOURCE, Feed, did, latest_batch

FULL = ("--mode", "full", "--max-ended", "100%", "--effective")
NO_BRAKE = Limit(Decimal(100), is_percentage=True)
HEADER = "source_id,entity_type,display_name,valid_from,detail:NOTE"
BOTH = ("A,BANK,Alpha,2024-01-01,one", "B,BANK,Beta,2024-01-01,")


def csv(*rows: str) -> str:
    return "\n".join((HEADER, *rows)) + "\n"


def timeline(name: str) -> list[tuple[Any, ...]]:
    """An entity's live versions: name, and the years from and to."""
    rows = Entity.objects.timeline(uuid=entity_uuid("feed", name))
    return [(row.display_name, row.valid_from, row.valid_to) for row in rows]


def notes(name: str) -> list[tuple[Any, ...]]:
    rows = EntityDetail.objects.timeline(entity_uuid=entity_uuid("feed", name))
    return [(row.value, row.valid_from, row.valid_to) for row in rows]


def valid(year: int) -> list[str]:
    return sorted(Entity.objects.as_of(day(year)).values_list("display_name", flat=True))


# What one file left out and the next one brings back


def test_what_one_file_left_out_is_back_from_its_own_start(feed: Feed) -> None:
    feed.load(csv(*BOTH), *FULL, "2024-06-01")
    feed.load(csv(BOTH[1]), *FULL, "2025-01-01")
    assert timeline("A") == [("Alpha", day(2024), day(2025))]

    done = feed.load(csv(*BOTH), *FULL, "2026-01-01")

    assert done["entities"] == did(opened=1, superseded=1, unchanged=1)
    assert done["details"] == did(opened=1, superseded=1)
    assert timeline("A") == [("Alpha", day(2024), None)]
    assert notes("A") == [("one", day(2024), None)]


def test_without_a_start_of_its_own_it_is_back_from_effective_and_the_gap_stays(feed: Feed) -> None:
    both = csv("A,BANK,Alpha,,one", "B,BANK,Beta,,")
    for year, content in ((2024, both), (2025, csv("B,BANK,Beta,,")), (2026, both)):
        feed.load(content, *FULL, f"{year}-01-01")

    assert timeline("A") == [("Alpha", day(2024), day(2025)), ("Alpha", day(2026), None)]
    assert notes("A") == [("one", day(2024), day(2025)), ("one", day(2026), None)]


def test_what_was_changed_by_hand_is_as_the_file_says(feed: Feed) -> None:
    feed.load(csv(*BOTH), *FULL, "2024-06-01")
    uuid = entity_uuid("feed", "A")
    update(uuid, day(2025), display_name="By hand", details={"NOTE": "two", "EXTRA": 1})

    done = feed.load(csv(*BOTH), *FULL, "2026-01-01")

    assert done["entities"] == did(opened=1, superseded=2, unchanged=1)
    assert timeline("A") == [("Alpha", day(2024), None)]
    assert notes("A") == [("one", day(2024), None)]


def test_what_is_scheduled_after_effective_stays_and_is_not_held_back(feed: Feed) -> None:
    feed.load(csv("A,BANK,Alpha,,"), *FULL, "2024-01-01")
    update(entity_uuid("feed", "A"), day(2080), display_name="Later")

    done = feed.load(csv("A,BANK,Aleph,,"), *FULL, "2025-01-01")

    assert done["entities"] == did(opened=2, superseded=1)
    assert timeline("A") == [
        ("Alpha", day(2024), day(2025)),
        ("Aleph", day(2025), day(2080)),
        ("Later", day(2080), None),
    ]


# Releases out of order


def test_an_older_release_speaks_until_the_next_one(feed: Feed) -> None:
    feed.load(csv("A,BANK,A,,"), *FULL, "2023-01-01")
    late = feed.load(csv("A,BANK,A,,", "Z,BANK,Z,,"), *FULL, "2021-01-01")
    assert (valid(2021), valid(2023)) == (["A", "Z"], ["A"])
    assert late["entities"] == did(opened=2, superseded=1, overtaken=1)

    late = feed.load(csv("B,BANK,B,,"), *FULL, "2022-01-01")

    assert [valid(year) for year in (2021, 2022, 2023)] == [["A", "Z"], ["B"], ["A"]]
    assert late["entities"]["overtaken"] == 1


class State(NamedTuple):
    """How a release says a thing is."""

    name: str
    note: str


STATES = (None, State("One", "x"), State("Two", ""))
YEARS = (2018, 2019, 2020, 2021)
PATTERNS = list(itertools.product(STATES, repeat=len(YEARS)))
"""A thing for each way of being there or not, and so or otherwise, in four releases: gaps,
revivals and equal states among them."""


def release(number: int, start: str = "") -> str:
    rows = [
        f"{thing},BANK,{state.name},{start},{state.note}"
        for thing, states in enumerate(PATTERNS)
        if (state := states[number])
    ]
    return csv(*rows)


def spans(loaded: Sequence[int], of: Any) -> set[tuple[Any, ...]]:
    """What holds in all of the things once some releases are loaded: each until the next."""
    found: set[tuple[Any, ...]] = set()
    ordered = sorted(loaded)
    for thing, states in enumerate(PATTERNS):
        told = [(of(states[number]), day(YEARS[number])) for number in ordered]
        for value, run in itertools.groupby(told, key=lambda one: one[0]):
            starts = [start for _, start in run]
            later = [start for _, start in told if start > starts[-1]]
            if value:
                found.add((thing, value, starts[0], min(later, default=None)))
    return found


def stored() -> tuple[set[tuple[Any, ...]], set[tuple[Any, ...]]]:
    """Entities and details as they are believed now, by the number of their thing."""
    numbers = {entity_uuid("feed", str(thing)): thing for thing in range(len(PATTERNS))}
    entities = Entity.objects.live().values_list("uuid", "display_name", "valid_from", "valid_to")
    details = EntityDetail.objects.live().values_list(
        "entity_uuid", "value", "valid_from", "valid_to"
    )
    return (
        {(numbers[uuid], *rest) for uuid, *rest in entities},
        {(numbers[uuid], *rest) for uuid, *rest in details},
    )


def name_of(state: State | None) -> str | None:
    return state and state.name


def note_of(state: State | None) -> str | None:
    return (state and state.note) or None


def held_back(number: int, loaded: Sequence[int], of: Any) -> int:
    """How many values of a release do not hold now, for all the releases that are loaded."""
    last = max(number, *loaded) if loaded else number
    return sum(bool(of(p[number])) and of(p[number]) != of(p[last]) for p in PATTERNS)


def load_release(path: Path, content: str, effective: datetime) -> Result:
    """As the command does it, in the transaction of the test."""
    path.write_text(content)
    door = EntityRows(source="feed", effective=effective, whole=True)
    full = Full({"source": "feed"}, effective, Future.KEEP, NO_BRAKE, NO_BRAKE)

    def done(result: Result) -> None:
        IngestBatch.objects.create(
            model=Entity.shape.label,
            file=path.name,
            options={},
            state=BatchState.DONE,
            actor="ada",
            finished_at=timezone.now(),
            **full.as_batch(result),
        )

    with Rejects(None, lambda text: None) as rejects, Load(Entity.shape) as load:
        loading = Loading(door, Source(str(path)), "csv", rejects, full)
        loading.stage(load, lambda read: None)
        result = loading.apply(load, ADA, strict=True, dry_run=False, done=done)
    assert result is not None
    return result


def load_in_every_order(path: Path, loaded: tuple[int, ...]) -> None:
    """Load the releases that are not loaded yet in every order, comparing after each."""
    for number in set(range(len(YEARS))) - set(loaded):
        with rolled_back():
            done = load_release(path, release(number), day(YEARS[number])).totals
            now = (*loaded, number)
            assert stored() == (spans(now, name_of), spans(now, note_of)), now
            assert done[Entity].overtaken == held_back(number, loaded, name_of), now
            assert done[EntityDetail].overtaken == held_back(number, loaded, note_of), now
            load_in_every_order(path, now)


@pytest.mark.django_db
@pytest.mark.usefixtures("types")
def test_every_order_of_the_same_releases_gives_the_same_register(tmp_path: Path) -> None:
    load_in_every_order(tmp_path / "release.csv", ())


@pytest.mark.django_db
@pytest.mark.usefixtures("types")
def test_with_starts_of_their_own_every_order_agrees_from_the_last_release_on(
    tmp_path: Path,
) -> None:
    """What the past before it is, the last one that was loaded says."""
    path = tmp_path / "release.csv"
    for order in ((0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1)):
        with rolled_back():
            for number in order:
                load_release(path, release(number, "2010-01-01"), day(YEARS[number]))
            wanted = {(thing, s[-1].name) for thing, s in enumerate(PATTERNS) if s[-1]}
            for year in (YEARS[-1], 2080):
                held = Entity.objects.as_of(day(year)).values_list("uuid", "display_name")
                numbers = {entity_uuid("feed", str(i)): i for i in range(len(PATTERNS))}
                assert {(numbers[uuid], name) for uuid, name in held} == wanted, (order, year)


# Which loads count


def everything() -> tuple[set[tuple[Any, ...]], set[tuple[Any, ...]]]:
    period = ("valid_from", "valid_to")
    entities = Entity.objects.live().values_list("uuid", "display_name", *period)
    return set(entities), set(
        EntityDetail.objects.live().values_list("entity_uuid", "value", *period)
    )


def test_a_release_in_between_is_taken_back_up_to_the_next_one(feed: Feed) -> None:
    """The third says of A what the second said, and so changed nothing of it."""
    first = csv("A,BANK,One,,x", "B,BANK,One,,x", "C,BANK,One,,")
    second, third = csv("A,BANK,Two,,y", "D,BANK,One,,"), csv("A,BANK,Two,,y", "C,BANK,One,,")
    feed.load(first, *FULL, "2020-01-01")
    feed.load(second, *FULL, "2021-01-01")
    batch = latest_batch().pk
    feed.load(third, *FULL, "2022-01-01")

    assert feed.call("revert_batch", str(batch)).code == 0

    assert everything() == (
        {
            (entity_uuid("feed", "A"), "One", day(2020), day(2022)),
            (entity_uuid("feed", "A"), "Two", day(2022), None),
            (entity_uuid("feed", "B"), "One", day(2020), day(2022)),
            (entity_uuid("feed", "C"), "One", day(2020), None),
        },
        {
            (entity_uuid("feed", "A"), "x", day(2020), day(2022)),
            (entity_uuid("feed", "A"), "y", day(2022), None),
            (entity_uuid("feed", "B"), "x", day(2020), day(2022)),
        },
    )
    feed.load(csv("Z,BANK,Z,,"), *FULL, "2020-06-01")
    assert timeline("Z") == [("Z", day(2020, 6), day(2022))]


def test_a_load_that_changed_nothing_counts_and_one_that_wrote_nothing_does_not(feed: Feed) -> None:
    one = csv("A,BANK,A,,")
    feed.load(one, *FULL, "2020-01-01")
    feed.load(one, *FULL, "2022-01-01")
    feed.load(csv("B,BANK,B,,"), *FULL, "2021-03-01", "--dry-run")
    refused = feed.run(feed.write("none.csv", csv()), *SOURCE, "--mode", "full")
    assert refused.code == 4

    feed.load(csv("B,BANK,B,,"), *FULL, "2021-01-01")

    assert [valid(year) for year in (2020, 2021, 2022)] == [["A"], ["B"], ["A"]]
    assert timeline("B") == [("B", day(2021), day(2022))]


def test_other_sources_do_not_count(feed: Feed) -> None:
    path = feed.write("feed.csv", csv("A,BANK,A,,"))
    assert feed.run(path, "--source", "other", *FULL, "2022-01-01").code == 0

    feed.load(csv("B,BANK,B,,"), *FULL, "2021-01-01")

    assert timeline("B") == [("B", day(2021), None)]


def test_one_full_load_of_a_source_is_applied_at_a_time(feed: Feed) -> None:
    hold = read_sql("full_load_hold.sql")
    name = {"name": '["entities.entity",{"source":"feed"}]'}
    with connections["owner"].cursor() as other, connection.cursor() as cursor:
        other.execute(hold, name)
        cursor.execute("SET lock_timeout = '20ms'")
        with (
            pytest.raises(OperationalError, match="lock timeout"),
            one_at_a_time("entities.entity", {"source": "feed"}),
        ):
            pytest.fail("two at a time")
        with one_at_a_time("entities.entity", {"source": "other"}):
            pass
        other.execute(read_sql("full_load_let_go.sql"), name)
        with one_at_a_time("entities.entity", {"source": "feed"}):
            other.execute("SET lock_timeout = '20ms'")
            with pytest.raises(OperationalError, match="lock timeout"):
                other.execute(hold, name)


# The brake


def test_a_full_file_that_would_rewrite_the_past_of_too_many_is_refused(feed: Feed) -> None:
    rows = [f"{number},BANK,Name {number},," for number in range(10)]
    feed.load(csv(*rows), *FULL, "2020-01-01")
    before = everything()
    wrong = csv(*[f"{number},BANK,Name {number},2010-01-01," for number in range(2)], *rows[2:])
    path = feed.write("wrong.csv", wrong)
    how = (*SOURCE, *FULL, "2021-01-01")

    answer = feed.run(path, *how)

    assert answer.code == 4
    assert "rewrites the past of 2 things, while 10 are known in its source" in answer.err
    assert "--max-corrected 10% allows no more than 1" in answer.err
    assert (latest_batch().state, everything()) == (BatchState.REFUSED, before)
    assert feed.run(path, *how, "--dry-run").code == 4
    assert feed.run(path, *how, "--max-corrected", "2").code == 0
    assert timeline("1") == [("Name 1", day(2010), None)]


def test_what_is_rewritten_need_not_be_valid_now(feed: Feed) -> None:
    """All of it may be: a register of things that have ended is corrected, too."""
    head = "source_id,entity_type,display_name,valid_from,valid_to\n"
    feed.load(f"{head}1,BANK,Alpha,2010-01-01,2015-01-01\n", *FULL, "2020-01-01")
    path = feed.write("later.csv", f"{head}1,BANK,Aleph,2010-01-01,2015-01-01\n")
    how = (*SOURCE, *FULL, "2021-01-01")

    answer = feed.run(path, *how)
    assert answer.code == 4
    assert "rewrites the past of 1 things, while 1 are known in its source" in answer.err

    assert feed.run(path, *how, "--max-corrected", "100%").code == 0
    assert timeline("1") == [("Aleph", day(2010), day(2015))]
