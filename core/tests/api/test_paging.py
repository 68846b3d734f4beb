from typing import Any

import pytest
from rest_framework.test import APIClient

from core.models.scd2 import Change
from core.models.scd2.engine import apply_changes
from core.tests.api.conftest import SYSTEM
from core.tests.api.harbour import FIRST
from core.tests.harbour.models import Flag

URL = "/api/v1/flags"


def page(client: APIClient, url: str) -> Any:
    response = client.get(url)
    assert response.status_code == 200, response.json()
    return response.json()


def codes(answer: Any) -> list[str]:
    return [item["code"] for item in answer["results"]]


def named(client: APIClient, url: str) -> list[tuple[str, str]]:
    response = client.get(url)
    assert response.status_code == 400
    return [(error["field"], error["code"]) for error in response.json()["errors"]]


def test_a_short_list_has_one_page(client: APIClient, flags: list[str]) -> None:
    answer = page(client, URL)
    assert codes(answer) == flags
    assert (answer["next"], answer["previous"]) == (None, None)
    assert list(answer["results"][0]) == [
        "valid_from",
        "valid_to",
        "is_current",
        "system_from",
        "hash_diff",
        "code",
        "name",
    ]


def test_an_empty_list_has_one_page(client: APIClient) -> None:
    answer = page(client, URL)
    assert (answer["results"], answer["next"], answer["previous"]) == ([], None, None)


@pytest.mark.parametrize("limit", [1, 2, 3, 6, 7, 8])
def test_pages_lead_through_the_list_and_back(
    client: APIClient, flags: list[str], limit: int
) -> None:
    forward, url = [], f"{URL}?limit={limit}"
    while url:
        forward.append(page(client, url))
        url = forward[-1]["next"]
    assert [code for answer in forward for code in codes(answer)] == flags
    assert all(len(answer["results"]) == limit for answer in forward[:-1])
    back, url = [], forward[-1]["previous"]
    while url:
        back.append(page(client, url))
        url = back[-1]["previous"]
    assert [codes(answer) for answer in back] == [codes(answer) for answer in forward[-2::-1]]
    following = [codes(page(client, answer["next"])) for answer in back]
    assert following == [codes(answer) for answer in forward[:0:-1]]


def test_the_pages_of_a_list_answer_for_one_basis(client: APIClient, flags: list[str]) -> None:
    first = page(client, f"{URL}?limit=3")
    apply_changes([(Flag, [Change({"code": "EE"}, {"name": "new"}, FIRST)])], SYSTEM)
    apply_changes([(Flag, [Change({"code": "FR"}, None, FIRST)])], SYSTEM)
    second = page(client, first["next"])
    assert codes(second) == ["FR", "GB", "NO"]
    assert second["basis"] == first["basis"]
    assert codes(page(client, URL)) == ["AT", "CH", "DE", "EE", "GB", "NO", "PL"]


def test_a_cursor_brings_its_filters(client: APIClient, flags: list[str]) -> None:
    apply_changes(
        [(Flag, [Change({"code": code}, {"name": "same"}, FIRST) for code in ("XA", "XB")])],
        SYSTEM,
    )
    first = page(client, f"{URL}?limit=1&name=same&as_of=2021-01-01")
    second = page(client, first["next"])
    assert codes(second) == ["XB"]
    assert second["basis"]["as_of"] == "2021-01-01T23:59:59.999999Z"
    assert codes(page(client, first["next"] + "&name=same&as_of=2021-01-01")) == ["XB"]
    assert named(client, first["next"] + "&name=other") == [("name", "pinned")]
    assert named(client, first["next"] + "&known_at=2021-01-01") == [("known_at", "pinned")]
    assert named(client, first["next"] + "&colour=red") == [("colour", "pinned")]


def test_the_limit_may_change_on_the_way(client: APIClient, flags: list[str]) -> None:
    first = page(client, f"{URL}?limit=1")
    second = page(client, first["next"] + "&limit=4")
    assert codes(second) == ["CH", "DE", "FR", "GB"]
    assert codes(page(client, second["next"])) == ["NO", "PL"]
    assert named(client, first["next"] + "&limit=0") == [("limit", "min_value")]


def test_what_is_no_cursor_is_refused(client: APIClient, flags: list[str]) -> None:
    following = page(client, f"{URL}?limit=1")["next"]
    assert named(client, following[:-1] + ("A" if following[-1] != "A" else "B")) == [
        ("cursor", "invalid")
    ]
    assert named(client, f"{URL}?cursor=") == [("cursor", "invalid")]
    assert named(client, following + "&cursor=x") == [("cursor", "repeated")]


def test_what_was_believed_then(client: APIClient, flags: list[str]) -> None:
    before = page(client, URL)["basis"]["known_at"]
    apply_changes([(Flag, [Change({"code": "DE"}, None, FIRST)])], SYSTEM)
    assert "DE" not in codes(page(client, URL))
    assert "DE" in codes(page(client, f"{URL}?known_at={before}"))
    assert codes(page(client, f"{URL}?known_at=2019-01-01")) == []
    assert codes(page(client, f"{URL}?as_of=2019-12-31")) == []
    assert codes(page(client, f"{URL}?as_of=2020-01-01")) == [c for c in flags if c != "DE"]


def test_a_future_belief_is_refused(client: APIClient, flags: list[str]) -> None:
    assert named(client, f"{URL}?known_at=9999-12-31") == [("known_at", "in_the_future")]
    assert page(client, f"{URL}?as_of=9999-12-31")["basis"]["as_of"] == (
        "9999-12-31T23:59:59.999999Z"
    )


def test_a_page_takes_the_same_statements_however_long_it_is(
    client: APIClient, flags: list[str], django_assert_num_queries: Any
) -> None:
    for limit in (1, 7):
        with django_assert_num_queries(2):
            page(client, f"{URL}?limit={limit}")
