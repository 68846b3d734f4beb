"""``--whole-timelines``: the rows of a thing are all of its timeline, contents included.

If one row of a thing is rejected, the rest would be a wrong timeline: the thing is left as it is.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from typing import Any

from core.ingest.full import TooManyEnded
from core.models.scd2 import full, whole
from core.models.scd2.staging import Load

LEFT = "Another row of the same thing was rejected, so the thing is left as it is."
OVERLAP = "It begins before the end of an earlier row of the same thing."


class NobodyKnows(TooManyEnded):
    """A rejected row may be about any of the things; nothing was written."""


@dataclasses.dataclass
class Timelines:
    """What was rejected of a file of whole timelines. ``nameless``: rows that may be about any."""

    nameless: int = 0

    def left_out(self, load: Load, rows: Collection[Collection[Any]]) -> None:
        """Take note of rejected rows, each given as the roots that it may be about."""
        self.nameless += sum(not roots for roots in rows)
        named = [root for roots in rows for root in roots]
        if named:
            full.spare(load, named)

    def refused(self, load: Load, wrong: Mapping[int, str]) -> dict[int, str]:
        """Reasons by line of all rows of things of which a row is wrong or was rejected.

        Raises NobodyKnows.
        """
        if self.nameless:
            raise NobodyKnows(
                f"Rejected rows that do not say what they are about: {self.nameless:,}. Each may "
                "belong to any timeline of the file. Nothing was written."
            )
        found = {**dict.fromkeys(whole.overlapping(load), OVERLAP), **wrong}
        return dict.fromkeys(whole.ordinals_of_things(load, found), LEFT) | found
