"""Every promise that an author or an operator can break is reported, and nothing else is."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.checks import CheckMessage, run_checks
from django.db import connections, migrations, models
from django.test.utils import isolate_apps

from core import checks
from core.checks import (
    check_anchors,
    check_database,
    check_migrations,
    check_model,
    check_server,
    check_time_zone,
    versioned_models,
)
from core.models.scd2.model import AnchorModel, VersionedModel
from core.models.scd2.versioning import Versioning
from core.sql import read_sql
from core.tests.databases import CommittedDatabase
from core.tests.harbour.models import Cargo, Flag, Vessel

NUMBERS = itertools.count(1)


@pytest.fixture(autouse=True)
def _elsewhere() -> Iterator[None]:
    """Models of a test are nobody else's."""
    with isolate_apps("core.tests.harbour"):
        yield


def ids(found: Iterator[CheckMessage] | list[CheckMessage]) -> list[str]:
    return [str(message.id) for message in found]


def made(called: str, base: Any, **body: Any) -> Any:
    """A model class; every one has a name of its own, as the registry wants it."""
    inherited = (base.Meta,) if base is AnchorModel else ()
    meta = type("Meta", inherited, {"app_label": "harbour"})
    return type(base)(
        f"{called}{next(NUMBERS)}", (base,), {"__module__": __name__, "Meta": meta, **body}
    )


def anchor(key: models.Field | None = None) -> type[AnchorModel]:
    return made("DockAnchor", AnchorModel, code=key or models.TextField(primary_key=True))


def dock(said: dict[str, Any] | None = None, **attributes: Any) -> type[VersionedModel]:
    """A sound versioned model, but for what a test makes of it."""
    plain = {"key": ("code",), "tracked": ("name",), "service": "dock_update"}
    body: dict[str, Any] = {
        "code": models.TextField(),
        "name": models.TextField(),
        "versioning": Versioning(**{**plain, "anchor": anchor(), **(said or {})}),
    }
    return made("Dock", VersionedModel, **body | attributes)


def berth(container: type[VersionedModel], **said: Any) -> type[VersionedModel]:
    """A sound model contained in another one."""
    plain = {"key": ("code", "number"), "tracked": ("name",), "service": "dock_update"}
    body: dict[str, Any] = {
        "code": models.TextField(),
        "number": models.IntegerField(),
        "name": models.TextField(),
        "versioning": Versioning(**{**plain, "contained_in": container, **said}),
    }
    return made("Berth", VersionedModel, **body)


def test_the_project_is_sound(db: None) -> None:
    assert run_checks(databases=["default"]) == []
    assert {Vessel, Cargo, Flag} <= set(versioned_models())


def test_containers_come_first() -> None:
    contained = [checks.is_contained(model) for model in versioned_models()]
    assert contained == sorted(contained)


def test_a_sound_model_is_sound() -> None:
    container = dock()
    assert ids(check_model(container)) == []
    assert ids(check_model(berth(container))) == []


# What a model says of itself


def test_e001_no_versioning() -> None:
    bare = made("Bare", VersionedModel, name=models.TextField())
    assert ids(check_model(bare)) == ["core.E001"]


@pytest.mark.parametrize(
    ("code", "attributes"),
    [
        ("E002", {"said": {"tracked": ("name", "colour")}}),
        ("E002", {"name": property(lambda self: "x")}),
        ("E003", {"name": models.JSONField()}),
        ("E003", {"name": models.FloatField()}),
        ("E003", {"name": models.BinaryField()}),
        ("E004", {"name": models.TextField(db_column="title")}),
        ("E005", {"code": models.TextField(null=True)}),
        ("E006", {"said": {"tracked": ("code", "name")}}),
        ("E007", {"colour": models.TextField()}),
        ("E011", {"save": lambda self: None}),
        ("E011", {"delete": lambda self: None}),
        ("E012", {"objects": models.Manager()}),
        ("E012", {"others": models.Manager()}),
    ],
)
def test_what_a_model_must_declare_and_not_override(code: str, attributes: dict[str, Any]) -> None:
    assert f"core.{code}" in ids(check_model(dock(**attributes)))


@pytest.mark.parametrize(
    ("code", "attributes"),
    [
        ("E002", {"said": {"tracked": ("name", "colour")}}),
        ("E004", {"name": models.TextField(db_column="title")}),
        ("E005", {"code": models.TextField(null=True)}),
        ("E006", {"said": {"tracked": ("code", "name")}}),
        ("E007", {"colour": models.TextField()}),
        ("E011", {"save": lambda self: None}),
        ("E012", {"others": models.Manager()}),
    ],
)
def test_one_mistake_is_one_message(code: str, attributes: dict[str, Any]) -> None:
    assert ids(check_model(dock(**attributes))) == [f"core.{code}"]


def test_e008_an_anchor_or_a_container() -> None:
    assert ids(check_model(dock({"anchor": None}))) == ["core.E008"]
    both = berth(dock(), anchor=anchor())
    assert ids(check_model(both)) == ["core.E008"]


def test_e009_a_container_contains_one_level_by_a_longer_key() -> None:
    container = dock()
    contained = berth(container)
    assert ids(check_model(berth(contained))) == ["core.E009"]
    assert "core.E009" in ids(check_model(berth(container, key=("code",))))
    with_more = dock({"key": ("code", "name"), "tracked": ()})
    assert "core.E009" in ids(check_model(with_more))


def test_e010_a_reference_is_a_column_of_the_anchor_s_type() -> None:
    unknown = dock({"references": {"colour": anchor()}})
    assert ids(check_model(unknown)) == ["core.E010"]
    other = anchor(models.UUIDField(primary_key=True))
    assert ids(check_model(dock({"anchor": other}))) == ["core.E010"]
    assert ids(check_model(dock({"references": {"name": other}}))) == ["core.E010"]


def test_e013_constraints_are_not_lost() -> None:
    model = dock()
    lost = [c for c in model._meta.constraints if not c.name.endswith(("_history", "_finite"))]
    model._meta.constraints = lost
    found = list(check_model(model))
    assert ids(found) == ["core.E013", "core.E013"]
    prefix = f"harbour_{model._meta.model_name}"
    assert f"{prefix}_finite" in found[0].msg
    assert f"{prefix}_history" in found[1].msg


def test_e013_a_meta_of_one_s_own_loses_nothing() -> None:
    extra = models.CheckConstraint(name="dock_named", condition=~models.Q(name=""))
    meta = type("Meta", (), {"app_label": "harbour", "constraints": [extra]})
    assert ids(check_model(dock(Meta=meta))) == []


@pytest.mark.parametrize("field", [models.BinaryField(), None])
def test_e014_the_hash_is_generated(field: Any) -> None:
    assert ids(check_model(dock(hash_diff=field))) == ["core.E014"]


def test_e015_an_anchor_keeps_its_guard(monkeypatch: pytest.MonkeyPatch) -> None:
    class Loose(AnchorModel):
        class Meta:
            app_label = "harbour"

    monkeypatch.setattr("core.checks.apps.get_models", lambda: [Loose, anchor()])
    (found,) = check_anchors()
    assert (found.id, found.obj) == ("core.E015", Loose)


# What a project says


def test_e016_migrations_follow_those_of_core(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_migrations() == []
    from core.tests.harbour.migrations import __name__ as package

    first = __import__(f"{package}.0001_initial", fromlist=["Migration"]).Migration
    monkeypatch.setattr(first, "dependencies", [("core", "0001_database")])
    monkeypatch.setattr(checks, "versioned_models", lambda: [Flag])
    (found,) = check_migrations()
    assert found.id == "core.E016"
    assert found.msg == "The first migration of harbour must depend on ('core', '0002_auditentry')."
    assert issubclass(first, migrations.Migration)


@pytest.mark.parametrize(
    ("name", "value"), [("USE_TZ", False), ("TIME_ZONE", "Europe/Paris"), ("TIME_ZONE", "GMT")]
)
def test_e017_there_is_one_time_zone(settings: Any, name: str, value: Any) -> None:
    assert check_time_zone() == []
    setattr(settings, name, value)
    assert ids(check_time_zone()) == ["core.E017"]


# What a server says


def test_e020_a_database_that_does_not_answer(
    committed_db: CommittedDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert check_server(databases=["default", "owner"]) == []
    assert check_server() == []
    connections["default"].close()
    monkeypatch.setitem(connections["default"].settings_dict, "PORT", "1")
    (found,) = check_server(databases=["default"])
    assert found.id == "core.E020"
    assert found.msg.startswith("The database default cannot be asked: connection failed")


PROMISES = {"prepared": 0, "activities": True, "isolation": "read committed", "sees": True}


@pytest.mark.parametrize(
    ("code", "alias", "broken"),
    [
        ("E021", "default", {"prepared": 10}),
        ("E021", "owner", {"prepared": 1}),
        ("E022", "default", {"activities": False}),
        ("E023", "default", {"isolation": "repeatable read"}),
        ("E024", "default", {"sees": False}),
        ("W025", "default", {"owns": True}),
    ],
)
@pytest.mark.django_db(databases=["default", "owner"])
def test_what_the_server_must_promise(
    monkeypatch: pytest.MonkeyPatch, code: str, alias: str, broken: dict[str, Any]
) -> None:
    promised = list((PROMISES | {"owns": False} | broken).values())

    def answer(name: str) -> str:
        return as_values(promised) if name == "server_promises.sql" else read_sql(name)

    monkeypatch.setattr(checks, "read_sql", answer)
    assert ids(check_database(alias)) == [f"core.{code}"]


def as_values(row: list[Any]) -> str:
    return f"SELECT {', '.join(repr(value) for value in row)}"


@pytest.mark.django_db(databases=["default", "owner"])
def test_the_owner_may_own_and_need_not_see_everything() -> None:
    assert ids(check_database("owner")) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("version", "recorded", "expected"),
    [(150_000, "'2.36'", ["core.W027"]), (150_000, "NULL", []), (140_000, "'2.36'", [])],
)
def test_w027_after_an_upgrade_of_the_operating_system(
    monkeypatch: pytest.MonkeyPatch, version: int, recorded: str, expected: list[str]
) -> None:
    def answer(name: str) -> str:
        upgraded = f"SELECT {recorded}, replace({recorded}, '6', '9')"
        return upgraded if name == "database_collation.sql" else read_sql(name)

    monkeypatch.setattr(checks, "read_sql", answer)
    monkeypatch.setattr(connections["default"], "pg_version", version)
    assert ids(check_database("default")) == expected


@pytest.mark.django_db
def test_e023_as_the_server_says_it() -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute("SET LOCAL default_transaction_isolation = 'serializable'")
    assert ids(check_database("default")) == ["core.E023"]


def test_w025_where_one_role_does_it_all(committed_db: CommittedDatabase) -> None:
    connections["default"].close()
    owner = connections["owner"].settings_dict
    for name in ("USER", "PASSWORD"):
        connections["default"].settings_dict[name] = owner[name]
    assert ids(check_database("default")) == ["core.W025"]


ALTER = "ALTER TABLE harbour_flag"
GUARDS = [
    "DROP TRIGGER harbour_flag_history_delete ON harbour_flag",
    f"{ALTER} DISABLE TRIGGER harbour_flag_history_truncate",
    f"{ALTER} DISABLE TRIGGER harbour_flag_history_update",
    f"{ALTER} DISABLE TRIGGER harbour_flag_history_update_instant",
    f"{ALTER} ENABLE REPLICA TRIGGER harbour_flag_history_insert",
]


@pytest.mark.parametrize("statement", GUARDS)
@pytest.mark.django_db(databases=["owner"])
def test_e026_a_guard_is_there_and_awake(monkeypatch: pytest.MonkeyPatch, statement: str) -> None:
    monkeypatch.setattr(checks, "versioned_models", lambda: [Flag, Cargo])
    with connections["owner"].cursor() as cursor:
        cursor.execute(statement)
    (found,) = check_database("owner")
    assert (found.id, found.obj) == ("core.E026", Flag)
    trigger = next(word for word in statement.split() if "_history_" in word)
    assert found.msg == f"harbour.Flag lacks its trigger {trigger} in the database."
