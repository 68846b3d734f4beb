"""Files that are not in UTF-8, as UTF-8: decoded and encoded again piece by piece."""

from __future__ import annotations

import codecs
import io
from typing import IO, Any

CHUNK = 256 * 1024
ERRORS = "cockpit-invalid"
"""What cannot be decoded becomes a byte that UTF-8 never has, so that only its row is rejected."""
INVALID_BYTE = b"\xff"
INVALID_CHARACTER = "\udcff"


def mark_invalid(error: UnicodeError) -> tuple[str | bytes, int]:
    """Python's codecs call this for what they cannot decode or encode."""
    if isinstance(error, UnicodeDecodeError):
        return INVALID_CHARACTER, error.end
    if isinstance(error, UnicodeEncodeError):
        return INVALID_BYTE * (error.end - error.start), error.end
    raise error


codecs.register_error(ERRORS, mark_invalid)


def encoding_named(name: str) -> str | None:
    """What Python calls an encoding; None is UTF-8. Raises ValueError where it is none of text."""
    try:
        found = codecs.lookup(name)
        "a".encode(name)
    except (LookupError, UnicodeError, ValueError):
        raise ValueError(
            f"There is no text encoding {name!r}. Known are cp1252, latin-1, utf-16 and all others "
            "of Python."
        ) from None
    if found.incrementaldecoder is None:
        raise ValueError(f"The encoding {name} cannot be read piece by piece.")
    return None if found.name in ("utf-8", "utf-8-sig") else found.name


class Transcoded(io.RawIOBase):
    """Reads through to a file in some encoding, and gives it in UTF-8."""

    def __init__(self, file: IO[bytes], encoding: str) -> None:
        self.file = file
        self.decoder = codecs.getincrementaldecoder(encoding)(ERRORS)
        self.rest = b""
        self.over = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self.rest and not self.over:
            data = self.file.read(CHUNK)
            self.over = not data
            self.rest = self.decoder.decode(data, self.over).encode("utf-8", ERRORS)
        data, self.rest = self.rest[: len(buffer)], self.rest[len(buffer) :]
        buffer[: len(data)] = data
        return len(data)


class LineEnds(io.RawIOBase):
    """Reads through to a file whose lines end with CR alone, and gives them with LF."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self.file.read(len(buffer)).replace(b"\r", b"\n")
        buffer[: len(data)] = data
        return len(data)
