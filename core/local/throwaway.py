"""A PostgreSQL that nobody will miss: fast, in a temporary directory, gone at the end."""

from __future__ import annotations

import secrets
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from core.local import server
from core.local.binaries import Binaries
from core.local.cluster import Cluster
from core.local.server import Server
from core.tempdir import temporary_directory

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
    with temporary_directory(PREFIX, memory_directory() if in_memory else None) as directory:
        # PostgreSQL's user enters its own directory inside; it reads nothing here.
        directory.chmod(0o711)
        password = secrets.token_urlsafe(16)
        files = Cluster.prepared(directory / "postgres", password, directory / "log", programs)
        running = server.start(files, {**CARELESS, **(settings or {})})
        try:
            yield running
        finally:
            running.stop()


def memory_directory() -> Path | None:
    """A file system in memory with room for a server; None where there is none."""
    if sys.platform != "linux" or not MEMORY.is_dir():
        return None
    return MEMORY if shutil.disk_usage(MEMORY).free >= ENOUGH_MEMORY else None
