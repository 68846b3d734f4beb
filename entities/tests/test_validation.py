"""A code that there is none of, and the one that was probably meant."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from entities.tests.conftest import make_types
from entities.tests.feed import Feed
from entities.v1.tests.conftest import signed_in
from entities.validation import did_you_mean

NAMED = {"source_id": "A", "display_name": "Alpha"}
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"entity_type": "bank"}, "entity_type: There is no entity type bank; did you mean BANK?"),
    ({"entity_type": "FIRM"}, "entity_type: There is no entity type FIRM."),
    ({"details": {"email": "a@b"}}, "There is no detail type email; did you mean EMAIL?"),
    ({"details": {"EMPLOYEE": 1}}, "There is no detail type EMPLOYEE; did you mean EMPLOYEES?"),
    ({"details": {"PHONE": "1"}}, "There is no detail type PHONE."),
]


def test_the_same_in_other_letters_comes_first() -> None:
    known = ("COUNTRY", "COUNTY", "NOTE")
    assert did_you_mean("country", known) == "; did you mean COUNTRY?"
    assert did_you_mean("CUONTRY", known) == "; did you mean COUNTRY?"
    assert did_you_mean("note", known) == "; did you mean NOTE?"
    assert did_you_mean("PHONE", known) == "."


def test_rows_of_a_file(feed: Feed) -> None:
    lines = "".join(json.dumps(NAMED | row) + "\n" for row, _ in WRONG)
    path = feed.write("feed.jsonl", lines)
    rejects = feed.rejects(path, "--source", "feed")
    assert rejects == [(line, reason) for line, (_, reason) in enumerate(WRONG, 1)]
    path = feed.write("feed.csv", "source_id,entity_type,display_name\nA,bank,Alpha\n")
    assert feed.rejects(path, "--source", "feed") == [(2, WRONG[0][1])]


@pytest.mark.django_db
@pytest.mark.parametrize(("row", "reason"), WRONG[2:4])
def test_items_of_a_request(settings: Any, row: dict[str, Any], reason: str) -> None:
    settings.ROOT_URLCONF = "entities.config.urls"
    make_types()
    client: APIClient = signed_in("editor")
    item = NAMED | {"source": "feed", "entity_type": "BANK"} | row
    answer = client.post("/api/v1/entities/bulk", [item], format="json")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["detail"] == reason
