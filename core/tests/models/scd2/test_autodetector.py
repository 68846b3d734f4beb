"""Migrations that ``makemigrations`` writes for versioned models, run on real tables."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.db import connections, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import AddField, RemoveField
from django.db.migrations.questioner import NonInteractiveMigrationQuestioner
from django.db.migrations.state import ProjectState

from core.management.commands import makemigrations, migrate
from core.models.scd2.autodetector import VersionedAutodetector
from core.models.scd2.hash_diff import HashDiffField, hash_diff
from core.models.scd2.operations import RetrackVersioned
from core.tests.databases import CommittedDatabase

APP = "harbour"


def changed(model: str, *, add: dict[str, Any] | None = None, remove: str = "") -> ProjectState:
    """The state of the example models with other tracked columns."""
    state = ProjectState.from_apps(apps)
    known: Any = state.models[APP, model]
    tracked = [name for name in known.fields["hash_diff"].expression.columns if name != remove]
    known.fields = {name: field for name, field in known.fields.items() if name != remove}
    known.fields.update(add or {})
    known.fields["hash_diff"] = HashDiffField.over(
        [*tracked, *(add or {})], help_text=known.fields["hash_diff"].help_text
    )
    return state


def detected(wanted: ProjectState) -> list[Any]:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    questioner = NonInteractiveMigrationQuestioner(specified_apps={APP})
    detector = VersionedAutodetector(loader.project_state(), wanted, questioner)
    changes = detector.changes(graph=loader.graph)
    return [operation for migration in changes.get(APP, []) for operation in migration.operations]


def run(operations: list[Any]) -> ProjectState:
    connection = connections["owner"]
    state = MigrationLoader(connection).project_state()
    with connection.schema_editor() as editor:
        for operation in operations:
            before = state.clone()
            operation.state_forwards(APP, state)
            operation.database_forwards(APP, editor, before, state)
    return state


def kinds(operations: list[Any]) -> list[type[Any]]:
    return [type(operation) for operation in operations]


def test_nothing_is_written_where_nothing_changed() -> None:
    assert detected(ProjectState.from_apps(apps)) == []


def test_a_new_column_is_added_before_it_is_hashed(committed_db: CommittedDatabase) -> None:
    found = detected(changed("flag", add={"region": models.TextField(null=True)}))
    assert kinds(found) == [AddField, RetrackVersioned]
    assert found[1].tracked == ("name", "region")

    run(found)
    with connections["owner"].cursor() as cursor:
        cursor.execute("INSERT INTO harbour_flaganchor (code) VALUES ('DE')")
        cursor.execute(
            "INSERT INTO harbour_flag (code, name, valid_from, system_from, actor) "
            "VALUES ('DE', 'Germany', '2020-01-01Z', clock_timestamp(), 'tester') "
            "RETURNING hash_diff"
        )
        assert bytes(cursor.fetchone()[0]) == hash_diff(["Germany", None])


def test_a_column_is_removed_after_it_is_no_longer_hashed(
    committed_db: CommittedDatabase,
) -> None:
    found = detected(changed("cargo", remove="weight"))
    assert kinds(found) == [RetrackVersioned, RemoveField]

    state = run(found)
    assert state.apps.get_model(APP, "Cargo")._meta.get_field("hash_diff").expression.columns == (
        "goods",
    )


def test_the_first_migration_of_a_versioned_table_follows_those_of_core() -> None:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    before = loader.project_state()
    for name in ("vessel", "vesselanchor", "cargo", "flag", "flaganchor"):
        before.models.pop((APP, name))
    graph = loader.graph
    detector = VersionedAutodetector(before, ProjectState.from_apps(apps))

    changes = detector.changes(graph=graph, trim_to_apps={APP})

    assert graph.leaf_nodes("core")[0] in changes[APP][0].dependencies


@pytest.mark.parametrize("command", [makemigrations.Command, migrate.Command])
def test_the_commands_detect_so(command: Any) -> None:
    assert command.autodetector is VersionedAutodetector
