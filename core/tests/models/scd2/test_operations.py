"""RetrackVersioned on a real table: other columns hashed, the guards still in force."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connections, migrations, models, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from core.models.scd2.hash_diff import hash_diff
from core.models.scd2.operations import RetrackVersioned
from core.tests.databases import CommittedDatabase

ADD = migrations.AddField("Flag", "region", models.TextField(null=True))
RETRACK = RetrackVersioned("Flag", ["name", "region"])


def run(operations: list[migrations.operations.base.Operation]) -> ProjectState:
    connection = connections["owner"]
    state = MigrationLoader(connection).project_state(("harbour", "0001_initial"))
    with connection.schema_editor() as editor:
        for operation in operations:
            before = state.clone()
            operation.state_forwards("harbour", state)
            operation.database_forwards("harbour", editor, before, state)
    return state


def columns() -> list[tuple[bytes, str]]:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT hash_diff, name FROM harbour_flag")
        return cursor.fetchall()


def insert_flag() -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("INSERT INTO harbour_flaganchor (code) VALUES ('DE')")
        cursor.execute(
            "INSERT INTO harbour_flag (code, name, valid_from, system_from, actor) "
            "VALUES ('DE', 'Germany', '2020-01-01Z', clock_timestamp(), 'tester')"
        )


def test_hashes_follow_the_tracked_columns(committed_db: CommittedDatabase) -> None:
    insert_flag()
    assert columns() == [(hash_diff(["Germany"]), "Germany")]
    run([ADD, RETRACK])
    assert columns() == [(hash_diff(["Germany", None]), "Germany")]


def test_the_guard_names_the_new_column(committed_db: CommittedDatabase) -> None:
    insert_flag()
    run([ADD, RETRACK])
    with (
        pytest.raises(DatabaseError, match="history is only ever added to"),
        transaction.atomic("owner"),
        connections["owner"].cursor() as cursor,
    ):
        cursor.execute("UPDATE harbour_flag SET region = 'north'")


def test_the_state_is_what_the_table_is(committed_db: CommittedDatabase) -> None:
    state = run([ADD, RETRACK])
    field = state.apps.get_model("harbour", "Flag")._meta.get_field("hash_diff")
    assert field.expression.columns == ("name", "region")
