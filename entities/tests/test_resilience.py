"""What callers get while the database is slow, full or gone, and that it passes."""

from __future__ import annotations

import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from core.local import server
from core.local.server import Server
from core.local.throwaway import CARELESS
from core.tests.services import Answer, Served, eventually, files_of, free_port, served

LIST = "/api/v1/entities"
THREADS = 6
WORKERS = {"GUNICORN_CMD_ARGS": f"--workers=1 --threads={THREADS}", "DATABASE_POOL_SIZE": "2"}

pytestmark = pytest.mark.xdist_group("resilience")


class World:
    """A database server that can be restarted where it is, and the service on it."""

    def __init__(self, directory: Path) -> None:
        self.files = files_of(directory)
        self.server: Server = self.start()

    def start(self) -> Server:
        self.server = server.start(self.files, CARELESS)
        return self.server

    @contextmanager
    def blocked(self) -> Iterator[None]:
        """As long as this lasts, whoever reads entities waits."""
        with psycopg.connect(self.server.url("served")) as connection:
            connection.execute("LOCK TABLE entities_entity IN ACCESS EXCLUSIVE MODE")
            yield
            connection.rollback()


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    directory = Path(tempfile.mkdtemp(prefix="cockpit-test-"))
    directory.chmod(0o711)
    with pytest.MonkeyPatch.context() as patch:
        port = free_port()
        patch.setattr("core.local.server._free_port", lambda: port)
        made = World(directory)
        yield made
        made.server.stop()
    shutil.rmtree(directory)


@pytest.fixture(scope="module")
def patient(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    log = tmp_path_factory.mktemp("patient") / "log"
    with served(world.server, "entities", log, **WORKERS) as running:
        yield running


def refused(answer: Answer, code: str) -> None:
    assert (answer.status, answer.headers["Retry-After"]) == (503, "1"), answer
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.body["type"] == f"urn:cockpit:problem:{code}"


def test_whoever_finds_no_connection_is_told_to_come_again(world: World, patient: Served) -> None:
    answers: list[Answer] = []
    threads = [threading.Thread(target=lambda: answers.append(patient.ask(LIST))) for _ in range(3)]
    with world.blocked():
        for thread in threads:
            thread.start()
        eventually(lambda: answers, "nobody was turned away")
        refused(answers[0], "unavailable")
    for thread in threads:
        thread.join()
    assert [answer.status for answer in answers] == [503, 200, 200]


def test_a_client_that_goes_away_leaves_nothing_behind(world: World, patient: Served) -> None:
    request = f"GET {LIST} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Token {patient.token}\r\n"
    with world.blocked():
        for _ in range(2):
            with socket.create_connection(("127.0.0.1", patient.service.port)) as gone:
                gone.sendall(f"{request}\r\n".encode())
                eventually(lambda: "active" in patient.sessions(), "nothing was asked")
    eventually(lambda: set(patient.sessions()) == {"idle"}, "a session is still busy")
    assert len(patient.sessions()) <= 2
    assert [patient.ask(LIST).status for _ in range(5)] == [200] * 5


def test_the_database_restarts_and_the_service_does_not(world: World, patient: Served) -> None:
    workers = patient.workers()
    assert patient.ask(LIST).status == 200

    world.server.stop()
    refused(patient.ask(LIST), "unavailable")
    refused(patient.ask(LIST, "POST", {"entity_type": "X", "display_name": "X"}), "unavailable")
    assert patient.ask("/health/live").status == 200
    assert patient.ask("/health/ready").status == 503
    world.start()

    eventually(lambda: patient.ask(LIST).status == 200, "it does not come back")
    assert [patient.ask(LIST).status for _ in range(5)] == [200] * 5
    assert patient.ask("/health/ready").status == 200
    assert patient.workers() == workers


def test_a_statement_that_takes_too_long_is_cancelled(
    world: World, patient: Served, tmp_path: Path
) -> None:
    impatient = {**WORKERS, "DATABASE_STATEMENT_TIMEOUT": "1"}
    with served(world.server, "entities", tmp_path / "log", **impatient) as running:
        with world.blocked():
            refused(running.ask(LIST), "busy")
        assert running.ask(LIST).status == 200
