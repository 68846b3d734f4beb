"""What the database itself refuses on a versioned table and on its anchors.

Each is a Django constraint, so ``makemigrations`` writes it into the migration of the app that
owns the table and no author has to remember it. The partial unique index is created before the
exclusion constraint: the other order deadlocks concurrent inserters.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement, Table
from django.db.models import BaseConstraint, CheckConstraint, F, Func, Q, UniqueConstraint

from core.sql import read_sql

INSTANTS = ("valid_from", "valid_to", "system_from", "system_to", "closed_at")
LIVE = Q(system_to__isnull=True)


class IsFinite(Func):
    """Neither infinity nor minus infinity; NULL passes a CHECK."""

    function = "isfinite"
    arity = 1
    output_field = models.BooleanField()


class Period(Func):
    """The half-open range of two instants."""

    function = "tstzrange"
    arity = 2
    output_field = DateTimeRangeField()


class LivePeriodsDoNotOverlap(ExclusionConstraint):
    """At no instant do two live versions of one key hold.

    Created after the table and the partial unique index, never inside CREATE TABLE.
    """

    def __init__(self, *, key: Sequence[str], name: str) -> None:
        self.key = tuple(key)
        period = (Period("valid_from", "valid_to"), RangeOperators.OVERLAPS)
        equal = [(column, RangeOperators.EQUAL) for column in self.key]
        super().__init__(name=name, expressions=[*equal, period], condition=LIVE)

    def constraint_sql(self, model: Any, schema_editor: Any) -> None:  # type: ignore[override]
        schema_editor.deferred_sql.append(self.create_sql(model, schema_editor))

    def create_sql(self, model: Any, schema_editor: Any) -> Statement:  # type: ignore[override]
        return Statement(
            "ALTER TABLE %(table)s ADD %(constraint)s",
            table=Table(model._meta.db_table, schema_editor.quote_name),
            constraint=super().constraint_sql(model, schema_editor),
        )

    def deconstruct(self) -> Any:
        path = "core.models.scd2.constraints.LivePeriodsDoNotOverlap"
        return path, (), {"name": self.name, "key": self.key}


class Guard(BaseConstraint):
    """Triggers and privileges from a template in ``core/sql``, one set a table."""

    template: str
    removal: str

    def create_sql(self, model: Any, schema_editor: BaseDatabaseSchemaEditor | None) -> str:
        assert schema_editor is not None
        return render(read_sql(self.template), self.names(model, schema_editor))

    def remove_sql(self, model: Any, schema_editor: BaseDatabaseSchemaEditor | None) -> str:
        assert schema_editor is not None
        return render(read_sql(self.removal), self.names(model, schema_editor))

    def constraint_sql(self, model: Any, schema_editor: Any) -> None:  # type: ignore[override]
        schema_editor.deferred_sql.append(self.create_sql(model, schema_editor))

    def validate(self, *args: Any, **kwargs: Any) -> None:
        """The database is the one that refuses; a form has nothing to add."""

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, type(self)):
            return NotImplemented
        return self.deconstruct() == other.deconstruct()

    def __hash__(self) -> int:
        return hash(self.name)

    def names(self, model: Any, schema_editor: BaseDatabaseSchemaEditor) -> dict[str, str]:
        """What the template's placeholders stand for, quoted for the place they stand in."""
        quote = schema_editor.quote_name
        return {
            "table": quote(model._meta.db_table),
            "name": self.name,
            "application_role": quote(application_role()),
        }


class HistoryGuard(Guard):
    """Refuses DELETE, TRUNCATE, any UPDATE that is not one legal close or supersede, and any
    INSERT that is not an opening of now, or without its anchors.

    ``references`` maps columns to ``(table, column)`` of anchors that must exist.
    """

    template = "guard_history.sql"
    removal = "drop_guard_history.sql"

    def __init__(self, *, references: Mapping[str, Sequence[str]], name: str) -> None:
        super().__init__(name=name)
        self.references = {column: tuple(anchor) for column, anchor in references.items()}

    def deconstruct(self) -> Any:
        path = "core.models.scd2.constraints.HistoryGuard"
        return path, (), {"name": self.name, "references": self.references}

    def names(self, model: Any, schema_editor: BaseDatabaseSchemaEditor) -> dict[str, str]:
        quote = schema_editor.quote_name
        fixed = [
            quote(field.column)
            for field in model._meta.local_concrete_fields
            if not field.generated
            and field.name not in ("valid_to", "closed_at", "system_to", "updated_at")
        ]
        return super().names(model, schema_editor) | {
            "old_fixed": ", ".join(f"OLD.{column}" for column in fixed),
            "new_fixed": ", ".join(f"NEW.{column}" for column in fixed),
            "anchor_checks": "".join(
                render(
                    read_sql("guard_history_anchor.sql"),
                    {
                        "name": self.name,
                        "column": quote(column),
                        "column_text": column,
                        "anchor": quote(table),
                        "anchor_column": quote(anchor_column),
                    },
                )
                for column, (table, anchor_column) in sorted(self.references.items())
            ),
        }


class AppendOnlyGuard(Guard):
    """Refuses UPDATE, DELETE and TRUNCATE: anchors and the audit log."""

    template = "guard_append_only.sql"
    removal = "drop_guard_append_only.sql"


def render(template: str, names: Mapping[str, str]) -> str:
    """Fill ``{{name}}`` placeholders; the values are already quoted identifiers or SQL."""
    for name, value in names.items():
        template = template.replace("{{" + name + "}}", value)
    return template


def application_role() -> str:
    """The role that the services run as, who gets no right to rewrite history."""
    return str(settings.DATABASES["default"]["USER"])


def versioned_constraints(
    prefix: str, key: Sequence[str], references: Mapping[str, Sequence[str]]
) -> list[BaseConstraint]:
    """All constraints of a versioned table, in the order in which they must be created."""
    finite = Q()
    for instant in INSTANTS:
        finite &= Q(IsFinite(instant))
    return [
        CheckConstraint(
            name=f"{prefix}_valid_period",
            condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
        ),
        CheckConstraint(
            name=f"{prefix}_system_period",
            condition=Q(system_to__isnull=True) | Q(system_to__gt=F("system_from")),
        ),
        CheckConstraint(name=f"{prefix}_finite", condition=finite),
        CheckConstraint(
            name=f"{prefix}_closed",
            condition=Q(closed_at__isnull=True) | Q(valid_to__isnull=False),
        ),
        CheckConstraint(name=f"{prefix}_actor_named", condition=~Q(actor="")),
        UniqueConstraint(
            name=f"{prefix}_one_current", fields=tuple(key), condition=Q(is_current=True)
        ),
        LivePeriodsDoNotOverlap(name=f"{prefix}_no_overlap", key=tuple(key)),
        HistoryGuard(name=f"{prefix}_history", references=references),
    ]
