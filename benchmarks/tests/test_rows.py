"""What a row says of its measurements, and which rows a pattern chooses."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.__main__ import find_benchmarks
from benchmarks.rows import Row, chosen


def row(floor: list[float], ours: list[float]) -> Row:
    return Row("a row", 1.25, floor=floor, ours=ours)


def test_the_ratio_is_that_of_the_medians() -> None:
    assert row([1.0, 2.0, 9.0], [3.0, 1.0, 30.0]).ratio == 1.5


def test_the_spread_is_of_neighbours() -> None:
    assert row([1.0, 2.0, 4.0], [3.0, 1.0, 4.0]).spread == (0.5, 3.0)


@pytest.mark.parametrize(("ours", "met"), [(1.25, True), (1.26, False)])
def test_a_target_is_met_or_missed(ours: float, met: bool) -> None:
    assert row([1.0], [ours]).is_met is met


def test_a_row_as_json() -> None:
    expected: dict[str, Any] = {
        "name": "a row",
        "floor_s": 2.0,
        "ours_s": 3.0,
        "ratio": 1.5,
        "target": 1.25,
        "met": False,
        "spread": [1.0, 3.0],
        "runs": 3,
        "unit": "s",
    }

    assert row([1.0, 2.0, 3.0], [3.0, 2.0, 6.0]).as_json() == expected


def test_rows_are_chosen_by_parts_of_their_names_or_modules() -> None:
    find_benchmarks()

    assert [one.name for one in chosen(["5 %"])] == ["a day with 5 % changed"]
    assert "a day with 5 % changed" in [one.name for one in chosen(["writes.loads"])]
    assert chosen(["no such row"]) == []
    assert len({one.name for one in chosen([])}) == len(chosen([])) > 5
