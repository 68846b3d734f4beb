"""Raw SQL by either role, as somebody would write it who does not know the engine."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connections, transaction
from psycopg import sql

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)


class Hand:
    """One role and its connection."""

    def __init__(self, alias: str) -> None:
        self.alias = alias

    def run(self, query: str, parameters: Any = None, **names: str) -> int:
        """Run a statement with ``{names}`` filled in; returns how many rows it touched."""
        with connections[self.alias].cursor() as cursor:
            cursor.execute(named(query, names), parameters)
            return int(cursor.rowcount)

    def rows(self, query: str, parameters: Any = None, **names: str) -> list[tuple[Any, ...]]:
        with connections[self.alias].cursor() as cursor:
            cursor.execute(named(query, names), parameters)
            return list(cursor.fetchall())

    def refused(self, query: str, parameters: Any = None, **names: str) -> tuple[str, str | None]:
        """The SQLSTATE and the constraint of the refusal of a statement."""
        with (
            pytest.raises(DatabaseError) as caught,
            transaction.atomic(self.alias),
        ):
            self.run(query, parameters, **names)
        cause: Any = caught.value.__cause__
        return cause.sqlstate, cause.diag.constraint_name

    @property
    def now(self) -> datetime:
        (row,) = self.rows("SELECT clock_timestamp()")
        return row[0]

    @property
    def begun(self) -> datetime:
        """When this transaction began."""
        (row,) = self.rows("SELECT transaction_timestamp()")
        return row[0]

    def flag(self, code: str) -> None:
        self.run("INSERT INTO harbour_flaganchor (code) VALUES (%s)", [code])

    def anchor(self) -> uuid.UUID:
        """The anchor of a new vessel."""
        fresh = uuid.uuid4()
        self.run("INSERT INTO harbour_vesselanchor (uuid) VALUES (%s)", [fresh])
        return fresh

    def vessel(self, root: uuid.UUID, **columns: Any) -> int:
        """A version by hand, believed from now on; returns its id."""
        row = self.row(root, **columns)
        query = inserting("harbour_vessel", row) + " RETURNING id"
        return int(self.rows(query, list(row.values()))[0][0])

    def refused_vessel(self, root: uuid.UUID, **columns: Any) -> tuple[str, str | None]:
        row = self.row(root, **columns)
        return self.refused(inserting("harbour_vessel", row), list(row.values()))

    def row(self, root: uuid.UUID, **columns: Any) -> dict[str, Any]:
        plain = {
            "uuid": root,
            "name": "Fram",
            "flag": "NO",
            "valid_from": LONG_AGO,
            "system_from": self.now,
            "actor": "somebody",
        }
        return plain | columns


def named(query: str, names: Mapping[str, str]) -> Any:
    if not names:
        return query
    parts = {name: sql.Identifier(value) for name, value in names.items()}
    return sql.SQL(query).format(**parts)


def inserting(table: str, row: Mapping[str, Any]) -> str:
    """An INSERT with a placeholder a column."""
    places = ", ".join(["%s"] * len(row))
    return f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})"
