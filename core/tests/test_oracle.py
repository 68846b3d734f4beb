"""The naive model on examples worked out by hand; no database, no engine."""

from __future__ import annotations

import pytest

from core.models.scd2.change import Change, Future
from core.models.scd2.exceptions import (
    CoversStart,
    InvalidChange,
    LaterChange,
    NothingToAmend,
    TwoPayloads,
)
from core.tests.hand_worked import (
    KEYS,
    ONE,
    OVER,
    REJECT,
    STEPS,
    THING,
    after,
    change,
    refusal,
    started,
    system,
    year,
)
from core.tests.oracle import shortest


@pytest.mark.parametrize(
    ("before", "changes", "expected"),
    [
        pytest.param([], [change("AB", 2000)], [(2000, None, "AB")], id="first"),
        pytest.param([], [change("AB", 2000, 2005)], [(2000, 2005, "AB")], id="bounded"),
        pytest.param(
            [(2000, None, "AB")],
            [change("CD", 2010)],
            [(2000, 2010, "AB"), (2010, None, "CD")],
            id="forward",
        ),
        pytest.param([(2000, None, "AB")], [change("AB", 2010)], [(2000, None, "AB")], id="same"),
        pytest.param(
            STEPS,
            [change("XX", 2005)],
            [(2000, 2005, "AB"), (2005, 2010, "XX"), *STEPS[1:]],
            id="keep-whole-to-next-change",
        ),
        pytest.param(
            [(2010, None, "AB")],
            [change("XX", 2005)],
            [(2005, 2010, "XX"), (2010, None, "AB")],
            id="keep-whole-in-a-gap",
        ),
        pytest.param(
            STEPS, [change("XX", 2005, None, OVER)], [(2000, 2005, "AB"), (2005, None, "XX")]
        ),
        pytest.param(
            STEPS,
            [change({"a": "X"}, 2005)],
            [(2000, 2005, "AB"), (2005, 2010, "XB"), (2010, 2020, "XC"), (2020, None, "DC")],
            id="keep-per-column-a-passes-the-change-of-b",
        ),
        pytest.param(
            STEPS,
            [change({"b": "X"}, 2005)],
            [(2000, 2005, "AB"), (2005, 2010, "AX"), *STEPS[1:]],
            id="keep-per-column-b-stops-where-b-changes",
        ),
        pytest.param(
            STEPS,
            [change({"a": "X", "b": "Y"}, 2005)],
            [(2000, 2005, "AB"), (2005, 2010, "XY"), (2010, 2020, "XC"), (2020, None, "DC")],
            id="keep-both-columns-each-by-itself",
        ),
        pytest.param(
            STEPS,
            [change({"b": "X"}, 2005, None, OVER)],
            [(2000, 2005, "AB"), (2005, 2020, "AX"), (2020, None, "DX")],
            id="overwrite-partial-over-later-changes",
        ),
        pytest.param(
            [(2000, 2010, "AB"), (2020, None, "AB")],
            [change({"a": "X"}, 2005, None, OVER)],
            [(2000, 2005, "AB"), (2005, 2010, "XB"), (2020, None, "AB")],
            id="overwrite-partial-ends-with-the-lifetime",
        ),
        pytest.param(
            STEPS,
            [change({"a": "X"}, 2005, 2015)],
            [
                (2000, 2005, "AB"),
                (2005, 2010, "XB"),
                (2010, 2015, "XC"),
                (2015, 2020, "AC"),
                (2020, None, "DC"),
            ],
            id="partial-over-a-bounded-period",
        ),
        pytest.param(STEPS, [change(None, 2005)], [(2000, 2005, "AB")], id="retract"),
        pytest.param(
            STEPS,
            [change(None, 2005, 2015)],
            [(2000, 2005, "AB"), (2015, 2020, "AC"), (2020, None, "DC")],
            id="retract-bounded",
        ),
        pytest.param(
            [(2000, 2010, "AB"), (2020, None, "AB")],
            [change(None, 2005)],
            [(2000, 2005, "AB"), (2020, None, "AB")],
            id="retract-keeps-the-next-lifetime",
        ),
        pytest.param(
            [(2000, 2010, "AB"), (2020, None, "AB")],
            [change(None, 2005, None, OVER)],
            [(2000, 2005, "AB")],
            id="retract-without-end",
        ),
        pytest.param(
            [(2000, 2010, "AB"), (2020, None, "AB")],
            [change(None, 2015)],
            [(2000, 2010, "AB"), (2020, None, "AB")],
            id="retract-nothing",
        ),
        pytest.param(
            [(2000, 2010, "AB")],
            [change("AB", 2010)],
            [(2000, None, "AB")],
            id="equal-neighbours-melt",
        ),
        pytest.param(
            [(2000, None, "AB")],
            [change("CD", 2010), change("EF", 2020)],
            [(2000, 2010, "AB"), (2010, 2020, "CD"), (2020, None, "EF")],
            id="open-ended-ones-cut-each-other",
        ),
        pytest.param(
            [(2000, None, "AB")],
            [change({"a": "X"}, 2010), change({"b": "Y"}, 2020)],
            [(2000, 2010, "AB"), (2010, 2020, "XB"), (2020, None, "XY")],
            id="the-cut-is-per-column",
        ),
        pytest.param(
            [],
            [change("AB", 2010), change("CD", 2015, 2020)],
            [(2010, 2015, "AB"), (2015, 2020, "CD"), (2020, None, "AB")],
            id="bounded-on-top",
        ),
        pytest.param(
            [],
            [change("AB", 2010, 2030), change("CD", 2015, 2020)],
            [(2010, 2015, "AB"), (2015, 2020, "CD"), (2020, 2030, "AB")],
            id="bounded-in-the-order-given",
        ),
        pytest.param(
            [],
            [change("CD", 2015, 2020), change("AB", 2010, 2030)],
            [(2010, 2030, "AB")],
            id="bounded-in-the-other-order",
        ),
        pytest.param(
            [(2000, None, "AB")],
            [change(None, 2010), change("CD", 2020)],
            [(2000, 2010, "AB"), (2020, None, "CD")],
            id="end-and-revive",
        ),
        pytest.param(
            [],
            [change("AB", 2000), change(None, 2010)],
            [(2000, 2010, "AB")],
            id="an-empty-retraction-still-cuts",
        ),
    ],
)
def test_what_a_batch_makes_of_a_timeline(before, changes, expected) -> None:
    assert after(before, *changes) == expected


@pytest.mark.parametrize(
    ("before", "changes", "error"),
    [
        ([], [change({"a": "X"}, 2000)], NothingToAmend),
        ([(2000, 2010, "AB")], [change({"a": "X"}, 2005, 2015)], NothingToAmend),
        ([(2000, 2010, "AB")], [change({"a": "X"}, 2010)], NothingToAmend),
        ([(2000, None, "AB")], [change(None, 2010), change({"a": "X"}, 2020)], NothingToAmend),
        (STEPS, [change("XX", 2005, None, REJECT)], LaterChange),
        ([(2000, 2010, "AB")], [change("XX", 2005, None, REJECT)], LaterChange),
        ([(2000, 2010, "AB")], [change(None, 2005, None, REJECT)], LaterChange),
        ([], [change("AB", 2000), change("CD", 2000)], TwoPayloads),
        ([], [change("AB", 2000), change({"a": "A", "b": "B"}, 2000)], TwoPayloads),
        ([(2000, None, "AB")], [change("CD", 2010), change(None, 2010)], TwoPayloads),
        ([], [change("AB", 2000, 2020), change("CD", 2010)], CoversStart),
        ([], [change("AB", 2000, 2010), change("AB", 2000)], CoversStart),
        ([], [change("AB", 2000, 2010, OVER)], InvalidChange),
        ([], [change("AB", 2000, 2000)], InvalidChange),
        ([], [change({}, 2000)], InvalidChange),
        ([], [change({"c": "X"}, 2000)], InvalidChange),
        ([], [Change(key=KEYS[THING], payload={"a": "A"}, valid_from=year(2000))], InvalidChange),
        (
            [],
            [Change(key=KEYS[THING], payload=None, valid_from=year(2000), partial=True)],
            InvalidChange,
        ),
    ],
)
def test_what_is_refused(before, changes, error) -> None:
    assert refusal(before, *changes) is error


def test_where_nothing_held_a_whole_payload_holds_whole() -> None:
    changes = change("XX", 2000, None, OVER), change({"a": "Y"}, 2005)
    assert after([(2010, 2020, "AB")], *changes) == [
        (2000, 2005, "XX"),
        (2005, 2010, "YX"),
        (2010, 2020, "AX"),
        (2020, None, "XX"),
    ]


@pytest.mark.parametrize("future", list(Future))
def test_a_last_change_is_no_conflict_for_reject(future: Future) -> None:
    assert after([(2000, None, "AB")], change("CD", 2010, None, future)) == [
        (2000, 2010, "AB"),
        (2010, None, "CD"),
    ]


def test_reject_without_any_effect_is_not_refused() -> None:
    assert after(STEPS, change("DC", 2020, None, REJECT), change("AB", 2005)) == STEPS


def test_a_start_left_out_is_the_instant() -> None:
    oracle = started((2000, None, "AB"))
    oracle.apply([(THING, [change("CD", None)])], system(30))
    assert [start for start, _, _ in shortest(oracle.world[ONE])] == [year(2000), system(30)]
