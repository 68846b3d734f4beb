"""``python -m benchmarks [PATTERN …]``: measure, print a table, write ``results.json``.

It works on a PostgreSQL of its own that is gone afterwards.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import secrets
from argparse import ArgumentParser
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import django
from rich.console import Console

from benchmarks import http, report, writes
from benchmarks.bench import Bench
from benchmarks.rows import REGISTERED, LeftOut, Row, chosen
from core.local.throwaway import throwaway_server
from core.tests.databases import Run

SETTINGS = {"shared_buffers": "1GB", "max_wal_size": "8GB", "checkpoint_timeout": "30min"}
"""Of a server that is meant for a register of this size; the floors have the same."""


def main() -> None:
    options = arguments().parse_args()
    find_benchmarks()
    if options.list:
        print(*(f"{known.measure.__module__}: {known.name}" for known in REGISTERED), sep="\n")
        return
    os.environ["DJANGO_SETTINGS_MODULE"] = "core.tests.settings"
    django.setup()
    with ExitStack() as stack:
        server = stack.enter_context(throwaway_server(settings=SETTINGS))
        run = Run(server.url("postgres"), "bench", secrets.token_urlsafe(16))
        measure(Bench(run, options.n, options.runs, stack), options.patterns, report.RESULTS)


def arguments() -> ArgumentParser:
    parser = ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("patterns", nargs="*", help="Parts of the names of rows or modules.")
    parser.add_argument("--n", type=int, default=200_000, help="Entities; each has 4 details.")
    parser.add_argument("--runs", type=int, default=3, help="Measurements a row and side.")
    parser.add_argument("--list", action="store_true", help="Say which rows there are.")
    return parser


def measure(bench: Bench, patterns: Sequence[str], results: Path) -> list[Row]:
    """Measure the chosen rows one after the other; what is measured is written at once."""
    described = report.machine(bench.run.superuser_url)
    rows: list[Row] = []
    for known in chosen(patterns):
        Console(stderr=True).print(f"{known.name} …", style="dim")
        try:
            rows.append(known.run(bench))
        except LeftOut as reason:
            Console(stderr=True).print(f"{known.name} is left out. {reason}")
        report.write(rows, results, described=described, n=bench.n)
    report.table(rows, described=described, n=bench.n)
    return rows


def find_benchmarks() -> None:
    """Import every module of the packages in which rows are registered."""
    for package in (writes, http):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)


if __name__ == "__main__":
    main()
