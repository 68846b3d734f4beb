"""Pure functions over spans of valid time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from core.models.scd2.timeline import (
    FOREVER,
    Edges,
    Period,
    Span,
    changed_periods,
    clip,
    lifetimes_of,
    melt,
    value_at,
    values_at,
)


def at(number: int | None) -> datetime:
    return FOREVER if number is None else datetime(2000 + number, 1, 1, tzinfo=UTC)


def span(start: int, end: int | None, name: str | None) -> Span:
    return Span(at(start), at(end), None if name is None else (name,))


GAPPED = [span(0, 2, "A"), span(2, 4, "B"), span(6, None, "A")]


@pytest.mark.parametrize(
    ("instant", "expected"),
    [(-1, None), (0, "A"), (1, "A"), (2, "B"), (4, None), (5, None), (6, "A"), (99, "A")],
)
def test_a_value_holds_from_its_start_to_just_before_its_end(
    instant: int, expected: str | None
) -> None:
    assert value_at(GAPPED, at(instant)) == (None if expected is None else (expected,))


def test_nothing_holds_in_no_timeline() -> None:
    assert value_at([], at(0)) is None
    assert Edges([]).next_of_existence(at(0)) == FOREVER
    assert Edges([]).next_of_payload(at(0)) == FOREVER


@pytest.mark.parametrize(
    ("after", "whole", "life"),
    [(-1, 0, 0), (0, 2, 4), (1, 2, 4), (2, 4, 4), (4, 6, 6), (6, None, None), (7, None, None)],
)
def test_the_next_edge_is_where_the_view_changes(
    after: int, whole: int | None, life: int | None
) -> None:
    edges = Edges(GAPPED)
    for _ in range(2):
        assert edges.next_of_payload(at(after)) == at(whole)
        assert edges.next_of_existence(at(after)) == at(life)


def test_the_next_edge_of_a_column_is_where_it_changes() -> None:
    spans = [
        Span(at(0), at(1), ("A", "x")),
        Span(at(1), at(2), ("A", "y")),
        Span(at(3), at(4), ("A", "y")),
    ]
    edges = Edges(spans)
    starts = (-1, 0, 1, 2, 3, 4)
    assert [edges.next_of_column(0, at(n)) for n in starts] == list(map(at, (0, 2, 2, 3, 4, None)))
    assert [edges.next_of_column(1, at(n)) for n in starts] == list(map(at, (0, 1, 2, 3, 4, None)))


def test_values_at_instants_in_order() -> None:
    instants = [at(number) for number in (-1, 0, 1, 2, 4, 5, 6, 99)]
    assert list(values_at(GAPPED, instants)) == [value_at(GAPPED, one) for one in instants]


@pytest.mark.parametrize(
    ("lifetimes", "expected"),
    [
        (None, [(0, 4), (6, None)]),
        ([], []),
        ([(1, 3)], [(1, 3)]),
        ([(0, 4)], [(0, 4)]),
        ([(4, 6)], []),
        ([(3, 7)], [(3, 4), (6, 7)]),
        ([(0, 1), (2, 3)], [(0, 1), (2, 3)]),
        ([(-9, None)], [(0, 4), (6, None)]),
    ],
)
def test_clipping_leaves_what_lies_within_lifetimes(
    lifetimes: list[tuple[int, int | None]] | None, expected: list[tuple[int, int | None]]
) -> None:
    spans = [span(0, 4, "A"), span(6, None, "A")]
    given = None if lifetimes is None else [(at(start), at(end)) for start, end in lifetimes]
    assert clip(spans, given) == [span(start, end, "A") for start, end in expected]


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([], []),
        ([span(0, 1, None)], []),
        ([span(0, 1, "A"), span(1, 2, "A")], [span(0, 2, "A")]),
        ([span(0, 1, "A"), span(1, 2, "A"), span(2, None, "A")], [span(0, None, "A")]),
        ([span(0, 1, "A"), span(1, 2, "B")], [span(0, 1, "A"), span(1, 2, "B")]),
        ([span(0, 1, "A"), span(2, 3, "A")], [span(0, 1, "A"), span(2, 3, "A")]),
        (
            [span(0, 1, "A"), span(1, 2, None), span(2, 3, "A")],
            [span(0, 1, "A"), span(2, 3, "A")],
        ),
    ],
)
def test_melting_is_the_shortest_description(spans: list[Span], expected: list[Span]) -> None:
    assert melt(spans) == expected
    assert melt(melt(spans)) == expected


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([], []),
        (GAPPED, [(0, 4), (6, None)]),
        ([span(0, 2, "A"), span(2, None, "B")], [(0, None)]),
    ],
)
def test_lifetimes_are_stretches_without_a_gap(spans: list[Span], expected: list[Any]) -> None:
    assert lifetimes_of(spans) == [(at(start), at(end)) for start, end in expected]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([], [], []),
        (GAPPED, GAPPED, []),
        ([], [span(0, None, "A")], [(0, None, None, "A")]),
        ([span(0, None, "A")], [], [(0, None, "A", None)]),
        ([span(0, None, "A")], [span(0, 3, "A"), span(3, None, "B")], [(3, None, "A", "B")]),
        # One entry: the cut inside changes neither what was nor what is.
        ([span(0, 2, "A"), span(2, 4, "A")], [], [(0, 4, "A", None)]),
        # Three: what was before differs.
        (
            [span(0, 2, "A"), span(2, 4, "B"), span(4, 6, "A")],
            [span(0, 6, "C")],
            [(0, 2, "A", "C"), (2, 4, "B", "C"), (4, 6, "A", "C")],
        ),
        # Two: between them the value is what it was.
        (
            [span(0, 6, "A")],
            [span(0, 2, "B"), span(2, 4, "A"), span(4, 6, "B")],
            [(0, 2, "A", "B"), (4, 6, "A", "B")],
        ),
    ],
)
def test_periods_over_which_a_timeline_changed(
    before: list[Span], after: list[Span], expected: list[Any]
) -> None:
    assert changed_periods(before, after) == [
        Period(at(start), at(end), was and (was,), becomes and (becomes,))
        for start, end, was, becomes in expected
    ]
