from typing import Any

import pytest
from rest_framework.test import APIClient

from core.models import AuditEntry
from core.models.scd2 import Change
from core.tests.doors import apply_changes
from entities.models import Entity, EntityDetail
from entities.v1.tests.conftest import SYSTEM, problem, wrong

UNCHANGED = {"opened": 0, "closed": 0, "superseded": 0, "unchanged": 1, "overtaken": 0}
FORWARD = {"opened": 1, "closed": 1, "superseded": 0, "unchanged": 0, "overtaken": 0}


def rows() -> int:
    return sum(model.objects.count() for model in (Entity, EntityDetail))


def timeline(client: APIClient, ada: str) -> list[tuple[str, str, str | None]]:
    versions = client.get(f"{ada}/history").json()["entity"]
    return [
        (version["display_name"], version["valid_from"][:10], (version["valid_to"] or "")[:10])
        for version in reversed(versions)
    ]


def test_a_name_from_now_on(client: APIClient, ada: str) -> None:
    response = client.patch(ada, {"display_name": "Ada King"})
    answer = response.json()
    row = Entity.objects.get(display_name="Ada King")
    instant = row.system_from.isoformat().replace("+00:00", "Z")
    assert response.status_code == 200
    assert answer == {
        "uuid": str(row.uuid),
        "source": None,
        "source_id": None,
        "entity_type": "PERSON",
        "display_name": "Ada King",
        "valid_from": instant,
        "valid_to": None,
        "is_current": True,
        "system_from": instant,
        "hash_diff": row.hash_diff.hex(),
        "details": {"EMAIL": "ada@example.org", "EMPLOYEES": 12},
        "masked": [],
        "outcome": FORWARD,
        "basis": {"as_of": instant, "known_at": instant},
    }
    assert response["ETag"] == client.get(ada)["ETag"]


def test_details_are_merged(client: APIClient, ada: str) -> None:
    details = {"EMAIL": None, "EMPLOYEES": 13, "ACTIVE": False}
    answer = client.patch(ada, {"details": details}).json()
    assert answer["details"] == {"EMPLOYEES": 13, "ACTIVE": False}
    assert answer["outcome"] == {
        "opened": 2,
        "closed": 2,
        "superseded": 0,
        "unchanged": 0,
        "overtaken": 0,
    }
    assert client.get(ada).json()["details"] == {"EMPLOYEES": 13, "ACTIVE": False}


def test_all_of_a_call_has_one_instant(client: APIClient, ada: str) -> None:
    answer = client.patch(ada, {"display_name": "Ada King", "details": {"EMAIL": None}}).json()
    entries = AuditEntry.objects.filter(instant=answer["basis"]["known_at"])
    assert entries.count() == 2
    assert {entry.action for entry in entries} == {"changed", "ended"}


@pytest.mark.parametrize(
    "body",
    [
        {"display_name": "Ada Lovelace"},
        {"entity_type": "PERSON", "valid_from": "2021-01-01"},
        {"details": {"EMAIL": "ada@example.org", "EMPLOYEES": 12, "NOTE": None}},
        {"details": {}},
        {},
    ],
)
def test_nothing_new_writes_nothing(client: APIClient, ada: str, body: Any) -> None:
    before, tag = rows(), client.get(ada)["ETag"]
    response = client.patch(ada, body)
    assert response.status_code == 200
    outcome = response.json()["outcome"]
    assert (outcome["opened"], outcome["closed"], outcome["superseded"]) == (0, 0, 0)
    assert outcome["unchanged"] >= 1
    assert (rows(), response["ETag"]) == (before, tag)


def test_a_correction_of_the_past(client: APIClient, ada: str) -> None:
    body = {"display_name": "Ada Byron", "valid_from": "2020-01-01", "valid_to": "2020-07-08"}
    answer = client.patch(ada, body).json()
    assert (answer["display_name"], answer["basis"]["as_of"]) == (
        "Ada Byron",
        "2020-01-01T00:00:00Z",
    )
    assert answer["outcome"] == {
        "opened": 2,
        "closed": 0,
        "superseded": 1,
        "unchanged": 0,
        "overtaken": 0,
    }
    assert timeline(client, ada) == [
        ("Ada Byron", "2020-01-01", "2020-07-08"),
        ("Ada Lovelace", "2020-07-08", ""),
    ]
    assert AuditEntry.objects.get(action="corrected").before["display_name"] == "Ada Lovelace"


@pytest.mark.parametrize(
    ("future", "names"),
    [
        (
            "keep",
            [
                ("Ada Lovelace", "2020-01-01", "2021-01-01"),
                ("New", "2021-01-01", "2022-01-01"),
                ("Later", "2022-01-01", ""),
            ],
        ),
        (
            "overwrite",
            [("Ada Lovelace", "2020-01-01", "2021-01-01"), ("New", "2021-01-01", "")],
        ),
    ],
)
def test_how_far_a_change_reaches(
    client: APIClient, ada: str, future: str, names: list[tuple[str, str, str]]
) -> None:
    client.patch(ada, {"display_name": "Later", "valid_from": "2022-01-01"})
    body = {"display_name": "New", "valid_from": "2021-01-01", "future": future}
    assert client.patch(ada, body).status_code == 200
    assert timeline(client, ada) == names


def test_a_change_that_wants_no_later_one(client: APIClient, ada: str) -> None:
    client.patch(ada, {"display_name": "Later", "valid_from": "2022-01-01"})
    before = rows()
    body = {"display_name": "New", "valid_from": "2021-01-01", "future": "reject"}
    problem(client.patch(ada, body), 409, "later_change")
    assert rows() == before
    assert client.patch(ada, {**body, "valid_from": "2023-01-01"}).status_code == 200


def test_where_nothing_holds_there_is_nothing_to_change(client: APIClient, ada: str) -> None:
    before = rows()
    body = {"display_name": "New", "valid_from": "2019-01-01"}
    problem(client.patch(ada, body), 409, "nothing_to_amend")
    details = {"details": {"ACTIVE": True}, "valid_from": "2019-01-01"}
    problem(client.patch(ada, details), 409, "outside_lifetime")
    assert rows() == before


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("valid_from", "2021-01-01"),
        ("valid_to", "2999-01-01"),
        ("future", "keep"),
        ("reason", "Merged"),
    ],
)
def test_a_period_without_a_field_to_set_is_refused(
    client: APIClient, ada: str, field: str, value: str
) -> None:
    before = rows()
    for body in ({field: value}, {field: value, "details": {}}):
        answer = client.patch(ada, body)
        assert wrong(answer) == [(field, "nothing_set")]
        assert "sets no field" in answer.json()["detail"]
    assert wrong(client.patch("/api/v1/entity-types/BANK", {field: value})) == [
        (field, "nothing_set")
    ]
    assert client.patch(ada, {}).status_code == 200
    assert rows() == before


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"uuid": "x"}, ("uuid", "unknown")),
        ({"source": "x"}, ("source", "unknown")),
        ({"op": "end"}, ("op", "unknown")),
        ({"is_current": True}, ("is_current", "unknown")),
        ({"display_name": None}, ("display_name", "null")),
        ({"display_name": ""}, ("display_name", "blank")),
        ({"display_name": "a\u0085b"}, ("display_name", "invalid_change")),
        ({"entity_type": "NOBODY"}, ("entity_type", "unknown_type")),
        ({"details": None}, ("details", "null")),
        ({"details": {"NOTHING": None}}, ("details.NOTHING", "unknown_detail")),
        ({"details": {"EMPLOYEES": "13"}}, ("details.EMPLOYEES", "value_does_not_fit")),
        ({"display_name": "A", "future": "soon"}, ("future", "invalid_choice")),
        ({"display_name": "A", "future": None}, ("future", "null")),
        (
            {"display_name": "A", "valid_to": "2999-01-01", "future": "overwrite"},
            ("future", "invalid_change"),
        ),
        (
            {"display_name": "A", "valid_to": "2999-01-01", "future": "keep"},
            ("future", "invalid_change"),
        ),
        (
            {"display_name": "A", "valid_from": "2021-01-01", "valid_to": "2021-01-01"},
            ("valid_to", "invalid_change"),
        ),
        ({"display_name": "A", "valid_from": "2021-01-01T00:00"}, ("valid_from", "naive")),
    ],
)
def test_what_is_wrong_is_named(
    client: APIClient, ada: str, body: Any, fault: tuple[str, str]
) -> None:
    before = rows()
    assert wrong(client.patch(ada, body)) == [fault]
    assert rows() == before


def test_a_condition_that_holds(client: APIClient, ada: str) -> None:
    etag = client.get(ada)["ETag"]
    first = client.patch(ada, {"display_name": "First"}, headers={"If-Match": etag})
    assert first.status_code == 200
    headers = {"If-Match": f'"other", {first["ETag"]}'}
    assert client.patch(ada, {"display_name": "Second"}, headers=headers).status_code == 200
    assert client.patch(ada, {"display_name": "Any"}, headers={"If-Match": "*"}).status_code == 200


@pytest.mark.parametrize("body", [{"display_name": "Second"}, {"display_name": "First"}, {}])
def test_a_condition_that_does_not_hold(client: APIClient, ada: str, body: Any) -> None:
    etag = client.get(ada)["ETag"]
    client.patch(ada, {"display_name": "First"})
    before = rows()
    response = client.patch(ada, body, headers={"If-Match": etag})
    problem(response, 412, "precondition_failed")
    assert response["ETag"] == client.get(ada)["ETag"] != etag
    assert rows() == before


def test_a_change_of_a_detail_alone_breaks_a_condition(client: APIClient, ada: str) -> None:
    etag = client.get(ada)["ETag"]
    client.patch(ada, {"details": {"EMPLOYEES": 13}})
    response = client.patch(ada, {"display_name": "A"}, headers={"If-Match": etag})
    problem(response, 412, "precondition_failed")


def test_a_change_of_any_state_but_one(client: APIClient, ada: str) -> None:
    etag = client.get(ada)["ETag"]
    response = client.patch(ada, {"display_name": "A"}, headers={"If-None-Match": etag})
    problem(response, 412, "precondition_failed")
    assert response["ETag"] == etag
    headers = {"If-None-Match": '"other"'}
    assert client.patch(ada, {"display_name": "A"}, headers=headers).status_code == 200


def test_a_condition_that_is_none(client: APIClient, ada: str) -> None:
    response = client.patch(ada, {"display_name": "A"}, headers={"If-Match": "abc"})
    assert wrong(response) == [("If-Match", "invalid")]


def test_an_ended_entity_matches_nothing(client: APIClient, ada: str) -> None:
    uuid = Entity.objects.get().uuid
    apply_changes([(Entity, [Change({"uuid": uuid}, None)])], SYSTEM)
    body = {"display_name": "A", "valid_from": "2021-01-01"}
    response = client.patch(ada, body, headers={"If-Match": "*"})
    problem(response, 412, "precondition_failed")
    assert client.patch(ada, body).status_code == 200


def test_who_is_not_there_cannot_be_changed(client: APIClient, types: None) -> None:
    path = "/api/v1/entities/00000000-0000-0000-0000-000000000001"
    for body in ({"display_name": "A"}, {}):
        problem(client.patch(path, body), 404, "not_found")
