"""``manage.py verify`` as an operator runs it."""

from __future__ import annotations

import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from dataclasses import astuple
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections
from psycopg import sql

from core.local.home import ROOT
from core.models.scd2 import verify
from core.models.scd2.versioning import Shape
from core.tests.databases import CommittedDatabase
from core.tests.harbour.models import Vessel
from core.tests.models.scd2.port import Port


@pytest.fixture
def port(committed_db: CommittedDatabase) -> Port:
    made = Port(fast_paths=None)
    made.apply(made.vessel("A NO", 2000), made.cargo("grain", 2000))
    made.apply(made.vessel("B NO", 2010))
    return made


def break_history() -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE harbour_vessel DISABLE TRIGGER USER")
        cursor.execute("UPDATE harbour_vessel SET name = 'Z' WHERE name = 'B'")


def verified() -> str:
    out = StringIO()
    call_command("verify", stdout=out)
    return out.getvalue()


def test_a_sound_database(port: Port) -> None:
    assert verified() == "Verified: nothing is wrong.\n"
    assert not connection.in_atomic_block


def test_a_broken_one_is_named_line_by_line(port: Port) -> None:
    break_history()
    out = StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("verify", stdout=out)
    assert caught.value.returncode == 1
    assert str(caught.value) == "1 finding: the database is not as the engine left it."
    (line,) = out.getvalue().splitlines()
    at = port.instants[1].isoformat()
    assert line == (
        f"harbour.vessel: the log does not lead to the rows as known at {at}: "
        f'{{"uuid": "{port.uuid}"}}'
    )


MANAGE = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "core.tests.settings"
import django
django.setup()
from django.core.management import execute_from_command_line
from core.tests.databases import CommittedDatabase, pointed_at
with pointed_at(CommittedDatabase(*sys.argv[1:])):
    execute_from_command_line(["manage.py", "verify"])
"""


def test_the_exit_code(port: Port, committed_db: CommittedDatabase) -> None:
    def manage() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-W", "error", "-c", MANAGE, *astuple(committed_db)]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    sound = manage()
    assert (sound.returncode, sound.stderr) == (0, "")
    assert sound.stdout == "Verified: nothing is wrong.\n"
    break_history()
    broken = manage()
    assert broken.returncode == 1
    assert "harbour.vessel: the log does not lead" in broken.stdout
    assert broken.stderr == "CommandError: 1 finding: the database is not as the engine left it.\n"


def test_others_may_go_on_writing(port: Port, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows and log are read one after the other: they must be of one instant."""
    read = verify.versions_of

    def write() -> None:
        port.apply(port.vessel("C NO", 2020))
        connection.close()

    def interrupted(shape: Shape) -> Iterator[Any]:
        found = list(read(shape))
        if shape is Vessel.shape:
            writer = threading.Thread(target=write)
            writer.start()
            writer.join()
        yield from found

    monkeypatch.setattr(verify, "versions_of", interrupted)
    assert verified() == "Verified: nothing is wrong.\n"
    assert [row[0] for row in port.timeline()] == ["A", "B", "C"]


def test_nothing_is_written(port: Port, monkeypatch: pytest.MonkeyPatch) -> None:
    modes = []

    def checks(shape: Shape) -> list[verify.Check]:
        with connection.cursor() as cursor:
            cursor.execute("SHOW transaction_read_only")
            modes.append(cursor.fetchone()[0])
        return []

    monkeypatch.setattr("core.management.commands.verify.checks_of", checks)
    verified()
    assert set(modes) == {"on"}


def test_no_row_is_held_against_all_of_another_table(
    port: Port, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However little the planner knows of the tables, as after a restore."""
    things = []
    for _ in range(1000):
        port.uuid = uuid.uuid4()
        things += [port.vessel("C NO", 2000), port.cargo("salt", 2000)]
    port.fast_paths = True
    port.apply(*things)
    plans = []

    def explained(query: sql.Composed, parameters: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("EXPLAIN DECLARE every CURSOR FOR {}").format(query), parameters)
            plans.append("\n".join(line for (line,) in cursor.fetchall()))
        return iter(())

    monkeypatch.setattr(verify, "rows_of", explained)
    assert verified() == "Verified: nothing is wrong.\n"
    assert sum("Join" in plan for plan in plans) > 10
    assert not any("Nested Loop" in plan for plan in plans)
