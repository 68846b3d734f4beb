"""A row of the table: what is measured, against which floor, and how often."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmarks.bench import Bench

Measure = Callable[["Bench", "Row"], None]


class LeftOut(Exception):
    """Why a row cannot be measured here, in a sentence."""


@dataclass
class Row:
    """Two lists of measurements taken in turn, so that what drifts meets both alike.

    ``unit`` is what they are measured in; the target is the greatest ratio of ours to the floor.
    """

    name: str
    target: float
    unit: str = "s"
    floor: list[float] = field(default_factory=list)
    ours: list[float] = field(default_factory=list)

    @property
    def floor_median(self) -> float:
        return statistics.median(self.floor)

    @property
    def ours_median(self) -> float:
        return statistics.median(self.ours)

    @property
    def ratio(self) -> float:
        """Of the medians."""
        return self.ours_median / self.floor_median

    @property
    def spread(self) -> tuple[float, float]:
        """The least and the greatest ratio of one measurement to its neighbour."""
        ratios = [ours / floor for floor, ours in zip(self.floor, self.ours, strict=True)]
        return min(ratios), max(ratios)

    @property
    def is_met(self) -> bool:
        return self.ratio <= self.target

    @contextmanager
    def timed(self, side: list[float]) -> Iterator[None]:
        """Add the seconds that the block takes to ``self.floor`` or ``self.ours``."""
        began = time.perf_counter()
        yield
        side.append(time.perf_counter() - began)

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "floor_s": round(self.floor_median, 6),
            "ours_s": round(self.ours_median, 6),
            "ratio": round(self.ratio, 3),
            "target": self.target,
            "met": self.is_met,
            "spread": [round(ratio, 3) for ratio in self.spread],
            "runs": len(self.ours),
            "unit": self.unit,
        }


@dataclass(frozen=True)
class Benchmark:
    """A row that is still to be measured."""

    name: str
    target: float
    unit: str
    measure: Measure

    def run(self, bench: Bench) -> Row:
        row = Row(self.name, self.target, self.unit)
        self.measure(bench, row)
        return row


REGISTERED: list[Benchmark] = []


def benchmark(name: str, *, target: float, unit: str = "s") -> Callable[[Measure], Measure]:
    """Register a function that fills the lists of a Row, ``bench.runs`` measurements in each.

    It stands in any module of ``benchmarks.writes`` or ``benchmarks.http``; all are imported.
    """

    def register(measure: Measure) -> Measure:
        REGISTERED.append(Benchmark(name, target, unit, measure))
        return measure

    return register


def chosen(patterns: Sequence[str]) -> list[Benchmark]:
    """Those whose name or module contains one of the patterns; without patterns, all."""
    return [
        known
        for known in REGISTERED
        if not patterns
        or any(pattern in f"{known.measure.__module__} {known.name}" for pattern in patterns)
    ]
