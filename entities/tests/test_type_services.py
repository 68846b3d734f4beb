"""Types through their services, and what becomes of a data type."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from core.models.scd2 import Outcome
from core.models.scd2.exceptions import InvalidChange
from core.tests.databases import CommittedDatabase
from entities import services
from entities.exceptions import DataTypeInUse, Exists, NotFound, ValueDoesNotFit
from entities.models import DetailType, EntityDetail, EntityType
from entities.selectors import type_snapshot
from entities.tests.conftest import ADA, create, day, update


@pytest.fixture
def bank(db: None) -> None:
    services.entity_type_create(code="BANK", name="Bank", context=ADA)


def detail_type(
    code: str = "SIZE", data_type: str = "integer", **columns: Any
) -> services.TypeWritten:
    said = {"name": code.title(), "data_type": data_type, **columns}
    return services.detail_type_create(code=code, context=ADA, **said)


def test_a_new_type_holds_from_now_on(bank: None) -> None:
    again = services.entity_type_create(code="BANK", name="Bank", context=ADA)
    assert (again.code, again.created, again.outcome) == ("BANK", False, Outcome(unchanged=1))
    shown = type_snapshot(EntityType, "BANK")
    assert shown is not None
    assert {name: shown[name] for name in ("name", "description", "is_pii_name", "valid_to")} == {
        "name": "Bank",
        "description": "",
        "is_pii_name": False,
        "valid_to": None,
    }


def test_a_type_that_exists_otherwise_is_refused(bank: None) -> None:
    with pytest.raises(Exists):
        services.entity_type_create(code="BANK", name="Banks", context=ADA)


@pytest.mark.parametrize("code", ["", "bank", "A" * 51, "B\nC", "A\u200b", None, 1])
def test_a_code_must_be_one(db: None, code: Any) -> None:
    with pytest.raises(InvalidChange) as error:
        services.entity_type_create(code=code, name="Bank", context=ADA)
    assert error.value.field == "code"


@pytest.mark.parametrize(
    ("columns", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"description": None}, "description"),
        ({"data_type": "number"}, "data_type"),
        ({"data_type": []}, "data_type"),
        ({"is_pii": "yes"}, "is_pii"),
        ({"pattern": ""}, "pattern"),
        ({"pattern": "a" * 201}, "pattern"),
        ({"pattern": "("}, "pattern"),
        ({"pattern": "a)(b"}, "pattern"),
        ({"pattern": "(?i)a"}, "pattern"),
        ({"pattern": r"(a)\1"}, "pattern"),
        ({"pattern": "a\0"}, "pattern"),
        ({"pattern": 1}, "pattern"),
        ({"pattern": "((((a{1,99}){1,99}){1,99}){1,99}){1,99}"}, "pattern"),
    ],
)
def test_columns_of_a_type_must_be_what_they_are(
    db: None, columns: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidChange) as error:
        detail_type(**columns)
    assert error.value.field == field
    assert not DetailType.objects.exists()


def test_a_merge_changes_what_it_names(bank: None) -> None:
    written = services.entity_type_update(
        code="BANK", changes={"description": "Takes deposits", "is_pii_name": True}, context=ADA
    )
    assert (written.code, written.outcome) == ("BANK", Outcome(opened=1, closed=1))
    shown = type_snapshot(EntityType, "BANK")
    assert shown is not None
    assert (shown["name"], shown["description"]) == ("Bank", "Takes deposits")
    nothing = services.entity_type_update(code="BANK", changes={}, context=ADA)
    assert nothing.outcome == Outcome(unchanged=1)


@pytest.mark.parametrize("changes", [{"code": "X"}, {"data_type": "text"}, {"colour": "red"}])
def test_a_merge_of_what_a_type_has_not_is_refused(bank: None, changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidChange) as error:
        services.entity_type_update(code="BANK", changes=changes, context=ADA)
    assert error.value.field == next(iter(changes))


def test_a_type_that_was_never_seen_is_not_found(db: None) -> None:
    for update_type in (services.entity_type_update, services.detail_type_update):
        with pytest.raises(NotFound):
            update_type(code="NONE", changes={"name": "x"}, context=ADA)
    with pytest.raises(NotFound):
        services.detail_type_update(code="NONE", changes={"data_type": "text"}, context=ADA)


def test_a_condition_sees_the_type_as_it_is_now(bank: None) -> None:
    detail_type()
    seen: list[Any] = []
    services.entity_type_update(
        code="BANK", changes={"name": "B"}, if_match=seen.append, context=ADA
    )
    services.detail_type_update(
        code="SIZE", changes={"data_type": "text", "name": "S"}, if_match=seen.append, context=ADA
    )
    assert [(row["code"], row["name"]) for row in seen] == [("BANK", "Bank"), ("SIZE", "Size")]


# The data type


def test_without_values_a_data_type_changes_from_the_beginning(db: None) -> None:
    detail_type(valid_from=day(2000))
    services.detail_type_update(
        code="SIZE", changes={"name": "Larger"}, valid_from=day(2010), context=ADA
    )
    written = services.detail_type_update(
        code="SIZE", changes={"data_type": "text", "pattern": "[SML]"}, context=ADA
    )
    assert written.instant is not None
    rows = DetailType.objects.timeline(code="SIZE").values_list("name", "data_type", "pattern")
    assert list(rows) == [
        ("Size", "text", None),
        ("Larger", "text", None),
        ("Larger", "text", "[SML]"),
    ]


@pytest.mark.parametrize("ended", [False, True])
def test_with_a_value_it_changes_no_more(bank: None, ended: bool) -> None:
    detail_type()
    uuid = create(details={"SIZE": 1}).uuid
    if ended:
        update(uuid, day(2020), details={"SIZE": None})
    with pytest.raises(DataTypeInUse):
        services.detail_type_update(code="SIZE", changes={"data_type": "text"}, context=ADA)
    same = services.detail_type_update(
        code="SIZE", changes={"data_type": "integer", "name": "S"}, context=ADA
    )
    assert same.outcome == Outcome(opened=1, closed=1)


def test_a_type_that_begins_again_keeps_its_data_type(db: None) -> None:
    detail_type(valid_from=day(2000), valid_to=day(2010))
    with pytest.raises(DataTypeInUse):
        detail_type(data_type="text", valid_from=day(2020))
    assert detail_type(valid_from=day(2020)).created


def in_a_thread(work: Callable[[], None]) -> threading.Thread:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def waiting() -> bool:
    """Whether somebody waits for a lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


def until(something: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not something():
        assert time.monotonic() < deadline, "It never happened."


def test_a_value_on_its_way_keeps_the_data_type(committed_db: CommittedDatabase) -> None:
    services.entity_type_create(code="BANK", name="Bank", context=ADA)
    detail_type()
    refused: list[Exception] = []

    def change() -> None:
        try:
            services.detail_type_update(code="SIZE", changes={"data_type": "text"}, context=ADA)
        except DataTypeInUse as error:
            refused.append(error)

    with transaction.atomic():
        create(details={"SIZE": 1})
        other = in_a_thread(change)
        until(waiting)
    other.join()
    assert len(refused) == 1
    assert EntityDetail.objects.get().value == "1"


def test_a_data_type_on_its_way_holds_for_the_next_value(committed_db: CommittedDatabase) -> None:
    services.entity_type_create(code="BANK", name="Bank", context=ADA)
    detail_type()
    refused: list[Exception] = []

    def write() -> None:
        try:
            create(details={"SIZE": 1})
        except ValueDoesNotFit as error:
            refused.append(error)

    with transaction.atomic():
        services.detail_type_update(code="SIZE", changes={"data_type": "text"}, context=ADA)
        other = in_a_thread(write)
        until(waiting)
    other.join()
    assert len(refused) == 1
    assert not EntityDetail.objects.exists()
