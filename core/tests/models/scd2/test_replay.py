"""Versions and log of one key, side by side. What they find is in ``test_verify``."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from core.models.scd2.replay import Clash, Entry, Version, replay

FEW, TIMES = 250, 8
"""Eight times as much takes about eight times as long; with the square it would be 64 times."""

Given = tuple[list[Version], list[Entry]]


def day(number: int) -> datetime:
    return datetime(2000, 1, 1, tzinfo=UTC) + timedelta(days=number)


def call(number: int) -> datetime:
    return datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=number)


def version(
    number: int, start: int, end: int | None, closed: int | None = None, gone: int | None = None
) -> Version:
    """The version that a call opened; ``closed`` and ``gone`` are the calls that touched it."""
    return Version(
        "A", "A", number, day(start), None if end is None else day(end), call(number),
        None if gone is None else call(gone), None if closed is None else call(closed),
        str(number).encode(), str(number), sound=True,
    )  # fmt: skip


def entry(number: int, start: int, end: int | None, before: int | None, after: int) -> Entry:
    until = None if end is None else day(end)
    told = None if before is None else str(before)
    return Entry("A", "A", call(number), day(start), until, told, str(after))


def daily(count: int) -> Given:
    """A change a day: each closes the version before."""
    versions = [version(n, n, n + 1, closed=n + 1) for n in range(count)]
    entries = [entry(n, n, None, n - 1 if n else None, n) for n in range(count)]
    return [*versions, version(count, count, None)], [
        *entries,
        entry(count, count, None, count - 1, count),
    ]


def corrections(count: int) -> Given:
    """The same period again and again: each supersedes the version before."""
    versions = [version(n, 0, None, gone=n + 1) for n in range(count)]
    entries = [entry(n, 0, None, n - 1 if n else None, n) for n in range(count)]
    return [*versions[:-1], version(count - 1, 0, None)], entries


def backwards(count: int) -> Given:
    """Each is about the day before the one that was told before it."""
    days = [(n, count - n, None if n == 0 else count - n + 1) for n in range(count)]
    return [version(*one) for one in days], [entry(*one, None, one[0]) for one in days]


CASES: dict[str, Callable[[int], Given]] = {
    "daily": daily,
    "corrections": corrections,
    "backwards": backwards,
}


@pytest.mark.parametrize("case", CASES)
def test_what_belongs_together_is_sound(case: str) -> None:
    versions, entries = CASES[case](20)
    assert list(replay(versions, entries)) == []
    lost = [one for one in versions if one.id != 7]
    assert "the log does not lead to the rows as known at " + call(7).isoformat() in list(
        replay(lost, entries)
    )


@pytest.mark.parametrize("case", CASES)
def test_it_grows_with_the_versions(case: str) -> None:
    few, many = CASES[case](FEW), CASES[case](FEW * TIMES)
    took = [min(seconds(given) for _ in range(3)) for given in (few, many)]
    assert took[1] < took[0] * TIMES * 3, took


def seconds(given: Given) -> float:
    begun = time.process_time()
    assert list(replay(*given)) == []
    return time.process_time() - begun


def test_clashes_name_both_versions() -> None:
    versions, entries = daily(3)
    versions[1] = versions[1]._replace(closed_at=call(3), valid_to=day(3))
    assert Clash("versions overlap", (1, 2)) in list(replay(versions, entries))
    versions, entries = daily(3)
    versions[2] = versions[2]._replace(hash_diff=versions[1].hash_diff)
    assert list(replay(versions, entries)) == [Clash("equal versions touch", (1, 2))]
