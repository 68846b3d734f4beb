import json
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from core.models import AuditEntry
from core.tests.databases import CommittedDatabase
from entities import services
from entities.bulk import EntityItems
from entities.ingest import FIELDS
from entities.models import DetailType, Entity, EntityDetail
from entities.naming import entity_uuid
from entities.v1.serializers.bodies import EntityItem
from entities.v1.tests.conftest import SYSTEM, make_types, problem, signed_in, wrong

URL = "/api/v1/entities/bulk"
NOTHING = {"opened": 0, "closed": 0, "superseded": 0, "unchanged": 0, "overtaken": 0}


@pytest.fixture
def client(db: None) -> APIClient:
    """A client that may do all of it."""
    return signed_in("steward")


def item(name: str, **more: Any) -> dict[str, Any]:
    """An item about the entity with that name in a feed."""
    return {"source": "feed", "source_id": name, **more}


def bank(name: str, **more: Any) -> dict[str, Any]:
    whole = {"entity_type": "BANK", "display_name": name, "valid_from": "2020-01-01"}
    return item(name, **{**whole, **more})


def rows() -> int:
    return sum(model.objects.count() for model in (Entity, EntityDetail))


def outcome(**counts: int) -> dict[str, int]:
    return {**NOTHING, **counts}


def faults(response: Any, status: int, code: str) -> list[tuple[str, str]]:
    answer = problem(response, status, code)
    return [(error["field"], error["code"]) for error in answer["errors"]]


def test_new_ones(client: APIClient, types: None) -> None:
    response = client.post(URL, [bank("A", details={"EMPLOYEES": 1, "NOTE": "x"}), bank("B")])
    assert response.status_code == 200
    entry = AuditEntry.objects.filter(model="entities.entity").latest("id")
    instant = entry.instant.isoformat().replace("+00:00", "Z")
    assert response.json() == {
        "results": [
            {"uuid": str(entity_uuid("feed", "A")), "outcome": outcome(opened=3)},
            {"uuid": str(entity_uuid("feed", "B")), "outcome": outcome(opened=1)},
        ],
        "outcome": outcome(opened=4),
        "basis": {"as_of": instant, "known_at": instant},
    }
    assert (entry.actor, entry.channel) == ("steward user", "api")


def test_everything_there_is_to_do_at_once(client: APIClient, types: None) -> None:
    details = {"EMPLOYEES": 1, "NOTE": "x", "ACTIVE": True}
    client.post(URL, [bank(name, details=details) for name in "ABC"])
    response = client.post(
        URL,
        [
            bank("A", details=details),
            item("B", display_name="Beta", details={"NOTE": None, "ACTIVE": True}),
            item("C", op="end", valid_from="2024-01-01", reason="Merged"),
            bank("D"),
        ],
    )
    answer = response.json()
    assert [one["outcome"] for one in answer["results"]] == [
        outcome(unchanged=4),
        outcome(opened=1, closed=2, unchanged=1),
        outcome(closed=4),
        outcome(opened=1),
    ]
    assert answer["outcome"] == outcome(opened=2, closed=6, unchanged=5)
    written = AuditEntry.objects.filter(instant=answer["basis"]["known_at"])
    assert written.count() == 7
    ended = written.filter(model="entities.entity", action="ended").get()
    assert (ended.natural_key, ended.reason) == ({"uuid": answer["results"][2]["uuid"]}, "Merged")
    assert Entity.objects.get(display_name="Beta").entity_type == "BANK"


def test_again_writes_nothing(client: APIClient, types: None) -> None:
    items = [bank("A", details={"NOTE": "x"}), item("A", display_name="Z", valid_from="2022-01-01")]
    first = client.post(URL, items).json()
    before = rows()
    again = client.post(URL, items).json()
    assert first["results"][0] == first["results"][1]
    assert first["outcome"] == outcome(opened=3)
    assert again["outcome"] == outcome(unchanged=2)
    assert [one["outcome"] for one in again["results"]] == [outcome(unchanged=2)] * 2
    assert rows() == before


def test_one_a_line(client: APIClient, types: None) -> None:
    lines = "\n".join([json.dumps(bank("A")), "", json.dumps(bank("Ä")), ""])
    response = client.generic("POST", URL, lines, "application/x-ndjson")
    assert response.status_code == 200
    assert [one["outcome"]["opened"] for one in response.json()["results"]] == [1, 1]


def test_without_a_name_each_is_new(client: APIClient, types: None) -> None:
    nameless = {"entity_type": "BANK", "display_name": "N"}
    answer = client.post(URL, [nameless, nameless]).json()
    assert len({one["uuid"] for one in answer["results"]}) == 2
    assert answer["outcome"] == outcome(opened=2)


def test_nothing_is_nothing(client: APIClient, types: None) -> None:
    answer = client.post(URL, []).json()
    assert (answer["results"], answer["outcome"]) == ([], NOTHING)


def test_how_far_each_reaches(client: APIClient, types: None) -> None:
    client.post(URL, [bank("A"), item("A", display_name="Later", valid_from="2022-01-01")])
    change = item("A", display_name="New", valid_from="2021-01-01", future="overwrite")
    assert client.post(URL, [change]).status_code == 200
    assert list(
        Entity.objects.live().order_by("valid_from").values_list("display_name", flat=True)
    ) == ["A", "New"]
    change = item("A", display_name="X", valid_from="2020-06-01", future="reject")
    response = client.post(URL, [change])
    assert faults(response, 409, "items_refused") == [("0", "later_change")]


def test_every_item_that_is_wrong_is_named(client: APIClient, types: None) -> None:
    response = client.post(
        URL,
        [
            bank("A"),
            bank("B", entity_type="NOBODY"),
            bank("C", details={"EMPLOYEES": "1", "NOTHING": 1}),
            bank("D", details={"EMAIL": "no address"}),
            bank("E", colour="red"),
            bank("F", valid_from="2020-01-01T00:00"),
            bank("G", valid_from=["2020"]),
            bank("H", valid_to="2019-01-01"),
            bank("I", valid_to="2021-01-01", future="reject"),
            bank("J", future="soon"),
            bank("K", future=None),
            bank("L", op="delete"),
            bank("M", op="end"),
            bank("N", display_name="a\0b"),
            bank("O", reason=1),
            bank("P", uuid=str(uuid4())),
            {"entity_type": "BANK"},
            {"op": "end"},
            item("Q"),
            5,
            {"source": "feed", "display_name": "R"},
            bank("S", uuid="x"),
        ],
    )
    assert wrong(response) == [
        ("1.entity_type", "unknown_type"),
        ("2.details.EMPLOYEES", "value_does_not_fit"),
        ("3.details.EMAIL", "value_does_not_fit"),
        ("4.colour", "invalid_change"),
        ("5.valid_from", "invalid_change"),
        ("6.valid_from", "invalid_change"),
        ("7.valid_to", "invalid_change"),
        ("8.valid_to", "invalid_change"),
        ("9.future", "invalid_change"),
        ("10.future", "invalid_change"),
        ("11.op", "invalid_change"),
        ("12.entity_type", "invalid_change"),
        ("13.display_name", "invalid_change"),
        ("14.reason", "invalid_change"),
        ("15.uuid", "invalid_change"),
        ("16.display_name", "invalid_change"),
        ("17", "invalid_change"),
        ("18", "invalid_change"),
        ("19", "invalid_change"),
        ("20.source_id", "invalid_change"),
        ("21.uuid", "invalid_change"),
    ]
    assert rows() == 0


def test_every_item_that_cannot_be_is_named(client: APIClient, types: None) -> None:
    client.post(URL, [bank("A"), bank("B")])
    before = rows()
    response = client.post(
        URL,
        [
            item("A", display_name="Fine"),
            item("A", display_name="Early", valid_from="2019-01-01"),
            bank("C"),
            item("Z", display_name="Nobody"),
            item("Z", details={"NOTE": "x"}),
            item("B", details={"NOTE": "x"}, valid_from="2019-01-01"),
            bank("D", display_name="One"),
            bank("D", display_name="Two"),
            item("Y", details={"NOTE": "x"}),
        ],
    )
    assert faults(response, 409, "items_refused") == [
        ("1", "nothing_to_amend"),
        ("3", "nothing_to_amend"),
        ("4", "outside_lifetime"),
        ("5", "outside_lifetime"),
        ("7", "two_payloads"),
        ("8", "outside_lifetime"),
    ]
    assert rows() == before


def test_what_is_known_under_another_name(client: APIClient, types: None) -> None:
    uuid = entity_uuid("feed", "A")
    body = {"uuid": str(uuid), "entity_type": "BANK", "display_name": "A"}
    assert client.post("/api/v1/entities", body).status_code == 201
    again = client.post(URL, [bank("A", display_name="A")])
    assert faults(again, 409, "items_refused") == [("0", "named_otherwise")]


@pytest.mark.parametrize("body", [{}, {"op": "end"}, "x", None, 5])
def test_only_an_array_is_taken(client: APIClient, types: None, body: Any) -> None:
    response = client.generic("POST", URL, json.dumps(body), "application/json")
    assert wrong(response) == [("body", "not_an_array")]


def test_not_too_many(client: APIClient, types: None) -> None:
    assert wrong(client.post(URL, [{}] * 10_001)) == [("body", "too_many")]


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ('{"a": 1}\n{', "Line 2: The body is not JSON at line 1, column 2"),
        ('\n{"a": 1, "a": 2}', "Line 2: The body is not acceptable JSON: 'a' is given twice"),
        ('{"a": NaN}', "Line 1: The body is not acceptable JSON: NaN is not a number"),
    ],
)
def test_a_line_that_cannot_be_read(
    client: APIClient, types: None, body: str, sentence: str
) -> None:
    response = client.generic("POST", URL, body, "application/x-ndjson")
    assert problem(response, 400, "malformed_body")["detail"].startswith(sentence)


def test_who_may_not_end_may_not_end_many(types: None) -> None:
    editor = signed_in("editor")
    new = {"entity_type": "BANK", "display_name": "New"}
    assert editor.post(URL, [item("A", **new)]).status_code == 200
    ends = [item("B", **new), item("A", op="end")]
    problem(editor.post(URL, ends), 403, "permission_denied")
    assert Entity.objects.live().count() == 1


def test_who_may_not_write_the_past_may_not_in_many(types: None) -> None:
    editor = signed_in("editor")
    items = [bank("A"), item("B", entity_type="BANK", display_name="B"), bank("C")]
    refused = faults(editor.post(URL, items), 403, "permission_denied")
    assert refused == [("0", "permission_denied"), ("2", "permission_denied")]
    assert Entity.objects.count() == 0
    assert signed_in("steward").post(URL, items).status_code == 200
    ends = item("A", details={"NOTE": None})
    assert signed_in("steward").post(URL, [item("A", details={"NOTE": "x"})]).status_code == 200
    assert faults(editor.post(URL, [ends]), 403, "permission_denied") == [
        ("0", "permission_denied")
    ]


@pytest.mark.parametrize("role", ["viewer", "auditor", None])
def test_who_may_not_write_may_not_write_many(types: None, role: str | None) -> None:
    problem(signed_in(role).post(URL, [bank("A")]), 403, "permission_denied")


@pytest.fixture
def person(types: None, client: APIClient) -> dict[str, str]:
    """How a person is named whose name, as all persons' now, is personal; as is every NOTE."""
    client.post(URL, [item("P", entity_type="PERSON", display_name="Ada")])
    client.patch("/api/v1/entity-types/PERSON", {"is_pii_name": True})
    client.patch("/api/v1/detail-types/NOTE", {"is_pii": True})
    return item("P")


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"display_name": "Ada"}, "display_name"),
        ({"display_name": "Eve"}, "display_name"),
        ({"entity_type": "BANK"}, "display_name"),
        ({"entity_type": "PERSON"}, "entity_type"),
        ({"details": {"NOTE": None}}, "details.NOTE"),
    ],
)
def test_who_may_not_see_it_may_not_write_it(
    person: dict[str, str], more: dict[str, Any], field: str
) -> None:
    before = rows()
    response = signed_in("editor").post(URL, [bank("A"), {**person, **more}])
    assert faults(response, 403, "personal_data") == [(f"1.{field}", "personal_data")]
    assert rows() == before


def test_who_may_see_it_may_write_it(client: APIClient, person: dict[str, str]) -> None:
    whole = {"display_name": "Eve", "details": {"NOTE": "x"}}
    assert client.post(URL, [{**person, **whole}]).status_code == 200


def test_many_cost_no_more_statements_than_one(client: APIClient, types: None) -> None:
    def statements(items: list[Any]) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.post(URL, items).status_code == 200
        return len(captured)

    statements([bank("warm")])
    one = statements([bank("A", details={"NOTE": "x", "EMAIL": "a@b"})])
    many = statements([bank(f"B{i}", details={"NOTE": "x", "EMAIL": "a@b"}) for i in range(200)])
    assert many == one


def type_changed(code: str, changes: Any) -> None:
    services.entity_type_update(code=code, changes=changes, context=SYSTEM)


def detail_changed(code: str, changes: Any) -> None:
    services.detail_type_update(code=code, changes=changes, context=SYSTEM)


def test_what_is_described_is_what_is_taken() -> None:
    assert set(EntityItem().fields) == set(FIELDS)


def test_types_that_change_meanwhile(
    client: APIClient, types: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the items that a change concerns are refused."""
    original = EntityItems.misfits

    def change_afterwards(door: EntityItems, given: Any) -> Any:
        found = original(door, given)
        type_changed("PERSON", {"name": "Human"})
        detail_changed("NOTE", {"pattern": "[a-z]+"})
        return found

    monkeypatch.setattr(EntityItems, "misfits", change_afterwards)
    items = [bank("A", details={"NOTE": "a"}), bank("B", details={"NOTE": "B"}), bank("C")]
    assert wrong(client.post(URL, items)) == [("1.details.NOTE", "value_does_not_fit")]
    assert rows() == 0
    assert client.post(URL, [items[0], items[2]]).status_code == 200


def test_nothing_is_left_behind(committed_db: CommittedDatabase) -> None:
    make_types()
    client = signed_in("steward")
    assert client.post(URL, [bank("A")]).status_code == 200
    assert client.post(URL, [item("Z", display_name="Nobody")]).status_code == 409
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relpersistence = 't'")
        assert cursor.fetchone() == (0,)
    assert DetailType.objects.exists()
