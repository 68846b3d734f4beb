"""``--mode full``: the file is all there is of its source, and what it lacks is ended.

A row that is rejected still names its thing, which is then left as it is. Where not even the name
can be read, the row may be about anything, so every end for want of a row is held back.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple, Self

from core.ingest.affected import Affected
from core.models.scd2 import full
from core.models.scd2.affected import Effect
from core.models.scd2.change import Future
from core.models.scd2.full import MISSING, Missing
from core.models.scd2.staging import Load


class TooManyEnded(Exception):
    """More would be ended than ``--max-ended`` allows; nothing was written."""


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
    things are ended (None is that of the load). ``complete`` fills in ``missing``, and
    ``contents``: the same for each kind of contents, such as a detail code.
    """

    scope: Mapping[str, Any]
    effective: datetime | None
    future: Future
    limit: Limit = DEFAULT_LIMIT
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
        """Stage the ends. ``now`` stands for an instant that is not given. Raises TooManyEnded."""
        load.prepare()
        at = self.effective or now
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
