"""``--mode full``: the file is all there is of its source, and what it lacks is ended.

A row that is rejected still names its thing, which is then left as it is. Where not even the name
can be read, the row may be about anything, so nothing is ended for want of a row.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple, Self

from core.models.scd2 import full
from core.models.scd2.change import Future
from core.models.scd2.full import Missing
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

    def admits(self, missing: Missing) -> bool:
        allowed = self.amount * missing.valid / 100 if self.is_percentage else self.amount
        return missing.lacking <= allowed

    def __str__(self) -> str:
        return f"{self.amount}%" if self.is_percentage else str(self.amount)


DEFAULT_LIMIT = Limit(Decimal(10), is_percentage=True)


@dataclasses.dataclass
class Full:
    """What a full file ends besides what it says.

    ``scope``: the columns of the anchor that name the source. ``effective``: the instant at which
    things are ended (None is that of the load). ``missing`` is filled in by ``complete``.
    """

    scope: Mapping[str, Any]
    effective: datetime | None
    future: Future
    limit: Limit = DEFAULT_LIMIT
    nameless: int = 0
    missing: Missing | None = None

    def left_out(self, load: Load, rows: Collection[Collection[Any]]) -> None:
        """Take note of rejected rows, each given as the roots that it may be about."""
        self.nameless += sum(not roots for roots in rows)
        named = [root for roots in rows for root in roots]
        if named:
            full.spare(load, named)

    def complete(self, load: Load, now: datetime) -> None:
        """Stage the ends. ``now`` stands for an instant that is not given. Raises TooManyEnded."""
        load.prepare()
        full.end_lacking(load, now)
        if not self.nameless:
            at = self.effective or now
            self.missing = full.end_missing(
                load, self.scope, at=at, valid_from=self.effective, future=self.future
            )
            self.refuse_too_many(self.missing)

    def refuse_too_many(self, missing: Missing) -> None:
        if not self.limit.admits(missing):
            raise TooManyEnded(
                f"The file lacks {missing.lacking:,} of the {missing.valid:,} valid things of its "
                f"source, and --max-ended {self.limit} allows to end no more; nothing was written."
            )

    @property
    def sentence(self) -> str:
        """What became of what the file lacks."""
        if self.missing is None:
            return (
                f"Nothing was ended for want of a row: {self.nameless:,} rejected rows do not say "
                "what they are about."
            )
        lacking, valid = self.missing
        return f"{lacking:,} of the {valid:,} that were valid are missing in the file and end."
