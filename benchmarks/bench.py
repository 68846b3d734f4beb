"""What a benchmark works on: a server nobody will miss, with one database a side."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import psycopg
from psycopg import sql

from benchmarks.http import register
from benchmarks.http.service import Service
from benchmarks.workload import Workload
from core.env import ROOT
from core.tests.databases import CommittedDatabase, Run, pointed_at

PAST = "2024-01-01"
"""The ``--effective`` of a first load."""


@dataclass
class Bench:
    """``n``: entities in a register; ``runs``: measurements a row and side."""

    run: Run
    n: int
    runs: int
    stack: ExitStack
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @cached_property
    def folder(self) -> Path:
        """Where files go; it is gone at the end."""
        return Path(self.stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))

    @cached_property
    def workload(self) -> Workload:
        return Workload(self.folder, self.n)

    # Databases

    @cached_property
    def empty(self) -> CommittedDatabase:
        """A migrated database with the types of the workload and nothing else: for clones."""
        database = self.run.clone("empty")
        with pointed_at(database):
            self.workload.make_types()
        return database

    @cached_property
    def loaded(self) -> CommittedDatabase:
        """The same with the first file of the workload in it: for clones, and for readers."""
        with self.cloned(self.empty, keep=True) as database:
            self.ingest(database, self.workload.first, "--effective", PAST)
            vacuum(database)
        return database

    # The service, and the register that it shows

    @cached_property
    def register(self) -> CommittedDatabase:
        """A database with a past, for the rows that read."""
        database = self.run.clone("register")
        with pointed_at(database):
            register.load(self.folder, self.n)
        vacuum(database)
        return database

    @cached_property
    def service(self) -> Service:
        """The entities service with the floors beside it, on the register."""
        environ = environment(self.register)
        command = self.command("create_token", "bench", "--role", "steward", "--create")
        token = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
        served = Service(token.stdout.strip(), self.folder, environ)
        self.stack.callback(served.stop)
        served.wait()
        return served

    @contextmanager
    def cloned(
        self, template: CommittedDatabase, *, keep: bool = False
    ) -> Iterator[CommittedDatabase]:
        """A database of its own, warm, and dropped afterwards unless it is kept."""
        database = self.run.database(f"bench_{next(self.numbers)}")
        with psycopg.connect(self.run.superuser_url, autocommit=True) as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY file_copy").format(
                    sql.Identifier(database.name),
                    sql.Identifier(template.name),
                    sql.Identifier(f"{self.run.name}_owner"),
                )
            )
        yield database
        if not keep:
            self.run.drop(database.name)

    # The command

    def command(self, *arguments: str | Path) -> list[str]:
        return [sys.executable, str(ROOT / "manage.py"), *map(str, arguments)]

    def ingest(self, database: CommittedDatabase, file: Path, *options: str) -> None:
        """``manage.py ingest_entities`` as a process, as an operator runs it."""
        command = self.command("ingest_entities", file, *self.workload.options, *options, "--json")
        subprocess.run(command, env=environment(database), stdout=subprocess.DEVNULL, check=True)


def environment(database: CommittedDatabase) -> dict[str, str]:
    """What a process needs to work on a database of the benchmark, and only on that."""
    return {
        **os.environ,
        # More than can be made: every write is counted, and none is refused.
        "WRITES_PER_MINUTE": "100000000",
        "DATABASE_URL": database.url,
        "DATABASE_OWNER_URL": database.owner_url,
        "DJANGO_SETTINGS_MODULE": "cockpit.config.settings",
    }


def vacuum(database: CommittedDatabase) -> None:
    """As autovacuum would have done by the next night."""
    with psycopg.connect(database.owner_url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
