"""A ``valid_to`` on or after 9999-12-31 is no end, whichever way it comes in."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from core.models.scd2.change import Future
from entities.models import Entity, EntityDetail
from entities.naming import entity_uuid
from entities.tests.conftest import create, day, update
from entities.tests.feed import Feed
from entities.tests.test_admin import errors, page_of, posted
from entities.tests.test_admin import signed_in as signed_in_to_admin
from entities.v1.tests.conftest import signed_in, wrong

FORMS = [
    "9999-12-31",
    "9999-12-31T00:00:00Z",
    "9999-12-31T23:59:59.999999-12:00",
    "9999-12-31T00:00:00+14:00",
]
URL = "/api/v1/entities"
HEADER = "source_id,op,entity_type,display_name,valid_from,valid_to,detail:NOTE\n"
CONTRADICTION = "future says how far a change without valid_to reaches."


@pytest.fixture
def client(types: None, settings: Any) -> APIClient:
    settings.ROOT_URLCONF = "entities.config.urls"
    return signed_in("steward")


def names(source_id: str = "A") -> list[tuple[str, int, int | None]]:
    """The live timeline of an entity of the feed, by years."""
    rows = Entity.objects.live().filter(uuid=entity_uuid("feed", source_id)).order_by("valid_from")
    return [
        (row.display_name, row.valid_from.year, row.valid_to and row.valid_to.year) for row in rows
    ]


def body(**more: Any) -> dict[str, Any]:
    named = {"source": "feed", "source_id": "A", "entity_type": "BANK", "display_name": "Alpha"}
    return {**named, "valid_from": "2020-01-01", **more}


@pytest.mark.parametrize("form", FORMS)
def test_of_the_body_of_a_call(client: APIClient, form: str) -> None:
    made = client.post(URL, body(valid_to=form), format="json")
    assert (made.status_code, made.json()["valid_to"]) == (201, None)
    change = {"display_name": "Beta", "valid_from": "2021-01-01", "valid_to": form}
    changed = client.patch(made["Location"], {**change, "future": "overwrite"}, format="json")
    assert changed.json()["outcome"] == {
        "opened": 1,
        "closed": 1,
        "superseded": 0,
        "unchanged": 0,
        "overtaken": 0,
    }
    assert names() == [("Alpha", 2020, 2021), ("Beta", 2021, None)]
    again = client.patch(made["Location"], {**change, "future": "reject"}, format="json")
    assert again.json()["outcome"]["unchanged"] == 1


def test_of_items(client: APIClient) -> None:
    items = [
        body(valid_to=FORMS[0], future="keep"),
        body(display_name="Beta", valid_from="2021-01-01", valid_to=FORMS[1], future="overwrite"),
        {"source": "feed", "source_id": "A", "op": "end", "valid_from": "2022-01-01",
         "valid_to": FORMS[2]},
    ]  # fmt: skip
    for one in items:
        assert client.post(f"{URL}/bulk", [one], format="json").status_code == 200
    assert names() == [("Alpha", 2020, 2021), ("Beta", 2021, 2022)]


@pytest.mark.parametrize("future", list(Future))
def test_future_goes_with_no_real_end(client: APIClient, future: Future) -> None:
    items = [body(valid_to="2025-01-01", future=future), body(valid_to="9999-12-30", future=future)]
    answers = [client.post(f"{URL}/bulk", [one], format="json") for one in items]
    assert [wrong(answer) for answer in answers] == [[("0.valid_to", "invalid_change")]] * 2
    uuid = create().uuid
    change = {"display_name": "Beta", "valid_to": "2999-01-01", "future": future}
    answer = client.patch(f"{URL}/{uuid}", change, format="json")
    assert wrong(answer) == [("future", "invalid_change")]
    assert answer.json()["errors"][0]["detail"] == CONTRADICTION


def test_of_services(types: None) -> None:
    end = day(9999, 12, 31)
    uuid = create(source="feed", source_id="A", valid_to=end, details={"NOTE": "x"}).uuid
    update(uuid, day(2021), display_name="Beta", valid_to=end, future=Future.REJECT)
    assert names() == [("Alpha", 2020, 2021), ("Beta", 2021, None)]
    assert EntityDetail.objects.get().valid_to is None


@pytest.mark.parametrize("form", FORMS)
def test_of_the_admin(types: None, form: str) -> None:
    steward = signed_in_to_admin("steward")
    uuid = create(source="feed", source_id="A").uuid
    change = {"display_name": "Beta", "valid_from": "2021-01-01", "valid_to": form}
    posted(steward, page_of(uuid), **change, future="overwrite")
    assert names() == [("Alpha", 2020, 2021), ("Beta", 2021, None)]
    refused = posted(steward, page_of(uuid), display_name="C", valid_from=form)
    assert list(errors(refused)) == ["valid_from"]


@pytest.mark.parametrize("form", FORMS)
def test_of_files(feed: Feed, form: str) -> None:
    csv = f"{HEADER}A,,BANK,Alpha,2020-01-01,{form},x\nB,,BANK,Bravo,2020-01-01,{form},\n"
    feed.load(csv, "--future", "overwrite")
    feed.load(f"{HEADER}B,end,,,2021-01-01,{form},\n")
    rows = [
        body(display_name="Beta", valid_from="2021-01-01", valid_to=form, future="reject"),
        {"source_id": "B", "op": "end", "valid_from": "2020-06-01", "valid_to": form},
    ]
    feed.load("".join(json.dumps(row) + "\n" for row in rows), name="feed.jsonl")
    assert names() == [("Alpha", 2020, 2021), ("Beta", 2021, None)]
    assert names("B") == [("Bravo", 2020, 2020)]
    assert EntityDetail.objects.get().valid_to is None
    contradictions = [body(valid_to="2025-01-01", future=future) for future in Future]
    path = feed.write("wrong.jsonl", "".join(json.dumps(row) + "\n" for row in contradictions))
    assert feed.rejects(path, "--source", "feed") == [
        (line, f"valid_to: It says how far the row reaches, and so does future={future}.")
        for line, future in enumerate(Future, 1)
    ]
    path = feed.write("late.csv", f"{HEADER}A,,BANK,Alpha,{form},,\n")
    assert feed.rejects(path, "--source", "feed") == [
        (2, "valid_from: A start must be earlier than 9999-12-31, which means no end.")
    ]


@pytest.mark.parametrize("future", ["keep", "overwrite", "reject"])
@pytest.mark.parametrize("name", ["feed.csv", "feed.jsonl"])
def test_a_future_that_is_said_contradicts_an_end(feed: Feed, name: str, future: str) -> None:
    rows = {
        "feed.csv": f"{HEADER}A,,BANK,Ended,2021-01-01,2022-01-01,\nB,,BANK,Open,2021-01-01,,\n",
        "feed.jsonl": '{"source_id": "A", "entity_type": "BANK", "display_name": "Ended", '
        '"valid_from": "2021-01-01", "valid_to": "2022-01-01"}\n'
        '{"source_id": "B", "entity_type": "BANK", "display_name": "Open", '
        '"valid_from": "2021-01-01"}\n',
    }
    path = feed.write(name, rows[name])
    [(_, reason)] = feed.rejects(path, "--source", "feed", "--future", future)
    assert reason == (f"valid_to: It says how far the row reaches, and so does future={future}.")
    assert feed.run(path, "--source", "feed").code == 0
