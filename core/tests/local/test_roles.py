"""Roles and database as addresses name them."""

from __future__ import annotations

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from core.local import roles
from core.local.errors import LocalError
from core.local.roles import Address
from core.tests.databases import Run


@pytest.mark.parametrize(
    "url",
    ["", "cockpit", "postgres://user@host/name", "postgres://:p@host/name", "postgres://u:p@host"],
)
def test_an_address_that_lacks_something(url: str) -> None:
    with pytest.raises(LocalError) as caught:
        Address.of("DATABASE_URL", url)

    assert str(caught.value) == (
        "DATABASE_URL must be an address like postgres://user:password@host:5432/name."
    )


def test_an_address_is_unquoted() -> None:
    assert Address.of("X", "postgresql://us%40er:p%2Fw@host:1/my%20db") == Address(
        "us@er", "p/w", "my db"
    )


def test_made_twice_is_made_once_and_the_password_follows(database_run: Run) -> None:
    name = f'{database_run.name}_odd "name"'
    owner, application = Address(f"{name} o", "it's", name), Address(f"{name} a", "one", name)

    roles.ensure(database_run.superuser_url, owner, application)
    roles.ensure(database_run.superuser_url, owner, Address(application.user, "two", name))

    url = database_run.superuser_url
    login = make_conninfo(url, dbname=name, user=owner.user, password="it's")
    with psycopg.connect(login) as connection:
        row = connection.execute("SELECT current_user::text, current_database()::text").fetchone()
    assert row == (owner.user, name)
    login = make_conninfo(url, dbname=name, user=application.user, password="two")
    with psycopg.connect(login) as connection:
        assert connection.execute("SELECT current_user::text").fetchone() == (application.user,)
    database_run.drop(name)
