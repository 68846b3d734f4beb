"""The assertions of a batch that do not hold at its instant, by the letter of the contract."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from core.models.scd2.change import EVERYTHING, Change, Stretch
from core.tests.oracle import (
    EXISTS,
    Batch,
    Payload,
    Plan,
    Shape,
    Thing,
    World,
    grouped,
    sets,
    start_of,
    value_at,
)

Said = tuple[Thing, datetime, datetime | None, bool, str]
Found = dict[Said, datetime]
"""Since when a later change stands, by what a Change says: of those that may reach nothing several
may say different things from one start on.
"""


def said_by(thing: Thing, change: Change) -> Said:
    return thing, start_of(change), change.valid_to, change.partial, repr(change.payload)


def overtaken(
    batch: Batch, before: World, after: World, instant: datetime, stretch: Stretch = EVERYTHING
) -> Found:
    """What a batch that led from one world to another did not bring to hold at its instant."""
    found: Found = {}
    for thing, changes in grouped(batch, instant).items():
        container = after.get(thing.container, {}) if thing.container else None
        plan = Plan(thing, changes, before.get(thing, {}), container, stretch)
        held = value_at(after.get(thing, {}), instant)
        for change in changes:
            meant = columns_meant(change, changes, thing.shape, instant)
            said = sets(change, thing.shape)
            if any(not holds(column, said[column], held) for column in meant):
                since = min(plan.reach(change, column) for column in meant)
                found[said_by(thing, change)] = since
    return found


def columns_meant(
    change: Change, changes: Sequence[Change], shape: Shape, instant: datetime
) -> list[str]:
    """The columns of which a Change says how they are at an instant, for all its batch says."""
    if change.retracts or change.valid_to is not None or start_of(change) > instant:
        return []
    return [
        column
        for column in sets(change, shape)
        if not any(
            column in sets(other, shape) and takes_over(other, change, instant) for other in changes
        )
    ]


def takes_over(other: Change, change: Change, instant: datetime) -> bool:
    """Whether another Change of the batch speaks about the instant, and after this one."""
    if other.valid_to is not None:
        return start_of(other) <= instant < other.valid_to
    return start_of(change) < start_of(other) <= instant


def holds(column: str, value: object, held: Payload | None) -> bool:
    if held is None:
        return False
    return column == EXISTS or bool(held[column] == value)
