"""Loads that die, or whose server dies, at any moment, while others write.

Afterwards all of the file is visible or nothing of it, ``verify`` finds nothing, a second run
finishes the job, and a third writes nothing.
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection

from core.models import BatchState, IngestBatch
from core.tests.databases import CommittedDatabase, pointed_at
from entities.tests.conftest import make_types
from entities.tests.feed import SOURCE, Feed, did
from entities.tests.station import Station, opened
from entities.tests.test_ingest_runs import command, environment

SIZE = 600
PATIENCE = 60.0
HEADER = "source_id,entity_type,display_name,detail:NOTE,valid_from"
LOOK = """
SELECT count(*) FILTER (WHERE display_name = %(name)s),
    (SELECT count(*) FROM entities_entitydetail WHERE value = %(name)s AND system_to IS NULL)
FROM entities_entity WHERE system_to IS NULL
"""


def file_of(feed: Feed, day: int) -> Path:
    """All entities say the day on which the file was made, as their name and in a note."""
    start = f"2021-01-01T00:00:{day:02}Z"
    rows = [f"E{number},BANK,day {day},day {day},{start}" for number in range(SIZE)]
    return feed.write(f"day{day}.csv", "\n".join((HEADER, *rows)) + "\n")


def seen(day: int) -> tuple[int, int]:
    """How many entities and details say the day, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(LOOK, {"name": f"day {day}"})
        entities, details = cursor.fetchone()
    return entities, details


class Crash:
    """Days one after the other; each begins with a load that is not allowed to end well."""

    def __init__(self, feed: Feed, seed: int) -> None:
        self.feed = feed
        self.choose = random.Random(seed)
        self.day = 0
        self.survived = 0
        started = time.monotonic()
        self.load(self.next_file())
        self.seconds = time.monotonic() - started

    def next_file(self) -> Path:
        self.day += 1
        return file_of(self.feed, self.day)

    def load(self, path: Path) -> Any:
        answer = self.feed.run(path, *SOURCE, "--json")
        assert answer.code == 0, answer
        return answer.json

    def moment(self) -> float:
        """Somewhere between the start of a load and a little after its end."""
        return self.choose.uniform(0, self.seconds * 1.3)

    def judge(self, path: Path) -> None:
        """What has to hold after anything at all has happened to a load."""
        entities, details = seen(self.day)
        assert (entities, details) in {(0, 0), (SIZE, SIZE)}
        self.survived += entities == SIZE
        call_command("verify", no_progress=True)
        second = self.load(path)
        assert second["entities"] == (
            did(unchanged=SIZE) if entities else did(opened=SIZE, closed=SIZE)
        )
        assert seen(self.day) == (SIZE, SIZE)
        third = self.load(path)
        assert third["entities"] == third["details"] == did(unchanged=SIZE)
        assert not IngestBatch.objects.filter(state=BatchState.RUNNING).exists()


@contextmanager
def loading(path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that has begun to load a file."""
    begun = IngestBatch.objects.count()
    arguments = command("ingest_entities", str(path), *SOURCE, "--json")
    with subprocess.Popen(
        arguments, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            deadline = time.monotonic() + PATIENCE
            while IngestBatch.objects.count() == begun:
                assert time.monotonic() < deadline
                time.sleep(0.005)
            yield process
        finally:
            process.kill()


@contextmanager
def writers(count: int) -> Iterator[list[subprocess.Popen[str]]]:
    """Processes that write as the API does, on the same and on other entities."""
    with ExitStack() as stack:
        found = []
        for number in range(count):
            arguments = [sys.executable, "-m", "entities.tests.writer"]
            process = subprocess.Popen(
                [*arguments, str(number), str(SIZE), f"writer {number}"],
                env=environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            found.append(stack.enter_context(process))
            stack.callback(process.kill)
        yield found


def count_of(processes: Sequence[subprocess.Popen[str]]) -> list[int]:
    """Let them end, and return how often each of them wrote."""
    return [int(process.communicate("\n", PATIENCE)[0]) for process in processes]


def kill_at_many_moments(feed: Feed, rounds: int, seed: int) -> None:
    crash = Crash(feed, seed)
    for _ in range(rounds):
        path = crash.next_file()
        with writers(2) as busy, loading(path) as process:
            time.sleep(crash.moment())
            process.kill()
            process.wait()
            assert process.returncode in {-signal.SIGKILL, 0}
            crash.judge(path)
            assert all(count > 0 for count in count_of(busy))
    assert crash.survived < rounds, "no load was killed before its end"


def test_a_load_is_killed_at_any_moment(feed: Feed) -> None:
    kill_at_many_moments(feed, rounds=2, seed=1)


@pytest.mark.slow
def test_a_load_is_killed_at_many_moments(feed: Feed) -> None:
    kill_at_many_moments(feed, rounds=5, seed=2)


# The server


@pytest.fixture
def station(django_db_blocker: Any) -> Iterator[Station]:
    with django_db_blocker.unblock(), opened("crash") as made:
        made.run.clone("crash")
        yield made


def kill_the_server(station: Station, folder: Path, rounds: int, seed: int) -> None:
    with pointed_at(station.database):
        make_types()
        crash = Crash(Feed(folder), seed)
    for number in range(rounds):
        with pointed_at(station.database):
            path = crash.next_file()
            with writers(2), loading(path) as process:
                time.sleep(crash.moment())
                station.kill((signal.SIGKILL, signal.SIGQUIT)[number % 2])
                errors = process.communicate(timeout=PATIENCE)[1]
            assert process.returncode in {0, 1}, errors
            assert "Traceback" not in errors
        station.start()
        with pointed_at(station.database):
            if process.returncode == 0:
                assert seen(crash.day) == (SIZE, SIZE), "what was confirmed is there"
            crash.judge(path)
    assert rounds == 1 or crash.survived < rounds, "no load was interrupted before its end"


def test_the_server_is_killed_at_any_moment(station: Station, tmp_path: Path) -> None:
    kill_the_server(station, tmp_path, rounds=1, seed=3)


@pytest.mark.slow
def test_the_server_is_killed_at_many_moments(station: Station, tmp_path: Path) -> None:
    kill_the_server(station, tmp_path, rounds=2, seed=4)


# Meanwhile


def test_readers_see_all_of_a_load_or_nothing_and_never_wait(
    feed: Feed, committed_db: CommittedDatabase
) -> None:
    crash = Crash(feed, 5)
    path = crash.next_file()
    found: list[tuple[int, int]] = []
    with psycopg.connect(committed_db.url, autocommit=True) as reader:
        reader.execute("SET lock_timeout = '1ms'")
        with loading(path) as process:
            while process.poll() is None:
                looked = reader.execute(LOOK, {"name": f"day {crash.day}"}).fetchone()
                assert looked is not None
                found.append((looked[0], looked[1]))
    assert process.returncode == 0
    assert set(found) <= {(0, 0), (SIZE, SIZE)}
    assert found.count((0, 0)) > 10
    assert seen(crash.day) == (SIZE, SIZE)
