"""What does not come to hold, because a later change stands, is counted in every answer."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from entities.v1.tests.conftest import signed_in

URL = "/api/v1/entities"
EARLY, LATE = "2020-01-01", "2022-01-01"


@pytest.fixture
def client(types: None) -> APIClient:
    return signed_in("steward")


def bank(name: str, start: str, note: str) -> dict[str, Any]:
    return {
        "source": "feed",
        "source_id": "A",
        "entity_type": "BANK",
        "display_name": name,
        "valid_from": start,
        "details": {"NOTE": note},
    }


def overtaken(response: Any) -> tuple[int, int]:
    assert response.status_code in (200, 201), response.json()
    return response.status_code, response.json()["outcome"]["overtaken"]


def test_a_late_patch_and_the_same_again(client: APIClient) -> None:
    made = client.post(URL, bank("Old", EARLY, "x"), format="json")
    thing = made["Location"]
    newer = {"display_name": "New", "details": {"NOTE": "y"}, "valid_from": LATE}
    assert (overtaken(made), overtaken(client.patch(thing, newer))) == ((201, 0), (200, 0))

    late = {"display_name": "Between", "details": {"NOTE": "z"}, "valid_from": "2021-01-01"}
    assert overtaken(client.patch(thing, late)) == (200, 2)
    again = client.patch(thing, late)

    assert overtaken(again) == (200, 2)
    assert again.json()["outcome"]["unchanged"] == 2
    assert overtaken(client.patch(thing, late | {"valid_to": "2021-02-01"})) == (200, 0)
    assert overtaken(client.patch(thing, late | {"future": "overwrite"})) == (200, 0)


def test_a_late_post_into_the_time_before(client: APIClient) -> None:
    client.post(URL, bank("Old", EARLY, "x") | {"valid_to": "2021-01-01"}, format="json")
    same = bank("Old", EARLY, "x")

    answer = client.post(f"{URL}/bulk", [same], format="json")

    assert answer.json()["outcome"]["overtaken"] == 2
    assert answer.json()["results"][0]["outcome"]["overtaken"] == 2


def test_late_items_each_by_itself(client: APIClient) -> None:
    newer = [bank("New", LATE, "y")]
    assert overtaken(client.post(f"{URL}/bulk", newer, format="json")) == (200, 0)

    items = [bank("Old", EARLY, "y"), {**bank("Other", EARLY, "n"), "source_id": "B"}]
    answer = client.post(f"{URL}/bulk", items, format="json")

    assert [one["outcome"]["overtaken"] for one in answer.json()["results"]] == [1, 0]
    assert overtaken(answer) == (200, 1)
