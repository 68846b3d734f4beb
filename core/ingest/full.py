"""``--mode full``: the file is all there is of its source, and what it lacks is ended.

A row that is rejected still names its thing, which is then left as it is. Where not even the name
can be read, the row may be about anything, so every end for want of a row is held back.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple, Self

from core.ingest.affected import Affected
from core.ingest.full_loads import next_full_load, one_at_a_time
from core.models.scd2 import full
from core.models.scd2.affected import Effect
from core.models.scd2.change import Future, Result, Stretch
from core.models.scd2.full import MISSING, Missing
from core.models.scd2.staging import Load


class TooMany(Exception):
    """A brake holds; nothing was written."""


class TooManyEnded(TooMany):
    """More would be ended than ``--max-ended`` allows."""


class TooManyCorrected(TooMany):
    """The past of more would be rewritten than ``--max-corrected`` allows."""


class Limit(NamedTuple):
    """How many things may be ended for want of a row: a number of them, or a percentage."""

    amount: Decimal
    is_percentage: bool

    @classmethod
    def parse(cls, text: str) -> Self:
        """``12`` or ``2.5%``. Raises ValueError."""
        match = re.fullmatch(r"(\d{1,18})|(100|\d{1,2}(?:\.\d{1,6})?)%", text, re.ASCII)
        if match is None:
            raise ValueError("Expected a number like 500, or a percentage like 2.5%.")
        return cls(Decimal(match[1] or match[2]), match[1] is None)

    def of(self, valid: int) -> int:
        """How many of so many valid things may be ended."""
        return int(self.amount * valid / 100 if self.is_percentage else self.amount)

    def admits(self, missing: Missing) -> bool:
        return missing.lacking <= self.of(missing.valid)

    def __str__(self) -> str:
        return f"{self.amount}%" if self.is_percentage else str(self.amount)


DEFAULT_LIMIT = Limit(Decimal(10), is_percentage=True)


NOTHING_MISSING = Missing(0, 0)


@dataclasses.dataclass
class Full:
    """What a full file ends besides what it says.

    ``scope``: the columns of the anchor that name the source. ``effective``: the instant at which
    things are ended (None is that of the load). ``complete`` fills in ``at``, which is that instant
    or the one before the load, ``missing``, and ``contents``: the same for each kind of contents,
    such as a detail code.
    """

    scope: Mapping[str, Any]
    effective: datetime | None
    future: Future
    limit: Limit = DEFAULT_LIMIT
    corrected: Limit = DEFAULT_LIMIT
    at: datetime | None = None
    nameless: int = 0
    missing: Missing = NOTHING_MISSING
    contents: Mapping[str, Missing] = dataclasses.field(default_factory=dict)

    def left_out(self, load: Load, rows: Collection[Collection[Any]]) -> None:
        """Take note of rejected rows, each given as the roots that it may be about."""
        self.nameless += sum(not roots for roots in rows)
        named = [root for roots in rows for root in roots]
        if named:
            full.spare(load, named)

    def complete(self, load: Load, now: datetime, affected: Affected) -> None:
        """Stage the ends, for the stretch of time that the file speaks for.

        ``now`` stands for an instant that is not given. Raises TooManyEnded.
        """
        load.prepare()
        at = self.at = self.effective or now
        load.stretch = Stretch(at, next_full_load(load.container.label, self.scope, at))
        if full.end_lacking(load, now):
            self.contents = full.lacking_contents(load, self.scope, at=at, instant=now)
        self.missing = full.end_missing(
            load, self.scope, at=at, valid_from=self.effective, future=self.future
        )
        if sentences := self.too_many():
            over = [
                name for name, missing in self.contents.items() if not self.limit.admits(missing)
            ]
            affected.lacking(load, Effect.ENDED, now, over, not self.nameless)
            raise TooManyEnded(f"{' '.join(sentences)} Nothing was written.")
        if self.not_ended:
            affected.lacking(load, Effect.NOT_ENDED, now, (), True)
            load.remove([MISSING])

    def alone(self, load: Load) -> AbstractContextManager[None]:
        """While this lasts, no other full load of the source is applied."""
        return one_at_a_time(load.container.label, self.scope)

    def refuse_corrections(self, load: Load, result: Result) -> None:
        """Call it in the transaction of the load. Raises TooManyCorrected."""
        assert self.at is not None
        if result.instant is None:
            return
        rewritten = full.count_rewritten(load, result.instant, before=self.at)
        # What is rewritten need not be valid at the effective instant.
        known = max(self.missing.valid, rewritten)
        if not self.corrected.admits(Missing(rewritten, known)):
            raise TooManyCorrected(
                f"The file rewrites the past of {rewritten:,} things, while {known:,} are known in "
                f"its source, and --max-corrected {self.corrected} allows no more than "
                f"{self.corrected.of(known):,}. Is the right column in valid_from? Nothing was "
                "written."
            )

    def as_batch(self, result: Result | None) -> dict[str, Any]:
        """What a batch that is done keeps, for the loads of other releases to know."""
        if result is None:
            return {}
        since = self.effective or result.instant or self.at
        return {"speaks_for": dict(self.scope), "speaks_from": since}

    @property
    def not_ended(self) -> int:
        """How many ends are held back, because a rejected row may be about any of them."""
        return self.missing.lacking if self.nameless else 0

    def too_many(self) -> list[str]:
        """What the brake says, of things that would end and of each kind of contents."""
        found = {} if self.nameless else {"things": self.missing}
        return [
            f"The file lacks {missing.lacking:,} of the {missing.valid:,} valid {what} of its "
            f"source, and --max-ended {self.limit} allows to end no more than "
            f"{self.limit.of(missing.valid):,}."
            for what, missing in {**found, **self.values}.items()
            if not self.limit.admits(missing)
        ]

    @property
    def values(self) -> dict[str, Missing]:
        return {f"values of {name}": missing for name, missing in self.contents.items()}

    @property
    def do_not_say(self) -> str:
        if self.nameless == 1:
            return "1 rejected row does not say what it is about"
        return f"{self.nameless:,} rejected rows do not say what they are about"

    @property
    def sentence(self) -> str:
        """What became of what the file lacks."""
        lacking, valid = self.missing
        if self.not_ended:
            return (
                f"Nothing was ended for want of a row, though {lacking:,} of the {valid:,} that "
                f"were valid are missing in the file: {self.do_not_say}."
            )
        return f"{lacking:,} of the {valid:,} that were valid are missing in the file and end."
