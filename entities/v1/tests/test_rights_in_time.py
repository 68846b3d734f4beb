"""An editor writes from now on; a steward also backdates, corrects and ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from core.models import AuditEntry
from entities.models import Entity
from entities.v1.tests.conftest import problem, signed_in

URL = "/api/v1/entities"
PERSON = {"entity_type": "PERSON", "display_name": "Grace Hopper"}
STEWARDS = ["steward", "admin"]


def ago(**long: float) -> str:
    return (datetime.now(UTC) - timedelta(**long)).isoformat()


@pytest.fixture
def editor(types: None) -> APIClient:
    return signed_in("editor")


def refused(response: Any, *words: str) -> None:
    body = problem(response, 403, "permission_denied")
    assert all(word in body["detail"] for word in (*words, "your role", "Ask a steward."))


def test_an_editor_writes_from_now_on(editor: APIClient, ada: str) -> None:
    assert editor.post(URL, PERSON).status_code == 201
    assert editor.patch(ada, {"display_name": "Ada King"}).status_code == 200
    later = {"display_name": "Lady Lovelace", "valid_from": "2100-01-01"}
    assert editor.patch(ada, later).status_code == 200
    over = {"display_name": "Ada", "future": "overwrite"}
    assert editor.patch(ada, over).json()["display_name"] == "Ada"


def test_a_bare_date_of_today_is_within_the_grace(editor: APIClient, ada: str) -> None:
    today = datetime.now(UTC).date().isoformat()
    assert editor.patch(ada, {"display_name": "Ada King", "valid_from": today}).status_code == 200
    assert editor.post(URL, {**PERSON, "valid_from": today}).status_code == 201


CORRECTIONS: list[dict[str, Any]] = [
    {"display_name": "Ada King", "valid_from": "2021-01-01"},
    {"display_name": "Ada King", "valid_from": "2021-01-01", "valid_to": "2022-01-01"},
    {"details": {"EMPLOYEES": 13}, "valid_from": "2021-01-01"},
    {"entity_type": "BANK", "valid_from": "2021-01-01", "future": "overwrite"},
    {"details": {"EMAIL": None}},
    {"details": {"EMAIL": None}, "valid_from": "2100-01-01"},
    {"display_name": "Ada King", "details": {"EMAIL": None}},
]


@pytest.mark.parametrize("change", CORRECTIONS)
def test_an_editor_neither_corrects_nor_ends(
    editor: APIClient, ada: str, change: dict[str, Any]
) -> None:
    before = editor.get(ada).content, AuditEntry.objects.count()
    refused(editor.patch(ada, change))
    assert (editor.get(ada).content, AuditEntry.objects.count()) == before


@pytest.mark.parametrize("change", CORRECTIONS)
@pytest.mark.parametrize("role", STEWARDS)
def test_a_steward_does(role: str, ada: str, change: dict[str, Any]) -> None:
    assert signed_in(role).patch(ada, change).status_code == 200


def test_beginning_in_the_past_is_backdating(editor: APIClient) -> None:
    for start in ("2020-01-01", ago(hours=24, minutes=1)):
        refused(editor.post(URL, {**PERSON, "valid_from": start}), "would change from")
    assert editor.post(URL, {**PERSON, "valid_from": ago(hours=23)}).status_code == 201
    assert Entity.objects.count() == 1
    assert signed_in("steward").post(URL, {**PERSON, "valid_from": "2020"}).status_code == 400
    assert signed_in("steward").post(URL, {**PERSON, "valid_from": "2020-01-01"}).status_code == 201


def test_the_grace_is_a_setting(editor: APIClient, settings: Any) -> None:
    settings.BACKDATING_GRACE = 0
    refused(editor.post(URL, {**PERSON, "valid_from": ago(seconds=5)}))
    assert editor.post(URL, PERSON).status_code == 201
    settings.BACKDATING_GRACE = 3600 * 48
    assert editor.post(URL, {**PERSON, "valid_from": ago(hours=47)}).status_code == 201


def test_a_known_end_may_be_said_when_it_begins(editor: APIClient) -> None:
    temporary = {**PERSON, "valid_to": "2100-01-01"}
    assert editor.post(URL, temporary).json()["valid_to"] == "2100-01-01T00:00:00Z"


def test_saying_again_what_is_so_already_is_allowed(editor: APIClient, ada: str) -> None:
    same = {"display_name": "Ada Lovelace", "valid_from": "2020-01-01"}
    assert editor.patch(ada, same).json()["outcome"]["unchanged"] == 1


def test_types_have_two_clocks_as_well(editor: APIClient) -> None:
    new = {"code": "NEW", "name": "New"}
    refused(editor.post("/api/v1/entity-types", {**new, "valid_from": "2020-01-01"}))
    assert editor.post("/api/v1/entity-types", new).status_code == 201
    assert editor.patch("/api/v1/entity-types/NEW", {"name": "Newer"}).status_code == 200


def test_a_data_type_changes_from_the_beginning(editor: APIClient, settings: Any) -> None:
    settings.BACKDATING_GRACE = 0
    refused(editor.patch("/api/v1/detail-types/NOTE", {"data_type": "json"}))
    steward = signed_in("steward")
    changed = steward.patch("/api/v1/detail-types/NOTE", {"data_type": "json"})
    assert changed.json()["data_type"] == "json"


def test_the_admin_shows_the_same_refusal(ada: str, settings: Any, django_user_model: Any) -> None:
    settings.ROOT_URLCONF = "cockpit.config.urls"
    user = django_user_model.objects.get(username="steward user")
    user.is_staff = True
    user.save()
    client = Client()
    client.force_login(user)
    page = f"/entities/entity/{ada.rpartition('/')[2]}/change/"
    sent = {"display_name": "Ada King", "valid_from": "2021-01-01", "everything": "on"}
    sent |= {"entity_type": "PERSON", "future": "keep", "details.EMAIL": "ada@example.org"}
    user.groups.set(user.groups.model.objects.filter(name="editor"))
    sent["made_from"] = client.get(page).context["adminform"].form["made_from"].value()
    answer = client.post(page, sent)
    (error,) = answer.context["adminform"].form.non_field_errors()
    assert "your role may write from" in error
    user.groups.set(user.groups.model.objects.filter(name="steward"))
    assert client.post(page, sent).status_code == 302
