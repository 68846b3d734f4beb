"""Ours and the floor in turn, so that what drifts meets both alike."""

from __future__ import annotations

from collections.abc import Iterable

import orjson

from benchmarks.http import wrk
from benchmarks.http.service import Service
from benchmarks.rows import Row

TURNS = 3
"""Measurements for each run that was asked for: one lasts a second."""


def take_turns(
    row: Row,
    service: Service,
    floor: Iterable[str],
    ours: Iterable[str],
    *,
    runs: int,
    method: str = "GET",
) -> None:
    """Fill the row with medians of latencies, in seconds."""
    files = [service.paths("floor", floor), service.paths("ours", ours)]
    for paths in files:
        wrk.heard(service.host, service.token, paths, method=method)
    for _ in range(runs * TURNS):
        for side, paths in zip((row.floor, row.ours), files, strict=True):
            side.append(wrk.heard(service.host, service.token, paths, method=method).p50)


def refuse_difference(service: Service, floor: str, ours: str) -> None:
    """Raises RuntimeError unless both answer the same, links and basis aside."""
    client = service.client
    expected, answer = client.get(floor), client.get(ours)
    for name in ("next", "previous", "basis"):
        answer.pop(name, None)
    if answer != expected:
        raise RuntimeError(f"{ours} and {floor} differ:\n{orjson.dumps([answer, expected])!r}")
