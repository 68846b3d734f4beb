"""Files that commands write, for machines and for people with a spreadsheet.

They hold what the register holds, so nobody but their owner may read them.
"""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

STANDARD_OUTPUT = "-"
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet may take for the beginning of a formula; the last four are full-width."""


@contextmanager
def written(path: str) -> Iterator[IO[bytes]]:
    """The file, there as a whole or not at all; ``-`` is standard output. Raises OSError."""
    if path == STANDARD_OUTPUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    target = Path(path)
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        with open_private(draft, os.O_EXCL) as file:
            yield file
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def open_private(path: Path, flags: int = os.O_TRUNC) -> IO[bytes]:
    """The file, made readable and writable by its owner alone. Raises OSError."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | flags, 0o600), "wb")


def defused(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe stands before it."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell
