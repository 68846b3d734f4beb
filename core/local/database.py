"""The database of this checkout: found running, or started."""

from __future__ import annotations

import time
from dataclasses import dataclass

from core.local import cluster, lock, roles, server
from core.local.cluster import Cluster
from core.local.errors import LocalError
from core.local.home import Home, Secrets
from core.local.roles import Address
from core.local.server import Server

NAME = "cockpit"
OWNER = "cockpit_owner"
APPLICATION = "cockpit_app"
PATIENCE = 10.0
PAUSE = 0.1


@dataclass(frozen=True)
class Database:
    """A server, and the addresses of its one database."""

    server: Server
    secrets: Secrets

    @property
    def owner_url(self) -> str:
        """The address for whoever migrates and backfills."""
        return self.server.url(NAME, OWNER, self.secrets.owner)

    @property
    def url(self) -> str:
        """The address for the services."""
        return self.server.url(NAME, APPLICATION, self.secrets.application)


def open_database(home: Home) -> Database:
    """The checkout's database. Where no process runs it yet, this one does until it ends.

    Raises LocalError with what stands in the way.
    """
    home.open()
    with lock.held(home.lock):
        secrets = _secrets(home)
        files = Cluster.prepared(home.postgres, secrets.superuser, home.server_log)
        found = server.running(files)
        if found:
            return Database(found, secrets)
        settings = server.fitted(server.machine_memory())
        database = Database(server.start(files, settings), secrets)
        roles.ensure(
            database.server.url(cluster.SUPERUSER),
            Address(OWNER, secrets.owner, NAME),
            Address(APPLICATION, secrets.application, NAME),
        )
        return database


def _secrets(home: Home) -> Secrets:
    if home.known_secrets() is None and (home.postgres / "data").exists():
        raise LocalError(
            f"{home.secrets_file} is gone, and without it nobody can log in to the database in "
            f"{home.postgres}: bring it back, or move that directory away to begin anew."
        )
    return home.secrets()


def open_own_database(home: Home) -> Database:
    """As ``open_database``, but run by this process; waits for a server that is about to end.

    Raises LocalError if another process of the checkout goes on running it.
    """
    deadline = time.monotonic() + PATIENCE
    while not (database := open_database(home)).server.child:
        if time.monotonic() > deadline:
            raise LocalError(
                f"Another command of this checkout runs its database (PostgreSQL is process "
                f"{database.server.pid}): let that end first."
            )
        time.sleep(PAUSE)
    return database
