"""What whoever may not see personal data gets instead: Ada is a person, and EMAIL is marked."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from rest_framework.test import APIClient

from entities import services
from entities.v1.tests.conftest import SYSTEM, problem, signed_in, wrong

ENTITIES = "/api/v1/entities"
BLIND = ["viewer", "editor"]
SEEING = ["steward", "auditor", "admin"]


def mark(**how: Any) -> None:
    services.entity_type_update(code="PERSON", changes={"is_pii_name": True}, context=SYSTEM, **how)
    services.detail_type_update(code="EMAIL", changes={"is_pii": True}, context=SYSTEM, **how)


def unmark(name: bool = True, detail: bool = True) -> None:
    if name:
        changes = {"is_pii_name": False}
        services.entity_type_update(code="PERSON", changes=changes, context=SYSTEM)
    if detail:
        services.detail_type_update(code="EMAIL", changes={"is_pii": False}, context=SYSTEM)


def create(client: APIClient, name: str, entity_type: str = "BANK", **details: Any) -> str:
    body = {"entity_type": entity_type, "display_name": name, "details": details}
    return str(client.post(ENTITIES, {**body, "valid_from": "2020-01-01"})["Location"])


@pytest.fixture
def steward(types: None) -> APIClient:
    return signed_in("steward")


@pytest.fixture
def person(steward: APIClient) -> str:
    """Ada, marked after she was written."""
    address = create(steward, "Ada", "PERSON", EMAIL="ada@example.org", EMPLOYEES=1)
    mark()
    return address


@pytest.fixture
def viewer(steward: APIClient) -> APIClient:
    return signed_in("viewer")


@pytest.fixture
def editor(steward: APIClient) -> APIClient:
    return signed_in("editor")


# Reading


@pytest.mark.parametrize("role", BLIND)
def test_a_snapshot_is_masked(person: str, role: str) -> None:
    shown = signed_in(role).get(person).json()
    assert shown["display_name"] is None
    assert shown["hash_diff"] is None
    assert shown["details"] == {"EMPLOYEES": 1}
    assert shown["masked"] == ["EMAIL"]
    assert shown["entity_type"] == "PERSON"


@pytest.mark.parametrize("role", SEEING)
def test_who_may_see_it_sees_it(person: str, role: str, steward: APIClient) -> None:
    shown = (steward if role == "steward" else signed_in(role)).get(person).json()
    assert shown["display_name"] == "Ada"
    assert len(shown["hash_diff"]) == 64
    assert shown["details"] == {"EMAIL": "ada@example.org", "EMPLOYEES": 1}
    assert shown["masked"] == []


def test_the_right_decides_not_the_role(person: str, django_user_model: Any) -> None:
    user = django_user_model.objects.create(username="guest")
    user.groups.add(Group.objects.get(name="viewer"), Group.objects.get(name="auditor"))
    client = APIClient()
    client.force_authenticate(user)
    assert client.get(person).json()["display_name"] == "Ada"


def test_what_is_marked_now_counts_at_every_instant(
    person: str, steward: APIClient, viewer: APIClient
) -> None:
    before = steward.get(ENTITIES).json()["basis"]["known_at"]
    steward.patch(person, {"display_name": "Ada King", "valid_from": "2021-01-01"})
    for query in ("as_of=2020-06-01", f"as_of=2022-01-01&known_at={before}"):
        assert viewer.get(f"{person}?{query}").json()["display_name"] is None
        assert viewer.get(f"{person}?{query}").json()["masked"] == ["EMAIL"]
    unmark()
    assert viewer.get(f"{person}?as_of=2020-06-01").json()["display_name"] == "Ada"
    assert viewer.get(f"{person}?as_of=2020-06-01").json()["masked"] == []


def test_a_mark_that_is_scheduled_is_not_there_yet(viewer: APIClient, steward: APIClient) -> None:
    address = create(steward, "Ada", "PERSON", EMAIL="ada@example.org")
    from entities.tests.conftest import day

    mark(valid_from=day(2900))
    assert viewer.get(address).json()["display_name"] == "Ada"
    assert viewer.get(address).json()["masked"] == []


def test_a_name_is_masked_by_the_type_of_its_own_version(
    person: str, steward: APIClient, viewer: APIClient
) -> None:
    steward.patch(person, {"entity_type": "BANK", "valid_from": "2022-01-01"})
    assert viewer.get(f"{person}?as_of=2021-01-01").json()["display_name"] is None
    assert viewer.get(f"{person}?as_of=2023-01-01").json()["display_name"] == "Ada"


def test_the_etag_tells_nothing_of_what_is_masked(
    person: str, steward: APIClient, viewer: APIClient
) -> None:
    blind, seen = viewer.get(person)["ETag"], steward.get(person)["ETag"]
    assert blind != seen
    steward.patch(person, {"details": {"EMAIL": "king@example.org"}})
    assert viewer.get(person)["ETag"] == blind
    assert steward.get(person)["ETag"] != seen
    steward.patch(person, {"details": {"EMPLOYEES": 2}})
    assert viewer.get(person)["ETag"] != blind
    unmark(name=False)
    assert viewer.get(person)["ETag"] != blind


def test_lists_are_masked(person: str, steward: APIClient, viewer: APIClient) -> None:
    create(steward, "Bank", EMAIL="bank@example.org")
    for path in (f"{ENTITIES}?expand=details", "/api/v1/entities-asof?as_of=2021-01-01"):
        bank, ada = viewer.get(path).json()["results"]
        assert (bank["display_name"], bank["details"]) == ("Bank", {})
        assert (ada["display_name"], ada["hash_diff"]) == (None, None)
        assert (ada["details"], ada["masked"]) == ({"EMPLOYEES": 1}, ["EMAIL"])
        assert bank["masked"] == ["EMAIL"]
    slim = viewer.get(ENTITIES).json()["results"][1]
    assert (slim["display_name"], "details" in slim, "masked" in slim) == (None, False, False)


@pytest.fixture
def crowd(steward: APIClient) -> list[str]:
    """The uuids of people, sorted, and banks A to D; the names of people sort among these."""
    people = [create(steward, name, "PERSON") for name in ("Bb", "Aa", "Cc", "Dd", "Ab")]
    for name in "CADB":
        create(steward, name)
    mark()
    return sorted(address.rpartition("/")[2] for address in people)


def walk(client: APIClient, query: str, way: str = "next") -> list[Any]:
    """All items by their names, or by their uuids where these are masked."""
    found, address = [], f"{ENTITIES}?{query}"
    while address:
        page = client.get(address).json()
        items = [item["display_name"] or item["uuid"] for item in page["results"]]
        found += items if way == "next" else items[::-1]
        address = page[way]
    return found


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5, 9, 100])
def test_masked_names_come_last_by_uuid(crowd: list[str], viewer: APIClient, limit: int) -> None:
    expected = [*"ABCD", *crowd]
    assert walk(viewer, f"limit={limit}") == expected
    assert walk(viewer, f"limit={limit}&ordering=-display_name") == expected[::-1]
    assert walk(viewer, f"limit={limit}&type=PERSON") == crowd
    assert walk(viewer, f"limit={limit}&type=BANK") == [*"ABCD"]


@pytest.mark.parametrize("limit", [1, 2, 4, 5])
def test_backwards_is_the_same_way(crowd: list[str], viewer: APIClient, limit: int) -> None:
    address = f"{ENTITIES}?limit={limit}"
    while following := viewer.get(address).json()["next"]:
        address = following
    last = viewer.get(address).json()
    tail = [item["display_name"] or item["uuid"] for item in last["results"]][::-1]
    found = tail
    address = last["previous"]
    while address:
        page = viewer.get(address).json()
        found += [item["display_name"] or item["uuid"] for item in page["results"]][::-1]
        address = page["previous"]
    assert found[::-1] == [*"ABCD", *crowd]


def test_the_order_does_not_follow_the_names(crowd: list[str], steward: APIClient) -> None:
    viewer = signed_in("viewer")
    before = walk(viewer, "limit=3")
    steward.patch(f"{ENTITIES}/{crowd[0]}", {"display_name": "Zz"})
    assert walk(viewer, "limit=3") == before
    assert walk(steward, "limit=3")[-1] == "Zz"


def test_masked_names_are_not_found(crowd: list[str], viewer: APIClient) -> None:
    assert walk(viewer, "q=a") == ["A"]
    assert walk(viewer, "q=a&ordering=valid_from") == ["A"]
    assert walk(viewer, "q=a&type=PERSON") == []
    assert walk(viewer, "q=a&type=BANK") == ["A"]
    assert walk(signed_in("auditor"), "q=a") == ["A", "Aa", "Ab"]


def test_the_order_by_start_has_masked_names_in_it(crowd: list[str], viewer: APIClient) -> None:
    assert len(walk(viewer, "limit=2&ordering=valid_from")) == 9
    assert set(walk(viewer, "ordering=-valid_from&type=PERSON")) == set(crowd)


def test_a_place_among_masked_names_is_lost_with_the_mark(
    crowd: list[str], viewer: APIClient
) -> None:
    following = viewer.get(f"{ENTITIES}?limit=6").json()["next"]
    unmark()
    assert wrong(viewer.get(following)) == [("cursor", "place_lost")]


def test_a_masked_detail_cannot_be_asked_for(person: str, viewer: APIClient) -> None:
    for path in (ENTITIES, "/api/v1/entities-asof"):
        refusal = problem(
            viewer.get(path, {"as_of": "2024-01-01", "detail_code": "EMAIL"}), 403, "personal_data"
        )
        assert [error["field"] for error in refusal["errors"]] == ["detail_code"]
    assert viewer.get(ENTITIES, {"detail_code": "EMPLOYEES"}).status_code == 200


def test_a_history_is_masked(person: str, steward: APIClient, viewer: APIClient) -> None:
    steward.patch(person, {"display_name": "Ada King", "details": {"EMAIL": "king@example.org"}})
    answer = viewer.get(f"{person}/history?superseded=true").json()
    assert [(v["display_name"], v["hash_diff"]) for v in answer["entity"]] == [(None, None)] * 2
    assert list(answer["details"]) == ["EMPLOYEES"]
    assert answer["masked"] == ["EMAIL"]
    seen = steward.get(f"{person}/history?superseded=true").json()
    assert [version["display_name"] for version in seen["entity"]] == ["Ada King", "Ada"]
    assert len(seen["details"]["EMAIL"]) == 2
    assert seen["masked"] == []


def test_pages_of_a_history_are_full(person: str, steward: APIClient, viewer: APIClient) -> None:
    for year in range(2021, 2026):
        said = {"EMAIL": f"{year}@example.org", "EMPLOYEES": year}
        steward.patch(person, {"details": said, "valid_from": f"{year}-01-01"})
    page = viewer.get(f"{person}/history?limit=3").json()
    assert [version["value"] for version in page["details"]["EMPLOYEES"]] == [2025, 2024, 2023]
    assert (page["masked"], page["next"] is None) == (["EMAIL"], False)


def test_a_history_names_only_what_is_there(steward: APIClient, viewer: APIClient) -> None:
    address = create(steward, "Bank", EMPLOYEES=1)
    mark()
    assert viewer.get(f"{address}/history").json()["masked"] == []


DIFF = "/api/v1/diff?from=2021-01-01&to=2021-12-31"


def test_a_diff_is_masked(person: str, steward: APIClient, viewer: APIClient) -> None:
    said = {"EMAIL": "king@example.org", "EMPLOYEES": 2}
    steward.patch(person, {"display_name": "King", "details": said, "valid_from": "2021-05-01"})
    [row] = viewer.get(DIFF).json()["results"]
    assert (row["display_name"], list(row["fields"])) == (None, ["details.EMPLOYEES"])
    assert viewer.get(DIFF).json()["masked"] == ["EMAIL"]
    [seen] = steward.get(DIFF).json()["results"]
    assert sorted(seen["fields"]) == ["details.EMAIL", "details.EMPLOYEES", "display_name"]


def test_what_is_masked_alone_changed_nothing(
    person: str, steward: APIClient, viewer: APIClient
) -> None:
    said = {"EMAIL": "king@example.org"}
    steward.patch(person, {"display_name": "King", "details": said, "valid_from": "2021-05-01"})
    assert viewer.get(DIFF).json()["results"] == []
    assert len(steward.get(DIFF).json()["results"]) == 1


def test_a_diff_over_a_change_of_type(person: str, steward: APIClient, viewer: APIClient) -> None:
    steward.patch(person, {"entity_type": "BANK", "valid_from": "2021-05-01"})
    [row] = viewer.get(DIFF).json()["results"]
    assert row["fields"]["display_name"]["before"] is None
    assert row["fields"]["display_name"]["after"] == "Ada"
    assert row["fields"]["entity_type"]["before"] == "PERSON"


# Writing


def refused(response: Any, field: str) -> None:
    refusal = problem(response, 403, "personal_data")
    assert [error["field"] for error in refusal["errors"]] == [field]


@pytest.mark.parametrize("value", ["ada@example.org", "other@example.org", None, 7])
def test_a_masked_detail_cannot_be_written(person: str, editor: APIClient, value: Any) -> None:
    """Nor guessed: the same value, another one and none are refused alike."""
    refused(editor.patch(person, {"details": {"EMAIL": value}}), "details.EMAIL")
    body = {"entity_type": "BANK", "display_name": "Bank", "details": {"EMAIL": value}}
    refused(editor.post(ENTITIES, body), "details.EMAIL")
    assert editor.patch(person, {"details": {"EMPLOYEES": 3}}).status_code == 200


@pytest.mark.parametrize("name", ["Ada", "Other"])
def test_a_masked_name_cannot_be_written(person: str, editor: APIClient, name: str) -> None:
    refused(editor.patch(person, {"display_name": name}), "display_name")
    refused(editor.post(ENTITIES, {"entity_type": "PERSON", "display_name": name}), "entity_type")
    uuid = person.rpartition("/")[2]
    body = {"entity_type": "PERSON", "display_name": name, "uuid": uuid}
    refused(editor.post(ENTITIES, {**body, "valid_from": "2020-01-01"}), "entity_type")


def test_a_name_cannot_be_uncovered_by_another_type(
    person: str, steward: APIClient, editor: APIClient
) -> None:
    refused(editor.patch(person, {"entity_type": "BANK"}), "entity_type")
    refused(
        editor.patch(person, {"entity_type": "BANK", "valid_from": "2020-06-01"}), "entity_type"
    )
    bank = create(steward, "Bank")
    refused(editor.patch(bank, {"entity_type": "PERSON"}), "entity_type")
    assert editor.patch(bank, {"display_name": "Bank AG"}).status_code == 200


def test_a_mark_cannot_be_taken_away_by_who_may_not_see(
    person: str, steward: APIClient, editor: APIClient
) -> None:
    refused(editor.patch("/api/v1/entity-types/PERSON", {"is_pii_name": False}), "is_pii_name")
    refused(editor.patch("/api/v1/detail-types/EMAIL", {"is_pii": False}), "is_pii")
    body = {"code": "EMAIL", "name": "Email", "data_type": "text"}
    refused(editor.post("/api/v1/detail-types", body), "is_pii")
    assert editor.patch("/api/v1/detail-types/EMAIL", {"is_pii": True}).status_code == 200
    assert editor.patch("/api/v1/detail-types/NOTE", {"is_pii": True}).status_code == 200
    refused(editor.patch("/api/v1/detail-types/NOTE", {"is_pii": False}), "is_pii")
    assert steward.patch("/api/v1/detail-types/NOTE", {"is_pii": False}).status_code == 200


def test_conditions_are_about_what_is_shown(
    person: str, steward: APIClient, editor: APIClient
) -> None:
    etag = editor.get(person)["ETag"]
    steward.patch(person, {"details": {"EMAIL": "king@example.org"}})
    written = editor.patch(person, {"details": {"EMPLOYEES": 2}}, headers={"If-Match": etag})
    assert written.status_code == 200
    assert written["ETag"] == editor.get(person)["ETag"]
    assert written.json()["masked"] == ["EMAIL"]
    assert written.json()["display_name"] is None
    stale = editor.patch(person, {"details": {"EMPLOYEES": 3}}, headers={"If-Match": etag})
    problem(stale, 412, "precondition_failed")
    assert stale["ETag"] == written["ETag"]


# The trace


def reads(caplog: Any) -> list[Any]:
    return [r.msg for r in caplog.records if r.msg["event"] == "personal_data_read"]


@pytest.mark.parametrize(
    "path",
    ["", "/history", "?as_of=2021-01-01"],
)
def test_seeing_leaves_a_trace(person: str, caplog: Any, steward: APIClient, path: str) -> None:
    caplog.set_level("INFO")
    steward.get(f"{person}{path}", headers={"X-Request-ID": "a-request"})
    [event] = reads(caplog)
    assert event["actor"] == "steward user"
    assert event["things"] == [person.rpartition("/")[2]]
    assert event["fields"] == ["EMAIL", "display_name"]
    assert event["request_id"] == "a-request"
    assert "ada@example.org" not in str(event)


def test_lists_and_diffs_leave_it_too(person: str, caplog: Any, steward: APIClient) -> None:
    bank = create(steward, "Bank", EMPLOYEES=1)
    steward.patch(person, {"display_name": "King", "valid_from": "2021-05-01"})
    caplog.set_level("INFO")
    for path in (ENTITIES, f"{ENTITIES}?expand=details", DIFF):
        caplog.clear()
        steward.get(path)
        [event] = reads(caplog)
        assert event["things"] == [person.rpartition("/")[2]]
        assert event["fields"][-1] == "display_name"
    caplog.clear()
    steward.get(bank)
    signed_in("viewer").get(person)
    assert reads(caplog) == []
