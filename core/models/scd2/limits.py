"""How far back a person may write, and whether they may end things.

Judged is what a call does to the timelines, not what it says: the periods that the log would name.
So it cannot be raced, and asking for what is so already is open to whoever may write.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson
from django.db.backends.utils import CursorWrapper

from core.models.scd2.exceptions import NotAllowed
from core.models.scd2.instruction import Key
from core.models.scd2.sql import statement

if TYPE_CHECKING:
    from core.models.scd2.model import VersionedModel
    from core.models.scd2.plan import Plan
    from core.models.scd2.versioning import Shape


@dataclasses.dataclass(frozen=True, slots=True)
class Limits:
    """What a person may do to timelines.

    ``may_rewrite`` tells of a model that is not contained in another whether they may backdate,
    correct and end. If not they write from now on: no period may begin earlier than ``grace``
    before the instant of the call, and nothing may cease to hold.
    """

    may_rewrite: Callable[[type[VersionedModel]], bool]
    grace: timedelta

    def bind(self, shape: Shape) -> bool:
        """Whether they stand in the way: what is contained goes by the right on its container."""
        return not self.may_rewrite((shape.container or shape).model)

    def earliest(self, instant: datetime) -> datetime:
        return instant - self.grace


def refuse_beyond(
    limits: Limits | None, shape: Shape, plans: Mapping[Key, Plan], instant: datetime
) -> None:
    """Raises NotAllowed for the first period of the plans that is beyond the limits."""
    if limits is None or not limits.bind(shape):
        return
    earliest = limits.earliest(instant)
    for key, plan in plans.items():
        for period in plan.periods:
            if period.after is None or period.start < earliest:
                raise not_allowed(shape, key, period.start, period.after is None, earliest)


def written_beyond(
    cursor: CursorWrapper, limits: Limits | None, shapes: Iterable[Shape], instant: datetime
) -> Iterator[tuple[type[VersionedModel], NotAllowed]]:
    """What a load has written beyond the limits, for the transaction to be undone."""
    bound = {shape.label: shape for shape in shapes if limits is not None and limits.bind(shape)}
    if limits is None or not bound:
        return
    earliest = limits.earliest(instant)
    parameters: dict[str, Any] = {"instant": instant, "earliest": earliest, "models": list(bound)}
    cursor.execute(statement("written_beyond"), parameters)
    for label, natural_key, start, ended in cursor.fetchall():
        shape = bound[label]
        yield (
            shape.model,
            not_allowed(shape, key_of(shape, orjson.loads(natural_key)), start, ended, earliest),
        )


def key_of(shape: Shape, natural_key: Mapping[str, Any]) -> Key:
    """A key of the log as the columns hold it."""
    fields: list[Any] = [shape.model._meta.get_field(name) for name in shape.key]
    return tuple(field.to_python(natural_key[field.name]) for field in fields)


def not_allowed(
    shape: Shape, key: Key, start: datetime, ended: bool, earliest: datetime
) -> NotAllowed:
    thing = f"The {shape.model._meta.verbose_name} {' '.join(map(str, key))}"
    if ended:
        sentence = f"{thing} would end at {start.isoformat()}, and your role may end nothing."
    else:
        sentence = (
            f"{thing} would change from {start.isoformat()} on, and your role may write from "
            f"{earliest.isoformat()} on."
        )
    return NotAllowed(f"{sentence} Ask a steward.", key=dict(zip(shape.key, key, strict=True)))
