"""Mixed reads and writes against the running service, for as long as SOAK_SECONDS says."""

from __future__ import annotations

import itertools
import os
import random
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.local.throwaway import throwaway_server
from core.tests.services import Served, served

SECONDS = int(os.environ.get("SOAK_SECONDS", "30"))
CALLERS = 4
WARM = 0.25
"""The part of the time after which memory may have settled."""
GROWTH = 8 * 1024
"""KiB that a worker may still grow by after that: what an allocator keeps, and no leak."""
LIST = "/api/v1/entities"

pytestmark = pytest.mark.soak


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    log = tmp_path_factory.mktemp("soak") / "log"
    without_brake = {"WRITES_PER_MINUTE": "1000000"}
    with (
        throwaway_server() as server,
        served(server, "entities", log, **without_brake) as service,
    ):
        service.ask("/api/v1/entity-types", "POST", {"code": "BANK", "name": "B"})
        kind = {"code": "CITY", "name": "City", "data_type": "text"}
        service.ask("/api/v1/detail-types", "POST", kind)
        yield service


class Caller(threading.Thread):
    """Reads and writes at random until it is told to stop; what was no success is kept."""

    def __init__(self, service: Served, number: int, stop: threading.Event) -> None:
        super().__init__()
        self.service, self.stop = service, stop
        self.chance = random.Random(number)
        self.names = (f"Bank {number}-{turn}" for turn in itertools.count())
        self.uuids: list[str] = []
        self.seconds: list[float] = []
        self.failures: list[Any] = []

    def run(self) -> None:
        self.create()
        while not self.stop.is_set():
            step = self.chance.choices(
                [self.create, self.change, self.snapshot, self.page, self.history, self.diff],
                weights=[1, 3, 8, 4, 2, 1],
            )
            step[0]()

    def ask(self, *call: Any) -> Any:
        began = time.perf_counter()
        answer = self.service.ask(*call)
        self.seconds.append(time.perf_counter() - began)
        if answer.status not in (200, 201):
            self.failures.append((call, answer))
        return answer

    def create(self) -> None:
        body = {"entity_type": "BANK", "display_name": next(self.names), "details": {"CITY": "X"}}
        answer = self.ask(LIST, "POST", body)
        if answer.status == 201:
            self.uuids.append(answer.body["uuid"])

    def one(self) -> str:
        return f"{LIST}/{self.chance.choice(self.uuids)}"

    def change(self) -> None:
        self.ask(self.one(), "PATCH", {"display_name": next(self.names)})

    def snapshot(self) -> None:
        self.ask(self.one())

    def page(self) -> None:
        self.ask(f"{LIST}?q=bank&expand=details&limit=50")

    def history(self) -> None:
        self.ask(f"{self.one()}/history?limit=20")

    def diff(self) -> None:
        self.ask("/api/v1/diff?from=2020-01-01&to=2999-01-01&limit=50")


def memory(service: Served) -> int:
    """KiB that the worker processes take up. What they share counts from the start, so that it is
    no growth when one of them gets a copy of its own.
    """
    return sum(
        int(line.split()[1])
        for worker in service.workers()
        for line in Path(f"/proc/{worker}/smaps_rollup").read_text().splitlines()
        if line.startswith("Rss:")
    )


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="needs Linux's /proc")
def test_reads_and_writes_for_a_while(running: Served) -> None:
    stop = threading.Event()
    callers = [Caller(running, number, stop) for number in range(CALLERS)]
    workers = running.workers()
    for caller in callers:
        caller.start()
    time.sleep(SECONDS * WARM)
    settled = memory(running)
    time.sleep(SECONDS * (1 - WARM))
    grown = memory(running) - settled
    sessions = len(running.sessions())
    stop.set()
    for caller in callers:
        caller.join()

    seconds = [one for caller in callers for one in caller.seconds]
    p99 = statistics.quantiles(seconds, n=100)[98]
    sys.stdout.write(
        f"{len(seconds)} calls in {SECONDS} s, p50 {statistics.median(seconds) * 1000:.0f} ms, "
        f"p99 {p99 * 1000:.0f} ms, {grown} KiB grown, {sessions} sessions\n"
    )
    assert [failure for caller in callers for failure in caller.failures] == []
    assert running.workers() == workers
    assert grown < GROWTH * len(workers), f"grew by {grown} KiB"
    assert sessions <= 8 * len(workers)
