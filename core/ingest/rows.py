"""What a file is made of: rows to load, and rows that cannot be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple


class Unreadable(Exception):
    """A file that cannot be read at all; one sentence says why."""


class Empty(Unreadable):
    """A file without a single row."""


class Row(NamedTuple):
    """A row as its format gives it: cells by position from CSV, an object from JSONL.

    ``line`` is the first line it stands on, from 1; ``text`` the row as given.
    """

    line: int
    text: str
    content: Sequence[str] | Mapping[str, Any]


class Reject(NamedTuple):
    """A row that is not loaded, and why."""

    line: int
    text: str
    reason: str
