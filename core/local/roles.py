"""The two database roles and the database of the owner's, as the addresses name them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString, cast
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg import sql

from core.local.errors import LocalError

STATEMENTS = Path(__file__).with_name("sql")


@dataclass(frozen=True)
class Address:
    """Who logs in where, as an address like ``postgres://user:password@host:5432/name`` says."""

    user: str
    password: str
    database: str

    @classmethod
    def of(cls, name: str, url: str) -> Address:
        """The parts of ``url``, which ``name`` held. Raises LocalError if one is missing."""
        parts = urlsplit(url)
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        database = unquote(parts.path.strip("/"))
        if not (user and password and database):
            raise LocalError(
                f"{name} must be an address like postgres://user:password@host:5432/name."
            )
        return cls(user, password, database)


def ensure(superuser_url: str, owner: Address, application: Address) -> None:
    """Make both roles, with the passwords of their addresses, and the owner's database.

    Harmless when all of it is there. Raises psycopg.Error if the server refuses.
    """
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        connection.execute(_roles(owner, application))
        make_database(connection, owner.database, owner.user)


def make_database(connection: psycopg.Connection, name: str, owner: str) -> None:
    """Make the database ``name`` unless it is there; ``connection`` is in autocommit."""
    if connection.execute(_statement("database_exists"), {"name": name}).rowcount:
        return
    connection.execute(
        sql.SQL(_statement("database")).format(
            name=sql.Identifier(name), owner=sql.Identifier(owner)
        )
    )


def _roles(owner: Address, application: Address) -> sql.Composed:
    return sql.SQL(_statement("roles")).format(
        owner=sql.Identifier(owner.user),
        owner_name=sql.Literal(owner.user),
        owner_password=sql.Literal(owner.password),
        application=sql.Identifier(application.user),
        application_name=sql.Literal(application.user),
        application_password=sql.Literal(application.password),
    )


def _statement(name: str) -> LiteralString:
    # The text of a file of this package is as literal as it gets.
    return cast("LiteralString", (STATEMENTS / f"{name}.sql").read_text())  # type: ignore[redundant-cast]
