"""A connection beside the transaction that is going on."""

import pytest
from django.db import connection, transaction

from core.ingest.own_connection import OwnConnection
from core.tests.databases import CommittedDatabase


def backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def in_transaction() -> bool:
    return connection.in_atomic_block


def test_it_is_another_one_and_stays_the_same(committed_db: CommittedDatabase) -> None:
    with OwnConnection() as aside, transaction.atomic():
        assert in_transaction()
        assert not aside.call(in_transaction)
        assert aside.call(backend) == aside.call(backend) != backend()


def test_it_is_closed_behind(committed_db: CommittedDatabase) -> None:
    with OwnConnection() as aside:
        aside.call(backend)
        session = aside.call(lambda: connection.connection)
        assert not session.closed

    assert session.closed


def test_errors_come_back(committed_db: CommittedDatabase) -> None:
    with OwnConnection() as aside, pytest.raises(ValueError, match="invalid literal"):
        aside.call(int, "x")
