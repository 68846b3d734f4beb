"""The lines of a stream: numbered, of bounded length, one by one or a block at a time."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

BOM = b"\xef\xbb\xbf"
LINE_LIMIT = 4 * 1024 * 1024
"""The longest line, in bytes."""
BLOCK = 512 * 1024
"""How many bytes a block has before it is filled up to the end of a line; no more than that."""


class Lines(Iterator[tuple[int, bytes]]):
    """Numbered lines with their ends; one that is too long is cut off after the limit.

    A block is looked at before it is taken: what is not taken comes line by line.
    """

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.held = io.BytesIO()
        self.number = 0

    def first(self) -> bytes:
        """The first line, as far as it is at hand, without taking it."""
        head: bytes = self.stream.peek(1).removeprefix(BOM).lstrip(b"\r\n")
        return head.partition(b"\n")[0]

    def __next__(self) -> tuple[int, bytes]:
        line = self.readline(LINE_LIMIT + 1)
        if not line:
            raise StopIteration
        self.number += 1
        if self.number == 1:
            line = line.removeprefix(BOM)
        if is_too_long(line):
            self.skip(line)
        return self.number, line

    def readline(self, size: int) -> bytes:
        line: bytes = self.held.readline(size) or self.stream.readline(size)
        return line

    def skip(self, line: bytes) -> None:
        while line and not line.endswith(b"\n"):
            line = self.readline(LINE_LIMIT)

    # Blocks

    def block(self) -> bytes:
        """The next lines, which are not taken yet; empty at the end.

        Only the last of them can be too long. Call it when no block is held.
        """
        content: bytes = self.stream.read(BLOCK)
        if not content.endswith(b"\n"):
            content += self.stream.readline(LINE_LIMIT + 1)
        self.held = io.BytesIO(content)
        return content if self.number else content.removeprefix(BOM)

    def take(self, count: int) -> None:
        """The block was of so many lines, and they are done with."""
        self.number += count
        self.held = io.BytesIO()

    @property
    def holds(self) -> bool:
        """Whether lines of the block are still to come."""
        return self.held.tell() < len(self.held.getbuffer())


def is_too_long(line: bytes) -> bool:
    return len(line) > LINE_LIMIT
