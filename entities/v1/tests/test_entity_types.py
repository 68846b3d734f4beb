from typing import Any

import pytest
from rest_framework.test import APIClient

from entities.models import EntityType
from entities.v1.tests.conftest import problem, signed_in, wrong

URL = "/api/v1/entity-types"
BODY = {"code": "FUND", "name": "Fund"}


def test_a_new_type(client: APIClient) -> None:
    response = client.post(URL, {**BODY, "description": "Of money", "is_pii_name": True})
    row = EntityType.objects.get(code="FUND")
    instant = row.system_from.isoformat().replace("+00:00", "Z")
    assert response.status_code == 201
    assert response["Location"] == f"http://testserver{URL}/FUND"
    assert list(response.json().items()) == [
        ("code", "FUND"),
        ("name", "Fund"),
        ("description", "Of money"),
        ("is_pii_name", True),
        ("valid_from", "0001-01-01T00:00:00Z"),
        ("valid_to", None),
        ("is_current", True),
        ("system_from", instant),
        ("hash_diff", row.hash_diff.hex()),
        ("outcome", {"opened": 1, "closed": 0, "superseded": 0, "unchanged": 0, "overtaken": 0}),
        ("basis", {"as_of": instant, "known_at": instant}),
    ]
    assert response["ETag"] == client.get(response["Location"])["ETag"]


def test_every_register_begins_with_two(client: APIClient) -> None:
    answer = client.get(URL).json()["results"]
    assert [(item["code"], item["name"], item["is_pii_name"]) for item in answer] == [
        ("INSTITUTION", "Institution", False),
        ("PERSON", "Person", False),
    ]
    assert {(item["valid_from"], item["system_from"]) for item in answer} == {
        ("0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z")
    }
    again = client.post(URL, {"code": "PERSON", "name": "Person"})
    assert (again.status_code, again.json()["outcome"]["unchanged"]) == (200, 1)
    renamed = client.patch(f"{URL}/PERSON", {"name": "Human"})
    assert (renamed.status_code, renamed.json()["name"]) == (200, "Human")


def test_who_may_not_backdate_gets_a_type_from_now_on(client: APIClient) -> None:
    response = signed_in("editor").post(URL, BODY)
    assert response.status_code == 201
    assert response.json()["valid_from"] == response.json()["system_from"]


def test_it_can_be_sent_again(client: APIClient) -> None:
    client.post(URL, {**BODY, "valid_from": "2020-01-01"})
    again = client.post(URL, {**BODY, "valid_from": "2020-01-01"})
    assert (again.status_code, again.json()["outcome"]["unchanged"]) == (200, 1)
    problem(client.post(URL, {**BODY, "name": "Other"}), 409, "exists")
    without_a_start = client.post(URL, BODY)
    assert (without_a_start.status_code, without_a_start.json()["outcome"]["unchanged"]) == (200, 1)
    assert EntityType.objects.filter(code="FUND").count() == 1


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"code": None}, ("code", "null")),
        ({"code": "fund"}, ("code", "invalid_change")),
        ({"code": "1ST"}, ("code", "invalid_change")),
        ({"code": "F-1"}, ("code", "invalid_change")),
        ({"code": "F" * 51}, ("code", "max_length")),
        ({"code": "FÜND"}, ("code", "invalid_change")),
        ({"name": ""}, ("name", "blank")),
        ({"name": "a\nb"}, ("name", "invalid_change")),
        ({"name": 7}, ("name", "invalid")),
        ({"description": None}, ("description", "null")),
        ({"is_pii_name": "true"}, ("is_pii_name", "invalid")),
        ({"is_pii": True}, ("is_pii", "unknown")),
        ({"valid_from": "2024-01-01T00:00"}, ("valid_from", "naive")),
        ({"valid_from": "2024-01-02", "valid_to": "2024-01-01"}, ("valid_to", "invalid_change")),
    ],
)
def test_what_is_wrong_is_named(client: APIClient, change: Any, fault: tuple[str, str]) -> None:
    assert wrong(client.post(URL, {**BODY, **change})) == [fault]
    assert EntityType.objects.count() == 2


def test_the_types_by_code(client: APIClient, types: None) -> None:
    answer = client.get(URL).json()
    assert [item["code"] for item in answer["results"]] == ["BANK", "INSTITUTION", "PERSON"]
    assert answer["results"][0] == client.get(f"{URL}/BANK").json()
    assert (answer["next"], answer["previous"]) == (None, None)


def test_their_pages(client: APIClient, types: None) -> None:
    first = client.get(f"{URL}?limit=1").json()
    second = client.get(first["next"]).json()
    assert [item["code"] for item in second["results"]] == ["INSTITUTION"]
    assert client.get(second["previous"]).json()["results"] == first["results"]


def test_as_of_an_instant_and_as_known(client: APIClient) -> None:
    client.post(URL, {**BODY, "valid_from": "2020-01-01"})
    before = client.get(URL).json()["basis"]["known_at"]
    client.patch(f"{URL}/FUND", {"name": "Funds", "valid_from": "2021-01-01"})
    assert client.get(f"{URL}/FUND").json()["name"] == "Funds"
    assert client.get(f"{URL}/FUND?as_of=2020-12-31").json()["name"] == "Fund"
    assert client.get(f"{URL}/FUND?known_at={before}").json()["name"] == "Fund"
    codes = [item["code"] for item in client.get(f"{URL}?as_of=2019-12-31").json()["results"]]
    assert codes == ["INSTITUTION", "PERSON"]
    answer = problem(client.get(f"{URL}/FUND?as_of=2019-12-31"), 404, "not_valid_then")
    assert answer["valid_periods"] == [{"valid_from": "2020-01-01T00:00:00Z", "valid_to": None}]
    assert answer["history"] == f"http://testserver{URL}/FUND/history"


def test_a_change(client: APIClient, types: None) -> None:
    etag = client.get(f"{URL}/BANK")["ETag"]
    response = client.patch(f"{URL}/BANK", {"name": "Banks"}, headers={"If-Match": etag})
    assert response.status_code == 200
    assert (response.json()["name"], response.json()["description"]) == ("Banks", "")
    assert response.json()["outcome"] == {
        "opened": 1,
        "closed": 1,
        "superseded": 0,
        "unchanged": 0,
        "overtaken": 0,
    }
    late = client.patch(f"{URL}/BANK", {"name": "Late"}, headers={"If-Match": etag})
    problem(late, 412, "precondition_failed")
    assert late["ETag"] == response["ETag"]


@pytest.mark.parametrize("body", [{}, {"name": "Bank"}])
def test_nothing_new_writes_nothing(client: APIClient, types: None, body: Any) -> None:
    before = EntityType.objects.count()
    response = client.patch(f"{URL}/BANK", body)
    assert (response.status_code, response.json()["outcome"]["unchanged"]) == (200, 1)
    assert EntityType.objects.count() == before


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"code": "BANKS"}, ("code", "unknown")),
        ({"name": None}, ("name", "null")),
        ({"is_pii_name": None}, ("is_pii_name", "null")),
        ({"name": "A", "future": "keep", "valid_to": "9999-12-31"}, None),
        ({"name": "A", "future": "keep", "valid_to": "2999-01-01"}, ("future", "invalid_change")),
        ({"name": "A", "future": "reject", "valid_to": "2999-01-01"}, ("future", "invalid_change")),
    ],
)
def test_what_is_wrong_with_a_change_is_named(
    client: APIClient, types: None, body: Any, fault: tuple[str, str] | None
) -> None:
    response = client.patch(f"{URL}/BANK", body)
    if fault is None:
        assert response.status_code == 200
    else:
        assert wrong(response) == [fault]


def test_a_history(client: APIClient, types: None) -> None:
    client.patch(f"{URL}/BANK", {"name": "Banks", "reason": "More"})
    answer = client.get(f"{URL}/BANK/history").json()
    assert list(answer) == ["code", "versions", "known_at", "next"]
    assert [version["name"] for version in answer["versions"]] == ["Banks", "Bank"]
    assert list(answer["versions"][0]) == [
        "name",
        "description",
        "is_pii_name",
        "valid_from",
        "valid_to",
        "is_current",
        "system_from",
        "hash_diff",
        "closed_at",
        "system_to",
        "actor",
        "reason",
        "created_at",
        "updated_at",
    ]
    assert (answer["versions"][0]["actor"], answer["versions"][0]["reason"]) == (
        "steward user",
        "More",
    )
    first = client.get(f"{URL}/BANK/history?limit=1").json()
    assert [v["name"] for v in client.get(first["next"]).json()["versions"]] == ["Bank"]


@pytest.mark.parametrize("code", ["NOBODY", "bank", "7", "%00", "B%2FC", "B" * 200])
def test_what_is_no_type(client: APIClient, types: None, code: str) -> None:
    for path in (f"{URL}/{code}", f"{URL}/{code}/history"):
        assert client.get(path).status_code == 404
    assert client.patch(f"{URL}/{code}", {"name": "A"}).status_code == 404


def test_only_what_is_there(client: APIClient, types: None) -> None:
    problem(client.delete(f"{URL}/BANK"), 405, "method_not_allowed")
    assert wrong(client.get(f"{URL}?q=bank")) == [("q", "unknown")]
