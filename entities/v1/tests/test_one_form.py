"""Identifiers, codes and names have one form in bodies and parameters; values are found in it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from core.tests.problems import wrong
from entities.naming import entity_uuid
from entities.v1.tests.conftest import signed_in

URL = "/api/v1/entities"
LOOSE = {
    "source": " fe\u0301",
    "source_id": "Zoe\u0308 1 ",
    "entity_type": " BANK",
    "display_name": "Ae\u0301 GmbH\t",
    "details": {"NOTE ": " cafe\u0301 "},
}
FORM = {"source": "fé", "source_id": "Zoë 1", "entity_type": "BANK", "display_name": "Aé GmbH"}
UUID = str(entity_uuid("fé", "Zoë 1"))


@pytest.fixture
def zoe(client: APIClient, types: None) -> Any:
    answer = client.post(URL, LOOSE)
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_a_body_is_stored_in_one_form(client: APIClient, zoe: Any) -> None:
    assert zoe["uuid"] == UUID
    assert {name: zoe[name] for name in FORM} == FORM
    assert zoe["details"] == {"NOTE": " cafe\u0301 "}
    again = client.post(URL, {**FORM, "uuid": f" {UUID.upper()} ", "details": zoe["details"]})
    assert again.status_code == 200
    renamed = client.patch(f"{URL}/{UUID}", {"display_name": " Aé GmbH", "entity_type": "BANK "})
    assert renamed.json()["outcome"]["opened"] == 0


def test_items_are_stored_in_one_form(client: APIClient, zoe: Any) -> None:
    at_once = client.post(f"{URL}/bulk", [LOOSE])
    by_line = client.generic(
        "POST", f"{URL}/bulk", json.dumps(LOOSE), content_type="application/x-ndjson"
    )
    for answer in (at_once, by_line):
        assert answer.status_code == 200, answer.content
        assert answer.json()["outcome"]["opened"] == 0


@pytest.mark.parametrize(
    "query",
    [
        {"source": "fe\u0301 "},
        {"source_id": " Zoe\u0308 1"},
        {"type": " BANK "},
        {"q": "ae\u0301"},
        {"detail_code": "NOTE "},
        {"detail[NOTE]": " cafe\u0301 "},
        {"detail[NOTE]": " café "},
        {"detail[ NOTE]": " café "},
    ],
)
def test_parameters_compare_in_one_form(client: APIClient, zoe: Any, query: Any) -> None:
    for path in (URL, "/api/v1/entities-asof"):
        found = client.get(path, {**query, "as_of": zoe["valid_from"]})
        assert [one["uuid"] for one in found.json()["results"]] == [UUID]


def test_a_value_that_differs_otherwise_is_another(client: APIClient, zoe: Any) -> None:
    for value in ("café", " cafe ", " CAFÉ "):
        assert client.get(URL, {"detail[NOTE]": value}).json()["results"] == []


def test_types_are_stored_in_one_form(client: APIClient, types: None) -> None:
    admin = signed_in("admin")
    made = admin.post("/api/v1/entity-types", {"code": " FUND", "name": "Fonde\u0301s "})
    assert made.status_code == 201
    assert (made.json()["code"], made.json()["name"]) == ("FUND", "Fondés")
    for way in ("", "/history"):
        loose = client.get(f"/api/v1/entity-types/%C2%A0FUND%20{way}")
        assert loose.json()["code"] == "FUND", loose.content
    assert client.get("/api/v1/entity-types/FUND%E2%80%8B").status_code == 404
    fields = {"code": "A\u200b", "name": "A", "data_type": "text"}
    refused = admin.post("/api/v1/detail-types", fields)
    assert wrong(refused) == [("code", "invalid_change")]


def test_what_cannot_be_seen_is_refused_with_its_place(client: APIClient, types: None) -> None:
    answer = client.post(URL, {**LOOSE, "source_id": "\u00a0A\u200bB"})
    assert wrong(answer) == [("source_id", "invalid_change")]
    item = client.post(f"{URL}/bulk", [LOOSE, {**LOOSE, "display_name": "A\u200dB"}])
    assert wrong(item) == [("1.display_name", "invalid_change")]
    told = [one.json()["errors"][0]["detail"] for one in (answer, item)]
    assert told == [
        "Character 3 is U+200B (ZERO WIDTH SPACE), which cannot be seen.",
        "Character 2 is U+200D (ZERO WIDTH JOINER), which cannot be seen.",
    ]
