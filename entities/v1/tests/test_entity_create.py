from typing import Any
from uuid import UUID, uuid5

import pytest
from rest_framework.test import APIClient

from core.models import AuditEntry
from entities.models import Entity, EntityAnchor, EntityDetail
from entities.naming import NAMESPACE
from entities.v1.tests.conftest import problem, wrong

URL = "/api/v1/entities"
MINIMAL = {"entity_type": "PERSON", "display_name": "Ada Lovelace"}
NAMED = {**MINIMAL, "source": "feed", "source_id": "7", "valid_from": "2020-01-01"}
NEW = {"opened": 1, "closed": 0, "superseded": 0, "unchanged": 0, "overtaken": 0}


def written() -> int:
    return sum(model.objects.count() for model in (Entity, EntityDetail, EntityAnchor))


def test_a_new_entity(client: APIClient, types: None) -> None:
    response = client.post(URL, MINIMAL)
    answer = response.json()
    row = Entity.objects.get()
    instant = row.system_from.isoformat().replace("+00:00", "Z")
    assert response.status_code == 201
    assert answer == {
        "uuid": str(row.uuid),
        "source": None,
        "source_id": None,
        "entity_type": "PERSON",
        "display_name": "Ada Lovelace",
        "valid_from": instant,
        "valid_to": None,
        "is_current": True,
        "system_from": instant,
        "hash_diff": row.hash_diff.hex(),
        "details": {},
        "masked": [],
        "outcome": NEW,
        "basis": {"as_of": instant, "known_at": instant},
    }
    assert response["Location"] == f"http://testserver/api/v1/entities/{row.uuid}"
    assert response["ETag"] == client.get(response["Location"])["ETag"]


def test_a_new_entity_with_everything(client: APIClient, types: None) -> None:
    body = {
        **NAMED,
        "valid_to": "2030-01-01T12:00:00+01:00",
        "reason": "Said so",
        "details": {
            "EMAIL": "ada@example.org",
            "EMPLOYEES": 12,
            "EQUITY": "0012.50",
            "ACTIVE": True,
            "FOUNDED": "1815-12-10",
            "SEEN": "2024-01-02T10:30:00+01:00",
            "EXTRA": {"b": [1, 2.5, None], "a": "ü"},
            "NOTE": None,
        },
    }
    answer = client.post(URL, body).json()
    assert UUID(answer["uuid"]) == uuid5(NAMESPACE, "4:feed1:7")
    assert (answer["source"], answer["source_id"]) == ("feed", "7")
    assert answer["details"] == {
        "EMAIL": "ada@example.org",
        "EMPLOYEES": 12,
        "EQUITY": "12.5",
        "ACTIVE": True,
        "FOUNDED": "1815-12-10",
        "SEEN": "2024-01-02T09:30:00Z",
        "EXTRA": {"a": "ü", "b": [1, 2.5, None]},
    }
    assert (answer["valid_from"], answer["valid_to"], answer["is_current"]) == (
        "2020-01-01T00:00:00Z",
        "2030-01-01T11:00:00Z",
        False,
    )
    assert answer["outcome"] == {**NEW, "opened": 8}
    assert answer["basis"]["as_of"] == "2020-01-01T00:00:00Z"
    entry = AuditEntry.objects.get(model="entities.entity")
    assert (entry.reason, entry.actor, entry.channel) == ("Said so", "steward user", "api")


def test_what_was_read_can_be_sent_back(client: APIClient, ada: str) -> None:
    read = client.get(ada).json()
    body = {name: read[name] for name in ("uuid", "entity_type", "display_name", "details")}
    response = client.post(URL, {**body, "valid_from": read["valid_from"], "valid_to": None})
    assert response.status_code == 200
    assert response.json()["details"] == read["details"]


def test_not_named_every_call_creates(client: APIClient, types: None) -> None:
    first, second = client.post(URL, MINIMAL), client.post(URL, MINIMAL)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["uuid"] != second.json()["uuid"]


@pytest.mark.parametrize(
    "name", [{"source": "feed", "source_id": "7"}, {"uuid": "0190A6F2-7c1e-5c39-9d5f-0d2f4f1b8a11"}]
)
def test_named_it_can_be_sent_again(client: APIClient, types: None, name: Any) -> None:
    body = {**MINIMAL, **name, "details": {"EMPLOYEES": 1}, "valid_from": "2020-01-01"}
    first = client.post(URL, body)
    before = written()
    again = client.post(URL, body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["outcome"] == {
        "opened": 0,
        "closed": 0,
        "superseded": 0,
        "unchanged": 2,
        "overtaken": 0,
    }
    assert again.json()["uuid"] == first.json()["uuid"]
    assert again["ETag"] == first["ETag"]
    assert not again.has_header("Location")
    assert written() == before


@pytest.mark.parametrize(
    "other",
    [
        {"display_name": "Somebody else"},
        {"entity_type": "BANK"},
        {"details": {"EMPLOYEES": 2}},
        {"valid_from": "2019-01-01"},
    ],
)
def test_named_and_otherwise_it_is_a_conflict(client: APIClient, types: None, other: Any) -> None:
    client.post(URL, {**NAMED, "details": {"EMPLOYEES": 1}})
    before = written()
    problem(client.post(URL, {**NAMED, "details": {"EMPLOYEES": 1}, **other}), 409, "exists")
    assert written() == before


def test_what_ended_may_begin_again(client: APIClient, types: None) -> None:
    client.post(URL, {**NAMED, "valid_to": "2021-01-01"})
    response = client.post(URL, {**NAMED, "valid_from": "2022-01-01"})
    assert response.status_code == 201
    gap = client.get(f"{response['Location']}?as_of=2021-06-01")
    assert problem(gap, 404, "not_valid_then")["valid_periods"] == [
        {"valid_from": "2020-01-01T00:00:00Z", "valid_to": "2021-01-01T00:00:00Z"},
        {"valid_from": "2022-01-01T00:00:00Z", "valid_to": None},
    ]


def test_what_begins_later_is_shown_as_it_will_be(client: APIClient, types: None) -> None:
    response = client.post(URL, {**MINIMAL, "valid_from": "2999-01-01"})
    assert response.status_code == 201
    assert response.json()["basis"]["as_of"] == "2999-01-01T00:00:00Z"
    problem(client.get(response["Location"]), 404, "not_valid_then")
    assert client.get(f"{response['Location']}?as_of=2999-01-01").status_code == 200


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"entity_type": None}, ("entity_type", "null")),
        ({"entity_type": "NOBODY"}, ("entity_type", "unknown_type")),
        ({"entity_type": "person"}, ("entity_type", "unknown_type")),
        ({"entity_type": 7}, ("entity_type", "invalid")),
        ({"entity_type": "P" * 51}, ("entity_type", "max_length")),
        ({"display_name": ""}, ("display_name", "blank")),
        ({"display_name": "A" * 501}, ("display_name", "max_length")),
        ({"display_name": "A\0"}, ("display_name", "null_characters_not_allowed")),
        ({"display_name": "A\nB"}, ("display_name", "invalid_change")),
        ({"display_name": "\u200b"}, ("display_name", "invalid_change")),
        ({"entity_type": "PERSON\u200b"}, ("entity_type", "invalid_change")),
        ({"source": "fe\u00aded", "source_id": "7"}, ("source", "invalid_change")),
        ({"source": "feed", "source_id": "\ufeff7"}, ("source_id", "invalid_change")),
        ({"details": {"NOTE": "a", "NOTE ": "b"}}, ("details.NOTE", "invalid_change")),
        ({"display_name": ["A"]}, ("display_name", "invalid")),
        ({"name": "Ada"}, ("name", "unknown")),
        ({"id": 1}, ("id", "unknown")),
        ({"future": "keep"}, ("future", "unknown")),
        ({"uuid": "7"}, ("uuid", "invalid")),
        ({"uuid": 7}, ("uuid", "invalid")),
        ({"source": "feed"}, ("source_id", "invalid_change")),
        ({"source_id": "7"}, ("source", "invalid_change")),
        ({"source": "", "source_id": "7"}, ("source", "blank")),
        ({"source": "feed", "source_id": "7" * 201}, ("source_id", "max_length")),
        (
            {"source": "feed", "source_id": "7", "uuid": str(UUID(int=1))},
            ("uuid", "invalid_change"),
        ),
        ({"details": []}, ("details", "not_a_dict")),
        ({"details": "EMAIL"}, ("details", "not_a_dict")),
        ({"details": {"NOTHING": 1}}, ("details.NOTHING", "unknown_detail")),
        ({"details": {"email": "a@b"}}, ("details.email", "unknown_detail")),
        ({"details": {"": 1}}, ("details.", "unknown_detail")),
        ({"details": {"EMAIL\0": 1}}, ("details", "invalid")),
        ({"details": {"EMAIL": "nobody"}}, ("details.EMAIL", "value_does_not_fit")),
        ({"details": {"EMAIL": 7}}, ("details.EMAIL", "value_does_not_fit")),
        ({"details": {"EMPLOYEES": "7"}}, ("details.EMPLOYEES", "value_does_not_fit")),
        ({"details": {"EMPLOYEES": 7.5}}, ("details.EMPLOYEES", "value_does_not_fit")),
        ({"details": {"EMPLOYEES": True}}, ("details.EMPLOYEES", "value_does_not_fit")),
        ({"details": {"EMPLOYEES": 2**63}}, ("details.EMPLOYEES", "value_does_not_fit")),
        ({"details": {"EQUITY": [7.5]}}, ("details.EQUITY", "value_does_not_fit")),
        ({"details": {"EQUITY": "7,5"}}, ("details.EQUITY", "value_does_not_fit")),
        ({"details": {"ACTIVE": "true"}}, ("details.ACTIVE", "value_does_not_fit")),
        ({"details": {"FOUNDED": "2024-02-30"}}, ("details.FOUNDED", "value_does_not_fit")),
        ({"details": {"SEEN": "2024-01-01T00:00:00"}}, ("details.SEEN", "value_does_not_fit")),
        ({"details": {"NOTE": "a" * 10_001}}, ("details.NOTE", "value_does_not_fit")),
        ({"details": {"NOTE": "a\0"}}, ("details.NOTE", "value_does_not_fit")),
        ({"valid_from": "soon"}, ("valid_from", "invalid")),
        ({"valid_from": "2024-01-01T00:00:00"}, ("valid_from", "naive")),
        ({"valid_from": 20240101}, ("valid_from", "invalid")),
        ({"valid_from": "9999-12-31T23:59:59.999999Z"}, ("valid_from", "out_of_range")),
        ({"valid_from": "9999-12-31"}, ("valid_from", "out_of_range")),
        ({"valid_from": "2024-01-01", "valid_to": "2024-01-01"}, ("valid_to", "invalid_change")),
        ({"valid_from": "2024-01-01", "valid_to": "2023-01-01"}, ("valid_to", "invalid_change")),
        ({"valid_to": "2020-01-01"}, ("valid_to", "invalid_change")),
        ({"reason": 7}, ("reason", "invalid")),
        ({"reason": "a" * 1001}, ("reason", "max_length")),
        ({"reason": None}, ("reason", "null")),
    ],
)
def test_what_is_wrong_is_named(
    client: APIClient, types: None, change: Any, fault: tuple[str, str]
) -> None:
    assert wrong(client.post(URL, {**MINIMAL, **change})) == [fault]
    assert written() == 0


def test_all_that_is_wrong_is_named(client: APIClient, types: None) -> None:
    body = {"display_name": "", "valid_to": "never", "colour": "red"}
    assert wrong(client.post(URL, body)) == [
        ("valid_to", "invalid"),
        ("entity_type", "required"),
        ("display_name", "blank"),
        ("colour", "unknown"),
    ]
    details = {"EMAIL": 7, "EMPLOYEES": "x", "NOTHING": 1}
    assert wrong(client.post(URL, {**MINIMAL, "details": details})) == [
        ("details.EMAIL", "value_does_not_fit"),
        ("details.EMPLOYEES", "value_does_not_fit"),
        ("details.NOTHING", "unknown_detail"),
    ]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", "invalid_request"),
        ("[]", "invalid_request"),
        ("null", "invalid_request"),
        ("{", "malformed_body"),
        ('{"display_name": NaN}', "malformed_body"),
        ('{"display_name": "a", "display_name": "b"}', "malformed_body"),
        ('{"display_name": "\\ud800"}', "malformed_body"),
        ('{"details": ' + "[" * 500 + "]" * 500 + "}", "malformed_body"),
    ],
)
def test_what_is_no_body_is_refused(client: APIClient, types: None, body: str, code: str) -> None:
    problem(client.generic("POST", URL, body, content_type="application/json"), 400, code)
    assert written() == 0


def test_a_source_that_another_way_of_naming_has_taken(client: APIClient, types: None) -> None:
    uuid = str(uuid5(NAMESPACE, "4:feed1:7"))
    client.post(URL, {**MINIMAL, "uuid": uuid, "valid_from": "2020-01-01"})
    problem(client.post(URL, NAMED), 409, "named_otherwise")


def test_it_takes_no_parameters(client: APIClient, types: None) -> None:
    assert wrong(client.post(f"{URL}?limit=1", MINIMAL)) == [("limit", "unknown")]
    assert written() == 0
