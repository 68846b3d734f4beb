"""A PostgreSQL that nobody will miss: fast, in a temporary directory, gone at the end."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from core.local import server
from core.local.binaries import Binaries
from core.local.cluster import Cluster
from core.local.server import Server

# What is gone after a crash anyway need not survive one.
CARELESS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum_naptime": "1h",
    "max_connections": "200",
}


@contextmanager
def throwaway_server(
    programs: Binaries | None = None, settings: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """Run a server of ``programs`` (else of those ``make up`` uses) as long as the context lasts.

    ``settings`` of the server are set besides. It ends with this process too. Raises LocalError if
    it does not start.
    """
    directory = Path(tempfile.mkdtemp(prefix="cockpit-test-"))
    # PostgreSQL's user enters its own directory inside; it reads nothing here.
    directory.chmod(0o711)
    try:
        password = secrets.token_urlsafe(16)
        files = Cluster.prepared(directory / "postgres", password, directory / "log", programs)
        running = server.start(files, {**CARELESS, **(settings or {})})
        try:
            yield running
        finally:
            running.stop()
    finally:
        shutil.rmtree(directory)
