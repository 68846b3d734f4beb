"""What the general plan of a load has to look at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from core.models.scd2.extents import Step
from core.models.scd2.instruction import Key


class Work:
    """The steps of some things, and since when each of them has to be looked at."""

    def __init__(self) -> None:
        self.steps: dict[Key, list[Step]] = {}
        self.reasons: dict[Key, str] = {}
        self.sinces: dict[Any, datetime] = {}
        self.shrinking: set[Any] = set()

    def add(self, key: Key, step: Step, reason: str | None) -> None:
        self.steps.setdefault(key, []).append(step)
        if reason:
            self.reasons[key] = reason
        self.look_since(key[0], step.start)

    def add_shrunk(self, page: Sequence[tuple[Any, datetime]]) -> None:
        for root, since in page:
            self.shrinking.add(root)
            self.look_since(root, since)

    def look_since(self, root: Any, since: datetime) -> None:
        self.sinces[root] = min(since, self.sinces.get(root, since))
