from typing import Any

import pytest
from rest_framework.test import APIClient

from core.models import AuditEntry
from core.models.scd2 import Change
from core.models.scd2.engine import apply_changes
from core.tests.api.conftest import SYSTEM
from core.tests.harbour.models import Flag

URL = "/api/v1/flags/DE"


def test_a_snapshot(client: APIClient, flags: list[str]) -> None:
    response = client.get(URL)
    flag = Flag.objects.get(code="DE")
    assert response.status_code == 200
    assert response.json() == {
        "valid_from": "2020-01-01T00:00:00Z",
        "valid_to": None,
        "is_current": True,
        "system_from": flag.system_from.isoformat().replace("+00:00", "Z"),
        "hash_diff": flag.hash_diff.hex(),
        "code": "DE",
        "name": "name of DE",
    }


def test_what_has_not_changed_is_not_sent_again(client: APIClient, flags: list[str]) -> None:
    etag = client.get(URL)["ETag"]
    again = client.get(URL, headers={"If-None-Match": etag})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", etag)
    client.patch(URL, {"name": "new"})
    changed = client.get(URL, headers={"If-None-Match": etag})
    assert changed.status_code == 200
    assert changed["ETag"] != etag


def test_what_is_not_known_is_a_404(client: APIClient, flags: list[str]) -> None:
    response = client.get("/api/v1/flags/XX")
    assert response.status_code == 404
    assert response.json()["type"] == "urn:cockpit:problem:not_found"
    assert response.json()["detail"] == "There is no flag XX."


def test_what_is_not_valid_then_is_a_404_that_says_when(
    client: APIClient, flags: list[str]
) -> None:
    response = client.get(f"{URL}?as_of=2019-12-31")
    answer = response.json()
    assert response.status_code == 404
    assert answer["type"] == "urn:cockpit:problem:not_valid_then"
    assert answer["valid_periods"] == [{"valid_from": "2020-01-01T00:00:00Z", "valid_to": None}]
    assert answer["history"] == "http://testserver/api/v1/flags/DE/history"


def test_a_write_answers_with_the_thing_the_outcome_and_the_basis(
    client: APIClient, flags: list[str]
) -> None:
    response = client.patch(URL, {"name": "new", "valid_from": "2021-01-01", "reason": "Why not"})
    answer = response.json()
    assert response.status_code == 200
    assert (answer["name"], answer["valid_from"]) == ("new", "2021-01-01T00:00:00Z")
    assert answer["outcome"] == {
        "opened": 1,
        "closed": 1,
        "superseded": 0,
        "unchanged": 0,
        "overtaken": 0,
    }
    assert answer["basis"] == {
        "as_of": "2021-01-01T00:00:00Z",
        "known_at": answer["system_from"],
    }
    assert response["ETag"] == client.get(URL)["ETag"]


def test_who_when_why_and_where_from_is_audited(client: APIClient, flags: list[str]) -> None:
    headers = {"X-Request-ID": "call-7"}
    answer = client.patch(URL, {"name": "new", "reason": "Why not"}, headers=headers).json()
    entry = AuditEntry.objects.filter(channel="api").get()
    assert (entry.actor, entry.reason, entry.request_id) == ("ada", "Why not", "call-7")
    assert (entry.client_address, entry.after) == ("127.0.0.1", {"name": "new"})
    assert entry.instant.isoformat().replace("+00:00", "Z") == answer["basis"]["known_at"]


@pytest.mark.parametrize(
    ("forwarded", "proxies", "address"),
    [
        ("10.0.0.9", 0, "127.0.0.1"),
        ("10.0.0.9, 192.0.2.7", 1, "192.0.2.7"),
        ("10.0.0.9, 192.0.2.7, 198.51.100.1", 2, "192.0.2.7"),
        ("192.0.2.7", 2, "127.0.0.1"),
        ("2001:db8::1", 1, "2001:db8::1"),
        ("unknown", 1, None),
        ("", 1, "127.0.0.1"),
        ("192.0.2.7,", 1, "127.0.0.1"),
    ],
)
@pytest.mark.usefixtures("flags")
def test_the_address_is_the_one_that_we_or_our_proxies_saw(
    client: APIClient, settings: Any, forwarded: str, proxies: int, address: str | None
) -> None:
    settings.TRUSTED_PROXIES = proxies
    client.patch(URL, {"name": "new"}, headers={"X-Forwarded-For": forwarded})
    assert AuditEntry.objects.filter(channel="api").get().client_address == address


def test_nothing_new_writes_nothing(client: APIClient, flags: list[str]) -> None:
    before = Flag.objects.count()
    response = client.patch(URL, {"name": "name of DE"})
    assert response.status_code == 200
    assert response.json()["outcome"] == {
        "opened": 0,
        "closed": 0,
        "superseded": 0,
        "unchanged": 1,
        "overtaken": 0,
    }
    assert Flag.objects.count() == before


def test_a_change_under_a_condition(client: APIClient, flags: list[str]) -> None:
    etag = client.get(URL)["ETag"]
    first = client.patch(URL, {"name": "first"}, headers={"If-Match": etag})
    assert first.status_code == 200
    second = client.patch(URL, {"name": "second"}, headers={"If-Match": etag})
    assert second.status_code == 412
    assert second["ETag"] == first["ETag"] == client.get(URL)["ETag"]
    assert second.json()["type"] == "urn:cockpit:problem:precondition_failed"
    assert client.get(URL).json()["name"] == "first"
    third = client.patch(URL, {"name": "third"}, headers={"If-Match": first["ETag"]})
    assert third.status_code == 200


def test_a_condition_on_what_is_not_valid_now_fails(client: APIClient, flags: list[str]) -> None:
    apply_changes([(Flag, [Change({"code": "DE"}, None)])], SYSTEM)
    body = {"name": "late", "valid_from": "2020-06-01"}
    response = client.patch(URL, body, headers={"If-Match": "*"})
    assert (response.status_code, response.has_header("ETag")) == (412, False)
    assert Flag.objects.live().filter(name="late").count() == 0


def test_the_tag_of_an_answer_is_that_of_the_thing_now(client: APIClient, flags: list[str]) -> None:
    client.patch(URL, {"name": "later", "valid_from": "2022-01-01"})
    response = client.patch(URL, {"name": "early", "valid_from": "2021-01-01"})
    assert response.json()["name"] == "early"
    assert response["ETag"] == client.get(URL)["ETag"]
    assert client.get(URL).json()["name"] == "later"


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"nmae": "x"}, 400, "nmae"),
        ({"name": "x", "valid_from": "soon"}, 400, "valid_from"),
        ({"name": "x", "valid_from": "2021-01-01", "valid_to": "2021-01-01"}, 400, "valid_to"),
        ({"name": "x", "valid_to": "2090-01-01", "future": "overwrite"}, 400, "future"),
        ({"name": "x", "future": "maybe"}, 400, "future"),
        ({"name": 7}, 400, "name"),
        ([], 400, ""),
    ],
)
def test_what_is_wrong_with_a_change_is_named(
    client: APIClient, flags: list[str], body: Any, status: int, field: str
) -> None:
    before = Flag.objects.count()
    response = client.patch(URL, body)
    assert response.status_code == status
    assert [error["field"] for error in response.json()["errors"]] == [field]
    assert Flag.objects.count() == before


def test_a_conflict_is_a_409(client: APIClient, flags: list[str]) -> None:
    response = client.patch(URL, {"name": "x", "valid_from": "2019-01-01"})
    assert response.status_code == 409
    assert response.json()["type"] == "urn:cockpit:problem:nothing_to_amend"


# Creation


def test_a_new_thing_has_a_place(client: APIClient, flags: list[str]) -> None:
    response = client.post("/api/v1/flags", {"code": "EE", "name": "new", "valid_to": "2099-01-01"})
    answer = response.json()
    assert response.status_code == 201
    assert response["Location"] == "http://testserver/api/v1/flags/EE"
    assert response["ETag"] == client.get("/api/v1/flags/EE")["ETag"]
    assert (answer["valid_from"], answer["valid_to"], answer["is_current"]) == (
        answer["basis"]["as_of"],
        "2099-01-01T00:00:00Z",
        False,
    )


# History


def test_a_history_is_newest_first_and_paged(client: APIClient, flags: list[str]) -> None:
    for year in (2021, 2022, 2023):
        client.patch(URL, {"name": str(year), "valid_from": f"{year}-01-01", "reason": "so"})
    first = client.get(f"{URL}/history?limit=3").json()
    assert list(first) == ["code", "versions", "known_at", "next"]
    assert [version["name"] for version in first["versions"]] == ["2023", "2022", "2021"]
    assert first["versions"][0]["created_at"] >= first["versions"][0]["system_from"]
    assert first["versions"][0] == {
        "valid_from": "2023-01-01T00:00:00Z",
        "valid_to": None,
        "is_current": True,
        "system_from": first["versions"][0]["system_from"],
        "hash_diff": first["versions"][0]["hash_diff"],
        "closed_at": None,
        "system_to": None,
        "actor": "ada",
        "reason": "so",
        "created_at": first["versions"][0]["created_at"],
        "updated_at": first["versions"][0]["created_at"],
        "name": "2023",
    }
    client.patch(URL, {"name": "2024", "valid_from": "2024-01-01"})
    second = client.get(first["next"]).json()
    assert [version["name"] for version in second["versions"]] == ["name of DE"]
    assert (second["next"], second["known_at"]) == (None, first["known_at"])


def test_a_history_may_show_what_is_no_longer_believed(client: APIClient, flags: list[str]) -> None:
    before = client.get(f"{URL}/history").json()["known_at"]
    client.patch(URL, {"name": "right", "valid_from": "2020-01-01"})

    def names(query: str) -> list[str]:
        answer = client.get(f"{URL}/history{query}").json()
        return [version["name"] for version in answer["versions"]]

    assert names("") == ["right"]
    assert names("?superseded=false") == ["right"]
    assert names("?superseded=true") == ["right", "name of DE"]
    assert names(f"?known_at={before}") == ["name of DE"]
    assert names("?known_at=2019-01-01") == []
