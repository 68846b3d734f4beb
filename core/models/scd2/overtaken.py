"""Assertions that do not hold at the instant of their call, because a later change stands.

Pure: no database, no clock. An assertion with an end says by itself when it is over, and one that
another Change of the same call takes over gives way to its own sender: neither is overtaken.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from core.models.scd2.extents import EXISTENCE, Reach, Step
from core.models.scd2.timeline import Payload, Span, value_at


class Overtaken(NamedTuple):
    """A Change of a load that was overtaken.

    ``ordinal``: that of the Change (the line of a file). ``since``: from which instant on the later
    change stands (UTC).
    """

    ordinal: int
    model: str
    key: dict[str, Any]
    since: datetime


def find_overtaken(
    reaches: Sequence[Reach], after: Sequence[Span], now: datetime
) -> dict[int, datetime]:
    """By ordinal, since when a later change stands where the Change does not hold at ``now``.

    ``after``: the timeline with the Changes applied.
    """
    begun = [reach for reach in reaches if reach.step.start <= now]
    bounded = [reach for reach in begun if reach.step.end is not None and reach.step.end > now]
    opened = [reach for reach in begun if reach.step.end is None]
    taken = {column for reach in bounded for column in reach.ends}
    starts: dict[int, list[datetime]] = defaultdict(list)
    for reach in opened:
        for column in reach.ends:
            starts[column].append(reach.step.start)
    held = value_at(after, now)
    found: dict[int, datetime] = {}
    for reach in opened:
        meant = [
            column
            for column in reach.ends
            if column not in taken and starts[column][-1] == reach.step.start
        ]
        if reach.step.sets is not None and not all(
            holds(reach.step, column, held) for column in meant
        ):
            found[reach.step.ordinal] = min(reach.ends[column] for column in meant)
    return found


def holds(step: Step, column: int, held: Payload) -> bool:
    """Whether what the Change sets of a column is so in a payload."""
    assert step.sets is not None
    if held is None:
        return False
    return column == EXISTENCE or held[column] == step.sets[column]
