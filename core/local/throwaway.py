"""A PostgreSQL that nobody will miss: fast, in a temporary directory, gone at the end."""

from __future__ import annotations

import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from core.local import server
from core.local.binaries import Binaries
from core.local.cluster import Cluster
from core.local.lock import held_or_holder
from core.local.server import Server

# What is gone after a crash anyway need not survive one.
CARELESS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum_naptime": "1h",
    "max_connections": "200",
}


MEMORY = Path("/dev/shm")  # noqa: S108 - a directory of one's own is made inside
ENOUGH_MEMORY = 4 * 2**30
"""Bytes free in ``MEMORY`` that a server may be kept there with: a run of the tests takes 1 GiB."""
PREFIX = "cockpit-test-"


@contextmanager
def throwaway_server(
    programs: Binaries | None = None,
    settings: Mapping[str, str] | None = None,
    *,
    in_memory: bool = False,
) -> Iterator[Server]:
    """Run a server of ``programs`` (else of those ``make up`` uses) as long as the context lasts.

    ``settings`` of the server are set besides. ``in_memory``: its files are kept in memory where
    there is enough of it, which takes a third of the time off many small databases. It ends with
    this process too. Raises LocalError if it does not start.
    """
    with temporary_directory(in_memory=in_memory) as directory:
        password = secrets.token_urlsafe(16)
        files = Cluster.prepared(directory / "postgres", password, directory / "log", programs)
        running = server.start(files, {**CARELESS, **(settings or {})})
        try:
            yield running
        finally:
            running.stop()


@contextmanager
def temporary_directory(*, in_memory: bool) -> Iterator[Path]:
    """A directory that PostgreSQL's user may enter; what killed processes left goes too."""
    parent = memory_directory() if in_memory else None
    if parent:
        remove_abandoned(parent)
    directory = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
    # PostgreSQL's user enters its own directory inside; it reads nothing here.
    directory.chmod(0o711)
    try:
        with held_or_holder(directory / "lock"):
            yield directory
    finally:
        shutil.rmtree(directory)


def memory_directory() -> Path | None:
    """A file system in memory with room for a server; None where there is none."""
    if sys.platform != "linux" or not MEMORY.is_dir():
        return None
    return MEMORY if shutil.disk_usage(MEMORY).free >= ENOUGH_MEMORY else None


def remove_abandoned(parent: Path) -> None:
    """Remove the directories of processes that ended without doing so: they would hold memory."""
    for directory in parent.glob(f"{PREFIX}*"):
        lock = directory / "lock"
        if not lock.is_file():
            continue  # somebody else's, or about to begin
        with held_or_holder(lock) as holder:
            if holder is None:
                shutil.rmtree(directory, ignore_errors=True)
