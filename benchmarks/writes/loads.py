"""Loads of files by ``manage.py ingest_entities``, against hand-written SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import psycopg

from benchmarks.bench import PAST, Bench
from benchmarks.rows import Row, benchmark
from benchmarks.workload import TYPES, Edition, always
from benchmarks.writes import floors
from benchmarks.writes.floors import Floor
from core.tests.databases import CommittedDatabase

CHANGED_EVERY = 20
"""One entity of so many changes on a day: 5 %."""
CORRECTED_EVERY = 10
LATER = "2025-01-01"
"""When all entities that are corrected later had changed; the corrections begin before."""
BETWEEN = "2024-06-01"


def by_turns(row: Row, number: int, floor: Callable[[], None], ours: Callable[[], None]) -> None:
    """Measure both; every other time ours first."""
    turns = [(row.floor, floor), (row.ours, ours)]
    for side, work in turns if number % 2 == 0 else reversed(turns):
        with row.timed(side):
            work()


@benchmark("first load of a file", target=1.25)
def first_load(bench: Bench, row: Row) -> None:
    """Both into a clone of the empty database."""
    fill_empty(bench, row, bench.workload.first)


@benchmark("first load of a file, JSONL", target=1.25)
def first_load_jsonl(bench: Bench, row: Row) -> None:
    fill_empty(bench, row, bench.workload.first_jsonl)


@benchmark("first load of a file, --initial", target=0.9)
def initial_load(bench: Bench, row: Row) -> None:
    """Constraints and indexes are made after the rows; the floor has them from the beginning."""
    fill_empty(bench, row, bench.workload.first, "--initial")


def fill_empty(bench: Bench, row: Row, file: Path, *options: str) -> None:
    things = bench.workload.things(range(bench.n), always(0))
    files = Floor(bench.workload).final("first", things, PAST)
    for number in range(bench.runs):
        with bench.cloned(bench.empty) as by_hand, bench.cloned(bench.empty) as database:
            by_turns(
                row,
                number,
                partial(floors.copy_final, by_hand.url, files),
                partial(bench.ingest, database, file, "--effective", PAST, *options),
            )
            assert sizes(by_hand) == sizes(database)


@benchmark("the same file again, nothing written", target=2.2)
def same_again(bench: Bench, row: Row) -> None:
    repeat(bench, row, bench.workload.first)


@benchmark("the same file again, JSONL", target=2.2)
def same_again_jsonl(bench: Bench, row: Row) -> None:
    repeat(bench, row, bench.workload.first_jsonl)


def repeat(bench: Bench, row: Row, file: Path) -> None:
    """Both compare with the same database, which stays as it is."""
    things = bench.workload.things(range(bench.n), always(0))
    files = Floor(bench.workload).values("again", things)
    database = bench.loaded
    before = sizes(database)
    for number in range(bench.runs):
        by_turns(
            row,
            number,
            partial(floors.load_again, database.url, files),
            partial(bench.ingest, database, file, "--effective", PAST),
        )
    assert sizes(database) == before


@benchmark("a day with 5 % changed", target=1.5)
def changed_day(bench: Bench, row: Row) -> None:
    """One day after the other; on each, other entities change."""
    with two_clones(bench) as (by_hand, database):
        for number in range(bench.runs):
            day = f"2025-02-{number + 1:02}"
            edition = days_until(number)
            file = bench.workload.csv("day", range(bench.n), edition)
            things = bench.workload.things(range(bench.n), edition)
            files = Floor(bench.workload).values("day", things)
            by_turns(
                row,
                number,
                partial(floors.load_day, by_hand.url, files, day),
                partial(bench.ingest, database, file, "--effective", day),
            )
            assert sizes(by_hand) == sizes(database)


def days_until(last: int) -> Edition:
    """An entity is in its second edition from its day on."""
    return lambda i: int(i % CHANGED_EVERY <= last)


@benchmark("10 % of the keys corrected in the past", target=3.0)
def corrected(bench: Bench, row: Row) -> None:
    """Every version that is corrected has ended meanwhile, so it is superseded by two."""
    with two_clones(bench) as (by_hand, database):
        chosen = [i for i in range(bench.n) if i % CORRECTED_EVERY < bench.runs]
        later = bench.workload.csv("later", chosen, always(1))
        for one in (by_hand, database):
            bench.ingest(one, later, "--effective", LATER)
        for number in range(bench.runs):
            numbers = [i for i in chosen if i % CORRECTED_EVERY == number]
            file = bench.workload.csv("corrected", numbers, always(2))
            things = bench.workload.things(numbers, always(2))
            files = Floor(bench.workload).values("corrected", things)
            by_turns(
                row,
                number,
                partial(floors.correct, by_hand.url, files, BETWEEN),
                partial(bench.ingest, database, file, "--effective", BETWEEN),
            )
            assert sizes(by_hand) == sizes(database)


@contextmanager
def two_clones(bench: Bench) -> Iterator[tuple[CommittedDatabase, CommittedDatabase]]:
    """Two clones of the loaded database: one for the floor, one for us."""
    template = bench.loaded
    with bench.cloned(template) as by_hand, bench.cloned(template) as ours:
        yield by_hand, ours


def sizes(database: CommittedDatabase) -> tuple[int, ...]:
    """How many rows there are, live and not, and how many entries of the log about them."""
    tables = ("entities_entityanchor", "entities_entity", "entities_entitydetail")
    counts = "SELECT count(*) FROM {}"
    with psycopg.connect(database.url) as connection:
        found = [connection.execute(counts.format(table)).fetchone() for table in tables]
        found.append(
            connection.execute(
                "SELECT count(*) FROM core_auditentry WHERE model LIKE 'entities.entity%'"
                " AND model NOT LIKE '%type'"
            ).fetchone()
        )
    return tuple(one[0] for one in found if one)


ONE_KEY = 10_000


@benchmark("a file of 10,000 rows of one key, again", target=3)
def one_key_again(bench: Bench, row: Row) -> None:
    """The floor is a file of as many keys: time grows with the rows, whomever they are about."""
    keys, one = bench.folder / "keys.csv", bench.folder / "one_key.csv"
    write_history(keys, lambda number: f"K{number}")
    write_history(one, lambda _: "ONE")
    with bench.cloned(bench.empty) as database:
        for file in (keys, one):
            bench.ingest(database, file)
        before = sizes(database)
        for number in range(bench.runs):
            by_turns(
                row,
                number,
                partial(bench.ingest, database, keys),
                partial(bench.ingest, database, one),
            )
        assert sizes(database) == before


def write_history(path: Path, name: Callable[[int], str]) -> None:
    """A row a day, of which each says something else."""
    begun = date(2000, 1, 1)
    lines = ["source_id,entity_type,display_name,valid_from"]
    lines += [
        f"{name(number)},{TYPES[0]},Name {number},{begun + timedelta(days=number)}"
        for number in range(ONE_KEY)
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
