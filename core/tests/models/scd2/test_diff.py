"""The pure part of a diff, against looking at every tick of a small clock."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from core.models.scd2.diff import (
    Belief,
    FieldChange,
    Pair,
    Step,
    Transition,
    Window,
    field_changes,
    steps,
    value_before,
)
from core.models.scd2.timeline import FOREVER, Payload, Span, melt

ORIGIN = datetime(2024, 1, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)
LAST = 12
NAMES = ("name", "type")


def at(tick: int) -> datetime:
    return ORIGIN + tick * TICK


@st.composite
def timelines(draw: st.DrawFn) -> list[Span]:
    """Values over pieces of the ticks 0 to 12, some of them nothing, some without end."""
    cuts = sorted(draw(st.sets(st.integers(0, LAST), min_size=1, max_size=6)))
    payloads = st.none() | st.tuples(st.sampled_from("ab"), st.sampled_from(["x", None]))
    spans = [Span(at(start), at(end), draw(payloads)) for start, end in pairwise(cuts)]
    if draw(st.booleans()):
        spans.append(Span(at(cuts[-1]), FOREVER, draw(payloads)))
    return melt(spans)


def looked_up(spans: list[Span], tick: int) -> Payload:
    for span in spans:
        if span.start <= at(tick) < span.end:
            return span.payload
    return None


def naive_transitions(spans: list[Span], start: int, end: int, column: int) -> Iterator[Transition]:
    for tick in range(start, end + 1):
        was, becomes = (look(spans, t, column) for t in (tick - 1, tick))
        if was != becomes:
            yield Transition(at(tick), was, becomes)


def look(spans: list[Span], tick: int, column: int) -> Any:
    payload = looked_up(spans, tick)
    return None if payload is None else payload[column]


def naive_changes(old: list[Span], new: list[Span], start: int, end: int) -> dict[str, FieldChange]:
    changes = {}
    for column, name in enumerate(NAMES):
        was, becomes = look(old, start - 1, column), look(new, end, column)
        if was != becomes:
            transitions = list(naive_transitions(new, start, end, column))
            changes[name] = FieldChange(was, becomes, transitions)
    return changes


def window(start: int, end: int) -> Window:
    return Window(at(start), at(end), ORIGIN, ORIGIN)


TICKS = st.integers(-1, LAST + 1)


@given(timelines(), timelines(), TICKS, TICKS)
def test_a_net_change_is_what_looking_at_every_tick_finds(
    old: list[Span], new: list[Span], one: int, other: int
) -> None:
    start, end = min(one, other), max(one, other)
    pair = Pair(value_before(old, at(start)), new)
    assert field_changes(NAMES, pair, window(start, end)) == naive_changes(old, new, start, end)


@given(timelines(), TICKS)
def test_two_beliefs_about_one_instant_differ_without_a_step(new: list[Span], tick: int) -> None:
    pair = Pair(None, new)
    changes = field_changes(NAMES, pair, window(tick + 1, tick))
    assert [change.transitions for change in changes.values()] == [[] for _ in changes]
    assert {name: change.after for name, change in changes.items()} == {
        name: look(new, tick, column)
        for column, name in enumerate(NAMES)
        if look(new, tick, column) is not None
    }


@given(timelines(), TICKS)
def test_the_value_before_an_instant_is_that_of_the_tick_before(
    spans: list[Span], tick: int
) -> None:
    assert value_before(spans, at(tick)) == looked_up(spans, tick - 1)


@given(timelines(), TICKS, TICKS)
def test_the_steps_lead_from_the_value_before_to_that_at_the_end(
    spans: list[Span], one: int, other: int
) -> None:
    start, end = min(one, other), max(one, other)
    taken = steps(spans, at(start), at(end))
    walk = [looked_up(spans, start - 1), *(step.after for step in taken)]
    assert walk[-1] == looked_up(spans, end)
    assert [step.before for step in taken] == walk[:-1]
    assert all(step.before != step.after for step in taken)


def test_a_gap_is_a_step_to_nothing_and_back() -> None:
    spans = [Span(at(0), at(2), ("a", None)), Span(at(4), FOREVER, ("b", None))]
    assert steps(spans, at(1), at(9)) == [
        Step(at(2), ("a", None), None),
        Step(at(4), None, ("b", None)),
    ]


def test_there_and_back_again_is_no_net_change() -> None:
    spans = [
        Span(at(0), at(2), ("a", None)),
        Span(at(2), at(4), ("b", None)),
        Span(at(4), FOREVER, ("a", None)),
    ]
    assert field_changes(NAMES, Pair(("a", None), spans), window(1, 9)) == {}


@st.composite
def beliefs(draw: st.DrawFn) -> Belief:
    """A version as it may stand in a table: its end there from the start, or filled in later."""
    start, since = draw(st.integers(0, LAST)), draw(st.integers(0, LAST))
    length, lasting, closing = (draw(st.none() | st.integers(1, LAST)) for _ in range(3))
    end = FOREVER if length is None else at(start + length)
    until = FOREVER if lasting is None else at(since + lasting)
    closed = None if closing is None or length is None else min(at(since + closing), until)
    return Belief(at(start), end, ("a",), at(since), closed, until)


def believes(belief: Belief, instant: datetime, known_at: datetime) -> bool:
    """As the two predicates say it."""
    return (
        belief.since <= known_at < belief.until
        and belief.start <= instant
        and (belief.end > instant or (belief.closed is not None and belief.closed > known_at))
    )


@given(beliefs(), TICKS, TICKS)
def test_what_was_believed_once_it_had_come_is_what_asking_at_every_tick_finds(
    belief: Belief, tick: int, known_to: int
) -> None:
    asked = [believes(belief, at(tick), at(known)) for known in range(tick, known_to + 1)]
    assert belief.about(at(tick), at(known_to)) == any(asked)


def test_a_step_corrects_what_was_believed_of_its_own_column_alone() -> None:
    late = [Belief(at(0), FOREVER, ("a", "x"), at(0), at(5), FOREVER)]
    spans = [Span(at(0), at(2), ("a", "y")), Span(at(2), FOREVER, ("b", "x"))]
    changes = field_changes(
        NAMES, Pair(("a", "y"), spans, late), Window(at(1), at(9), at(9), at(9))
    )
    assert changes == {
        "name": FieldChange("a", "b", [Transition(at(2), "a", "b", True)]),
        "type": FieldChange("y", "x", [Transition(at(2), "y", "x", False)]),
    }
