"""The diff over ten days, read through all its pages, and one window query that finds as much."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import psycopg

from benchmarks.bench import Bench
from benchmarks.http.pages import API
from benchmarks.http.register import DIFF_DAYS, DIFF_FROM
from benchmarks.rows import Row, benchmark
from benchmarks.served.sql import query

UNTIL = DIFF_FROM + timedelta(days=DIFF_DAYS)


@benchmark("GET /diff over 10 days, all pages", target=3)
def diff(bench: Bench, row: Row) -> None:
    window = {"from": DIFF_FROM.isoformat(), "to": UNTIL.isoformat()}
    path = f"{API}/diff?{urlencode({**window, 'limit': 1000})}"
    for _ in range(bench.runs):
        with row.timed(row.floor):
            expected = by_hand(bench.register.url, window)
        with row.timed(row.ours):
            pages = list(bench.service.client.following(path))
        found = sum(steps(item) for page in pages for item in page["results"])
        if found != expected:
            raise RuntimeError(f"The diff shows {found} steps, the window query {expected}.")


def by_hand(url: str, window: dict[str, str]) -> int:
    """The rows of the window query, read and counted."""
    with psycopg.connect(url) as connection:
        return len(connection.execute(query("diff"), window).fetchall())


def steps(item: dict[str, Any]) -> int:
    return sum(len(field["transitions"]) for field in item["fields"].values())
