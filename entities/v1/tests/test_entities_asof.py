from typing import Any

import pytest
from rest_framework.test import APIClient

from entities.v1.tests.conftest import problem, wrong

URL = "/api/v1/entities-asof"


@pytest.fixture
def lives(client: APIClient, types: None) -> None:
    """Ada changes her name in 2021; the bank exists in 2020 alone."""
    people = "/api/v1/entities"
    body = {
        "entity_type": "PERSON",
        "display_name": "Ada Lovelace",
        "details": {"EMPLOYEES": 12},
        "valid_from": "2020-01-01",
    }
    ada = client.post(people, body)["Location"]
    change = {"display_name": "Ada King", "details": {"EMPLOYEES": 13}, "valid_from": "2021-01-01"}
    client.patch(ada, change)
    bank = {"entity_type": "BANK", "display_name": "Bank", "details": {"NOTE": "short"}}
    client.post(people, {**bank, "valid_from": "2020-01-01", "valid_to": "2021-01-01"})


def shown(client: APIClient, query: str) -> list[tuple[str, Any]]:
    response = client.get(f"{URL}?{query}")
    assert response.status_code == 200, response.json()
    return [(item["display_name"], item["details"]) for item in response.json()["results"]]


def test_entities_with_their_details_at_an_instant(client: APIClient, lives: None) -> None:
    assert shown(client, "as_of=2019-12-31") == []
    assert shown(client, "as_of=2020-01-01") == [
        ("Ada Lovelace", {"EMPLOYEES": 12}),
        ("Bank", {"NOTE": "short"}),
    ]
    assert shown(client, "as_of=2020-12-31") == shown(client, "as_of=2020-01-01")
    assert shown(client, "as_of=2021-01-01") == [("Ada King", {"EMPLOYEES": 13})]
    assert shown(client, "as_of=2020-12-31T23:59:59.999999Z") == shown(client, "as_of=2020-12-31")
    assert shown(client, "as_of=2021-01-01T00:00:00Z") == [("Ada King", {"EMPLOYEES": 13})]


def test_an_item_is_the_snapshot(client: APIClient, lives: None) -> None:
    answer = client.get(f"{URL}?as_of=2020-06-01&type=PERSON").json()
    [item] = answer["results"]
    assert item == client.get(f"/api/v1/entities/{item['uuid']}?as_of=2020-06-01").json()
    assert answer["basis"]["as_of"] == "2020-06-01T23:59:59.999999Z"


def test_the_filters_of_the_list(client: APIClient, lives: None) -> None:
    assert shown(client, "as_of=2020-06-01&q=ada") == [("Ada Lovelace", {"EMPLOYEES": 12})]
    assert shown(client, "as_of=2020-06-01&detail_code=NOTE") == [("Bank", {"NOTE": "short"})]
    assert shown(client, "as_of=2020-06-01&ordering=-display_name&limit=1") == [
        ("Bank", {"NOTE": "short"})
    ]
    assert shown(client, "as_of=2020-06-01&known_at=2020-06-01") == []


def test_its_pages(client: APIClient, lives: None) -> None:
    first = client.get(f"{URL}?as_of=2020-06-01&limit=1").json()
    second = client.get(first["next"]).json()
    assert [item["display_name"] for item in second["results"]] == ["Bank"]
    assert second["results"][0]["details"] == {"NOTE": "short"}
    assert (second["next"], second["basis"]) == (None, first["basis"])
    assert client.get(second["previous"]).json()["results"] == first["results"]


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("", ("as_of", "required")),
        ("as_of=", ("as_of", "invalid")),
        ("as_of=2024", ("as_of", "invalid")),
        ("as_of=2024-01-01&expand=details", ("expand", "unknown")),
        ("as_of=2024-01-01&type=NOBODY", ("type", "unknown_type")),
        ("as_of=2024-01-01&source=other", ("source", "unknown_source")),
    ],
)
def test_what_is_wrong_is_named(
    client: APIClient, types: None, query: str, fault: tuple[str, str]
) -> None:
    assert wrong(client.get(f"{URL}?{query}")) == [fault]


def test_it_is_read_only(client: APIClient) -> None:
    response = client.post(f"{URL}?as_of=2024-01-01", {})
    problem(response, 405, "method_not_allowed")
    assert response["Allow"] == "GET, HEAD, OPTIONS"
