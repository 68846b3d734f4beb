"""A change of one field, written by the engine and by hand."""

from __future__ import annotations

from benchmarks.bench import Bench
from benchmarks.http.pages import API, some
from benchmarks.http.turns import take_turns
from benchmarks.rows import Row, benchmark


@benchmark("PATCH of one field", target=2)
def patch(bench: Bench, row: Row) -> None:
    paths = some(bench.n, half=1)
    floor, ours = [f"/floor{path}" for path in paths], [f"{API}{path}" for path in paths]
    take_turns(row, bench.service, floor, ours, runs=bench.runs, method="PATCH")
