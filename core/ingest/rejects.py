"""The rows that were not loaded, as JSON Lines of ``{"line", "row", "reason"}``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import orjson

from core.ingest.rows import Reject

SHOWN = 10
"""How many rejects are said where no file takes them."""

Say = Callable[[str], None]


class RejectsUnwritable(Exception):
    """The file for rejects does not take them; one sentence says why."""


class Rejects:
    """Counts rejects, and writes them to a file or says the first few of them.

    The file is made anew at entry, even if nothing is going to be rejected: what an earlier run
    left there is not this one's. Raises RejectsUnwritable.
    """

    def __init__(self, path: str | None, say: Say) -> None:
        self.path = path
        self.say = say
        self.count = 0

    def __enter__(self) -> Self:
        with self.explained():
            self.file = Path(self.path).open("wb") if self.path else None
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self.file:
            with self.explained():
                self.file.close()

    def add(self, reject: Reject) -> None:
        self.count += 1
        if self.file:
            entry = {"line": reject.line, "row": reject.text, "reason": reject.reason}
            with self.explained():
                self.file.write(orjson.dumps(entry, option=orjson.OPT_APPEND_NEWLINE))
        elif self.count <= SHOWN:
            self.say(f"line {reject.line}: {reject.reason}")

    def flush(self) -> None:
        """Let others read what has been written so far."""
        if self.file:
            with self.explained():
                self.file.flush()

    @contextmanager
    def explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise RejectsUnwritable(f"{self.path} cannot be written: {error.strerror}.") from error
