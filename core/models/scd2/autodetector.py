"""Migrations of versioned models as ``makemigrations`` writes them."""

from __future__ import annotations

from typing import Any

from django.db.migrations.autodetector import MigrationAutodetector, OperationDependency
from django.db.migrations.operations import AlterField, CreateModel, RemoveField

from core.models.scd2.hash_diff import HashDiffField
from core.models.scd2.operations import RetrackVersioned

CREATE, ALTER = OperationDependency.Type.CREATE, OperationDependency.Type.ALTER


class VersionedAutodetector(MigrationAutodetector):
    """Where the tracked columns of a model change, write RetrackVersioned: PostgreSQL alters no
    generated column. New columns come before it, removed ones go after it.
    """

    generated_operations: dict[str, list[Any]]

    def generate_altered_fields(self) -> None:
        super().generate_altered_fields()
        for app_label, operations in self.generated_operations.items():
            operations[:] = [replaced(app_label, operation) for operation in operations]
            retracked = [each for each in operations if isinstance(each, RetrackVersioned)]
            for removal in operations:
                if isinstance(removal, RemoveField):
                    removal._auto_deps += [  # type: ignore[attr-defined]
                        OperationDependency(app_label, each.model_name, "hash_diff", ALTER)
                        for each in retracked
                        if each.model_name == removal.model_name_lower
                    ]

    def changes(self, graph: Any, *args: Any, **kwargs: Any) -> dict[str, list[Any]]:
        """With a dependency on core wherever a versioned table is made: it needs its functions."""
        found: dict[str, list[Any]] = super().changes(graph, *args, **kwargs)
        for migration in (each for app_label in found for each in found[app_label]):
            if migration.app_label != "core" and any(map(makes_versioned, migration.operations)):
                leaves = [leaf for leaf in graph.leaf_nodes() if leaf[0] == "core"]
                migration.dependencies = sorted({*migration.dependencies, *leaves})
        return found

    def check_dependency(self, operation: Any, dependency: Any) -> bool:
        if isinstance(operation, RetrackVersioned) and dependency.type == ALTER:
            wanted = (dependency.model_name_lower, dependency.field_name_lower)
            return (operation.model_name, "hash_diff") == wanted
        return bool(super().check_dependency(operation, dependency))


def makes_versioned(operation: Any) -> bool:
    return isinstance(operation, CreateModel) and any(
        isinstance(field, HashDiffField) for _, field in operation.fields
    )


def replaced(app_label: str, operation: Any) -> Any:
    """A RetrackVersioned for the AlterField of a ``hash_diff``; any other operation as it is."""
    field: Any = getattr(operation, "field", None)
    if not (isinstance(operation, AlterField) and isinstance(field, HashDiffField)):
        return operation
    tracked = field.expression.columns
    retrack: Any = RetrackVersioned(operation.model_name_lower, tracked)
    retrack._auto_deps = [
        OperationDependency(app_label, retrack.model_name, column, CREATE) for column in tracked
    ]
    return retrack
