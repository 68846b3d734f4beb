"""The transaction around a service, and when it is tried again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, connections, transaction

from core.models.scd2.exceptions import (
    Conflict,
    DatabaseUnavailable,
    IntegrityRefused,
    NothingToAmend,
    RowsMoved,
)
from core.tests.databases import CommittedDatabase
from core.transactions import ATTEMPTS, atomic_write


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long was waited, without waiting."""
    waited: list[float] = []
    monkeypatch.setattr("core.transactions.time.sleep", waited.append)
    monkeypatch.setattr("core.transactions.random.random", lambda: 1.0)
    return waited


class Service:
    """Writes an anchor, then does what the test says, attempt by attempt."""

    def __init__(self, *steps: Callable[[], Any], mark: str = "F") -> None:
        self.steps = list(steps)
        self.mark = mark
        self.attempts = 0

    @atomic_write
    def run(self, answer: str) -> str:
        self.attempts += 1
        execute(
            "INSERT INTO harbour_flaganchor (code) VALUES (%s)", [f"{self.mark}{self.attempts}"]
        )
        if self.steps:
            self.steps.pop(0)()
        return answer


def execute(query: str, parameters: Any = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)


def moved() -> None:
    raise RowsMoved("moved")


def codes() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT code FROM harbour_flaganchor ORDER BY code")
        return [row[0] for row in cursor.fetchall()]


def test_what_is_done_is_committed_and_returned(
    committed_db: CommittedDatabase, pauses: list[float]
) -> None:
    service = Service()
    assert service.run("done") == "done"
    assert (service.attempts, codes(), pauses) == (1, ["F1"], [])
    assert not connection.in_atomic_block


def test_a_moved_row_undoes_an_attempt_and_asks_for_another(
    committed_db: CommittedDatabase, pauses: list[float]
) -> None:
    service = Service(moved, moved)
    assert service.run("done") == "done"
    assert (service.attempts, codes()) == (3, ["F3"])
    assert pauses == [0.02, 0.04]


def test_it_gives_up_after_so_many_attempts(
    committed_db: CommittedDatabase, pauses: list[float]
) -> None:
    service = Service(*[moved] * ATTEMPTS)
    with pytest.raises(RowsMoved, match="moved"):
        service.run("done")
    assert (service.attempts, codes()) == (ATTEMPTS, [])
    assert pauses == [0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28]


def test_the_last_attempt_may_succeed(committed_db: CommittedDatabase, pauses: list[float]) -> None:
    service = Service(*[moved] * (ATTEMPTS - 1))
    assert service.run("done") == "done"
    assert codes() == [f"F{ATTEMPTS}"]


def test_a_database_error_that_another_writer_caused_is_tried_again(
    committed_db: CommittedDatabase, pauses: list[float]
) -> None:
    def race() -> None:
        execute("SET LOCAL lock_timeout = '1ms'")
        with transaction.atomic("owner"), connections["owner"].cursor() as other:
            other.execute("LOCK TABLE harbour_flag")
            execute("SELECT * FROM harbour_flag")

    service = Service(race)
    assert service.run("done") == "done"
    assert (service.attempts, codes()) == (2, ["F2"])


@pytest.mark.parametrize("error", [Conflict("no"), NothingToAmend("no"), LookupError("no")])
def test_a_refusal_is_not_tried_again(
    committed_db: CommittedDatabase, pauses: list[float], error: Exception
) -> None:
    def refuse() -> None:
        raise error

    service = Service(refuse)
    with pytest.raises(type(error)) as caught:
        service.run("done")
    assert caught.value is error
    assert (service.attempts, codes(), pauses) == (1, [], [])


@pytest.mark.django_db
def test_what_the_database_refuses_is_explained(pauses: list[float]) -> None:
    service = Service(lambda: execute("UPDATE harbour_flaganchor SET code = 'x'"))
    with pytest.raises(IntegrityRefused, match="An anchor never changes") as caught:
        service.run("done")
    assert isinstance(caught.value.__cause__, IntegrityError)
    assert (service.attempts, codes()) == (1, [])


@pytest.mark.django_db
def test_a_mistake_of_the_program_goes_up_as_it_is() -> None:
    with pytest.raises(DatabaseError, match="syntax error"):
        Service(lambda: execute("SELEKT")).run("done")


@pytest.mark.django_db
def test_inside_another_transaction_the_error_goes_up_at_once(pauses: list[float]) -> None:
    service = Service(moved)
    with pytest.raises(RowsMoved):
        service.run("done")
    assert (service.attempts, codes(), pauses) == (1, [], [])
    assert service.run("done") == "done"
    assert codes() == ["F2"]


def test_the_outermost_of_two_is_tried_again(
    committed_db: CommittedDatabase, pauses: list[float]
) -> None:
    inner = Service(moved, mark="I")
    outer = Service(*[lambda: inner.run("inner")] * 2)
    assert outer.run("outer") == "outer"
    assert (outer.attempts, inner.attempts) == (2, 2)
    assert codes() == ["F2", "I2"]


def test_a_connection_that_breaks_is_unavailable(
    committed_db: CommittedDatabase, pauses: list[float]
) -> None:
    def broken() -> None:
        execute("SELECT pg_terminate_backend(pg_backend_pid())")

    service = Service(broken)
    with pytest.raises(DatabaseUnavailable, match="try again"):
        service.run("done")
    connection.close()
    assert (service.attempts, codes()) == (1, [])


def test_a_connection_that_is_gone_is_unavailable(committed_db: CommittedDatabase) -> None:
    def gone() -> None:
        connection.close()
        execute("SELECT 1")

    with pytest.raises(DatabaseUnavailable, match="cannot be reached"):
        Service(gone).run("done")
    assert codes() == []


def test_a_service_keeps_its_name() -> None:
    assert Service.run.__name__ == "run"
