"""Locks between the processes of one checkout; the kernel lifts them when their holder ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the lock ``path``, waiting for whoever has it."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def held_or_holder(path: Path) -> Iterator[str | None]:
    """Hold the lock ``path`` at once, yielding None; or yield who holds it, without waiting."""
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            yield f"process {file.read().strip() or 'unknown'}"
            return
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield None
