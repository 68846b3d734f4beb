"""Migration operations for what Django cannot alter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.migrations.operations.base import Operation

from core.models.scd2.constraints import Guard
from core.models.scd2.hash_diff import HashDiffField


class RetrackVersioned(Operation):
    """Hash other columns than before: the generated ``hash_diff`` is removed and added again.

    PostgreSQL cannot alter a generated column. ``makemigrations`` writes this operation after the
    AddField of new columns and before the RemoveField of old ones. The guards, which name every
    column, are made anew. The table is rewritten under an ACCESS EXCLUSIVE lock.
    """

    reversible = True

    def __init__(self, model_name: str, tracked: Sequence[str]) -> None:
        self.model_name = model_name
        self.tracked = tuple(tracked)

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        kwargs = {"model_name": self.model_name, "tracked": self.tracked}
        return type(self).__name__, [], kwargs

    def state_forwards(self, app_label: str, state: Any) -> None:
        known = state.models[app_label, self.model_name.lower()].fields["hash_diff"]
        field = HashDiffField.over(self.tracked, help_text=known.help_text)
        state.alter_field(app_label, self.model_name.lower(), "hash_diff", field, False)

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        self.swap(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        self.swap(app_label, schema_editor, from_state, to_state)

    def swap(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        old = from_state.apps.get_model(app_label, self.model_name)
        new = to_state.apps.get_model(app_label, self.model_name)
        for guard in guards_of(old):
            schema_editor.execute(guard.remove_sql(old, schema_editor), None)
        schema_editor.remove_field(old, old._meta.get_field("hash_diff"))
        schema_editor.add_field(new, new._meta.get_field("hash_diff"))
        for guard in guards_of(new):
            schema_editor.execute(guard.create_sql(new, schema_editor), None)

    def describe(self) -> str:
        return f"Hash {', '.join(self.tracked)} of {self.model_name}"


def guards_of(model: Any) -> list[Guard]:
    return [guard for guard in model._meta.constraints if isinstance(guard, Guard)]
