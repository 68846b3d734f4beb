"""What keeps the door to more machines open, read from the catalog and from the statements.

Tables distributed by their key's uuid take no unique or exclusion constraint without it, no
deferrable foreign key, no MERGE, and no volatile function in an UPDATE.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from core.checks import versioned_models
from core.models import AuditEntry
from core.models.scd2 import sql as engine_sql
from core.models.scd2.constraints import Guard
from core.models.scd2.model import AnchorModel

VERSIONED = versioned_models()
ANCHORS = [model for model in apps.get_models() if issubclass(model, AnchorModel)]
GUARDED = [*VERSIONED, *ANCHORS, AuditEntry]


def of_each(models: list[Any]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("model", models, ids=lambda model: model._meta.label)


STATEMENTS = sorted(Path(engine_sql.__file__).parent.glob("*.sql"))
VOLATILE = re.compile(
    r"\b(now|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday|random|"
    r"gen_random_uuid|nextval|currval|set_config|pg_current_xact_id|txid_current)\s*\(|"
    r"\b(current_timestamp|current_date|current_time|localtimestamp|localtime)\b",
    re.IGNORECASE,
)


def rows(query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return list(cursor.fetchall())


def constraints(model: Any, kinds: str) -> dict[str, Any]:
    """Constraints of a table by name, with their columns."""
    found = rows(
        "SELECT conname, ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = conrelid "
        "AND attnum = ANY(conkey)) FROM pg_constraint "
        "WHERE conrelid = %s::regclass AND contype::text = ANY(%s)",
        model._meta.db_table,
        list(kinds),
    )
    return dict(found)


def unique_indexes(model: Any) -> dict[str, Any]:
    """Unique indexes by name, with their columns; those behind constraints too."""
    found = rows(
        "SELECT indexrelid::regclass::text, ARRAY(SELECT attname::text FROM pg_attribute "
        "WHERE attrelid = indrelid AND attnum = ANY(indkey)) FROM pg_index "
        "WHERE indrelid = %s::regclass AND indisunique",
        model._meta.db_table,
    )
    return dict(found)


pytestmark = pytest.mark.django_db


@of_each(VERSIONED)
def test_what_is_unique_is_so_within_a_key(model: Any) -> None:
    primary = f"{model._meta.db_table}_pkey"
    found = unique_indexes(model) | constraints(model, "upx")
    assert set(found.pop(primary)) == {"id"}
    prefix = f"{model._meta.app_label}_{model._meta.model_name}"
    assert found.keys() >= {f"{prefix}_one_current", f"{prefix}_no_overlap"}
    for name, columns in found.items():
        assert set(model.versioning.key) <= set(columns), name


def test_nothing_in_the_log_is_unique_but_its_id() -> None:
    assert unique_indexes(AuditEntry) == {"core_auditentry_pkey": ["id"]}
    assert constraints(AuditEntry, "upx") == {"core_auditentry_pkey": ["id"]}


@of_each(ANCHORS)
def test_an_anchor_s_primary_key_is_the_thing_s(model: Any) -> None:
    key = model._meta.pk.column
    assert constraints(model, "p") == {f"{model._meta.db_table}_pkey": [key]}


@of_each(VERSIONED)
def test_a_key_is_never_null_and_has_the_anchor_s_type(model: Any) -> None:
    columns = rows(
        "SELECT attname::text, attnotnull, atttypid::regtype::text FROM pg_attribute "
        "WHERE attrelid = %s::regclass AND attname = ANY(%s)",
        model._meta.db_table,
        list(model.versioning.key),
    )
    assert {name for name, never_null, _ in columns if never_null} == set(model.versioning.key)
    anchor = model.shape.anchor
    (kind,) = rows(
        "SELECT atttypid::regtype::text FROM pg_attribute WHERE attrelid = %s::regclass "
        "AND attname = %s",
        anchor._meta.db_table,
        anchor._meta.pk.column,
    )
    assert {name: of for name, _, of in columns}[model.shape.root] == kind[0]


@of_each(GUARDED)
def test_every_constraint_is_one_that_the_model_names(model: Any) -> None:
    named = {constraint.name for constraint in model._meta.constraints}
    found = constraints(model, "cufx").keys()
    assert found <= named
    if model in VERSIONED:
        prefix = f"{model._meta.app_label}_{model._meta.model_name}"
        parts = ("valid_period", "system_period", "finite", "closed", "actor_named", "no_overlap")
        assert found >= {f"{prefix}_{part}" for part in parts}


@of_each(GUARDED)
def test_nothing_is_deferrable_and_no_user_is_a_foreign_key(model: Any) -> None:
    deferrable = (
        "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass "
        "AND (condeferrable OR contype = 'f')"
    )
    assert rows(deferrable, model._meta.db_table) == []
    deferrable = "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND tgdeferrable"
    assert rows(deferrable, model._meta.db_table) == []


@of_each(GUARDED)
def test_the_only_triggers_are_guards(model: Any) -> None:
    """The log is written by the engine's statements, never by a trigger."""
    found = rows(
        "SELECT tgname::text, prosrc FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid "
        "WHERE tgrelid = %s::regclass AND NOT tgisinternal",
        model._meta.db_table,
    )
    (guard,) = (c.name for c in model._meta.constraints if isinstance(c, Guard))
    parts = ("delete", "truncate", "update", "update_instant", "insert")
    expected = parts if model in VERSIONED else ("change", "truncate")
    assert {name for name, _ in found} == {f"{guard}_{part}" for part in expected}
    assert not any(re.search(r"\b(INSERT INTO|UPDATE|DELETE FROM)\b", body) for _, body in found)


@of_each(VERSIONED)
def test_flag_and_hash_are_generated(model: Any) -> None:
    found = rows(
        "SELECT attname::text FROM pg_attribute WHERE attrelid = %s::regclass "
        "AND attgenerated = 's'",
        model._meta.db_table,
    )
    derived = {field.name for field in model._meta.local_fields if field.generated}
    assert {name for (name,) in found} == {"is_current", "hash_diff"} | derived


@of_each(VERSIONED)
def test_the_unique_index_is_older_than_the_exclusion(model: Any) -> None:
    """The other order lets two who insert at once wait for each other."""
    prefix = f"{model._meta.app_label}_{model._meta.model_name}"
    (older,) = rows(
        "SELECT %s::regclass::oid < %s::regclass::oid",
        f"{prefix}_one_current",
        f"{prefix}_no_overlap",
    )
    assert older == (True,)


def test_what_is_hashed_depends_on_nothing_else() -> None:
    found = rows("SELECT provolatile::text FROM pg_proc WHERE proname ~ '^core_(netstring|digest)'")
    assert found == [("i",)] * 8


def test_functions_look_for_tables_where_they_are() -> None:
    """A trigger's body is read anew in every session, along that session's own search path."""
    found = rows(
        "SELECT proname::text, proconfig FROM pg_proc "
        "JOIN pg_language ON pg_language.oid = prolang "
        "WHERE pronamespace = 'public'::regnamespace AND lanname = 'plpgsql' "
        "AND prosrc ~ '(FROM|core_may_backfill)' AND NOT starts_with(proname, 'procrastinate_')"
    )
    assert len(found) == len(VERSIONED) + 1
    assert {tuple(config) for _, config in found} == {("search_path=pg_catalog, public, pg_temp",)}


# The engine's statements


def text_of(file: Path) -> str:
    """A statement without its comments."""
    return re.sub(r"--.*", "", file.read_text())


@pytest.mark.parametrize("file", STATEMENTS, ids=lambda file: file.stem)
def test_a_statement_has_a_header_and_no_merge(file: Path) -> None:
    assert file.read_text().lstrip(" (\n").startswith("--")
    assert not re.search(r"\bMERGE\b", text_of(file), re.IGNORECASE)
    assert "%s" not in text_of(file)


@pytest.mark.parametrize("file", STATEMENTS, ids=lambda file: file.stem)
def test_no_update_calls_a_volatile_function(file: Path) -> None:
    for update in updates(text_of(file)):
        assert not VOLATILE.search(update), update


def updates(text: str) -> list[str]:
    """Each UPDATE with what belongs to it, up to its RETURNING or its end."""
    return re.findall(r"\bUPDATE\s+\{.*?(?=\bRETURNING\b|;|\Z)", text, re.DOTALL | re.IGNORECASE)


def test_there_are_updates_to_look_at() -> None:
    found = {file.stem for file in STATEMENTS if updates(text_of(file))}
    assert found == {
        "close",
        "supersede",
        "fast_forward",
        "fast_replace",
        "staged_anchors",
        "overtaken_since",
        "timeline_ends",
        "timeline_contents",
    }
    assert VOLATILE.search("SET closed_at = clock_timestamp()")


@pytest.mark.parametrize("file", STATEMENTS, ids=lambda file: file.stem)
def test_an_insert_that_reads_its_own_table_is_aliased(file: Path) -> None:
    text = text_of(file)
    kept = r"INSERT INTO (\{table\}|\{anchors\}|core_auditentry)( AS \w+)?"
    for target, alias in re.findall(kept, text):
        reads = re.search(rf"\b(FROM|JOIN) {re.escape(target)}", text)
        assert alias or not reads, target
