"""What the register says: one thing and many, at any instant of either clock."""

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from entities.models import EntityType
from entities.selectors import (
    EntityFilter,
    basis,
    entity_exists,
    entity_history,
    entity_list,
    entity_snapshot,
    type_list,
    valid_periods,
)
from entities.services import entity_type_update
from entities.tests.conftest import ADA, create, day, update

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("types")]

DETAILS = {"EMAIL": "a@example.org", "EMPLOYEES": 12, "EQUITY": "1.5", "EXTRA": {"a": [1, None]}}
NOW = day(2025)


def now() -> datetime:
    return basis()[1]


def snapshot(uuid: Any, **at: Any) -> dict[str, Any]:
    shown = entity_snapshot(uuid, **at)
    assert shown is not None
    return shown


def names(filters: EntityFilter | None = None, **how: Any) -> list[str]:
    how = {"as_of": NOW, "limit": 100, **how}
    return [row["display_name"] for row in entity_list(filters, **how)]


# One entity


def test_a_snapshot_has_the_shape_of_the_api() -> None:
    written = create(source="register", source_id="1", details=DETAILS)
    shown = snapshot(written.uuid)
    assert len(shown.pop("versions")) == 5
    assert len(shown.pop("hash_diff")) == 64
    assert shown == {
        "uuid": written.uuid,
        "entity_type": "BANK",
        "display_name": "Alpha",
        "source": "register",
        "source_id": "1",
        "valid_from": day(2020),
        "valid_to": None,
        "is_current": True,
        "system_from": written.instant,
        "details": DETAILS,
        "masked": [],
    }


def test_a_snapshot_is_one_statement(django_assert_num_queries: Any) -> None:
    uuid = create(details=DETAILS).uuid
    with django_assert_num_queries(1):
        snapshot(uuid, as_of=NOW)
    with django_assert_num_queries(1):
        snapshot(uuid, as_of=NOW, known_at=now_outside())


def now_outside() -> datetime:
    """Later than any instant, without asking the database."""
    return day(2900)


def test_where_it_is_not_valid_there_is_no_snapshot() -> None:
    uuid = create(valid_to=day(2022)).uuid
    assert entity_snapshot(uuid, as_of=day(2019)) is None
    assert entity_snapshot(uuid, as_of=day(2022)) is None
    assert entity_snapshot(uuid) is None
    assert entity_snapshot(uuid, as_of=day(2021)) is not None
    assert entity_snapshot(UUID(int=0)) is None


def test_an_earlier_belief_shows_rows_as_they_stood() -> None:
    uuid = create(details={"EMPLOYEES": 12}).uuid
    first = now()
    update(uuid, day(2022), display_name="Beta", details={"EMPLOYEES": None})
    second = now()
    update(uuid, day(2020), valid_to=day(2021), display_name="Aleph")

    then = snapshot(uuid, as_of=day(2024), known_at=first)
    assert (then["display_name"], then["details"]) == ("Alpha", {"EMPLOYEES": 12})
    assert (then["valid_to"], then["is_current"]) == (None, True)

    later = snapshot(uuid, as_of=day(2020, 6), known_at=second)
    assert (later["display_name"], later["valid_to"]) == ("Alpha", day(2022))
    assert later["is_current"] is False

    assert snapshot(uuid, as_of=day(2020, 6))["display_name"] == "Aleph"
    assert snapshot(uuid, as_of=day(2021, 6))["display_name"] == "Alpha"
    assert snapshot(uuid, as_of=day(2024))["details"] == {}


def test_before_it_was_known_there_was_nothing() -> None:
    before = now()
    uuid = create(details={"EMPLOYEES": 12}).uuid
    assert entity_snapshot(uuid, as_of=day(2024), known_at=before) is None
    assert valid_periods(uuid, known_at=before) == []
    assert entity_history(uuid, known_at=before, limit=10) == []
    assert entity_exists(uuid)
    assert not entity_exists(UUID(int=0))


def test_the_versions_of_a_snapshot_change_with_what_it_shows() -> None:
    uuid = create(details={"EMPLOYEES": 12}).uuid
    before = snapshot(uuid)["versions"]
    update(uuid, details={"EMPLOYEES": 13})
    after = snapshot(uuid)["versions"]
    assert before[0] == after[0]
    assert before[1] != after[1]


def test_periods_of_validity_are_lifetimes_not_versions() -> None:
    uuid = create(uuid=UUID(int=1), valid_to=day(2023)).uuid
    first = now()
    update(uuid, day(2021), valid_to=day(2022), display_name="Beta")
    create(uuid=UUID(int=1), valid_from=day(2024))
    assert valid_periods(UUID(int=1)) == [(day(2020), day(2023)), (day(2024), None)]
    assert valid_periods(UUID(int=1), known_at=first) == [(day(2020), day(2023))]


# History


def test_a_history_is_newest_first_and_says_who_and_why() -> None:
    written = create(details={"EMPLOYEES": 12})
    changed = update(written.uuid, day(2022), display_name="Beta", details={"EMPLOYEES": 13})
    rows = entity_history(written.uuid, limit=10)
    assert [
        (row["detail_code"], row.get("display_name", row.get("value")), row["valid_from"].year)
        for row in rows
    ] == [
        (None, "Beta", 2022),
        ("EMPLOYEES", 13, 2022),
        (None, "Alpha", 2020),
        ("EMPLOYEES", 12, 2020),
    ]
    for name in ("hash_diff", "created_at", "updated_at"):
        del rows[2][name]
    assert rows[2] == {
        "detail_code": None,
        "entity_type": "BANK",
        "display_name": "Alpha",
        "valid_from": day(2020),
        "valid_to": day(2022),
        "system_from": written.instant,
        "closed_at": changed.instant,
        "system_to": None,
        "is_current": False,
        "actor": "ada",
        "reason": "by hand",
        "position": rows[2]["position"],
    }


def test_a_history_shows_what_is_no_longer_believed_if_asked() -> None:
    uuid = create(valid_to=day(2023)).uuid
    first = now()
    update(uuid, day(2021), display_name="Beta")
    assert [row["display_name"] for row in entity_history(uuid, limit=10)] == ["Beta", "Alpha"]
    everything = entity_history(uuid, superseded=True, limit=10)
    assert [(row["display_name"], row["system_to"] is None) for row in everything] == [
        ("Beta", True),
        ("Alpha", True),
        ("Alpha", False),
    ]
    (then,) = entity_history(uuid, known_at=first, superseded=True, limit=10)
    assert (then["display_name"], then["system_to"], then["valid_to"]) == ("Alpha", None, day(2023))


def test_the_pages_of_a_history_join_up(django_assert_num_queries: Any) -> None:
    uuid = create(details=DETAILS).uuid
    for year in range(2021, 2026):
        update(uuid, day(year), display_name=f"Name {year}", details={"EMPLOYEES": year})
    whole = entity_history(uuid, superseded=True, limit=100)
    assert len(whole) == 5 + 5 * 2
    paged: list[Any] = []
    while page := entity_history(
        uuid, superseded=True, after=paged[-1]["position"] if paged else None, limit=4
    ):
        paged += page
    assert paged == whole
    with django_assert_num_queries(3):
        entity_history(uuid, limit=100)


# Lists


def test_a_list_shows_what_is_valid_then() -> None:
    create("Alpha", valid_to=day(2022), details={"EMPLOYEES": 1})
    create("Beta", valid_from=day(2021), details={"EMPLOYEES": 2})
    before = now()
    create("Gamma")
    assert names(as_of=day(2020)) == ["Alpha", "Gamma"]
    assert names(as_of=day(2021)) == ["Alpha", "Beta", "Gamma"]
    assert names(as_of=day(2022)) == ["Beta", "Gamma"]
    assert names(as_of=day(2021), known_at=before) == ["Alpha", "Beta"]


def test_an_item_of_a_list_is_a_snapshot() -> None:
    uuid = create(source="register", source_id="1", details=DETAILS).uuid
    (item,) = entity_list(as_of=NOW, limit=10, expand_details=True)
    expected = snapshot(uuid, as_of=NOW)
    del expected["versions"]
    assert item == expected
    (bare,) = entity_list(as_of=NOW, limit=10)
    del expected["details"], expected["masked"]
    assert bare == expected


def test_an_earlier_belief_lists_rows_as_they_stood() -> None:
    uuid = create(details={"EMPLOYEES": 12}).uuid
    then = now()
    update(uuid, day(2022), display_name="Beta", details={"EMPLOYEES": 13})
    (item,) = entity_list(as_of=NOW, known_at=then, limit=10, expand_details=True)
    expected = snapshot(uuid, as_of=NOW, known_at=then)
    del expected["versions"]
    assert item == expected
    assert (item["display_name"], item["valid_to"], item["details"]) == (
        "Alpha",
        None,
        {"EMPLOYEES": 12},
    )


@pytest.mark.parametrize("ordering", ["display_name", "-display_name", "valid_from", "-valid_from"])
@pytest.mark.parametrize("known", [False, True])
def test_pages_join_up_in_every_order(ordering: str, known: bool) -> None:
    for number in range(7):
        for name in ("Ada", "Łódź", "zeta"):
            create(name, valid_from=day(2000 + number % 3))
    how: dict[str, Any] = {"as_of": NOW, "ordering": ordering}
    how["known_at"] = now() if known else None
    column = ordering.removeprefix("-")
    whole = entity_list(limit=100, **how)
    keys = [(row[column], row["uuid"]) for row in whole]
    alphabetical = {"Ada": "A", "Łódź": "L", "zeta": "Z"}
    ordered = [(alphabetical.get(value, value), uuid) for value, uuid in keys]
    assert ordered == sorted(ordered, reverse=ordering.startswith("-"))
    assert len(keys) == 21
    paged: list[Any] = []
    while page := entity_list(limit=4, after=keys[len(paged) - 1] if paged else None, **how):
        paged += page
    assert paged == whole


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, ["100% Müller_\\", "ADA Bank", "Łódź Bank"]),
        ({"q": "bank"}, ["ADA Bank", "Łódź Bank"]),
        ({"q": "łÓDŹ"}, ["Łódź Bank"]),
        ({"q": "a"}, ["ADA Bank", "Łódź Bank"]),
        ({"q": "0%"}, ["100% Müller_\\"]),
        ({"q": "r_"}, ["100% Müller_\\"]),
        ({"q": "\\"}, ["100% Müller_\\"]),
        ({"q": "_bank"}, []),
        ({"q": "MÜLLER"}, ["100% Müller_\\"]),
        ({"q": "muller"}, ["100% Müller_\\"]),
        ({"q": "LODZ"}, ["Łódź Bank"]),
        ({"q": "ád"}, ["ADA Bank"]),
        ({"q": "\uff05"}, ["100% Müller_\\"]),
        ({"q": "\ufe4d"}, ["100% Müller_\\"]),
        ({"type": "PERSON"}, ["100% Müller_\\"]),
        ({"type": "NONE"}, []),
        ({"detail_code": "EMPLOYEES"}, ["ADA Bank", "Łódź Bank"]),
        ({"detail_code": "NONE"}, []),
        ({"details": {"EMPLOYEES": "1"}}, ["ADA Bank"]),
        ({"details": {"EMPLOYEES": "1", "NOTE": "x"}}, ["ADA Bank"]),
        ({"details": {"EMPLOYEES": "2", "NOTE": "x"}}, []),
        ({"source": "register"}, ["ADA Bank", "Łódź Bank"]),
        ({"source_id": "2"}, ["Łódź Bank"]),
        ({"source": "other", "source_id": "2"}, []),
        (
            {
                "q": "bank",
                "type": "BANK",
                "source": "register",
                "source_id": "1",
                "detail_code": "NOTE",
            },
            ["ADA Bank"],
        ),
    ],
)
@pytest.mark.parametrize("known", [False, True])
def test_filters_narrow_a_list_down(filters: dict[str, Any], found: list[str], known: bool) -> None:
    create("ADA Bank", source="register", source_id="1", details={"EMPLOYEES": 1, "NOTE": "x"})
    create("Łódź Bank", source="register", source_id="2", details={"EMPLOYEES": 2})
    create("100% Müller_\\", entity_type="PERSON")
    known_at = now() if known else None
    assert names(EntityFilter(**filters), known_at=known_at) == found


def test_filters_look_at_the_same_instants_as_the_list() -> None:
    uuid = create("Alpha", details={"EMPLOYEES": 1}).uuid
    then = now()
    update(uuid, day(2020), display_name="Beta", details={"EMPLOYEES": 2})
    for old, new in (
        (EntityFilter(q="alph"), EntityFilter(q="BET")),
        (EntityFilter(details={"EMPLOYEES": "1"}), EntityFilter(details={"EMPLOYEES": "2"})),
    ):
        assert (names(old), names(new)) == ([], ["Beta"])
        assert (names(old, known_at=then), names(new, known_at=then)) == (["Alpha"], [])
    update(uuid, day(2022), details={"EMPLOYEES": None})
    assert names(EntityFilter(detail_code="EMPLOYEES"), as_of=day(2021)) == ["Beta"]
    assert names(EntityFilter(detail_code="EMPLOYEES"), as_of=day(2022)) == []


@pytest.mark.parametrize("count", [1, 30])
def test_a_page_is_one_statement(count: int, django_assert_num_queries: Any) -> None:
    for number in range(count):
        create(f"Name {number}", details=DETAILS)
    filters = EntityFilter(q="name", type="BANK", detail_code="EMAIL")
    with django_assert_num_queries(1):
        assert len(entity_list(filters, as_of=NOW, limit=100)) == count
    with django_assert_num_queries(1):
        page = entity_list(filters, as_of=NOW, limit=100, expand_details=True)
    assert all(row["details"] == DETAILS for row in page)


def test_without_an_instant_it_is_now() -> None:
    create("Alpha", valid_to=day(2021))
    create("Beta", valid_from=None)
    create("Gamma", valid_from=day(2900))
    assert [row["display_name"] for row in entity_list(limit=10)] == ["Beta"]


# Types


def test_types_are_listed_by_code_at_any_instant() -> None:
    before = now()
    entity_type_update(code="BANK", changes={"name": "Banks"}, context=ADA)
    shown = type_list(EntityType, limit=10)
    assert [(row["code"], row["name"], row["is_current"]) for row in shown] == [
        ("BANK", "Banks", True),
        ("INSTITUTION", "Institution", True),
        ("PERSON", "Person", True),
    ]
    then = type_list(EntityType, as_of=now(), known_at=before, limit=10)
    assert [(row["code"], row["name"], row["valid_to"]) for row in then] == [
        ("BANK", "Bank", None),
        ("INSTITUTION", "Institution", None),
        ("PERSON", "Person", None),
    ]
    assert set(shown[0]) == {
        "code",
        "name",
        "description",
        "is_pii_name",
        "valid_from",
        "valid_to",
        "is_current",
        "system_from",
        "hash_diff",
    }
