"""Directories of one process: gone at their end or, if it is killed, when the next one begins."""

from __future__ import annotations

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

LOCK = "lock"


@contextmanager
def temporary_directory(prefix: str, parent: Path | None = None) -> Iterator[Path]:
    """A directory in ``parent``, by default that of the system for temporary files.

    What killed processes left there under the same ``prefix`` is removed first.
    """
    place = parent or Path(tempfile.gettempdir())
    remove_abandoned(place, prefix)
    with tempfile.TemporaryDirectory(prefix=prefix, dir=place) as name:
        folder = Path(name)
        with (folder / "new").open("w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            # Nobody finds it before it is locked.
            (folder / "new").rename(folder / LOCK)
            yield folder


def remove_abandoned(place: Path, prefix: str) -> None:
    """Remove the directories whose locks nobody holds any more."""
    for folder in place.glob(f"{prefix}*"):
        # In use, just gone, or somebody else's.
        with suppress(OSError), (folder / LOCK).open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder)
