"""The plan for a key takes time that grows with its rows and Changes, not with their square."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.models.scd2.change import Future
from core.models.scd2.exceptions import LaterChange
from core.models.scd2.extents import Step
from core.models.scd2.plan import make_plan
from core.models.scd2.timeline import FOREVER, Row

FEW, TIMES = 250, 8
"""Eight times as much takes about eight times as long; with the square it would be 64 times."""


def day(number: int) -> datetime:
    return datetime(2000, 1, 1, tzinfo=UTC) + timedelta(days=number)


def rows(count: int, gap: int = 0) -> list[Row]:
    """A version a day, the last of them open; with a gap each is a lifetime of its own."""
    return [
        Row(n, day(n * (1 + gap)), day(n * (1 + gap) + 1) if n < count - 1 else FOREVER, named(n))
        for n in range(count)
    ]


def named(number: int) -> tuple[str, str]:
    return ("BANK", f"name {number % 7}")


def whole(number: int, start: int, end: int | None = None, **more: Any) -> Step:
    return made(number, start, end, dict(enumerate(named(number))), **more)


def made(
    number: int,
    start: int,
    end: int | None,
    sets: dict[int, str] | None,
    *,
    partial: bool = False,
    future: Future = Future.KEEP,
) -> Step:
    until = None if end is None else day(end)
    return Step(number, day(start), until, future, sets, partial, day(start))


Given = tuple[Sequence[Row], Sequence[Step], Any]
CASES: dict[str, Callable[[int], Given]] = {
    "the same again": lambda n: (rows(n), [whole(i, i) for i in range(n)], None),
    "other names": lambda n: (rows(n), [whole(i + 1, i) for i in range(n)], None),
    "bounded": lambda n: (rows(n), [whole(i + 1, i, i + 1) for i in range(n)], None),
    "over each other": lambda n: ([], [whole(i, i, 2 * n - i) for i in range(n)], None),
    "parts over each other": lambda n: (
        rows(2 * n), [made(i, i, 2 * n - i, {1: f"n{i}"}, partial=True) for i in range(n)], None,
    ),
    "parts over each other and a whole": lambda n: (
        [], [whole(n, 0), *(made(i, 1 + i, 3 * n - i, {i % 2: f"n{i}"}, partial=True)
                            for i in range(n))], None,
    ),
    "a column that changes": lambda n: (
        rows(n), [made(i, i, None, {1: f"new {i}"}, partial=True) for i in range(n)], None,
    ),
    "a column that stays": lambda n: (
        rows(n), [made(i, i, None, {0: "BANK"}, partial=True) for i in range(n)], None,
    ),
    "ends": lambda n: (rows(n), [made(i, i, None, None) for i in range(n)], None),
    "ends in gaps": lambda n: (
        rows(n, 1), [made(i, 2 * i + 1, None, None) for i in range(n)], None,
    ),
    "many lifetimes": lambda n: (
        rows(n, 1), [whole(i + 1, 2 * i) for i in range(n)],
        [(day(2 * i), day(2 * i + 1)) for i in range(n)],
    ),
    "nothing later": lambda n: (
        rows(n), [whole(i + 1, n + i, future=Future.REJECT) for i in range(n)], None,
    ),
    "rejected at the last": lambda n: (
        rows(n),
        [*(whole(i, i) for i in range(n - 2)), whole(9, n - 2, future=Future.REJECT)],
        None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_it_grows_with_what_is_given(case: str) -> None:
    few, many = CASES[case](FEW), CASES[case](FEW * TIMES)
    took = [min(seconds(given) for _ in range(3)) for given in (few, many)]
    assert took[1] < took[0] * TIMES * 3, took


def seconds(given: Given) -> float:
    versions, steps, lifetimes = given
    begun = time.process_time()
    with suppress(LaterChange):
        make_plan(versions, steps, 2, lifetimes, now=day(0))
    return time.process_time() - begun
