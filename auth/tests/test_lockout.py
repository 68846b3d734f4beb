"""Guessing passwords, over the API and at the cockpit's login."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.test import Client
from django.utils import timezone

from auth.housekeeping import old_login_failures
from auth.models import Token, User
from core.models import AuditEntry

GOOD = {"username": "ada", "password": "correct horse 1"}
BAD = {"username": "ada", "password": "Pa55-marker"}
LIMIT = 5


@pytest.fixture
def staff(ada: User) -> User:
    User.objects.update(is_staff=True)
    return ada


def api(form: dict[str, str], address: str = "192.0.2.1") -> Any:
    client = Client(REMOTE_ADDR=address)
    return client.post("/api/v1/auth/tokens", form, content_type="application/json")


def page(form: dict[str, str], address: str = "192.0.2.1") -> Any:
    return Client(REMOTE_ADDR=address).post("/login/", form)


def test_the_api_locks_a_name_at_an_address(ada: User) -> None:
    statuses = [api(BAD).status_code for _ in range(LIMIT)]
    assert statuses == [401] * (LIMIT - 1) + [429]
    answer = api(GOOD)
    assert answer.status_code == 429
    assert answer["Content-Type"] == "application/problem+json"
    assert 0 < int(answer["Retry-After"]) <= 900
    assert answer.json()["type"] == "urn:cockpit:problem:locked_out"
    assert not Token.objects.exists()
    assert api(GOOD, "192.0.2.2").status_code == 201


def test_the_cockpit_locks_alike_and_together_with_the_api(staff: User) -> None:
    for _ in range(LIMIT - 1):
        assert api(BAD).status_code == 401
    assert page(BAD).status_code == 429
    answer = page(GOOD)
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 900
    assert b"This was too often: try again later" in answer.content
    assert "sessionid" not in answer.cookies
    assert api(GOOD).status_code == 429


def test_the_lockout_ends_and_is_not_prolonged_by_trying(ada: User) -> None:
    for _ in range(LIMIT + 3):
        api(BAD)
    attempt = AccessAttempt.objects.get()
    assert attempt.failures_since_start == LIMIT
    ended = timezone.now() - timedelta(seconds=901)
    AccessAttempt.objects.update(attempt_time=ended)
    assert api(GOOD).status_code == 201


def test_a_right_password_forgives_what_was_mistyped(ada: User) -> None:
    for _ in range(3):
        for _ in range(LIMIT - 1):
            api(BAD)
        assert api(GOOD).status_code == 201


def test_a_right_password_at_the_cockpit_forgives_too(staff: User) -> None:
    for _ in range(2):
        for _ in range(LIMIT - 1):
            page(BAD)
        assert page(GOOD).status_code == 302


def test_an_address_that_tries_many_names_is_locked(ada: User) -> None:
    tried = [api({**BAD, "username": f"user{n}"}).status_code for n in range(LIMIT * 10)]
    assert tried == [401] * (LIMIT * 10 - 1) + [429]
    assert api(GOOD).status_code == 429
    assert api(GOOD, "192.0.2.2").status_code == 201


def test_one_s_own_account_does_not_reset_the_address(ada: User, grace: User) -> None:
    own = {"username": "grace", "password": "battery staple 1"}
    for n in range(LIMIT * 10):
        api({**BAD, "username": f"user{n}"})
        if n % 4 == 0 and n < LIMIT * 10 - 4:
            assert api(own).status_code == 201
    assert api(own).status_code == 429


def test_a_name_that_there_is_not_is_locked_alike(db: None) -> None:
    nobody = {**BAD, "username": "nobody"}
    assert [api(nobody).status_code for _ in range(LIMIT)] == [401] * (LIMIT - 1) + [429]


def test_the_lockout_is_in_the_log_once(ada: User) -> None:
    for _ in range(LIMIT + 2):
        api(BAD)
    entry: Any = AuditEntry.objects.get(model__startswith="cockpit_auth.")
    assert (entry.model, entry.action, entry.actor) == (
        "cockpit_auth.lockout",
        "opened",
        "anonymous",
    )
    assert entry.natural_key == {"username": "ada", "client_address": "192.0.2.1"}
    assert entry.client_address == "192.0.2.1"
    until = AccessAttempt.objects.get().attempt_time + timedelta(seconds=900)
    assert entry.after == {"until": until.isoformat().replace("+00:00", "Z")}


def test_what_was_typed_is_kept_nowhere(
    ada: User, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """A password is typed into the wrong field often enough."""
    caplog.set_level("DEBUG")
    slip = {"username": "Pa55-marker", "password": "Pa55-marker"}
    for _ in range(LIMIT + 1):
        api(slip)
        page({**slip, "csrfmiddlewaretoken": "Pa55-marker"})
    kept = str(list(AuditEntry.objects.values()))
    kept += str(list(AccessAttempt.objects.values("get_data", "post_data", "user_agent")))
    kept += caplog.text + "".join(capfd.readouterr())
    assert "Pa55-marker" not in kept


def test_housekeeping_forgets_old_failures(ada: User) -> None:
    api(BAD)
    api(BAD, "192.0.2.2")
    AccessAttempt.objects.filter(ip_address="192.0.2.1").update(
        attempt_time=timezone.now() - timedelta(seconds=901)
    )
    assert old_login_failures(dry_run=True) == 1
    assert old_login_failures(dry_run=False) == 1
    assert AccessAttempt.objects.get().ip_address == "192.0.2.2"
