"""A check for every promise that the author of a versioned model, or an operator, can break."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as CheckWarning
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.utils import DatabaseError

from core.models.scd2.constraints import Guard
from core.models.scd2.hash_diff import SQL_TYPES, HashDiffField
from core.models.scd2.model import AnchorModel, VersionedModel, constraints_of
from core.models.scd2.querysets import ReadOnlyQuerySet
from core.sql import read_sql

WRITES = ("save", "delete")
UNTRACKED = (
    "a {kind} has no canonical form to hash. A key or tracked column is text, boolean, integer, "
    "decimal, uuid, date or datetime; keep JSON, arrays and bytes as canonical text."
)
COLLATION_VERSIONS = 150_000
"""PostgreSQL records the version of a database's collation from here on."""


def versioned_models() -> list[type[VersionedModel]]:
    """Every concrete versioned model that is installed, containers first."""
    found = [model for model in apps.get_models() if issubclass(model, VersionedModel)]
    return sorted(found, key=lambda model: (is_contained(model), model._meta.label))


def is_contained(model: type[VersionedModel]) -> bool:
    return hasattr(model, "versioning") and model.versioning.contained_in is not None


@register(Tags.models)
def check_versioned_models(**kwargs: Any) -> list[CheckMessage]:
    """E001 to E014: what a versioned model must declare and must not override."""
    return [message for model in versioned_models() for message in check_model(model)]


def check_model(model: type[VersionedModel]) -> Iterator[CheckMessage]:
    if not hasattr(model, "versioning"):
        yield Error(f"{model._meta.label} has no versioning.", id="core.E001", obj=model)
        return
    yield from check_columns(model)
    yield from check_relations(model)
    yield from check_writes(model)
    yield from check_meta(model)


def check_columns(model: type[VersionedModel]) -> Iterator[CheckMessage]:
    names = {
        field.name: field
        for field in model._meta.concrete_fields
        if field.name in base_fields() or not field.generated
    }
    key, tracked = model.versioning.key, model.versioning.tracked
    for name in (*key, *tracked):
        field = names.get(name)
        if field is None:
            yield error(model, "E002", f"names {name} in its versioning, which is no field.")
        elif field.get_internal_type() not in SQL_TYPES:
            kind = type(field).__name__
            yield error(model, "E003", f"{name}: {UNTRACKED.format(kind=kind)}")
        elif field.column != name:
            yield error(model, "E004", f"{name}: the column must be called as the field is.")
        elif name in key and field.null:
            yield error(model, "E005", f"{name}: a column of the natural key is never null.")
    if set(key) & set(tracked):
        yield error(model, "E006", "tracks a column of its natural key.")
    spare = names.keys() - {*key, *tracked} - base_fields()
    for name in sorted(spare):
        yield error(model, "E007", f"{name} is neither key nor tracked, so nothing would write it.")


def base_fields() -> set[str]:
    return {field.name for field in VersionedModel._meta.get_fields()} | {"id"}


def check_relations(model: type[VersionedModel]) -> Iterator[CheckMessage]:
    versioning = model.versioning
    if (versioning.anchor is None) == (versioning.contained_in is None):
        yield error(model, "E008", "needs either an anchor or a container, not both or neither.")
        return
    container = versioning.contained_in
    if container is not None and container.versioning.contained_in is not None:
        yield error(model, "E009", "is contained in something that is itself contained.")
    if container is not None and not versioning.key[1:]:
        yield error(model, "E009", "needs a key of its container's key and something more.")
    if container is None and len(versioning.key) != 1:
        yield error(model, "E009", "has an anchor of its own, so its key is the anchor's alone.")
    for column, anchor in model.shape.anchors().items():
        yield from check_anchor(model, column, anchor)


def check_anchor(
    model: type[VersionedModel], column: str, anchor: type[AnchorModel]
) -> Iterator[CheckMessage]:
    if column not in (*model.versioning.key, *model.versioning.tracked):
        yield error(model, "E010", f"references {anchor.__name__} by {column}, which it lacks.")
        return
    own: Any = model._meta.get_field(column)
    theirs: Any = anchor._meta.pk
    kinds = {SQL_TYPES.get(field.get_internal_type()) for field in (own, theirs)}
    if len(kinds) > 1:
        yield error(model, "E010", f"{column} has another type than {anchor.__name__}'s key.")


def check_writes(model: type[VersionedModel]) -> Iterator[CheckMessage]:
    for name in WRITES:
        if getattr(model, name) is not getattr(VersionedModel, name):
            yield error(model, "E011", f"overrides {name}(); writing is the engine's alone.")
    for manager in model._meta.managers:
        if not issubclass(manager._queryset_class, ReadOnlyQuerySet):  # type: ignore[attr-defined]
            yield error(model, "E012", f"{manager.name} must come from VersionedQuerySet.")


def check_meta(model: type[VersionedModel]) -> Iterator[CheckMessage]:
    present = {constraint.name for constraint in model._meta.constraints}
    wanted = constraints_of(model) if model.shape.hangs_on_an_anchor else []
    for constraint in wanted:
        if constraint.name not in present:
            yield error(model, "E013", f"has lost its constraint {constraint.name}.")
    fields = {field.name: field for field in model._meta.concrete_fields}
    if not isinstance(fields.get("hash_diff"), HashDiffField):
        yield error(model, "E014", "replaces hash_diff, which must be generated.")


def error(model: Any, code: str, text: str) -> Error:
    return Error(f"{model._meta.label} {text}", id=f"core.{code}", obj=model)


@register(Tags.models)
def check_anchors(**kwargs: Any) -> list[CheckMessage]:
    """E015: an anchor never changes, so it has its guard and no door to write."""
    return [
        error(model, "E015", "has lost the guard that an anchor inherits from AnchorModel.Meta.")
        for model in apps.get_models()
        if issubclass(model, AnchorModel)
        and not any(isinstance(constraint, Guard) for constraint in model._meta.constraints)
    ]


@register(Tags.models)
def check_migrations(**kwargs: Any) -> list[CheckMessage]:
    """E016: the tables need core's functions, so the app's first migration follows core's."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    labels = {model._meta.app_label for model in versioned_models()}
    return [
        Error(
            f"The first migration of {label} must depend on ('core', '0002_auditentry').",
            id="core.E016",
        )
        for label in sorted(labels & loader.migrated_apps)
        for root in loader.graph.root_nodes(label)
        if ("core", "0002_auditentry") not in loader.graph.forwards_plan(root)
    ]


@register(Tags.models)
def check_time_zone(**kwargs: Any) -> list[CheckMessage]:
    """E017: a bare date means one day, to everybody."""
    if settings.USE_TZ and settings.TIME_ZONE == "UTC":
        return []
    return [Error("USE_TZ must be on and TIME_ZONE must be UTC.", id="core.E017")]


@register(Tags.database)
def check_server(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """E020 to E028: what settled reads, the guards and the indexes need from the server."""
    return [message for alias in databases or () for message in check_database(alias)]


def check_database(alias: str) -> Iterator[CheckMessage]:
    try:
        with connections[alias].cursor() as cursor:
            cursor.execute(read_sql("server_promises.sql"))
            prepared, activities, isolation, sees_all, owns = cursor.fetchone()
    except DatabaseError as problem:
        yield Error(f"The database {alias} cannot be asked: {problem}", id="core.E020")
        return
    if prepared:
        yield Error("max_prepared_transactions must be 0 for settled reads.", id="core.E021")
    if not activities:
        yield Error("track_activities must be on for settled reads.", id="core.E022")
    if isolation != "read committed":
        yield Error("default_transaction_isolation must be read committed.", id="core.E023")
    if alias == "default" and not sees_all:
        yield Error("Grant pg_read_all_stats to the application role.", id="core.E024")
    if alias == "default" and owns:
        yield CheckWarning(
            "The application role owns the tables, so nothing keeps it from rewriting history: "
            "set DATABASE_OWNER_URL to another role.",
            id="core.W025",
        )
    if count := pending_migrations(alias):
        yield Error(
            f"The database {alias} lacks {count} migrations: type manage.py migrate.",
            id="core.E028",
        )
    yield from missing_triggers(alias)
    yield from changed_collation(alias)


def changed_collation(alias: str) -> Iterator[CheckMessage]:
    """W027: texts are in the order in which their indexes were built."""
    if connections[alias].pg_version < COLLATION_VERSIONS:  # type: ignore[attr-defined]
        return
    with connections[alias].cursor() as cursor:
        cursor.execute(read_sql("database_collation.sql"))
        recorded, actual = cursor.fetchone()
    if recorded != actual:
        yield CheckWarning(
            f"The collation of the database {alias} was version {recorded} when its indexes were "
            f"built and is {actual} now, so they may miss rows: run REINDEX DATABASE, then ALTER "
            "DATABASE … REFRESH COLLATION VERSION.",
            id="core.W027",
        )


def pending_migrations(alias: str = "default") -> int:
    """How many migrations of the apps that are installed the database lacks."""
    executor = MigrationExecutor(connections[alias])
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def missing_triggers(alias: str) -> Iterator[CheckMessage]:
    """E026: the guards are in place and enabled."""
    with connections[alias].cursor() as cursor:
        cursor.execute(read_sql("guard_triggers.sql"))
        found = {row[0] for row in cursor.fetchall()}
        tables = set(connections[alias].introspection.table_names(cursor))
    for model in versioned_models():
        if model._meta.db_table not in tables:
            continue
        name = f"{model._meta.app_label}_{model._meta.model_name}_history"
        for part in ("delete", "truncate", "update", "update_instant", "insert"):
            if f"{name}_{part}" not in found:
                yield error(model, "E026", f"lacks its trigger {name}_{part} in the database.")
