"""One call's Changes, by model and key, and the plans they lead to."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db.backends.utils import CursorWrapper

from core.models.scd2.change import UNCHANGED, Change, Outcome
from core.models.scd2.exceptions import Scd2Error
from core.models.scd2.extents import Step
from core.models.scd2.instruction import Instruction, Key, instructions
from core.models.scd2.plan import Plan, make_plan
from core.models.scd2.reader import live_rows
from core.models.scd2.timeline import Lifetimes, Row, lifetimes_of
from core.models.scd2.versioning import Shape

BEGINNING = datetime.min.replace(tzinfo=UTC)
Plans = dict[Key, Plan]


class Part:
    """The Changes of one model in a call."""

    def __init__(self, shape: Shape, changes: Iterable[Change] = ()) -> None:
        self.shape = shape
        self.instructions = instructions(shape, changes)
        self.by_key: dict[Key, list[Instruction]] = defaultdict(list)
        for item in self.instructions:
            self.by_key[item.key].append(item)
        self.outcomes: dict[Key, Outcome] = dict.fromkeys(self.by_key, UNCHANGED)
        self.overtaken: dict[int, datetime] = {}

    def keep(self, roots: set[Any]) -> None:
        """Leave out the things on which nothing changes."""
        self.by_key = {key: items for key, items in self.by_key.items() if key[0] in roots}

    def remaining(self) -> list[Instruction]:
        return [item for items in self.by_key.values() for item in items]

    def steps(self, key: Key, instant: datetime) -> list[Step]:
        return [item.step(instant) for item in self.by_key.get(key, ())]

    def note_overtaken(self, plans: Plans) -> None:
        """Remember by ordinal what a plan says of its Changes; the last plan of a key counts."""
        for key, plan in plans.items():
            for item in self.by_key.get(key, ()):
                self.overtaken.pop(item.ordinal, None)
            self.overtaken.update(plan.overtaken)

    def outcome(self, item: Instruction) -> Outcome:
        """What was done to the key of a Change, and whether the Change itself was overtaken."""
        overtaken = int(item.ordinal in self.overtaken)
        return dataclasses.replace(self.outcomes[item.key], overtaken=overtaken)

    def total(self) -> Outcome:
        """Each key counted once, and every Change that was overtaken."""
        overtaken = Outcome(overtaken=len(self.overtaken))
        return sum(self.outcomes.values(), overtaken)

    def reason(self, key: Key, default: str) -> str:
        """The last reason given for a key, else that of the call."""
        given = [item.reason for item in self.by_key.get(key, ()) if item.reason]
        return given[-1] if given else default


class Family:
    """A container's part of a call and those of what it contains, planned together."""

    def __init__(self, container: Shape, parts: Mapping[Shape, Part]) -> None:
        self.container = container
        self.parts = [parts.get(shape) or Part(shape) for shape in (container, *container.contents)]

    def roots(self) -> set[Any]:
        return {key[0] for part in self.parts for key in part.by_key}

    def keep(self, roots: set[Any]) -> None:
        for part in self.parts:
            part.keep(roots)

    def sinces(self, instant: datetime) -> dict[Any, datetime]:
        """The earliest start of any Change of a thing, container and content together."""
        earliest: dict[Any, datetime] = {}
        for part in self.parts:
            for item in part.remaining():
                start, root = item.start or instant, item.key[0]
                earliest[root] = min(start, earliest.get(root, start))
        return earliest

    def plan(self, cursor: CursorWrapper, instant: datetime) -> list[tuple[Part, Plans]]:
        """The plans as the rows stand now, the container's first. Raises Conflict."""
        sinces = self.sinces(instant)
        own, *contents = self.parts
        rows = live_rows(cursor, self.container, sinces)
        plans = {
            key: plan_key(own.shape, key, rows.get(key, []), own.steps(key, instant), now=instant)
            for key in sorted(own.by_key)
        }
        lives = Lives(sinces, rows, plans)
        return [
            (own, plans),
            *((part, plan_content(cursor, part, instant, lives)) for part in contents),
        ]


class Lives:
    """The lifetimes of the containers of a call, as they are after it."""

    def __init__(
        self, sinces: Mapping[Any, datetime], rows: Mapping[Key, list[Row]], plans: Plans
    ) -> None:
        self.sinces = sinces
        self.rows = rows
        self.plans = plans
        self.shrinking = {key[0] for key, plan in plans.items() if plan.shrinks}
        self.found: dict[Any, Lifetimes] = {}

    def of(self, root: Any) -> Lifetimes:
        """A container's lifetimes; what began before the first Change began long ago."""
        if root not in self.found:
            self.found[root] = self.find(root)
        return self.found[root]

    def find(self, root: Any) -> Lifetimes:
        key = (root,)
        spans = self.plans[key].after if key in self.plans else self.rows.get(key, [])
        since = self.sinces[root]
        return [(BEGINNING if start <= since else start, end) for start, end in lifetimes_of(spans)]


def plan_content(cursor: CursorWrapper, part: Part, instant: datetime, lives: Lives) -> Plans:
    """The plans of a contained model: of what is named, and of all that loses its container."""
    roots = {key[0] for key in part.by_key} | lives.shrinking
    if not roots:
        return {}
    rows = live_rows(cursor, part.shape, {root: lives.sinces[root] for root in roots})
    keys = part.by_key.keys() | {key for key in rows if key[0] in lives.shrinking}
    return {
        key: plan_key(
            part.shape,
            key,
            rows.get(key, []),
            part.steps(key, instant),
            lives.of(key[0]),
            now=instant,
        )
        for key in sorted(keys)
    }


def plan_key(
    shape: Shape,
    key: Key,
    rows: Sequence[Row],
    steps: Sequence[Step],
    lifetimes: Lifetimes | None = None,
    *,
    now: datetime,
) -> Plan:
    try:
        return make_plan(rows, steps, len(shape.tracked), lifetimes, now=now)
    except Scd2Error as error:
        error.key = dict(zip(shape.key, key, strict=True))
        raise
