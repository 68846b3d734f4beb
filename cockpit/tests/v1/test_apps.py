"""The registry of apps over HTTP, and the switch of each."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from cockpit import selectors
from cockpit.tests.v1.conftest import Caller
from core import __version__
from core.control import modes
from core.models import AppHealth, AppStatus, AuditEntry
from core.probes import Probe, store
from core.tests.problems import problem, wrong
from core.tether import Built

pytestmark = pytest.mark.django_db
APPS = "/api/v1/apps"
ENTITIES = f"{APPS}/entities"


@pytest.fixture(autouse=True)
def seen(db: None) -> None:
    """The service of entities has just been probed, so that nobody probes it here."""
    store("entities", Probe(AppStatus.UP, "", "7.1", 2.5))


@pytest.fixture
def admin(as_role: Caller) -> APIClient:
    return as_role("admin")


def test_the_registry_says_how_each_app_is(admin: APIClient) -> None:
    AppHealth.objects.update(counts={"entities": 3})
    answer = admin.get(APPS)

    assert answer.status_code == 200
    shown = next(app for app in answer.json()["results"] if app["slug"] == "entities")
    assert shown.pop("last_seen") is not None
    assert shown == {
        "slug": "entities",
        "title": "Entities",
        "url": "http://localhost:8001",
        "version": "7.1",
        "mode": "active",
        "reason": "",
        "since": None,
        "changed_by": None,
        "status": "up",
        "detail": "",
        "latency_ms": 2.5,
        "pending_migrations": 0,
        "counts": {"entities": 3},
    }
    assert admin.get(ENTITIES).json()["version"] == "7.1"


def test_an_app_that_does_not_answer_is_shown_as_it_was_last_seen(admin: APIClient) -> None:
    store(
        "entities",
        Probe(AppStatus.DOWN, "No answer from http://localhost:8001: Connection refused."),
    )

    shown = admin.get(ENTITIES).json()

    assert (shown["status"], shown["version"], shown["latency_ms"]) == ("down", "7.1", 2.5)
    assert shown["detail"] == "No answer from http://localhost:8001: Connection refused."


def test_an_app_that_is_built_but_not_tethered_is_shown(
    admin: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [Built("entities", "entities", "Entities"), Built("desks.risk", "risk", "Risk")]
    monkeypatch.setattr(selectors, "built_apps", lambda: found)

    results = admin.get(APPS).json()["results"]

    assert [app["slug"] for app in results] == ["entities", "risk"]
    shown = results[1]
    assert shown["detail"] == "Add desks.risk to TETHERED_APPS to run it."
    assert (shown["status"], shown["mode"], shown["url"]) == ("not_tethered", None, None)
    refused = admin.patch(f"{APPS}/risk", {"mode": "active"})
    problem(refused, 404, "not_found")


def test_migrations_that_the_database_lacks_are_counted(admin: APIClient) -> None:
    from django.db import connection
    from django.db.migrations.recorder import MigrationRecorder

    recorder = MigrationRecorder(connection)
    recorder.record_unapplied("cockpit_auth", "0002_roles")
    recorder.record_unapplied("entities", "0001_initial")

    assert admin.get(ENTITIES).json()["pending_migrations"] >= 1


def test_an_app_is_switched(admin: APIClient) -> None:
    answer = admin.patch(
        ENTITIES, {"mode": "read_only", "reason": "Moving"}, headers={"X-Request-ID": "req-9"}
    )

    assert answer.status_code == 200
    shown = answer.json()
    assert (shown["mode"], shown["reason"], shown["changed_by"]) == ("read_only", "Moving", "admin")
    assert shown["since"] is not None
    entry = AuditEntry.objects.get(model="core.appcontrol")
    assert (entry.actor, entry.channel, entry.request_id) == ("admin", "api", "req-9")
    assert entry.after == {"mode": "read_only", "reason": "Moving"}

    again = admin.patch(ENTITIES, {"mode": "active"}).json()
    assert (again["mode"], again["reason"]) == ("active", "")


def test_a_reason_alone_can_be_changed(admin: APIClient) -> None:
    admin.patch(ENTITIES, {"mode": "offline", "reason": "Moving"})

    shown = admin.patch(ENTITIES, {"reason": "Still moving"}).json()

    assert (shown["mode"], shown["reason"]) == ("offline", "Still moving")


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"mode": "read_only"}, {"reason": "invalid_change"}),
        ({"mode": "closed"}, {"mode": "invalid_choice"}),
        ({"mode": "active", "colour": "red"}, {"colour": "unknown"}),
        ({"mode": "offline", "reason": "x" * 501}, {"reason": "max_length"}),
    ],
)
def test_a_change_that_cannot_be_is_refused_by_field(
    admin: APIClient, body: dict[str, Any], fields: dict[str, str]
) -> None:
    assert wrong(admin.patch(ENTITIES, body)) == [*fields.items()]
    assert not AuditEntry.objects.filter(model="core.appcontrol").exists()


def test_there_is_no_other_app(admin: APIClient) -> None:
    problem(admin.get(f"{APPS}/nothing"), 404, "not_found")
    problem(admin.patch(f"{APPS}/cockpit", {"mode": "offline", "reason": "x"}), 404, "not_found")


def test_a_switch_sent_again_is_one(admin: APIClient) -> None:
    body = {"mode": "read_only", "reason": "Moving"}
    first = admin.patch(ENTITIES, body, headers={"Idempotency-Key": "k"})
    admin.patch(ENTITIES, {"mode": "active"})
    second = admin.patch(ENTITIES, body, headers={"Idempotency-Key": "k"})

    assert second.json() == first.json()
    assert admin.get(ENTITIES).json()["mode"] == "active"


def test_what_is_never_probed_has_the_version_of_the_code(admin: APIClient) -> None:
    AppHealth.objects.update(version="", status="down")

    assert admin.get(ENTITIES).json()["version"] == __version__


@pytest.mark.parametrize(("mode", "refused"), [("read_only", False), ("offline", True)])
def test_calls_to_an_offline_app_are_refused_and_its_health_is_not(
    admin: APIClient, settings: Any, mode: str, refused: bool
) -> None:
    admin.patch(ENTITIES, {"mode": mode, "reason": "Moving"})
    modes.states = _stored()
    settings.SERVICE, settings.ROOT_URLCONF = "entities", "entities.config.urls"

    answer = admin.get("/api/v1/entities")

    if refused:
        told = problem(answer, 503, "offline")
        assert told["detail"] == "The app entities is offline: Moving"
        assert answer["Retry-After"] == "30"
    else:
        assert answer.status_code == 200
    assert admin.get("/health/ready").status_code == 200
    assert admin.get("/schema").status_code == 200


@pytest.mark.parametrize("mode", ["read_only", "offline"])
def test_writes_to_an_app_that_is_not_active_are_refused(
    admin: APIClient, settings: Any, mode: str
) -> None:
    admin.patch(ENTITIES, {"mode": mode, "reason": "Moving"})
    modes.states = _stored()
    settings.SERVICE, settings.ROOT_URLCONF = "entities", "entities.config.urls"

    answer = admin.post("/api/v1/entity-types", {"code": "FIRM", "name": "Firm"})

    assert problem(answer, 503, mode)["detail"].endswith(": Moving")
    assert answer["Retry-After"] == "30"


def _stored() -> Any:
    from core.control import stored_states

    return stored_states()
