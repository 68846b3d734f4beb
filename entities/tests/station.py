"""Servers of a test's own, which it may kill."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.local import server as servers
from core.local.cluster import Cluster
from core.tests.databases import CommittedDatabase, Run


class Station:
    """A server with one database, named like its run.

    Its settings are those of production, so what it has confirmed it has kept.
    """

    def __init__(self, folder: Path, name: str) -> None:
        folder.chmod(0o711)  # PostgreSQL's user enters its own directory inside
        self.name = name
        self.files = Cluster.prepared(folder / "postgres", "secret", folder / "log")
        self.start()

    def start(self) -> None:
        self.server = servers.start(self.files)
        self.run = Run(self.server.url("postgres"), self.name, "secret")

    @property
    def database(self) -> CommittedDatabase:
        return self.run.database(self.name)

    def kill(self, how: signal.Signals) -> None:
        """SIGKILL, or SIGQUIT for an immediate shutdown; nobody is asked, nothing is saved."""
        os.kill(self.server.pid, how)
        self.server.stop()


@contextmanager
def opened(name: str) -> Iterator[Station]:
    folder = Path(tempfile.mkdtemp(prefix="cockpit-test-"))
    station = Station(folder, name)
    try:
        yield station
    finally:
        station.server.stop()
        shutil.rmtree(folder)
