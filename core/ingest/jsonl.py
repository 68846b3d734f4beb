"""JSON Lines: one object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from core import strict_json
from core.ingest.lines import LINE_LIMIT, is_too_long
from core.ingest.rows import Empty, Reject, Row

SHOWN = 200
"""How much of a line that is too long is shown."""


def read_jsonl(name: str, lines: Iterator[tuple[int, bytes]]) -> Iterator[Row | Reject]:
    """The rows, blank lines left out. Raises Empty where there is none at all."""
    blank = True
    for number, line in lines:
        if line.strip():
            blank = False
            yield read_line(number, line)
    if blank:
        raise Empty(f"{name} is empty.")


def read_line(number: int, line: bytes) -> Row | Reject:
    text = line[:SHOWN] if is_too_long(line) else line
    shown = text.decode(errors="backslashreplace").rstrip("\r\n")
    try:
        if is_too_long(line):
            raise ValueError(f"The line is longer than {LINE_LIMIT} bytes.")
        return Row(number, shown, read_object(line))
    except ValueError as error:
        return Reject(number, shown, str(error))


def read_object(line: bytes) -> dict[str, Any]:
    """Raises ValueError with a sentence."""
    try:
        value = strict_json.read(line.decode().rstrip("\r\n"))
    except UnicodeDecodeError as error:
        raise ValueError(f"The line is not UTF-8 at byte {error.start}.") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"The line is not JSON at column {error.colno}: {error.msg}.") from error
    if not isinstance(value, dict):
        raise ValueError("The line is not a JSON object.")
    return value
