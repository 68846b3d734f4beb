"""The databases of one test run: a migrated template, and clones of it.

On a server of the run's own, or on the one that ``TEST_DATABASE_OWNER_URL`` names as a superuser.
Roles and databases carry the run's name, so that runs beside each other do not meet.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, LiteralString
from urllib.parse import quote

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from core.local import roles
from core.local.roles import Address
from core.local.throwaway import throwaway_server


@dataclass(frozen=True)
class CommittedDatabase:
    """A database in which commits are real: its addresses as application and as owner."""

    name: str
    url: str
    owner_url: str


@dataclass(frozen=True)
class Run:
    """A server, the name of the run, and the password of its two roles."""

    superuser_url: str
    name: str
    password: str

    def database(self, name: str) -> CommittedDatabase:
        """The addresses of the run's database ``name``, whether there is one or not."""
        name = f"{self.name}_{name}"
        return CommittedDatabase(
            name, self._url(f"{self.name}_app", name), self._url(f"{self.name}_owner", name)
        )

    def clone(self, name: str) -> CommittedDatabase:
        """A new database ``name``, migrated and otherwise empty."""
        template, database = self.template(), self.database(name)
        self._execute(
            "CREATE DATABASE {} TEMPLATE {} OWNER {}",
            database.name,
            template.name,
            f"{self.name}_owner",
        )
        return database

    def create(self, name: str) -> CommittedDatabase:
        """A new database ``name`` that was never migrated."""
        self.template()  # which makes the roles
        database = self.database(name)
        self._execute("CREATE DATABASE {} OWNER {}", database.name, f"{self.name}_owner")
        return database

    def drop(self, name: str) -> None:
        """Drop the database ``name`` of the server, whoever is connected to it."""
        self._execute("DROP DATABASE {} WITH (FORCE)", name)

    def template(self) -> CommittedDatabase:
        """The migrated database; the first process to ask makes it, the others wait."""
        template = self.database("template")
        with psycopg.connect(self.superuser_url, autocommit=True) as connection:
            connection.execute("SELECT pg_advisory_lock(hashtext(%s))", [self.name])
            found = "SELECT FROM pg_database WHERE datname = %s"
            if connection.execute(found, [template.name]).rowcount == 0:
                self._make_template(template)
        return template

    def clean_up(self) -> None:
        """Drop every database and role of this run."""
        with psycopg.connect(self.superuser_url) as connection:
            prefix = [f"{self.name}_"]
            databases = connection.execute(
                "SELECT datname FROM pg_database WHERE starts_with(datname::text, %s)", prefix
            ).fetchall()
            users = connection.execute(
                "SELECT rolname FROM pg_roles WHERE starts_with(rolname::text, %s)", prefix
            ).fetchall()
        for (name,) in databases:
            self.drop(name)
        for (name,) in users:
            self._execute("DROP ROLE {}", name)

    def _make_template(self, template: CommittedDatabase) -> None:
        # Renamed when it is done: a template with that name is a whole one.
        draft = self.database("draft")
        roles.ensure(
            self.superuser_url,
            Address.of("owner", draft.owner_url),
            Address.of("application", draft.url),
        )
        with pointed_at(draft):
            call_command("migrate", database="owner", verbosity=0)
        self._execute("ALTER DATABASE {} RENAME TO {}", draft.name, template.name)

    def _execute(self, statement: LiteralString, *names: str) -> None:
        with psycopg.connect(self.superuser_url, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def _url(self, user: str, database: str) -> str:
        server = conninfo_to_dict(self.superuser_url)
        host, port = quote(str(server.get("host", "localhost")), safe=""), server.get("port", 5432)
        return f"postgresql://{user}:{self.password}@{host}:{port}/{database}"


@contextmanager
def started_run(environ: Mapping[str, str]) -> Iterator[Run]:
    """A run on the server that ``environ`` names, else on one of its own."""
    run_name, password = f"cockpit_test_{secrets.token_hex(4)}", secrets.token_urlsafe(16)
    with ExitStack() as stack:
        given = environ.get("TEST_DATABASE_OWNER_URL", "").strip()
        url = given or stack.enter_context(throwaway_server(in_memory=True)).url("postgres")
        run = Run(url, run_name, password)
        if given:
            stack.callback(run.clean_up)
        yield run


@contextmanager
def pointed_at(database: CommittedDatabase) -> Iterator[None]:
    """Let Django's two connections, and the processes started meanwhile, use ``database``."""
    urls = {"default": database.url, "owner": database.owner_url}
    names = {"DATABASE_URL": database.url, "DATABASE_OWNER_URL": database.owner_url}
    known = {alias: dict(settings.DATABASES[alias]) for alias in urls}
    environ = {name: os.environ.get(name) for name in names}
    _connect({alias: _settings(url) for alias, url in urls.items()})
    os.environ.update(names)
    try:
        yield
    finally:
        _connect(known)
        _restore_environment(environ)


def _settings(url: str) -> dict[str, Any]:
    parts = conninfo_to_dict(url)
    return {
        "NAME": parts["dbname"],
        "USER": parts["user"],
        "PASSWORD": parts["password"],
        "HOST": parts["host"],
        "PORT": parts["port"],
        "OPTIONS": {},
    }


def _connect(databases: Mapping[str, Mapping[str, Any]]) -> None:
    connections.close_all()
    for alias, values in databases.items():
        settings.DATABASES[alias].update(values)


def _restore_environment(environ: Mapping[str, str | None]) -> None:
    for name, value in environ.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
