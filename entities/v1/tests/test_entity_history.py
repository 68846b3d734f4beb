from typing import Any

import pytest
from rest_framework.test import APIClient

from entities.models import Entity, EntityDetail
from entities.v1.tests.conftest import problem, wrong


def as_json(instant: Any) -> str | None:
    return instant.isoformat().replace("+00:00", "Z") if instant else None


def test_a_history(client: APIClient, ada: str) -> None:
    body = {"display_name": "Ada King", "valid_from": "2021-01-01", "reason": "Marriage"}
    client.patch(ada, {**body, "details": {"EMPLOYEES": None}})
    answer = client.get(f"{ada}/history").json()
    old, new = Entity.objects.order_by("valid_from")
    mail, staff = EntityDetail.objects.order_by("detail_code")
    assert list(answer) == ["uuid", "entity", "details", "masked", "known_at", "next"]
    assert (answer["uuid"], answer["next"]) == (str(old.uuid), None)

    def about(row: Any, reason: str) -> dict[str, Any]:
        return {
            "valid_from": as_json(row.valid_from),
            "valid_to": as_json(row.valid_to),
            "is_current": row.is_current,
            "system_from": as_json(row.system_from),
            "hash_diff": row.hash_diff.hex(),
            "closed_at": as_json(row.closed_at),
            "system_to": as_json(row.system_to),
            "actor": "steward user",
            "reason": reason,
            "created_at": as_json(row.created_at),
            "updated_at": as_json(row.updated_at),
        }

    assert answer["entity"] == [
        {"entity_type": "PERSON", "display_name": "Ada King", **about(new, "Marriage")},
        {"entity_type": "PERSON", "display_name": "Ada Lovelace", **about(old, "")},
    ]
    assert answer["details"] == {
        "EMAIL": [{"value": "ada@example.org", **about(mail, "")}],
        "EMPLOYEES": [{"value": 12, **about(staff, "")}],
    }
    assert old.created_at < old.updated_at == old.closed_at
    assert new.created_at == new.updated_at
    assert answer["entity"][1]["valid_to"] == "2021-01-01T00:00:00Z"
    assert answer["entity"][1]["closed_at"] == answer["entity"][0]["system_from"]
    assert answer["details"]["EMPLOYEES"][0]["closed_at"] == answer["entity"][0]["system_from"]


def versions(answer: Any) -> list[tuple[str, str]]:
    found = [("", version["valid_from"]) for version in answer["entity"]]
    for code, held in answer["details"].items():
        found += [(code, version["valid_from"]) for version in held]
    return sorted(found)


@pytest.mark.parametrize("limit", [1, 2, 3, 10])
def test_its_pages_hold_every_version_once(client: APIClient, ada: str, limit: int) -> None:
    for year in range(2021, 2025):
        change = {"display_name": f"Ada {year}", "details": {"EMPLOYEES": year}}
        client.patch(ada, {**change, "valid_from": f"{year}-01-01"})
    whole = versions(client.get(f"{ada}/history").json())
    assert len(whole) == 11
    url, found, starts = f"{ada}/history?limit={limit}", [], []
    while url:
        answer = client.get(url).json()
        page = versions(answer)
        assert len(page) <= limit
        found += page
        starts.append(max(start for _, start in page))
        url = answer["next"]
    assert sorted(found) == whole
    assert starts == sorted(starts, reverse=True)


def test_what_is_no_longer_believed(client: APIClient, ada: str) -> None:
    before = client.get(f"{ada}/history").json()["known_at"]
    client.patch(ada, {"display_name": "Ada Byron", "valid_from": "2020-01-01"})
    settled = client.get(f"{ada}/history").json()

    def names(query: str) -> list[tuple[str, bool]]:
        answer = client.get(f"{ada}/history?{query}").json()
        return [(v["display_name"], v["system_to"] is not None) for v in answer["entity"]]

    assert names("") == [("Ada Byron", False)]
    assert names("superseded=true") == [("Ada Byron", False), ("Ada Lovelace", True)]
    assert names(f"known_at={before}") == [("Ada Lovelace", False)]
    assert names(f"known_at={before}&superseded=true") == [("Ada Lovelace", False)]
    assert names(f"known_at={settled['known_at']}") == [("Ada Byron", False)]


def test_a_closed_version_was_open_before(client: APIClient, ada: str) -> None:
    before = client.get(f"{ada}/history").json()["known_at"]
    client.patch(ada, {"display_name": "Ada King", "valid_from": "2021-01-01"})
    [version] = client.get(f"{ada}/history?known_at={before}").json()["entity"]
    assert (version["valid_to"], version["closed_at"], version["is_current"]) == (None, None, True)


def test_who_was_not_known_yet_has_an_empty_history(client: APIClient, ada: str) -> None:
    answer = client.get(f"{ada}/history?known_at=2019-01-01").json()
    assert (answer["entity"], answer["details"], answer["next"]) == ([], {}, None)


def test_who_is_not_known_has_none(client: APIClient, types: None) -> None:
    path = "/api/v1/entities/00000000-0000-0000-0000-000000000001/history"
    problem(client.get(path), 404, "not_found")


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("superseded=yes", ("superseded", "invalid_choice")),
        ("as_of=2024-01-01", ("as_of", "unknown")),
        ("known_at=9999-12-31", ("known_at", "in_the_future")),
        ("limit=0", ("limit", "min_value")),
        ("cursor=x", ("cursor", "invalid")),
    ],
)
def test_what_is_wrong_is_named(
    client: APIClient, ada: str, query: str, fault: tuple[str, str]
) -> None:
    assert wrong(client.get(f"{ada}/history?{query}")) == [fault]


def test_what_was_written_later_is_not_in_an_answer_of_before(client: APIClient, ada: str) -> None:
    """Closed after the first look, superseded after the second: both looks stay as they were."""
    looks: dict[str, Any] = {}
    for year in (2022, 2021):
        at = as_json(Entity.objects.latest("system_from").system_from)
        looks[f"{ada}/history?known_at={at}&superseded=true"] = None
        looks = {path: shown or client.get(path).json() for path, shown in looks.items()}
        client.patch(ada, {"display_name": f"Ada {year}", "valid_from": f"{year}-01-01"})
    assert Entity.objects.filter(closed_at__isnull=False, system_to__isnull=False).exists()
    assert {path: client.get(path).json() for path in looks} == looks
