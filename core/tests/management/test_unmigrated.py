"""Every command on a database without tables: one sentence says what to type."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import execute_from_command_line, get_commands
from pytest_django.plugin import DjangoDbBlocker

from core.checks import check_database
from core.local.sentences import in_one_sentence
from core.tests.databases import CommittedDatabase, Run, pointed_at

OURS = {"core", "auth", "cockpit", "entities"}
SENTENCE = "The database lacks migrations: type .venv/bin/python manage.py migrate first.\n"
ARGUMENTS = {
    "changepassword": ["admin"],
    "create_token": ["feed", "--role", "viewer", "--create"],
    "createsuperuser": ["--username", "ada", "--email", "", "--no-input"],
    "export_audit": [],
    "export_entities": [],
    "housekeep": [],
    "ingest_entities": ["{feed}", "--source", "test"],
    "ingest_types": ["{types}"],
    "load_sample_data": [],
    "revert_batch": ["1"],
    "verify": [],
    "worker": [],
}
MIGRATING = {"makemigrations", "migrate"}


@pytest.fixture(scope="module")
def unmigrated(
    database_run: Run, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[CommittedDatabase]:
    """A database that is there and empty."""
    with django_db_blocker.unblock():
        worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        database = database_run.create(f"unmigrated_{worker}")
        with pointed_at(database):
            yield database
        database_run.drop(database.name)


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    types = tmp_path / "types.jsonl"
    types.write_text(
        '{"kind": "detail_type", "code": "CITY", "name": "City", "data_type": "text"}\n'
    )
    path = tmp_path / "feed.csv"
    path.write_text("source_id,entity_type,display_name\n1,PERSON,Ada\n")
    return path


def manage(*arguments: str) -> int:
    """The exit code of manage.py, run in this process."""
    try:
        with in_one_sentence():
            execute_from_command_line(["manage.py", *arguments])
    except SystemExit as end:
        if isinstance(end.code, str):
            sys.stderr.write(f"{end.code}\n")
        return 1 if isinstance(end.code, str) else int(end.code or 0)
    return 0


def test_every_command_of_ours_is_tried() -> None:
    assert {name for name, app in get_commands().items() if app in OURS} == (
        ARGUMENTS.keys() | MIGRATING
    )


@pytest.mark.usefixtures("unmigrated")
@pytest.mark.parametrize("command", sorted(ARGUMENTS))
def test_a_command_says_that_migrations_are_lacking(
    command: str, feed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = manage(
        command,
        *(
            part.format(feed=feed, types=feed.with_name("types.jsonl"))
            for part in ARGUMENTS[command]
        ),
    )

    assert (code, capsys.readouterr().err) == (1, SENTENCE)


def test_migrate_as_the_application_asks_for_the_owner(
    unmigrated: CommittedDatabase, capsys: pytest.CaptureFixture[str]
) -> None:
    code = manage("migrate", "--database", "default", "--verbosity", "0")

    assert (code, capsys.readouterr().err) == (
        1,
        (
            "The database role may not do this (permission denied for schema public): set "
            "DATABASE_OWNER_URL to the address of the role that owns the tables.\n"
        ),
    )


@pytest.mark.usefixtures("unmigrated")
@pytest.mark.parametrize("alias", ["default", "owner"])
def test_check_says_so_too(alias: str) -> None:
    (found,) = check_database(alias)

    assert found.id == "core.E028"
    assert found.msg.startswith(f"The database {alias} lacks ")
    assert found.msg.endswith(" migrations: type manage.py migrate.")
