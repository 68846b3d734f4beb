"""What tests may rely on: two roles, one migrated database each, and clones with real commits."""

from __future__ import annotations

import os
from contextlib import closing

import psycopg
import pytest
from django.contrib.auth import get_user_model
from django.db import connections
from psycopg import sql

from core.tests.databases import CommittedDatabase, Run, pointed_at


def ask(alias: str, question: str) -> object:
    with connections[alias].cursor() as cursor:
        cursor.execute(question)
        row = cursor.fetchone()
    assert row is not None
    return row[0]


@pytest.mark.django_db(databases=["default", "owner"])
def test_default_is_the_application_and_owner_owns_the_tables(database_run: Run) -> None:
    owners = (
        "SELECT string_agg(DISTINCT tableowner, ' ') FROM pg_tables WHERE schemaname = 'public'"
    )

    assert ask("default", "SELECT current_user::text") == f"{database_run.name}_app"
    assert ask("owner", "SELECT current_user::text") == f"{database_run.name}_owner"
    assert ask("default", owners) == f"{database_run.name}_owner"
    assert ask("default", "SELECT current_database()::text") == ask(
        "owner", "SELECT current_database()::text"
    )


@pytest.mark.parametrize("turn", [1, 2])
def test_a_committed_database_is_fresh_and_others_see_its_commits(
    committed_db: CommittedDatabase, turn: int
) -> None:
    users = get_user_model().objects
    assert users.count() == 0
    users.create(username=f"turn {turn}")

    with closing(psycopg.connect(committed_db.url)) as other:
        table = sql.Identifier(users.model._meta.db_table)
        row = other.execute(sql.SQL("SELECT username FROM {}").format(table)).fetchone()
    assert row == (f"turn {turn}",)


def test_processes_started_meanwhile_find_it(committed_db: CommittedDatabase) -> None:
    assert os.environ["DATABASE_URL"] == committed_db.url
    assert os.environ["DATABASE_OWNER_URL"] == committed_db.owner_url


def test_pointing_elsewhere_ends_where_it_began(committed_db: CommittedDatabase) -> None:
    elsewhere = CommittedDatabase("x", "postgresql://u:p@h:1/x", "postgresql://o:p@h:1/x")
    before = (dict(connections.settings["default"]), os.environ["DATABASE_URL"])

    with pointed_at(elsewhere):
        assert connections.settings["default"]["USER"] == "u"
        assert connections.settings["owner"]["USER"] == "o"
        assert os.environ["DATABASE_URL"] == elsewhere.url

    assert (dict(connections.settings["default"]), os.environ["DATABASE_URL"]) == before
    assert ask("default", "SELECT current_database()::text") == committed_db.name


@pytest.mark.django_db
def test_inside_a_transaction_there_is_no_committed_database(
    request: pytest.FixtureRequest,
) -> None:
    with pytest.raises(pytest.fail.Exception, match="stands alone"):
        request.getfixturevalue("committed_db")
