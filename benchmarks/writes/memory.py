"""How much memory an ingestion takes at its height."""

from __future__ import annotations

import re
import subprocess
import time
from pathlib import Path

from benchmarks.bench import PAST, Bench, environment
from benchmarks.rows import Row, benchmark
from benchmarks.workload import always
from core.tests.databases import CommittedDatabase

LIMIT = 150.0
"""MiB, at any size of the file."""
SIZES = (10, 2, 1)
"""A tenth of the register, half of it, all of it."""
EVERY = 0.05
"""Seconds between two looks."""
PEAK = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)


@benchmark("peak memory of an ingestion", target=1.0, unit="MiB")
def peak_memory(bench: Bench, row: Row) -> None:
    """The limit instead of a floor; files of several sizes instead of several runs."""
    for part in SIZES:
        file = bench.workload.jsonl(f"part-{part}", range(bench.n // part), always(part))
        with bench.cloned(bench.empty) as database:
            row.floor.append(LIMIT)
            row.ours.append(peak(bench, database, file))


def peak(bench: Bench, database: CommittedDatabase, file: Path) -> float:
    """The greatest resident size of the process, in MiB, as the kernel kept it."""
    command = bench.command("ingest_entities", file, *bench.workload.options, "--effective", PAST)
    found = 0.0
    with subprocess.Popen(command, env=environment(database), stdout=subprocess.DEVNULL) as process:
        status = Path(f"/proc/{process.pid}/status")
        while process.poll() is None:
            if match := PEAK.search(status.read_text()):
                found = int(match[1]) / 1024
            time.sleep(EVERY)
    assert process.returncode == 0
    return found
