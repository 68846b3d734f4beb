"""The bytes of a file: from disk or standard input, plain or gzip'd, in lines of bounded length."""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import shutil
import sys
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any

from core.ingest.encodings import LineEnds, Transcoded
from core.ingest.kinds import other_format, unreadable_kind, wide_encoding
from core.ingest.lines import Lines
from core.ingest.rows import Empty, Unreadable

STANDARD_INPUT = "-"
GZIP = b"\x1f\x8b"
BUFFER = 256 * 1024
HEAD = 4096
"""The bytes by which a file is known; fewer where it has no more."""


class Meter(io.RawIOBase):
    """Reads through to a file; knows how many bytes went by, and their SHA-256."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.count = 0
        self.digest = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self.file.read(len(buffer))
        buffer[: len(data)] = data
        self.count += len(data)
        self.digest.update(data)
        return len(data)


class Bounded(io.RawIOBase):
    """Reads through to what unpacks a file. Raises Unreadable beyond ``limit`` bytes."""

    def __init__(self, file: IO[bytes], limit: int) -> None:
        self.file = file
        self.limit = self.left = limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self.file.read(len(buffer))
        buffer[: len(data)] = data
        self.left -= len(data)
        if self.left < 0:
            raise Unreadable(f"The file unpacks to more than {self.limit:,} bytes.")
        return len(data)


class Source:
    """One file, which can be read more than once. Opening it raises Unreadable.

    ``unpacked``: how many bytes it may unpack to; None is no limit. ``form``: what it is taken for,
    csv or jsonl. ``encoding``: None is UTF-8.
    """

    def __init__(
        self,
        path: str,
        name: str | None = None,
        unpacked: int | None = None,
        *,
        form: str = "csv",
        encoding: str | None = None,
    ) -> None:
        self.path = path
        self.unpacked = unpacked
        self.form = form
        self.encoding = encoding
        self.name = name or ("standard input" if path == STANDARD_INPUT else path)
        self.spooled: IO[bytes] | None = None
        self.meter: Meter | None = None
        self.sha256: str | None = None

    @property
    def size(self) -> int | None:
        """The number of bytes on disk; None where it is not known."""
        path = Path(self.path)
        return path.stat().st_size if path.is_file() else None

    @property
    def read(self) -> int:
        """How many of them have been read."""
        return self.meter.count if self.meter else 0

    def close(self) -> None:
        if self.spooled:
            self.spooled.close()

    @contextmanager
    def lines(self) -> Iterator[Lines]:
        """The lines. Whatever goes wrong while reading them raises Unreadable."""
        with ExitStack() as stack, self.explained():
            self.meter = Meter(self.open(stack))
            buffered = stack.enter_context(io.BufferedReader(self.meter, BUFFER))
            if not buffered.peek(1):
                self.sha256 = self.meter.digest.hexdigest()
                raise Empty(f"{self.name} is empty.")
            stream: Any = buffered
            if buffered.peek(2)[:2] == GZIP:
                stream = stack.enter_context(gzip.GzipFile(fileobj=buffered))
                if self.unpacked is not None:
                    stream = Bounded(stream, self.unpacked)
                stream = stack.enter_context(io.BufferedReader(stream, BUFFER))
            yield Lines(self.as_text(stream, stack))
            self.sha256 = self.meter.digest.hexdigest()

    def as_text(self, stream: Any, stack: ExitStack) -> Any:
        """The bytes as UTF-8 with LF at the ends of lines. Raises Unreadable if they are none."""
        if what := unreadable_kind(stream.peek(HEAD)):
            raise Unreadable(f"{self.name} is {what}")
        if self.encoding is not None:
            stream = Transcoded(stream, self.encoding)
            stream = stack.enter_context(io.BufferedReader(stream, BUFFER))
        elif wide := wide_encoding(stream.peek(HEAD)):
            raise Unreadable(
                f"{self.name} is not UTF-8 but UTF-{wide[4:6]}: say --encoding {wide}."
            )
        if what := other_format(stream.peek(HEAD), self.form):
            raise Unreadable(f"{self.name} is {what}")
        if self.form == "csv" and ends_lines_with_cr(stream.peek(HEAD)):
            stream = stack.enter_context(io.BufferedReader(LineEnds(stream), BUFFER))
        return stream

    def open(self, stack: ExitStack) -> IO[bytes]:
        """The file from its beginning. Standard input is copied to disk first."""
        if self.path != STANDARD_INPUT:
            return stack.enter_context(Path(self.path).open("rb"))
        if self.spooled is None:
            self.spooled = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the source
            shutil.copyfileobj(sys.stdin.buffer, self.spooled)
        self.spooled.seek(0)
        return self.spooled

    @contextmanager
    def explained(self) -> Iterator[None]:
        try:
            yield
        except EOFError as error:
            raise Unreadable(f"{self.name} ends in the middle of its compressed data.") from error
        except (gzip.BadGzipFile, zlib.error) as error:
            raise Unreadable(f"{self.name} is damaged: {error}.") from error
        except UnicodeError as error:
            raise Unreadable(f"{self.name} is not {self.encoding}: {error}.") from error
        except OSError as error:
            reason = error.strerror or str(error)
            raise Unreadable(f"{self.name} cannot be read: {reason}.") from error


def ends_lines_with_cr(head: bytes) -> bool:
    """Whether lines end as they did on old Macs, and as Excel for Mac still ends them."""
    return b"\n" not in head and re.search(rb"\r[^\n]", head) is not None
