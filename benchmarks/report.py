"""The table for people and ``benchmarks/results.json`` for machines."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from pathlib import Path

import psycopg
from rich.console import Console
from rich.table import Table

from benchmarks.rows import Row

RESULTS = Path(__file__).with_name("results.json")


def machine(superuser_url: str) -> str:
    """The number of cores and the versions that matter."""
    with psycopg.connect(superuser_url) as connection:
        server = connection.info.server_version // 10_000
    return f"{os.cpu_count()} cores, PostgreSQL {server}, Python {platform.python_version()}"


def write(rows: Sequence[Row], path: Path, *, described: str, n: int) -> None:
    content = {"machine": described, "n": n, "rows": [row.as_json() for row in rows]}
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def table(rows: Sequence[Row], *, described: str, n: int) -> None:
    shown = Table("", title=f"{described}; {n:,} entities")
    for heading in ("floor", "ours", "ratio", "target", "runs", "spread", ""):
        shown.add_column(heading, justify="right")
    for row in rows:
        least, greatest = row.spread
        shown.add_row(
            row.name,
            figure(row.floor_median, row.unit),
            figure(row.ours_median, row.unit),
            f"{row.ratio:.2f} ×",
            f"{row.target:.2f} ×",
            str(len(row.ours)),
            f"{least:.2f}–{greatest:.2f}",
            "met" if row.is_met else "missed",
        )
    Console(width=max(120, Console().width)).print(shown)


def figure(value: float, unit: str) -> str:
    """Seconds in the unit in which they have digits."""
    if unit == "s" and value < 0.1:  # noqa: PLR2004 - a tenth of a second
        return f"{value * 1000:.2f} ms"
    return f"{value:.2f} {unit}"
