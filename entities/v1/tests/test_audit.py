"""The log and the feed of the register, for who may see personal data and for who may not."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from rest_framework.test import APIClient

from core.models import AuditEntry
from entities.v1.tests.conftest import problem, signed_in
from entities.v1.tests.test_masking import create, mark, reads

AUDIT = "/api/v1/audit"
CHANGES = "/api/v1/changes"
DETAIL = "entities.entitydetail"


@pytest.fixture
def uuid(types: None) -> str:
    """Ada, who was renamed, moved, and then marked; a bank beside her."""
    steward = signed_in("steward")
    create(steward, "Bank", EMPLOYEES=1)
    address = create(steward, "Ada", "PERSON", EMAIL="ada@example.org", EMPLOYEES=1)
    steward.patch(address, {"display_name": "King", "details": {"EMAIL": "king@example.org"}})
    mark()
    return address.rpartition("/")[2]


@pytest.fixture(autouse=True)
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Inside the test's own transaction nothing is ever settled: take the clock instead."""
    from core.api import changes
    from core.db import clock

    monkeypatch.setattr(changes, "settled_instant", clock)


def blind_auditor() -> APIClient:
    """A user of a group of its own: the log, but no personal data."""
    group = Group.objects.create(name="log readers")
    group.permissions.set(Permission.objects.filter(codename__startswith="view_audit"))
    user = get_user_model().objects.create(username="blind")
    user.groups.add(group, Group.objects.get(name="viewer"))
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.mark.parametrize("role", ["viewer", "editor", "steward", None])
def test_who_may_not_read_the_log(types: None, role: str | None) -> None:
    problem(signed_in(role).get(AUDIT), 403, "permission_denied")


def values(answer: Any, field: str) -> list[Any]:
    return [
        side[field]
        for entry in answer.json()["results"]
        for side in (entry["after"], entry["before"])
        if side and field in side
    ]


@pytest.mark.parametrize("role", ["auditor", "admin"])
def test_who_reads_the_log_sees_it_all(uuid: str, role: str, caplog: Any) -> None:
    caplog.set_level("INFO")
    answer = signed_in(role).get(AUDIT, {"entity": uuid})
    assert values(answer, "display_name") == ["King", "Ada", "Ada"]
    assert sorted(values(answer, "value")) == ["1", *["ada@example.org"] * 2, "king@example.org"]
    assert {tuple(entry["masked"]) for entry in answer.json()["results"]} == {()}
    assert [(event["model"], event["things"], event["fields"]) for event in reads(caplog)] == [
        ("entities.entitydetail", [uuid], ["value"]),
        ("entities.entity", [uuid], ["display_name"]),
    ]


def test_a_log_without_personal_data_keeps_its_entries(uuid: str) -> None:
    answer = blind_auditor().get(AUDIT, {"entity": uuid})
    assert len(answer.json()["results"]) == AuditEntry.objects.filter(uuid=uuid).count()
    assert values(answer, "display_name") == [None, None, None]
    assert sorted(filter(None, values(answer, "value"))) == ["1"]
    masked = [(entry["model"], entry["masked"]) for entry in answer.json()["results"]]
    assert (DETAIL, ["reason", "value"]) in masked
    assert ("entities.entity", ["display_name", "reason"]) in masked
    assert (DETAIL, ["reason"]) in masked
    assert b"example.org" not in answer.content


def test_the_feed_leaves_masked_details_out(uuid: str) -> None:
    answer = signed_in("viewer").get(CHANGES)
    entries = [e for e in answer.json()["results"] if e["uuid"] == uuid]
    assert [e["natural_key"].get("detail_code") for e in entries] == [None, "EMPLOYEES", None]
    assert [(e["after"].get("display_name"), e["masked"]) for e in entries] == [
        (None, ["display_name", "reason"]),
        (None, ["reason"]),
        (None, ["display_name", "reason"]),
    ]
    assert answer.json()["left_out"] == {DETAIL: ["EMAIL"]}
    assert b"example.org" not in answer.content
    assert b"Bank" in answer.content


TYPE = "entities.entitytype"
REASONS = ("Ada moved", "A new count", "Ada is out of date")


def test_a_reason_is_hidden_with_what_its_call_wrote(uuid: str) -> None:
    """That of a call that wrote nothing hidden of the thing is shown, to everybody alike."""
    steward, address = signed_in("steward"), f"/api/v1/entities/{uuid}"
    moved = {"EMAIL": "moved@example.org", "EMPLOYEES": 2}
    for reason, details in zip(REASONS, (moved, {"EMPLOYEES": 3}, {"EMAIL": None}), strict=True):
        steward.patch(address, {"details": details, "reason": reason})

    def told(client: APIClient, path: str, **query: Any) -> set[str]:
        results = client.get(path, query).json()["results"]
        return {e["reason"] for e in results if e["reason"] and e["model"] != TYPE}

    seen = signed_in("auditor")
    assert told(seen, AUDIT, entity=uuid) == told(seen, CHANGES) == set(REASONS)
    blind = blind_auditor()
    assert told(blind, AUDIT, entity=uuid) == told(blind, CHANGES) == {REASONS[1]}
    shown = {
        client: client.get(f"{address}/history?superseded=true").json()["details"]["EMPLOYEES"]
        for client in (blind, seen)
    }
    assert [version["reason"] for version in shown[seen]] == [*REASONS[1::-1], ""]
    assert [version["reason"] for version in shown[blind]] == [REASONS[1], None, None]
    assert b"Ada moved" not in blind.get(f"{address}/history").content


def test_the_feed_of_who_may_see(uuid: str, caplog: Any) -> None:
    caplog.set_level("INFO")
    answer = signed_in("auditor").get(CHANGES)
    assert answer.json()["left_out"] == {}
    assert values(answer, "display_name")[-3:] == ["Ada", "King", "Ada"]
    assert b"king@example.org" in answer.content
    assert {event["model"] for event in reads(caplog)} == {DETAIL, "entities.entity"}


def test_pages_of_the_feed_are_full(uuid: str) -> None:
    viewer = signed_in("viewer")
    whole = viewer.get(CHANGES).json()["results"]
    found, address = [], f"{CHANGES}?limit=1"
    while page := (answer := viewer.get(address).json())["results"]:
        assert len(page) == 1
        found += page
        address = answer["next"]
    assert found == whole


def test_the_feed_is_the_register_alone(uuid: str) -> None:
    assert {entry["model"] for entry in signed_in("admin").get(CHANGES).json()["results"]} == {
        "entities.entity",
        "entities.entitydetail",
        "entities.entitytype",
        "entities.detailtype",
    }


def test_the_log_and_the_feed_say_which_feed_named_a_thing(uuid: str) -> None:
    body = {"entity_type": "BANK", "display_name": "Fed", "source": "feed", "source_id": "7"}
    bank = signed_in("steward").post("/api/v1/entities", {**body, "details": {"EMPLOYEES": 2}})
    reader = signed_in("auditor")
    for path in (AUDIT, CHANGES):
        named = {
            (entry["uuid"], entry["model"]): (entry["source"], entry["source_id"])
            for entry in reader.get(path).json()["results"]
        }
        fed = bank.json()["uuid"]
        assert named[fed, "entities.entity"] == named[fed, DETAIL] == ("feed", "7")
        assert named[uuid, "entities.entity"] == (None, None)
        assert {name for (_, model), name in named.items() if model.endswith("type")} == {
            (None, None)
        }
