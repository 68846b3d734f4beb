"""What changed between two instants, against two snapshots and every instant in between."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest

from core.models.scd2 import Future
from entities.selectors import basis, entity_diff
from entities.tests.conftest import create, day, update

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("types")]

MICROSECOND = timedelta(microseconds=1)


def now() -> datetime:
    return basis()[1]


def diff(from_: datetime, to: datetime, **how: Any) -> list[dict[str, Any]]:
    known = now()
    return opened(
        entity_diff(
            from_=from_, to=to, **{"known_from": known, "known_to": known, "limit": 100, **how}
        )
    )


def opened(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of a diff with their fields as a client reads them."""
    return [{**row, "fields": orjson.loads(row["fields"])} for row in rows]


def step(at: datetime, before: Any, after: Any, correction: bool = False) -> dict[str, Any]:
    told = orjson.loads(orjson.dumps(at, option=orjson.OPT_UTC_Z))
    return {"at": told, "before": before, "after": after, "correction": correction}


def change(before: Any, after: Any, *transitions: dict[str, Any]) -> dict[str, Any]:
    return {"before": before, "after": after, "transitions": list(transitions)}


def test_an_update_lists_the_fields_that_changed_with_every_step() -> None:
    uuid = create(details={"EMPLOYEES": 1, "NOTE": "x"}).uuid
    update(uuid, day(2021), display_name="Beta", details={"EMPLOYEES": None})
    update(uuid, day(2022), display_name="Gamma")
    assert diff(day(2021), day(2022)) == [
        {
            "uuid": uuid,
            "source": None,
            "source_id": None,
            "entity_type": "BANK",
            "display_name": "Gamma",
            "change": "updated",
            "fields": {
                "display_name": change(
                    "Alpha",
                    "Gamma",
                    step(day(2021), "Alpha", "Beta", True),
                    step(day(2022), "Beta", "Gamma", True),
                ),
                "details.EMPLOYEES": change(1, None, step(day(2021), 1, None, True)),
            },
        }
    ]


def test_the_ends_of_the_window_belong_to_it() -> None:
    uuid = create().uuid
    update(uuid, day(2021), display_name="Beta")
    assert len(diff(day(2021), day(2021))) == 1
    assert diff(day(2020, 6), day(2021) - MICROSECOND) == []
    assert diff(day(2021) + MICROSECOND, day(2022)) == []


def test_what_begins_and_what_ends() -> None:
    born = create("Born", valid_from=day(2021), details={"EMPLOYEES": 1}).uuid
    gone = create("Gone", valid_to=day(2021), details={"EMPLOYEES": 2}).uuid
    create("Ephemeral", valid_from=day(2021), valid_to=day(2021, 2))
    create("Steady")
    shown = {row["uuid"]: row for row in diff(day(2021), day(2022))}
    assert set(shown) == {born, gone}
    assert (shown[born]["change"], shown[born]["display_name"]) == ("created", "Born")
    assert shown[born]["fields"] == {
        "entity_type": change(None, "BANK", step(day(2021), None, "BANK")),
        "display_name": change(None, "Born", step(day(2021), None, "Born")),
        "details.EMPLOYEES": change(None, 1, step(day(2021), None, 1)),
    }
    assert (shown[gone]["change"], shown[gone]["display_name"]) == ("ended", "Gone")
    assert shown[gone]["fields"]["details.EMPLOYEES"] == change(2, None, step(day(2021), 2, None))


def test_there_and_back_again_is_no_change() -> None:
    uuid = create().uuid
    update(uuid, day(2021), valid_to=day(2021, 6), display_name="Beta")
    assert diff(day(2021), day(2022)) == []
    assert len(diff(day(2021), day(2021, 3))) == 1


def test_two_beliefs_about_one_instant_differ_without_a_step() -> None:
    uuid = create(details={"EMPLOYEES": 1}).uuid
    then = now()
    update(uuid, day(2020), display_name="Beta", details={"EMPLOYEES": None})
    at = day(2021)
    (row,) = diff(at + MICROSECOND, at, known_from=then)
    assert row["fields"] == {
        "display_name": change("Alpha", "Beta"),
        "details.EMPLOYEES": change(1, None),
    }
    assert row["change"] == "updated"
    (back,) = diff(at + MICROSECOND, at, known_from=now(), known_to=then)
    assert back["fields"]["display_name"] == change("Beta", "Alpha")
    assert diff(at + MICROSECOND, at) == []


def test_what_is_told_in_time_is_new_and_what_is_told_late_corrects() -> None:
    uuid = create(details={"EMPLOYEES": 1}).uuid
    began = now()
    update(uuid, display_name="Beta")
    told = now()
    update(uuid, day(2999), display_name="Gamma")
    update(uuid, told, details={"EMPLOYEES": 2})
    (row,) = diff(began, day(2999))
    assert [one["correction"] for one in row["fields"]["display_name"]["transitions"]] == [
        False,
        False,
    ]
    assert [one["correction"] for one in row["fields"]["details.EMPLOYEES"]["transitions"]] == [
        True
    ]


def test_a_correction_stays_one_though_its_row_is_written_anew() -> None:
    uuid = create().uuid
    update(uuid, day(2021), display_name="Beta")
    update(uuid, day(2022), display_name="Gamma")
    before = diff(day(2020, 6), day(2021, 6))
    update(uuid, day(2021), valid_to=day(2021, 6, 2), entity_type="PERSON")
    (row,) = diff(day(2020, 6), day(2021, 6))
    assert row["fields"]["display_name"] == before[0]["fields"]["display_name"]
    assert row["fields"]["display_name"]["transitions"][0]["correction"] is True
    new = create("New", valid_from=day(2021)).uuid
    update(new, day(2021), valid_to=day(2021, 6, 2), entity_type="PERSON")
    (row,) = diff(day(2020, 6), day(2021, 6), entity=new)
    kinds = {name: field["transitions"][0]["correction"] for name, field in row["fields"].items()}
    assert kinds == {"display_name": False, "entity_type": True}


def test_what_was_not_yet_known_is_created_by_knowing_it() -> None:
    before = now()
    create("Alpha", valid_from=day(2010))
    (row,) = diff(day(2021) + MICROSECOND, day(2021), known_from=before)
    assert row["change"] == "created"
    assert row["fields"]["display_name"] == change(None, "Alpha")


def test_what_was_scheduled_and_then_called_off_is_seen_from_both_sides() -> None:
    uuid = create().uuid
    update(uuid, day(2021), display_name="Beta")
    then = now()
    update(uuid, day(2020), display_name="Alpha", future=Future.OVERWRITE)
    assert diff(day(2021), day(2022)) == []
    (row,) = diff(day(2021), day(2022), known_from=then, known_to=then)
    assert row["fields"] == {
        "display_name": change("Alpha", "Beta", step(day(2021), "Alpha", "Beta", True))
    }


def test_values_have_the_json_of_their_type() -> None:
    uuid = create(details={"EXTRA": {"b": 1}, "EQUITY": "1.50"}).uuid
    update(uuid, day(2021), details={"EXTRA": [None], "EQUITY": "2"})
    (row,) = diff(day(2021), day(2021))
    assert row["fields"]["details.EXTRA"]["before"] == {"b": 1}
    assert row["fields"]["details.EXTRA"]["after"] == [None]
    assert row["fields"]["details.EQUITY"]["transitions"] == [step(day(2021), "1.5", "2", True)]


def test_a_diff_can_be_of_one_type_or_one_entity() -> None:
    bank = create("Bank", valid_from=day(2021)).uuid
    person = create("Person", valid_from=day(2021), entity_type="PERSON").uuid
    moved = create("Moved", entity_type="PERSON").uuid
    update(moved, day(2021), entity_type="BANK")

    def found(**which: Any) -> set[Any]:
        return {row["uuid"] for row in diff(day(2021), day(2022), **which)}

    assert found() == {bank, person, moved}
    assert found(type="BANK") == {bank, moved}
    assert found(type="PERSON") == {person}
    assert found(entity=bank) == {bank}
    assert found(entity=bank, type="PERSON") == set()
    before = now()
    update(bank, day(2021), display_name="Banque")
    assert found(type="BANK", known_from=before) == {bank, moved}


@pytest.mark.parametrize("limit", [1, 2, 7])
def test_pages_join_up_in_both_directions(limit: int) -> None:
    for number in range(12):
        uuid = create(f"Name {number}", uuid=UUID(int=number)).uuid
        update(uuid, day(2021), display_name="Other")
        if number % 3:
            update(uuid, day(2022), display_name=f"Name {number}")
    window = {"from_": day(2021), "to": day(2023)}
    whole = diff(**window)
    assert [row["uuid"].int for row in whole] == [0, 3, 6, 9]
    for backwards, expected in ((False, whole), (True, whole[::-1])):
        paged: list[Any] = []
        while page := diff(
            **window,
            limit=limit,
            backwards=backwards,
            after=paged[-1]["uuid"] if paged else None,
        ):
            paged += page
        assert paged == expected


def test_pages_join_up_though_most_of_what_was_touched_did_not_change() -> None:
    for number in range(40):
        uuid = create(uuid=UUID(int=number)).uuid
        how = {} if number % 18 == 0 else {"valid_to": day(2022)}
        update(uuid, day(2021), display_name="Other", **how)
    found = diff(day(2021), day(2023), limit=2)
    assert [row["uuid"].int for row in found] == [0, 18]
    assert [row["uuid"].int for row in diff(day(2021), day(2023), limit=2, after=UUID(int=18))] == [
        36
    ]


def test_a_page_costs_the_same_however_many_entities_it_shows(
    django_assert_num_queries: Any,
) -> None:
    for _ in range(20):
        update(create(details={"EMPLOYEES": 1}).uuid, day(2021), details={"EMPLOYEES": 2})
    known = now()
    with django_assert_num_queries(1):
        page = entity_diff(
            from_=day(2021), to=day(2022), known_from=known, known_to=known, limit=100
        )
    assert len(page) == 20
