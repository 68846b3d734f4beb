"""Where a load in the background has its files: gone at its end, or when the next one begins."""

from __future__ import annotations

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = "cockpit-batch-"
LOCK = "lock"


@contextmanager
def scratch() -> Iterator[Path]:
    """A directory for this process alone; what killed ones left behind is removed first."""
    sweep()
    with tempfile.TemporaryDirectory(prefix=PREFIX) as name:
        folder = Path(name)
        with (folder / "new").open("w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            # Nobody finds it before it is locked.
            (folder / "new").rename(folder / LOCK)
            yield folder


def sweep() -> None:
    """Remove the directories whose locks nobody holds any more."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        # In use, just gone, or somebody else's.
        with suppress(OSError), (folder / LOCK).open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder)
