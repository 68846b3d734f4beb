"""What decides at an instant leads to what all Changes that cover it lead to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from core.models.scd2.change import Future
from core.models.scd2.exceptions import NothingToAmend
from core.models.scd2.extents import EXISTENCE, Reach, Step
from core.models.scd2.plan import apply_one
from core.models.scd2.sweep import sweep
from core.models.scd2.timeline import Payload

WIDTH = 2
DAYS = [datetime(2000, 1, 1, tzinfo=UTC) + timedelta(days=number) for number in range(9)]
SETS = st.one_of(
    st.none(),
    st.fixed_dictionaries({0: st.integers(0, 2), 1: st.integers(0, 2)}),
    st.dictionaries(st.integers(0, 1), st.integers(0, 2), min_size=1, max_size=1),
)


@st.composite
def reach(draw: st.DrawFn, ordinal: int) -> Reach:
    """With a column that may end before the others, as those of open-ended Changes do."""
    sets = draw(SETS)
    partial = sets is not None and (len(sets) < WIDTH or draw(st.booleans()))
    start = draw(st.integers(0, 7))
    columns = list(sets or ()) if partial else [EXISTENCE, 0, 1]
    ends = {column: DAYS[draw(st.integers(start, 8))] for column in columns}
    step = Step(ordinal, DAYS[start], None, Future.KEEP, sets, partial, DAYS[start])
    return Reach(step, ends)


@st.composite
def many(draw: st.DrawFn) -> list[Reach]:
    return [draw(reach(ordinal)) for ordinal in range(draw(st.integers(0, 8)))]


def outcome(deciding: Sequence[Reach], at: datetime, held: Payload) -> object:
    """The payload after these Changes, or the ordinal of the one that finds nothing to amend."""
    for one in deciding:
        try:
            held = apply_one(held, one, at, WIDTH)
        except NothingToAmend as error:
            return ("nothing", getattr(error, "ordinal", None))
    return held


@settings(max_examples=300, deadline=None)
@given(reaches=many(), held=st.sampled_from([None, ("a", "b")]))
def test_it_leads_to_the_same(reaches: list[Reach], held: Payload) -> None:
    for (start, _), deciding in zip(pairwise(DAYS), sweep(DAYS, reaches), strict=False):
        covering = [one for one in reaches if one.step.start <= start < one.end]
        assert outcome(deciding, start, held) == outcome(covering, start, held)
