"""One entity, a page of them, and a page as of an instant at 20 versions deep."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from urllib.parse import urlencode

from benchmarks.bench import Bench
from benchmarks.http.register import DEEP_FROM, path_of
from benchmarks.http.turns import refuse_difference, take_turns
from benchmarks.rows import Row, benchmark

API = "/api/v1"


def some(n: int, half: int) -> list[str]:
    """The paths of a thousand companies; what is written in one half is not read in the other."""
    numbers = Random(n).sample(range(half, n, 2), min(n // 2, 1000))
    return [path_of(f"C{number}") for number in numbers]


@benchmark("GET /entities/{uid}", target=1.5)
def snapshot(bench: Bench, row: Row) -> None:
    service, paths = bench.service, some(bench.n, half=0)
    floor, ours = [f"/floor{path}" for path in paths], [f"{API}{path}" for path in paths]
    refuse_difference(service, floor[0], ours[0])
    take_turns(row, service, floor, ours, runs=bench.runs)


@benchmark("GET /entities, a page of 100", target=1.5)
def page(bench: Bench, row: Row) -> None:
    floor, ours = "/floor/entities", f"{API}/entities"
    refuse_difference(bench.service, floor, ours)
    take_turns(row, bench.service, [floor], [ours], runs=bench.runs)


@benchmark("GET /entities-asof, a page of 100 at 20 versions deep", target=1.5)
def page_as_of(bench: Bench, row: Row) -> None:
    at = DEEP_FROM + timedelta(days=10)
    query = urlencode({"type": "FUND", "as_of": at.isoformat()})
    floor, ours = f"/floor/entities-asof?{query}", f"{API}/entities-asof?{query}"
    refuse_difference(bench.service, floor, ours)
    take_turns(row, bench.service, [floor], [ours], runs=bench.runs)
