"""``python -m benchmarks.peers``: two Django history libraries and this project, at the same work.

Each peer runs in the environment that ``make bench-peers`` makes for them. All load the same three
files into databases of one server: the first, the same again, and a day on which 5 % changed; then
they say what that day changed.
"""

from __future__ import annotations

import json
import os
import secrets
import statistics
import subprocess
import sys
from argparse import ArgumentParser
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import django
import psycopg
from psycopg import sql
from rich.console import Console
from rich.table import Table

from benchmarks.__main__ import SETTINGS
from benchmarks.bench import Bench, environment, vacuum
from benchmarks.workload import DETAIL_TYPES
from core.env import ROOT
from core.local.throwaway import throwaway_server
from core.tests.databases import Run

RESULTS = Path(__file__).with_name("results.json")
PEERS = {"django-simple-history": "simple", "django-pghistory": "pg"}
OURS = "this project"
STEPS = ("first load", "repeat", "5 % day", "diff")
FIRST, DAY = "2024-01-01", "2025-01-01"

Seconds = dict[str, dict[str, list[float]]]


def main() -> None:
    parser = ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("--python", required=True, help="The interpreter of the peers.")
    parser.add_argument("--n", type=int, default=20_000, help="Entities; each has 4 details.")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "core.tests.settings"
    django.setup()
    with ExitStack() as stack:
        server = stack.enter_context(throwaway_server(settings=SETTINGS))
        run = Run(server.url("postgres"), "bench", secrets.token_urlsafe(16))
        bench = Bench(run, options.n, options.runs, stack)
        seconds: Seconds = defaultdict(lambda: defaultdict(list))
        for _ in range(options.runs):
            for name, package in PEERS.items():
                note(seconds[name], peer(bench, options.python, package))
            note(seconds[OURS], ours(bench))
        show(seconds, options.n)


def note(seconds: dict[str, list[float]], measured: dict[str, float]) -> None:
    for step in STEPS:
        seconds[step].append(measured[step])


def files(bench: Bench) -> list[Path]:
    first = bench.workload.first
    day = bench.workload.csv("day", range(bench.n), lambda i: int(i % 20 == 0))
    return [first, first, day]


def peer(bench: Bench, python: str, package: str) -> dict[str, float]:
    name = f"peer_{package}"
    admin = {"conninfo": bench.run.superuser_url, "autocommit": True}
    with psycopg.connect(**admin) as connection:  # type: ignore[arg-type]
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    url = f"{bench.run.superuser_url.rpartition('/')[0]}/{name}"
    command = [python, "-m", f"benchmarks.peers.{package}", url, *map(str, files(bench))]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["changes"] >= bench.n // 20 * 4, found
    return found["seconds"]  # type: ignore[no-any-return]


def ours(bench: Bench) -> dict[str, float]:
    """The command as a process, its start included; the diff in a process that is there."""
    from time import perf_counter

    found: dict[str, float] = {}
    with bench.cloned(bench.empty) as database:
        for step, file, start in zip(STEPS, files(bench), (FIRST, FIRST, DAY), strict=False):
            began = perf_counter()
            bench.ingest(database, file, "--effective", start)
            found[step] = perf_counter() - began
            vacuum(database)
        command = [sys.executable, "-m", "benchmarks.peers.ours", FIRST, DAY]
        done = subprocess.run(
            command, env=environment(database), cwd=ROOT, stdout=subprocess.PIPE, check=True
        )
    said = json.loads(done.stdout)
    assert said["changes"] >= bench.n // 20 * 4, said
    return {**found, "diff": said["seconds"]}


def show(seconds: Seconds, n: int) -> None:
    """Rows a second of the loads, an entity and its details being that many rows; the diff."""
    rows = n * (1 + len(DETAIL_TYPES))
    table = Table("", *STEPS, title=f"{rows:,} rows; rows/s of the loads, seconds of the diff")
    medians = {
        name: {step: statistics.median(times) for step, times in steps.items()}
        for name, steps in seconds.items()
    }
    for name, steps in medians.items():
        loads = [f"{rows / steps[step]:,.0f}" for step in STEPS[:3]]
        table.add_row(name, *loads, f"{steps['diff']:.2f} s")
    Console(width=100).print(table)
    content = {"rows": rows, "median_s": medians, "all_s": seconds}
    RESULTS.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
