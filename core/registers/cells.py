"""Cells of CSV files: how null and the empty text are written."""

from __future__ import annotations

import re

NULL, BLANK = r"\N", r"\E"
"""The cells that say null and the empty text; an empty one says nothing."""
ESCAPED = re.compile(r"\\+[NE]")
"""Such texts themselves are written with one more backslash."""


def unescaped(cell: str) -> str | None:
    """The text of a cell that is not empty; None for null."""
    if not ESCAPED.fullmatch(cell):
        return cell
    return {NULL: None, BLANK: ""}.get(cell, cell[1:])


def escaped(text: str | None) -> str:
    """The cell that says a text; None says nothing."""
    if text is None:
        return ""
    return f"\\{text}" if ESCAPED.fullmatch(text) else text or BLANK
