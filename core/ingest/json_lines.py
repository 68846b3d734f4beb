"""A file of JSON Lines that a run writes beside the register."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import orjson

from core.files import open_private


class Unwritable(Exception):
    """A file cannot be written; one sentence says why."""


class JsonLinesFile:
    """Objects, one a line. It is made anew at entry: what an earlier run left is not this one's.

    Without a path nothing is kept. Raises Unwritable.
    """

    def __init__(self, path: str | None) -> None:
        self.path = path
        self.file: IO[bytes] | None = None
        self.mark = 0

    def __enter__(self) -> Self:
        if self.path:
            with self.explained():
                self.file = open_private(Path(self.path))
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

    def write(self, entry: Mapping[str, Any]) -> None:
        if self.file:
            with self.explained():
                self.file.write(orjson.dumps(entry, option=orjson.OPT_APPEND_NEWLINE))

    def flush(self) -> None:
        """Let others read what has been written so far."""
        if self.file:
            with self.explained():
                self.file.flush()

    def set_mark(self) -> None:
        """What is written so far stays, whatever is taken back later."""
        if self.file:
            self.mark = self.file.tell()

    def back_to_mark(self) -> None:
        """Take back what was written since the mark."""
        if self.file:
            with self.explained():
                self.file.seek(self.mark)
                self.file.truncate()

    @contextmanager
    def explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise Unwritable(f"{self.path} cannot be written: {error.strerror}.") from error
