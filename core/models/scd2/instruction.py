"""Changes on their way into a plan: checked, with values as the columns hold them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from core.datetimes import is_end_of_time
from core.models.scd2.change import EVERYTHING, Change, Future, Stretch
from core.models.scd2.exceptions import InvalidChange
from core.models.scd2.extents import Step
from core.models.scd2.payload import clean, utc
from core.models.scd2.timeline import FOREVER
from core.models.scd2.versioning import Shape

Key = tuple[Any, ...]

FUTURE_AND_END = "future says how far a change without valid_to reaches."
"""Of a change that has both. A Change cannot tell a ``keep`` that was given: that is for doors."""


class Instruction(NamedTuple):
    """A checked Change. ``sets`` maps positions of tracked columns to values."""

    ordinal: int
    key: Key
    start: datetime | None
    end: datetime | None
    future: Future
    sets: Mapping[int, Any] | None
    partial: bool
    reason: str | None
    identity: Mapping[str, Any]

    def step(self, instant: datetime, stretch: Stretch = EVERYTHING) -> Step:
        """The step of a plan; a start that is not given is the instant. Raises InvalidChange."""
        start = instant if self.start is None else self.start
        refuse_empty(start, self.end)
        return Step(
            ordinal=self.ordinal,
            start=start,
            end=self.end,
            future=self.future,
            sets=self.sets,
            partial=self.partial,
            horizon=max(start, stretch.horizon or start),
            limit=stretch.limit or FOREVER,
        )


def instructions(shape: Shape, changes: Iterable[Change]) -> list[Instruction]:
    """Check the Changes of one model. Raises InvalidChange for the first that is wrong."""
    return [instruction(shape, ordinal, change) for ordinal, change in enumerate(changes)]


def instruction(shape: Shape, ordinal: int, change: Change) -> Instruction:
    start = start_of(change.valid_from)
    end = instant_of("valid_to", without_end_of_time(change.valid_to))
    refuse_contradiction(change, end)
    if start is not None:
        refuse_empty(start, end)
    return Instruction(
        ordinal=ordinal,
        key=clean_key(shape, change.key),
        start=start,
        end=end,
        future=Future(change.future),
        sets=clean_payload(shape, change),
        partial=change.partial,
        reason=change.reason,
        identity=change.identity,
    )


def without_end_of_time(valid_to: datetime | None) -> datetime | None:
    """None for an end that means that there is none. A naive one is left to ``instant_of``."""
    if valid_to is None or valid_to.utcoffset() is None:
        return valid_to
    return None if is_end_of_time(valid_to) else valid_to


def start_of(valid_from: datetime | None) -> datetime | None:
    if without_end_of_time(valid_from) != valid_from:
        raise InvalidChange(
            "valid_from must be earlier than 9999-12-31, which means no end.", field="valid_from"
        )
    return instant_of("valid_from", valid_from)


def refuse_contradiction(change: Change, end: datetime | None) -> None:
    if end is not None and change.future != Future.KEEP:
        raise InvalidChange(FUTURE_AND_END, field="future")
    if change.partial and change.payload is None:
        raise InvalidChange("A retraction takes the whole payload away.", field="partial")


def refuse_empty(start: datetime, end: datetime | None) -> None:
    if end is not None and end <= start:
        raise InvalidChange("valid_to must be later than valid_from.", field="valid_to")


def instant_of(name: str, value: datetime | None) -> datetime | None:
    try:
        return None if value is None else utc(value)
    except (ValueError, OverflowError) as error:
        raise InvalidChange(f"{name}: {error}", field=name) from error


def clean_key(shape: Shape, key: Mapping[str, Any]) -> Key:
    if key.keys() != set(shape.key):
        raise InvalidChange(f"The natural key of {shape.label} is {', '.join(shape.key)}.")
    return tuple(clean(shape.model._meta.get_field(name), key[name]) for name in shape.key)


def clean_payload(shape: Shape, change: Change) -> dict[int, Any] | None:
    payload = change.payload
    if payload is None:
        return None
    unknown = sorted(payload.keys() - set(shape.tracked))
    if unknown:
        raise InvalidChange(f"{shape.label} does not track {unknown[0]}.", field=unknown[0])
    missing = [name for name in shape.tracked if name not in payload]
    if missing and not change.partial:
        raise InvalidChange(f"{shape.label} needs {missing[0]}.", field=missing[0])
    if not payload:
        raise InvalidChange("A partial change names at least one column.")
    return {
        position: clean(shape.model._meta.get_field(name), payload[name])
        for position, name in enumerate(shape.tracked)
        if name in payload
    }
