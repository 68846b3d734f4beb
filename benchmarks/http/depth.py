"""What lies deep costs what lies on top: the floor is the same call, on top."""

from __future__ import annotations

from benchmarks.bench import Bench
from benchmarks.http.pages import API
from benchmarks.http.register import LONG, SHORT, path_of
from benchmarks.http.service import Service
from benchmarks.http.turns import take_turns
from benchmarks.rows import Row, benchmark

PAGES, LIMIT = 1000, 100
STRIDE = 1000


@benchmark("GET /entities, page 1,000 beside page 1", target=1.3)
def deep_page(bench: Bench, row: Row) -> None:
    first = f"{API}/entities?limit={LIMIT}"
    deep = page_at(bench.service, min(PAGES * LIMIT, bench.n // 2))
    take_turns(row, bench.service, [first], [deep], runs=bench.runs)


def page_at(service: Service, depth: int) -> str:
    """The path of the page that begins after so many entities."""
    stride = min(STRIDE, depth)
    for turn, page in enumerate(service.client.following(f"{API}/entities?limit={stride}"), 1):
        if turn * stride >= depth:
            return f"{page['next'].removeprefix(service.host)}&limit={LIMIT}"
    raise RuntimeError("There are not that many entities.")


@benchmark("GET /entities/{uid} with 1,000 versions beside 1", target=1.3)
def long_snapshot(bench: Bench, row: Row) -> None:
    short, long = (f"{API}{path_of(name)}" for name in (SHORT, LONG))
    take_turns(row, bench.service, [short], [long], runs=bench.runs)


@benchmark("GET …/history, a page of 5 with 1,000 versions beside 1", target=1.3)
def long_history(bench: Bench, row: Row) -> None:
    """Five rows are all that the short one has: one of itself and one of each detail."""
    short, long = (f"{API}{path_of(name)}/history?limit=5" for name in (SHORT, LONG))
    take_turns(row, bench.service, [short], [long], runs=bench.runs)
