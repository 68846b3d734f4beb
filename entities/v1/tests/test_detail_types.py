from typing import Any

import pytest
from rest_framework.test import APIClient

from entities.models import DetailType
from entities.v1.tests.conftest import DETAIL_TYPES, problem, wrong

URL = "/api/v1/detail-types"
BODY = {"code": "LEI", "name": "LEI", "data_type": "text"}


def test_a_new_type(client: APIClient) -> None:
    pattern = "[0-9A-Z]{18}[0-9]{2}"
    response = client.post(URL, {**BODY, "pattern": pattern, "valid_from": "2020-01-01"})
    row = DetailType.objects.get()
    instant = row.system_from.isoformat().replace("+00:00", "Z")
    assert response.status_code == 201
    assert response["Location"] == f"http://testserver{URL}/LEI"
    assert list(response.json().items()) == [
        ("code", "LEI"),
        ("name", "LEI"),
        ("description", ""),
        ("data_type", "text"),
        ("pattern", pattern),
        ("is_pii", False),
        ("valid_from", "2020-01-01T00:00:00Z"),
        ("valid_to", None),
        ("is_current", True),
        ("system_from", instant),
        ("hash_diff", row.hash_diff.hex()),
        ("outcome", {"opened": 1, "closed": 0, "superseded": 0, "unchanged": 0, "overtaken": 0}),
        ("basis", {"as_of": "2020-01-01T00:00:00Z", "known_at": instant}),
        ("values_not_matching", 0),
    ]


@pytest.mark.parametrize("data_type", sorted({str(t["data_type"]) for t in DETAIL_TYPES.values()}))
def test_every_type_of_data(client: APIClient, data_type: str) -> None:
    assert client.post(URL, {**BODY, "data_type": data_type}).status_code == 201


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"data_type": "number"}, ("data_type", "invalid_choice")),
        ({"data_type": None}, ("data_type", "null")),
        ({"pattern": "("}, ("pattern", "invalid_change")),
        ({"pattern": "(a)\\1"}, ("pattern", "invalid_change")),
        ({"pattern": ""}, ("pattern", "blank")),
        ({"pattern": "a" * 201}, ("pattern", "invalid_change")),
        ({"is_pii": 1}, ("is_pii", "invalid")),
        ({"is_pii_name": True}, ("is_pii_name", "unknown")),
        ({"code": "lei"}, ("code", "invalid_change")),
    ],
)
def test_what_is_wrong_is_named(client: APIClient, change: Any, fault: tuple[str, str]) -> None:
    assert wrong(client.post(URL, {**BODY, **change})) == [fault]
    assert DetailType.objects.count() == 0


def test_a_type_needs_its_data_type(client: APIClient) -> None:
    assert wrong(client.post(URL, {"code": "LEI", "name": "LEI"})) == [("data_type", "required")]


def test_the_types_by_code(client: APIClient, types: None) -> None:
    answer = client.get(URL).json()
    assert [item["code"] for item in answer["results"]] == sorted(DETAIL_TYPES)
    assert answer["results"][2] == client.get(f"{URL}/{answer['results'][2]['code']}").json()


def test_a_pattern_binds_what_is_written_from_then_on(client: APIClient, ada: str) -> None:
    response = client.patch(f"{URL}/NOTE", {"pattern": "[a-z]+"})
    assert response.json()["pattern"] == "[a-z]+"
    assert wrong(client.patch(ada, {"details": {"NOTE": "A"}})) == [
        ("details.NOTE", "value_does_not_fit")
    ]
    assert client.patch(f"{URL}/NOTE", {"pattern": None}).json()["pattern"] is None
    assert client.patch(ada, {"details": {"NOTE": "A"}}).status_code == 200


def test_a_pattern_says_how_many_held_values_it_does_not_match(client: APIClient, ada: str) -> None:
    for name, note, start in [("a", "A", "2020-01-01"), ("b", "b", "2020-01-01"), ("c", "C", None)]:
        body = {"entity_type": "PERSON", "display_name": name, "details": {"NOTE": note}}
        assert client.post("/api/v1/entities", {**body, "valid_from": start}).status_code == 201

    def count(body: Any) -> Any:
        return client.patch(f"{URL}/NOTE", body).json()["values_not_matching"]

    assert count({"name": "Remark"}) is None
    assert count({"pattern": "[a-z]", "valid_from": "2010-01-01", "valid_to": "2020-01-01"}) == 0
    assert count({"pattern": "[a-z]", "valid_from": "2021-01-01", "valid_to": "2022-01-01"}) == 1
    assert count({"pattern": "[a-z]"}) == 2
    assert count({"pattern": None}) is None
    again = {"code": "NOTE", "name": "Remark", "data_type": "text", "pattern": "x"}
    problem(client.post(URL, again), 409, "exists")


def test_a_data_type_stays_once_there_is_a_value(client: APIClient, ada: str) -> None:
    problem(client.patch(f"{URL}/EMAIL", {"data_type": "json"}), 409, "data_type_in_use")
    assert client.get(f"{URL}/EMAIL").json()["data_type"] == "text"
    assert client.patch(f"{URL}/NOTE", {"data_type": "integer"}).status_code == 200
    assert client.get(f"{URL}/NOTE").json()["data_type"] == "integer"
    assert client.patch(ada, {"details": {"NOTE": 7}}).status_code == 200


def test_a_change_under_a_condition(client: APIClient, types: None) -> None:
    etag = client.get(f"{URL}/NOTE")["ETag"]
    body = {"description": "Anything"}
    assert client.patch(f"{URL}/NOTE", body, headers={"If-Match": etag}).status_code == 200
    again = client.patch(f"{URL}/NOTE", {"name": "A"}, headers={"If-Match": etag})
    problem(again, 412, "precondition_failed")


@pytest.mark.parametrize("body", [{"data_type": "integer"}, {"data_type": "integer", "name": "A"}])
def test_a_data_type_under_a_condition(client: APIClient, types: None, body: Any) -> None:
    etag = client.get(f"{URL}/NOTE")["ETag"]
    client.patch(f"{URL}/NOTE", {"description": "Anything"})
    before = DetailType.objects.count()
    response = client.patch(f"{URL}/NOTE", body, headers={"If-Match": etag})
    problem(response, 412, "precondition_failed")
    assert DetailType.objects.count() == before
    fresh = {"If-Match": client.get(f"{URL}/NOTE")["ETag"]}
    assert client.patch(f"{URL}/NOTE", body, headers=fresh).status_code == 200
    assert client.get(f"{URL}/NOTE").json()["data_type"] == "integer"


def test_a_history(client: APIClient, types: None) -> None:
    client.patch(f"{URL}/NOTE", {"is_pii": True})
    answer = client.get(f"{URL}/NOTE/history").json()
    assert [(v["is_pii"], v["data_type"]) for v in answer["versions"]] == [
        (True, "text"),
        (False, "text"),
    ]


@pytest.mark.parametrize("code", ["NOTHING", "note", "%00"])
def test_what_is_no_type(client: APIClient, types: None, code: str) -> None:
    for path in (f"{URL}/{code}", f"{URL}/{code}/history"):
        assert client.get(path).status_code == 404
    assert client.patch(f"{URL}/{code}", {"name": "A"}).status_code == 404
