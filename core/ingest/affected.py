"""The report of a load: which things it ends, corrects, lacks or finds overtaken, by name.

JSON Lines, one thing each: ``what`` (ended, corrected, overtaken, not_ended), the columns that name
it, ``from`` when (UTC, ISO 8601; of what is overtaken, since when the later change stands) and the
``line`` of the file that says so, null where it follows from what the file lacks. Contents that end
together with their container are not told again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import Any

from core.db import clock
from core.ingest.json_lines import JsonLinesFile
from core.models.scd2 import affected
from core.models.scd2.affected import AffectedThing, Effect
from core.models.scd2.change import Result
from core.models.scd2.staging import Load
from core.personal import Mask

SHOWN = 20
"""How many things of each effect are shown to a person."""
COUNTED = (Effect.ENDED, Effect.CORRECTED, Effect.OVERTAKEN)

Entry = dict[str, Any]


class Affected(JsonLinesFile):
    """Counts the things that a load affects, keeps the first of them, and writes all to a file.

    ``past``: what the load changes before that instant it corrects; None is the instant of the
    load. ``mask``: what is personal data and left out. Raises Unwritable.
    """

    def __init__(
        self, path: str | None, past: datetime | None = None, mask: Mask | None = None
    ) -> None:
        super().__init__(path)
        self.past = past
        self.mask = mask
        self.counts: Counter[Effect] = Counter()
        self.first: dict[Effect, list[Entry]] = {effect: [] for effect in Effect}

    def as_dict(self) -> dict[str, int]:
        """How many things the load ends, corrects and finds overtaken."""
        return {effect.value: self.counts[effect] for effect in COUNTED}

    def lacking(
        self, load: Load, effect: Effect, instant: datetime, kinds: Collection[str], whole: bool
    ) -> None:
        """Take note of what a full file lacks: of contents of some kinds, and of ``whole`` things.

        Call it before anything is written.
        """
        self.add(affected.lacking(load, effect, instant, kinds, self.most, whole=whole))
        self.set_mark()

    def written(self, load: Load, result: Result) -> None:
        """Take note of what was written; call it at every attempt, in its transaction."""
        self.back_to_mark()
        for effect in COUNTED:
            self.counts[effect] = 0
            self.first[effect].clear()
        total = result.total
        if result.instant is not None and (total.closed or total.superseded):
            past = min(self.past or result.instant, result.instant)
            self.add(affected.written(load, result.instant, past, self.most))
        if total.overtaken:
            self.add(affected.overtaken(load, result.instant or clock(), self.most))

    @property
    def most(self) -> int | None:
        """How many rows are asked for: all of them only where a file takes them."""
        return None if self.file else SHOWN

    def add(self, things: Iterable[AffectedThing]) -> None:
        for one in things:
            if one.number == 1:
                self.counts[one.effect] += one.total
            entry = self.entry(one)
            if len(self.first[one.effect]) < SHOWN:
                self.first[one.effect].append(entry)
            self.write(entry)

    def entry(self, one: AffectedThing) -> Entry:
        thing = masked(one.thing, self.mask) if self.mask else one.thing
        start = one.start.astimezone(UTC).isoformat().replace("+00:00", "Z")
        return {"what": one.effect.value, **thing, "from": start, "line": one.ordinal}


def masked(entry: Entry, mask: Mask) -> Entry:
    """The entry without what the mask covers."""
    return entry | {mask.field: None} if mask.covers(entry, {}) else entry
