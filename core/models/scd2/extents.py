"""How far each Change of a batch reaches, column by column."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple

from core.models.scd2.change import Future
from core.models.scd2.exceptions import OutsideLifetime
from core.models.scd2.timeline import (
    FOREVER,
    Edges,
    Lifetimes,
    Span,
)

EXISTENCE = -1
"""The pseudo-column that a whole payload and a retraction set and a partial one leaves."""


class Step(NamedTuple):
    """A Change of one key, its times filled in. ``sets`` maps column positions to values.

    ``horizon``, at its start or later, and ``limit`` are those of a Change without ``end``.
    """

    ordinal: int
    start: datetime
    end: datetime | None
    future: Future
    sets: Mapping[int, Any] | None
    partial: bool
    horizon: datetime
    limit: datetime = FOREVER

    @property
    def is_beyond(self) -> bool:
        """Whether it starts where it may reach no more, and so says nothing."""
        return self.end is None and self.start >= self.limit

    def touches(self, column: int) -> bool:
        """Whether the Change sets this column: all but a partial one set every column."""
        return not self.partial or column in (self.sets or ())


class Reach(NamedTuple):
    """A Change with the end of its extent, column by column (``EXISTENCE`` included)."""

    step: Step
    ends: Mapping[int, datetime]

    def covers(self, column: int, at: datetime) -> bool:
        return self.step.start <= at < self.ends.get(column, self.step.start)

    def sets_everything(self, at: datetime) -> bool:
        """Whether nothing shows through of what held before."""
        if self.step.sets is None:
            return self.covers(EXISTENCE, at)
        return not self.step.partial and self.step.start <= at < min(self.ends.values())

    @property
    def end(self) -> datetime:
        """Where the last of its columns ends."""
        return max(self.ends.values(), default=self.step.start)


Starts = Mapping[int, Sequence[datetime]]
"""By column, where the open-ended Changes of the batch that set it start, in order."""


def fix_extents(
    before: Sequence[Span],
    steps: Sequence[Step],
    width: int,
    lifetimes: Lifetimes | None,
) -> list[Reach]:
    """Extents against the timeline as it is, in the order in which they are applied."""
    open_ended = sorted((step for step in steps if step.end is None), key=lambda step: step.start)
    bounded = [step for step in steps if step.end is not None]
    starts = {
        column: [step.start for step in open_ended if step.touches(column)]
        for column in (EXISTENCE, *range(width))
    }
    edges = Edges(before)
    return [
        Reach(step, ends_of(step, edges, starts, width, lifetimes))
        for step in (*open_ended, *bounded)
    ]


def ends_of(
    step: Step,
    edges: Edges,
    starts: Starts,
    width: int,
    lifetimes: Lifetimes | None,
) -> dict[int, datetime]:
    columns = list(step.sets or ()) if step.partial else [EXISTENCE, *range(width)]
    limit = container_end(step, lifetimes)
    if step.end is not None:
        return dict.fromkeys(columns, step.end)
    return {
        column: min(
            natural_end(step, column, edges),
            next_start(step, starts[column]),
            limit,
            step.limit,
        )
        for column in columns
    }


def container_end(step: Step, lifetimes: Lifetimes | None) -> datetime:
    """Where the container's lifetime ends that the Change starts in. Raises OutsideLifetime."""
    if lifetimes is None or step.sets is None or step.is_beyond:
        return FOREVER
    position = bisect_right(lifetimes, step.start, key=itemgetter(0)) - 1
    end = lifetimes[position][1] if position >= 0 else step.start
    if end <= step.start:
        raise OutsideLifetime(
            f"At {step.start.isoformat()} the thing it belongs to is not valid.",
            ordinal=step.ordinal,
        )
    if step.end is not None and step.end > end:
        raise OutsideLifetime(
            f"The thing it belongs to is valid only until {end.isoformat()}.",
            ordinal=step.ordinal,
        )
    return end


def natural_end(step: Step, column: int, edges: Edges) -> datetime:
    """The end of one column's extent as ``future`` decides it."""
    if step.future is not Future.KEEP:
        return edges.next_of_existence(step.start) if step.partial else FOREVER
    if step.sets is None:
        return edges.next_of_existence(step.horizon)
    if step.partial:
        return edges.next_of_column(column, step.horizon)
    return edges.next_of_payload(step.horizon)


def next_start(step: Step, starts: Sequence[datetime]) -> datetime:
    """The first of the starts that is later than the step's."""
    position = bisect_right(starts, step.start)
    return starts[position] if position < len(starts) else FOREVER
