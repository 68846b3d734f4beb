"""``make up``, as a real process with real services."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest

from core.local import database
from core.local.errors import LocalError
from core.local.home import ROOT, Home
from core.tests.local.helpers import PATIENCE, alive, eventually, open_home, postmaster, started

pytestmark = pytest.mark.xdist_group("up")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Up:
    """``python -m core.local up`` in a home of its own."""

    def __init__(self, home: Path, **environ: str) -> None:
        self.home = home
        self.ports = {"COCKPIT_PORT": str(free_port()), "ENTITIES_PORT": str(free_port())}
        known = {k: v for k, v in os.environ.items() if not k.startswith(("DATABASE_", "SECRET"))}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "core.local", "up"],
            cwd=ROOT,
            env={**known, "COCKPIT_HOME": str(home), **self.ports, **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: list[str] = []

    def await_ready(self) -> None:
        """Read what it says until it says how to stop it."""
        assert self.process.stdout is not None
        while not self.lines or "Ctrl-C" not in self.lines[-1]:
            line = self.process.stdout.readline()
            assert line, self.lines
            self.lines.append(line)

    def end(self, number: signal.Signals | None = None) -> int:
        """Send a signal, read what it still says; its exit code."""
        if number:
            self.process.send_signal(number)
        rest, _ = self.process.communicate(timeout=PATIENCE)
        self.lines += rest.splitlines(keepends=True)
        return self.process.returncode

    def said(self, name: str) -> str:
        """What stands behind ``name`` in what it said."""
        return next(line for line in self.lines if line.startswith(name))[len(name) :].strip()

    def processes(self) -> set[int]:
        """Its children and theirs: PostgreSQL and both services."""
        found, latest = set[int](), {self.process.pid}
        while latest:
            latest = {child for pid in latest for child in children(pid)}
            found |= latest
        return found

    def status(self, service: str, path: str, token: str = "") -> int:
        """What a service answers to a GET."""
        port = self.ports[f"{service.upper()}_PORT"]
        request = urllib.request.Request(f"http://localhost:{port}{path}")
        if token:
            request.add_header("Authorization", f"Token {token}")
        try:
            with urllib.request.urlopen(request) as answer:
                return int(answer.status)
        except HTTPError as error:
            error.close()
            return error.code

    def batch(self, token: str, path: str = "", form: bytes | None = None) -> Any:
        """What the cockpit answers about batches."""
        address = f"http://localhost:{self.ports['COCKPIT_PORT']}/api/v1/batches{path}"
        request = urllib.request.Request(address, form)
        request.add_header("Authorization", f"Token {token}")
        request.add_header("Content-Type", "multipart/form-data; boundary=-")
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)


def children(pid: int) -> set[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return {int(child) for task in tasks for child in task.read_text().split()}


@contextmanager
def running(home: Path, **environ: str) -> Iterator[Up]:
    up = Up(home, **environ)
    try:
        yield up
    finally:
        if up.process.poll() is None:
            up.process.kill()
            up.process.communicate()


@pytest.fixture(scope="module")
def seasoned() -> Iterator[tuple[Path, list[str]]]:
    """A home in which everything ran once, and what the first run said."""
    with open_home() as home, running(home) as up:
        up.await_ready()
        token = up.said("API token")
        assert up.status("entities", "/api/v1/auth/tokens", token) == 200
        assert up.status("entities", "/api/v1/auth/tokens", "wrong") == 401
        assert up.status("cockpit", "/login/") == 200
        assert up.end(signal.SIGINT) == 0
        yield home, up.lines


def test_the_first_run_says_where_and_how_to_log_in(seasoned: tuple[Path, list[str]]) -> None:
    text = "".join(seasoned[1])

    assert "Cockpit and admin   http://localhost:" in text
    assert "Entities            http://localhost:" in text
    assert "User                admin\n" in text
    assert "Password            " in text
    assert "manage.py changepassword admin\n" in text


def test_ctrl_c_stops_it_without_complaint(seasoned: tuple[Path, list[str]]) -> None:
    assert seasoned[1][-1] == "Stopped.\n"


def test_the_next_run_serves_alone_tells_no_password_and_stops_on_a_signal(
    seasoned: tuple[Path, list[str]],
) -> None:
    with running(seasoned[0]) as up:
        up.await_ready()
        with running(seasoned[0]) as second:
            assert second.end() == 1
            assert second.lines == [
                f"make up is running here already (process {up.process.pid}).\n"
            ]
        assert not any(line.startswith(("Password", "API token")) for line in up.lines)
        assert up.status("cockpit", "/health/ready") == 200
        assert up.status("entities", "/health/ready") == 200
        processes = up.processes()
        assert len(processes) >= 8

        assert up.end(signal.SIGTERM) == 0

        assert up.lines[-1] == "Stopped.\n"
        assert not any(map(alive, processes))


FORM = (
    b'---\r\nContent-Disposition: form-data; name="dry_run"\r\n\r\ntrue\r\n'
    b'---\r\nContent-Disposition: form-data; name="file"; filename="new.jsonl"\r\n\r\n'
    b'{"uuid": "0190a6f2-7c1e-5c39-9d5f-0d2f4f1b8a11", "entity_type": "BANK", '
    b'"display_name": "New"}\n\r\n-----\r\n'
)


def test_an_uploaded_file_is_run(seasoned: tuple[Path, list[str]]) -> None:
    said = next(line for line in seasoned[1] if line.startswith("API token"))
    token = said.rpartition(" ")[2].strip()
    with running(seasoned[0]) as up:
        up.await_ready()
        number = up.batch(token, form=FORM)["id"]

        assert eventually(lambda: up.batch(token, f"/{number}")["state"] == "dry_run")

        assert up.batch(token, f"/{number}")["counts"]["entities"]["opened"] == 1
        assert up.end(signal.SIGTERM) == 0
    log = (seasoned[0] / "logs" / "worker.log").read_text()
    assert "worker_started" in log
    assert log.rstrip().splitlines()[-1].count("worker_ended") == 1


def test_killed_it_leaves_nothing_behind(seasoned: tuple[Path, list[str]]) -> None:
    with running(seasoned[0]) as up:
        up.await_ready()
        processes = up.processes()

        up.end(signal.SIGKILL)

        assert eventually(lambda: not any(map(alive, processes)))


def test_a_killed_postmaster_ends_it_with_a_sentence(seasoned: tuple[Path, list[str]]) -> None:
    with running(seasoned[0]) as up:
        up.await_ready()
        processes, server = up.processes(), postmaster(seasoned[0])
        os.kill(server, signal.SIGKILL)

        assert up.end() == 1

        assert up.lines[-1] == (
            f"PostgreSQL (process {server}) ended unexpectedly, so everything was stopped; "
            f"its log is {seasoned[0] / 'logs' / 'postgres.log'}.\n"
        )
        assert not any(map(alive, processes))


def test_a_service_that_cannot_start_is_named_with_its_log(
    seasoned: tuple[Path, list[str]],
) -> None:
    with running(seasoned[0], GUNICORN_CMD_ARGS="--worker-class=none") as up:
        assert up.end() == 1

        # Neither can start: the one that ended first is named.
        service = up.lines[-1].partition(" ")[0]
        assert service in {"cockpit", "entities"}
        assert up.lines[-1].startswith(f"{service} (process ")
        assert f"its log is {seasoned[0] / 'logs' / f'{service}.log'}.\n" in up.lines[-1]


def test_while_another_command_runs_the_database(
    seasoned: tuple[Path, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "PATIENCE", 0.0)
    with started(seasoned[0]) as other:
        other.environ()

        with pytest.raises(LocalError) as caught:
            database.open_own_database(Home(seasoned[0]))

        assert str(caught.value) == (
            "Another command of this checkout runs its database (PostgreSQL is process "
            f"{postmaster(seasoned[0])}): let that end first."
        )


def test_a_busy_port(home: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with running(home, COCKPIT_PORT=str(port)) as up:
            assert up.end() == 1

    assert "".join(up.lines) == (
        f"Port {port}, for cockpit, cannot be had (Address already in use): "
        "set COCKPIT_PORT to a free one.\n"
    )
    assert not (home / "postgres").exists()


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"COCKPIT_PORT": "http"}, "COCKPIT_PORT must be a port from 1 to 65535, not 'http'.\n"),
        ({"ENTITIES_PORT": "0"}, "ENTITIES_PORT must be a port from 1 to 65535, not '0'.\n"),
        (
            {"ENTITIES_PORT": "65536"},
            "ENTITIES_PORT must be a port from 1 to 65535, not '65536'.\n",
        ),
        (
            {"COCKPIT_PORT": "18999", "ENTITIES_PORT": "18999"},
            "COCKPIT_PORT and ENTITIES_PORT are both 18999.\n",
        ),
    ],
)
def test_ports_that_are_none(home: Path, given: dict[str, str], complaint: str) -> None:
    with running(home, **given) as up:
        assert up.end() == 1

    assert up.lines == [complaint]


def test_a_database_that_does_not_answer(home: Path) -> None:
    url = f"postgres://a:b@127.0.0.1:{free_port()}/c"
    with running(home, DATABASE_URL=url, DATABASE_OWNER_URL=url) as up:
        assert up.end() == 1

    text = "".join(up.lines)
    assert "The database cannot be used: " in text
    assert "Traceback" not in text
    assert not (home / "postgres").exists()
