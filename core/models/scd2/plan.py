"""The plan for one key: what its live rows must become. Pure: no database, no clock.

Valid time is cut at every start and end of the live rows and of the Changes' extents. Between
two neighbouring cuts the value is what the last Change covering them sets, else what held
before, else nothing. Neighbours with equal payloads melt, and the result is compared with the
live rows: close in place what differs only by an end, supersede what no longer holds, open
what is missing.
"""

import dataclasses
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from core.models.scd2.change import Future, Outcome
from core.models.scd2.exceptions import (
    CoversStart,
    LaterChange,
    NothingToAmend,
    TwoPayloads,
)
from core.models.scd2.extents import EXISTENCE, Reach, Step, fix_extents
from core.models.scd2.overtaken import find_overtaken
from core.models.scd2.sweep import sweep
from core.models.scd2.timeline import (
    FOREVER,
    Lifetimes,
    Payload,
    Period,
    Row,
    Span,
    changed_periods,
    clip,
    melt,
    values_at,
)


@dataclasses.dataclass(slots=True)
class Plan:
    """What to do to the rows of one key, over which periods that changes the timeline, and the
    timeline it leads to.

    ``overtaken``: by the ordinals of the Changes that do not hold at the instant of the call, since
    when a later change stands in their way.
    """

    closes: list[tuple[int, datetime]] = dataclasses.field(default_factory=list)
    supersedes: list[int] = dataclasses.field(default_factory=list)
    opens: list[Span] = dataclasses.field(default_factory=list)
    periods: list[Period] = dataclasses.field(default_factory=list)
    after: list[Span] = dataclasses.field(default_factory=list)
    overtaken: dict[int, datetime] = dataclasses.field(default_factory=dict)

    @property
    def outcome(self) -> Outcome:
        """Row counts, or one ``unchanged``."""
        if not self.periods:
            return Outcome(unchanged=1)
        return Outcome(len(self.opens), len(self.closes), len(self.supersedes))

    @property
    def shrinks(self) -> bool:
        """Whether the thing ceases to exist somewhere."""
        return any(period.after is None for period in self.periods)


def make_plan(
    rows: Sequence[Row],
    steps: Sequence[Step],
    width: int,
    lifetimes: Lifetimes | None = None,
    *,
    now: datetime,
) -> Plan:
    """The plan that applies ``steps`` to the timeline of ``rows`` (in order of start).

    ``width`` is the number of tracked columns; ``lifetimes`` are those of the container, None
    for a thing that stands by itself; ``now`` is the instant of the call. Raises a Conflict that
    names the Change's ordinal.
    """
    refuse_contradictions(steps)
    before = [Span(row.start, row.end, row.payload) for row in rows]
    reaches = fix_extents(before, steps, width, lifetimes)
    after = clip(melt(apply_reaches(before, reaches, width)), lifetimes)
    plan = compare(rows, before, after)
    if plan.periods:
        refuse_later_changes(before, steps)
    plan.overtaken = find_overtaken(reaches, after, now)
    return plan


# Contradictions inside a batch


def refuse_contradictions(steps: Sequence[Step]) -> None:
    """Raises TwoPayloads or CoversStart. A Change that may reach nothing contradicts nothing."""
    if len(steps) == 1:
        return
    steps = [step for step in steps if not step.is_beyond]
    first: dict[datetime, Step] = {}
    for step in steps:
        other = first.setdefault(step.start, step)
        if (step.sets, step.partial) != (other.sets, other.partial):
            raise TwoPayloads(
                f"Two different payloads start at {step.start.isoformat()}.",
                ordinal=step.ordinal,
            )
    open_starts = sorted(step.start for step in steps if step.end is None)
    for step in steps:
        if step.end is not None and holds_any(open_starts, step.start, step.end):
            raise CoversStart(
                f"The change from {step.start.isoformat()} to {step.end.isoformat()} covers the "
                "start of an open-ended change of the same batch.",
                ordinal=step.ordinal,
            )


def holds_any(instants: Sequence[datetime], start: datetime, end: datetime) -> bool:
    """Whether one of the instants, which are in order, lies in ``[start, end)``."""
    position = bisect_left(instants, start)
    return position < len(instants) and instants[position] < end


def refuse_later_changes(before: Sequence[Span], steps: Sequence[Step]) -> None:
    """Raises LaterChange for ``future=reject`` where anything changes after the start."""
    edges = sorted({edge for span in before for edge in (span.start, span.end)} - {FOREVER})
    for step in steps:
        position = bisect_right(edges, step.start)
        if step.future is Future.REJECT and position < len(edges):
            raise LaterChange(
                f"There is a later change, at {edges[position].isoformat()}.",
                ordinal=step.ordinal,
            )


# Application, instant by instant


def apply_reaches(before: Sequence[Span], reaches: Sequence[Reach], width: int) -> list[Span]:
    """The timeline with the Changes applied, cut at every start and end."""
    edges = {edge for span in before for edge in (span.start, span.end)}
    for reach in reaches:
        edges.add(reach.step.start)
        edges.update(reach.ends.values())
    cuts = sorted(edges)
    spans = []
    held = zip(pairwise(cuts), values_at(before, cuts), sweep(cuts, reaches), strict=False)
    for (start, end), value, covering in held:
        applied = value
        for reach in covering:
            applied = apply_one(applied, reach, start, width)
        spans.append(Span(start, end, applied))
    return spans


def apply_one(value: Payload, reach: Reach, at: datetime, width: int) -> Payload:
    """The value at ``at`` after one Change. Raises NothingToAmend."""
    step, sets = reach.step, reach.step.sets
    if sets is None:
        return None if reach.covers(EXISTENCE, at) else value
    covered = {column for column in sets if reach.covers(column, at)}
    if not step.partial:
        if not reach.covers(EXISTENCE, at):
            return value
        # Where nothing held, a whole payload holds whole: a later partial Change of the batch
        # that shortened one of its columns is applied on top of it.
        covered = covered if value is not None else set(sets)
    if not covered:
        return value
    if value is None and step.partial:
        raise NothingToAmend(
            f"At {at.isoformat()} nothing holds that could be amended.",
            ordinal=step.ordinal,
        )
    held = value or (None,) * width
    return tuple(sets[i] if i in covered else held[i] for i in range(width))


# Comparison with the rows


def compare(rows: Sequence[Row], before: Sequence[Span], after: Sequence[Span]) -> Plan:
    """What turns the rows into the wanted spans, and the periods over which that matters."""
    plan = Plan()
    wanted = {span.start: span for span in after}
    for row in rows:
        span = wanted.get(row.start)
        if span is None or span.payload != row.payload:
            plan.supersedes.append(row.id)
        elif span.end == row.end:
            del wanted[row.start]
        elif row.end == FOREVER:
            plan.closes.append((row.id, span.end))
            del wanted[row.start]
        else:
            plan.supersedes.append(row.id)
    plan.opens = list(wanted.values())
    plan.after = list(after)
    plan.periods = changed_periods(before, after)
    return plan
