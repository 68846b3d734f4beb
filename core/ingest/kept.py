"""Keeping files in the database, and getting them out again."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from core.ingest.rows import Unreadable
from core.models import KeptFile, KeptPiece

PIECE = 1024 * 1024
"""The bytes of a piece."""
BATCH_PREFIX = "cockpit-batch-"
"""Of the temporary directories in which files of batches are read."""


class TooLarge(Exception):
    """A file has more bytes than are taken."""


class Readable(Protocol):
    """What bytes can be read from."""

    def read(self, size: int, /) -> bytes: ...


def keep(name: str, stream: Readable, limit: int | None = None) -> KeptFile:
    """Keep what the stream has. Raises TooLarge beyond ``limit`` bytes, and keeps nothing then.

    Outside a transaction every piece has one of its own, so that a slow file holds none open.
    """
    kept = KeptFile.objects.create(name=name)
    try:
        kept.size, kept.sha256 = keep_pieces(kept, stream, limit)
        kept.save()
    except TooLarge:
        kept.delete()
        raise
    return kept


def keep_pieces(kept: KeptFile, stream: Readable, limit: int | None) -> tuple[int, str]:
    """Size and SHA-256 of what was kept."""
    digest, size, number = hashlib.sha256(), 0, 0
    while piece := stream.read(PIECE):
        size += len(piece)
        if limit is not None and size > limit:
            raise TooLarge(f"The file has more than {limit:,} bytes.")
        KeptPiece.objects.create(file=kept, number=number, content=piece)
        digest.update(piece)
        number += 1
    return size, digest.hexdigest()


def keep_path(path: Path, name: str) -> KeptFile:
    """Keep a file of this machine."""
    with path.open("rb") as file:
        return keep(name, file)


def pieces(kept: KeptFile) -> Iterator[bytes]:
    """The bytes of a file, one piece in memory at a time."""
    number = 0
    content = KeptPiece.objects.filter(file=kept).values_list("content", flat=True)
    while (piece := content.filter(number=number).first()) is not None:
        yield bytes(piece)
        number += 1


def restore(kept: KeptFile, path: Path) -> None:
    """Write a file to this machine, for its owner alone. Raises Unreadable if it is not whole."""
    digest = hashlib.sha256()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        for piece in pieces(kept):
            digest.update(piece)
            file.write(piece)
    if kept.sha256 != digest.hexdigest():
        raise Unreadable(f"{kept.name} is not kept whole; upload it again.")
