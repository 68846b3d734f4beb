"""A service under gunicorn on a server of its own, for tests of what happens around it."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psycopg

from core.local import roles
from core.local.cluster import Cluster
from core.local.home import ROOT
from core.local.lifeline import Child
from core.local.roles import Address
from core.local.server import Server
from core.local.services import HOST, Service

PATIENCE = 60


class Answer(NamedTuple):
    """What a service answered."""

    status: int
    headers: Mapping[str, str]
    body: Any


class Served:
    """A service that runs, and the database it runs on."""

    def __init__(self, service: Service, process: Child, token: str, superuser_url: str) -> None:
        self.service, self.process, self.token = service, process, token
        self.superuser_url = superuser_url

    def ask(self, path: str, method: str = "GET", body: Any = None) -> Answer:
        """One call on a connection of its own."""
        connection = http.client.HTTPConnection(HOST, self.service.port, timeout=PATIENCE)
        headers = {"Authorization": f"Token {self.token}", "Content-Type": "application/json"}
        text = None if body is None else json.dumps(body)
        try:
            connection.request(method, path, body=text, headers=headers)
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.headers), json.loads(answer.read() or "null"))
        finally:
            connection.close()

    def workers(self) -> list[int]:
        """The numbers of gunicorn's worker processes."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(number) for number in children.read_text().split()]

    def sessions(self) -> list[str]:
        """The states of the service's sessions in the database."""
        with psycopg.connect(self.superuser_url) as connection:
            rows = connection.execute(
                "SELECT state FROM pg_stat_activity WHERE usename = 'application'"
            ).fetchall()
        return [state for (state,) in rows]


def eventually(condition: Callable[[], object], what: str) -> None:
    """Wait until a condition comes true. Raises AssertionError if it does not."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(server: Server, name: str, log: Path, **settings: str) -> Iterator[Served]:
    """Run the service ``name`` on a new database of ``server``, as ``make up`` runs it."""
    url = server.url("served", "application", "secret")
    owner = server.url("served", "owner", "secret")
    roles.ensure(server.url("postgres"), Address.of("owner", owner), Address.of("application", url))
    environ = {
        **os.environ,
        "DATABASE_URL": url,
        "DATABASE_OWNER_URL": owner,
        "SECRET_KEY": "x" * 50,
        "TLS": "false",
        "DJANGO_SETTINGS_MODULE": "cockpit.config.settings",
        **settings,
    }
    manage(environ, "migrate", "--verbosity=0")
    token = manage(environ, "create_token", "tester", "--role", "steward", "--create")
    service = Service(name, name, name, "PORT", free_port())
    with ExitStack() as stack:
        process = service.start(environ, log)
        stack.callback(process.stop)
        running = Served(service, process, token, server.url("postgres"))
        eventually(service.ready, log.read_text())
        yield running


def manage(environ: Mapping[str, str], *arguments: str) -> str:
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    done = subprocess.run(
        command, env=environ, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def files_of(directory: Path) -> Cluster:
    """A cluster in a directory that PostgreSQL's user may enter."""
    return Cluster.prepared(directory / "postgres", "secret", directory / "log")
