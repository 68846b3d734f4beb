"""Changes many at a time, by column, as the text that COPY reads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

NULL = "\\N"
"""What COPY reads as NULL."""
SPECIAL = re.compile(r"[\\\t\n\r]")
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class Sheet(NamedTuple):
    """Staged Changes of one model: columns of the staging table, and rows in COPY's text format.

    Columns that are left out have their defaults: a whole payload, ``keep``, no period, no reason.
    """

    columns: Sequence[str]
    text: bytes


def sheet(columns: Mapping[str, Iterable[str]]) -> Sheet:
    """A Sheet of texts that are escaped already; the shortest column ends it."""
    rows = "\n".join(map("\t".join, zip(*columns.values(), strict=False)))
    return Sheet(tuple(columns), f"{rows}\n".encode() if rows else b"")
