from datetime import UTC, datetime
from typing import Any

import pytest
from rest_framework.test import APIClient

from core.models import AuditEntry
from entities.models import Entity, EntityDetail
from entities.v1.tests.conftest import problem, signed_in, wrong

NOBODY = "/api/v1/entities/00000000-0000-0000-0000-000000000001"
DETAILS = {"EMAIL": "ada@example.org", "EMPLOYEES": 12}


@pytest.fixture
def client(db: None) -> APIClient:
    """A client that may end."""
    return signed_in("steward")


def rows() -> int:
    return sum(model.objects.count() for model in (Entity, EntityDetail))


def ends() -> set[datetime | None]:
    """Where the live versions of all entities and details end."""
    return {
        row.valid_to for model in (Entity, EntityDetail) for row in model.objects.live().iterator()
    }


def test_from_now_on_it_is_no_more(client: APIClient, ada: str) -> None:
    response = client.delete(ada)
    assert (response.status_code, response.content) == (204, b"")
    entry = AuditEntry.objects.get(model="entities.entity", action="ended")
    assert ends() == {entry.instant}
    answer = problem(client.get(ada), 404, "not_valid_then")
    until = entry.instant.isoformat().replace("+00:00", "Z")
    assert answer["valid_periods"] == [{"valid_from": "2020-01-01T00:00:00Z", "valid_to": until}]
    assert client.get(f"{ada}?as_of=2021-01-01").json()["details"] == DETAILS


def test_again_writes_nothing(client: APIClient, ada: str) -> None:
    client.delete(ada)
    before, entries = rows(), AuditEntry.objects.count()
    assert client.delete(ada).status_code == 204
    assert client.delete(f"{ada}?valid_from=2999-01-01").status_code == 204
    assert (rows(), AuditEntry.objects.count()) == (before, entries)


@pytest.mark.parametrize("given", ["2024-03-31", "2024-03-31T02:00:00%2B02:00"])
def test_from_an_instant_on(client: APIClient, ada: str, given: str) -> None:
    assert client.delete(f"{ada}?valid_from={given}&reason=Merged").status_code == 204
    assert ends() == {datetime(2024, 3, 31, tzinfo=UTC)}
    assert client.get(f"{ada}?as_of=2024-03-30").status_code == 200
    assert client.get(f"{ada}?as_of=2024-03-31").status_code == 404
    reasons = AuditEntry.objects.filter(action__in=["ended", "corrected"]).values_list("reason")
    assert set(reasons) == {("Merged",)}


def test_an_earlier_end_corrects_a_later_one(client: APIClient, ada: str) -> None:
    client.delete(f"{ada}?valid_from=2024-01-01")
    client.delete(f"{ada}?valid_from=2022-01-01")
    assert ends() == {datetime(2022, 1, 1, tzinfo=UTC)}
    client.delete(f"{ada}?valid_from=2023-01-01")
    assert ends() == {datetime(2022, 1, 1, tzinfo=UTC)}


def test_from_the_beginning_nothing_is_left(client: APIClient, ada: str) -> None:
    assert client.delete(f"{ada}?valid_from=2020-01-01").status_code == 204
    assert ends() == set()
    answer = client.get(f"{ada}/history?superseded=true").json()
    assert [version["display_name"] for version in answer["entity"]] == ["Ada Lovelace"]
    assert answer["entity"][0]["system_to"] is not None


def test_the_end_may_be_scheduled(client: APIClient, ada: str) -> None:
    assert client.delete(f"{ada}?valid_from=2999-01-01").status_code == 204
    answer = client.get(ada).json()
    assert (answer["valid_to"], answer["is_current"]) == ("2999-01-01T00:00:00Z", False)
    assert answer["details"] == DETAILS


def test_a_later_lifetime_stays(client: APIClient, ada: str) -> None:
    client.delete(f"{ada}?valid_from=2021-01-01")
    again = {"uuid": ada.rpartition("/")[2], "entity_type": "PERSON", "display_name": "Again"}
    assert client.post("/api/v1/entities", {**again, "valid_from": "2023-01-01"}).status_code == 201
    client.delete(f"{ada}?valid_from=2020-06-01")
    assert client.get(ada).json()["display_name"] == "Again"


def test_a_condition_that_holds(client: APIClient, ada: str) -> None:
    headers = {"If-Match": client.get(ada)["ETag"]}
    assert client.delete(ada, headers=headers).status_code == 204


def test_a_condition_that_does_not_hold(client: APIClient, ada: str) -> None:
    headers = {"If-Match": client.get(ada)["ETag"]}
    client.patch(ada, {"display_name": "Ada King"})
    before = rows()
    response = client.delete(ada, headers=headers)
    problem(response, 412, "precondition_failed")
    assert response["ETag"] == client.get(ada)["ETag"]
    assert rows() == before


def test_what_has_ended_matches_nothing(client: APIClient, ada: str) -> None:
    client.delete(ada)
    response = client.delete(ada, headers={"If-Match": "*"})
    problem(response, 412, "precondition_failed")
    assert not response.has_header("ETag")


def test_a_body_would_be_lost_and_is_refused(client: APIClient, ada: str) -> None:
    before = rows()
    assert wrong(client.delete(ada, {"valid_from": "2024-01-01"})) == [("body", "unexpected")]
    assert rows() == before


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("valid_to=2024-01-01", ("valid_to", "unknown")),
        ("future=overwrite", ("future", "unknown")),
        ("as_of=2024-01-01", ("as_of", "unknown")),
        ("valid_from=", ("valid_from", "invalid")),
        ("valid_from=2024-01-01T00:00:00", ("valid_from", "naive")),
        ("valid_from=2024-01-01&valid_from=2025-01-01", ("valid_from", "repeated")),
        ("reason=%00", ("reason", "null_characters_not_allowed")),
        (f"reason={'a' * 1001}", ("reason", "max_length")),
    ],
)
def test_what_is_wrong_is_named(
    client: APIClient, ada: str, query: str, fault: tuple[str, str]
) -> None:
    before = rows()
    assert wrong(client.delete(f"{ada}?{query}")) == [fault]
    assert rows() == before


@pytest.mark.parametrize("path", [NOBODY, "/api/v1/entities/nobody"])
def test_who_was_never_there_cannot_be_ended(client: APIClient, types: None, path: str) -> None:
    problem(client.delete(path), 404, "not_found")


@pytest.mark.parametrize("role", ["viewer", "editor", "auditor", None])
def test_who_may_not(ada: str, role: str | None) -> None:
    problem(signed_in(role).delete(ada), 403, "permission_denied")
    assert ends() == {None}


def test_types_are_not_ended(client: APIClient, types: None) -> None:
    for path in ("/api/v1/entity-types/PERSON", "/api/v1/detail-types/EMAIL"):
        response: Any = client.delete(path)
        problem(response, 405, "method_not_allowed")
        assert response["Allow"] == "GET, PATCH, HEAD, OPTIONS"


def test_ended_where_it_begins_it_is_still_known(client: APIClient, ada: str) -> None:
    before = Entity.objects.get().system_from
    assert client.delete(f"{ada}?valid_from=2020-01-01").status_code == 204
    for query in ("", "?as_of=2021-01-01"):
        answer = problem(client.get(f"{ada}{query}"), 404, "not_valid_then")
        assert (answer["valid_periods"], answer["history"]) == ([], f"{ada}/history")
    assert client.get(f"{answer['history']}?superseded=true").json()["entity"] != []
    known = before.isoformat().replace("+00:00", "Z")
    assert client.get(f"{ada}?known_at={known}").status_code == 200
    problem(client.get(f"{ada}?known_at=2019-01-01"), 404, "not_found")
