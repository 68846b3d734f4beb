"""What somebody would try who wants in, or wants to stay."""

from __future__ import annotations

import logging
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core import signing
from django.test import Client
from rest_framework.test import APIClient

from auth import services
from auth.models import Token, User
from auth.tests.conftest import CONTEXT
from core.models import AuditEntry

pytestmark = pytest.mark.django_db
MakeUser = Callable[..., User]
TOKENS = "/api/v1/auth/tokens"
GOOD = {"username": "ada", "password": "correct horse 1"}
NEW = {"new_password1": "fresh water 22", "new_password2": "fresh water 22"}


@pytest.fixture
def staff(ada: User) -> User:
    ada.is_staff = True
    ada.save()
    return ada


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> StringIO:
    """The lines as they are written."""
    handlers = logging.getLogger().handlers
    handler = next(one for one in handlers if type(one) is logging.StreamHandler)
    lines = StringIO()
    monkeypatch.setattr(handler, "stream", lines)
    return lines


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def is_in(client: Client) -> bool:
    return client.get("/").status_code == 200


# Sessions


def test_a_session_that_was_there_before_the_login_is_worth_nothing(staff: User) -> None:
    client = Client()
    planted = client.session
    planted["planted"] = True
    planted.save()
    before = client.cookies["sessionid"].value
    client.post("/login/", GOOD)
    assert client.cookies["sessionid"].value != before
    thief = Client()
    thief.cookies["sessionid"] = before
    assert not is_in(thief)


def test_logging_out_ends_the_session_for_good(staff: User) -> None:
    client = signed_in(staff)
    kept = client.cookies["sessionid"].value
    client.post("/logout/")
    thief = Client()
    thief.cookies["sessionid"] = kept
    assert not is_in(thief)


def test_a_link_does_not_log_anybody_out(staff: User) -> None:
    client = signed_in(staff)
    assert client.get("/logout/").status_code == 405
    assert is_in(client)


def test_a_form_of_another_site_is_refused(staff: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(staff)
    answer = client.post("/password_change/", {"old_password": GOOD["password"], **NEW})
    assert answer.status_code == 403
    staff.refresh_from_db()
    assert staff.check_password(GOOD["password"])


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:x"])
def test_the_login_leads_nowhere_else(staff: User, target: str) -> None:
    answer = Client().post(f"/login/?next={target}", {**GOOD, "next": target})
    assert answer["Location"] == "/"


def test_a_session_is_no_token(staff: User) -> None:
    assert signed_in(staff).get(TOKENS).status_code == 401


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(staff: User) -> None:
    cookie = Client().post("/login/", GOOD).cookies["sessionid"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == 8 * 3600


# Passwords


def test_a_new_password_ends_other_sessions_and_all_tokens(staff: User) -> None:
    client, other = signed_in(staff), signed_in(staff)
    services.token_create(user=staff, context=CONTEXT)
    client.post("/password_change/", {"old_password": GOOD["password"], **NEW})
    assert is_in(client)
    assert not is_in(other)
    assert not Token.objects.exists()
    told = AuditEntry.objects.filter(actor="ada").order_by("instant")
    assert [entry.model for entry in told] == ["cockpit_auth.token", "cockpit_auth.user"]


def test_a_password_that_is_refused_ends_nothing(staff: User) -> None:
    client = signed_in(staff)
    services.token_create(user=staff, context=CONTEXT)
    client.post("/password_change/", {"old_password": "wrong", **NEW})
    assert Token.objects.count() == 1


def test_deactivating_ends_sessions_and_tokens_at_once(staff: User, client_of: Any) -> None:
    client, api = signed_in(staff), client_of(staff)
    assert is_in(client)
    assert api.get(TOKENS).status_code == 200
    User.objects.update(is_active=False)
    assert not is_in(client)
    assert api.get(TOKENS).status_code == 401


def test_losing_a_role_counts_at_once(make_user: MakeUser) -> None:
    user = make_user("otto", "auditor", is_staff=True)
    client = signed_in(user)
    assert client.get("/core/auditentry/").status_code == 200
    user.groups.clear()
    assert client.get("/core/auditentry/").status_code == 403


def test_the_page_of_a_user_shows_no_hash(make_user: MakeUser, ada: User) -> None:
    client = signed_in(make_user("annie", "admin", is_staff=True))
    page = client.get(f"/cockpit_auth/user/{ada.pk}/change/").content.decode()
    assert ada.password not in page
    assert ada.password.rsplit("$", maxsplit=1)[-1] not in page


# Requests


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_a_method_is_what_the_request_says(ada: User, client_of: Any, header: str) -> None:
    client = client_of(ada)
    token = Token.objects.get()
    answer = client.get(f"{TOKENS}/{token.id}", headers={header: "DELETE"})
    assert answer.status_code == 405
    assert client.get(TOKENS, {"_method": "DELETE"}).status_code == 400
    assert Token.objects.count() == 1


@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "a b", "testserver:x"])
def test_a_host_that_is_not_ours_is_refused(ada: User, host: str) -> None:
    for path in (TOKENS, "/login/", "/docs"):
        answer = Client().get(path, headers={"Host": host, "Accept": "application/json"})
        assert answer.status_code == 400, path
        assert host not in answer.content.decode()


def test_a_forwarded_host_is_not_believed(ada: User, client_of: Any) -> None:
    answer = client_of(ada).get(TOKENS, headers={"X-Forwarded-Host": "evil.example"})
    assert answer.status_code == 200
    assert "evil.example" not in answer.content.decode()


@pytest.mark.parametrize(
    "given",
    ['a\r\n{"event":"forged"}', "a\x1b[31m", "\u202eevil", "x" * 129, "a b", ""],
)
def test_a_request_id_cannot_forge_a_line(db: None, given: str) -> None:
    answer = Client().get("/health/live", HTTP_X_REQUEST_ID=given)
    assert answer["X-Request-ID"] != given
    assert len(answer["X-Request-ID"]) == 36


def test_a_username_cannot_forge_a_line(ada: User, logged: StringIO) -> None:
    forged = {**GOOD, "username": 'ada\n{"event":"forged"}'}
    for _ in range(6):
        APIClient().post(TOKENS, forged)
    lines = logged.getvalue().splitlines()
    assert len(lines) >= 6
    assert not any(line.startswith('{"event":"forged"') for line in lines)


def test_every_answer_is_guarded(db: None) -> None:
    for path in ("/login/", "/docs", "/api/v1/auth/tokens", "/health/live", "/nowhere"):
        answer = Client().get(path)
        assert answer["X-Content-Type-Options"] == "nosniff", path
        assert answer["X-Frame-Options"] == "DENY", path
        assert answer["Referrer-Policy"] == "same-origin", path
        assert answer["Cross-Origin-Opener-Policy"] == "same-origin", path
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"], path
        assert "Server" not in answer, path
        assert "Access-Control-Allow-Origin" not in answer, path


def test_no_cache_keeps_an_answer(staff: User) -> None:
    token = APIClient().post(TOKENS, GOOD)
    assert (token.status_code, token["Cache-Control"]) == (201, "no-store")
    session = Client()
    session.force_login(staff)
    secret = {"Authorization": f"Token {token.json()['token']}"}
    for client, headers in ((session, {}), (Client(), secret), (Client(), {})):
        for path in ("/", "/api/v1/audit", TOKENS, "/docs", "/nowhere", "/password_change/"):
            answer = client.get(path, headers=headers)
            assert "no-store" in answer["Cache-Control"].split(", "), path
    asset = Client().get("/static/unfold/css/styles.css")
    assert "no-store" not in asset["Cache-Control"]
    asset.close()


# Secrets


def test_no_secret_reaches_a_log_line(
    staff: User, caplog: pytest.LogCaptureFixture, logged: StringIO
) -> None:
    caplog.set_level("DEBUG")
    secret = APIClient().post(TOKENS, GOOD).json()["token"]
    client = APIClient(HTTP_AUTHORIZATION=f"Token {secret}")
    client.get(TOKENS)
    client.get(f"/nowhere/{secret[:5]}", {"token": secret})
    client.post(TOKENS, {**GOOD, "password": "Pa55-marker"})
    client.post(TOKENS, {"username": "ada", "password": ["Pa55-marker"]})
    session = Client()
    session.post("/login/", {**GOOD, "password": "Pa55-marker"})
    session.post("/login/", GOOD)
    session.post("/password_change/", {"old_password": "Pa55-marker", **NEW})
    session.post("/password_change/", {"old_password": GOOD["password"], **NEW})
    lines = caplog.text + logged.getvalue()
    assert "POST /api/v1/auth/tokens" in logged.getvalue()
    cookie = session.cookies["sessionid"].value
    for kept_back in (secret, "Pa55-marker", GOOD["password"], "fresh water", cookie):
        assert kept_back not in lines
    told = str(list(AuditEntry.objects.values()))
    for kept_back in (secret, "Pa55-marker", GOOD["password"], "fresh water", staff.password):
        assert kept_back not in told
    assert Token.objects.filter(digest__in=[secret]).count() == 0


def test_what_an_old_key_signed_stays_good_for_a_while(staff: User, settings: Any) -> None:
    client, old = signed_in(staff), django_settings.SECRET_KEY
    cursor = signing.dumps({"path": "x"}, salt="core.api.cursor")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new-" * 15, [old]
    assert is_in(client)
    assert signing.loads(cursor, salt="core.api.cursor") == {"path": "x"}
    settings.SECRET_KEY_FALLBACKS = []
    assert not is_in(Client())
    with pytest.raises(signing.BadSignature):
        signing.loads(cursor, salt="core.api.cursor")


def test_without_the_old_key_its_sessions_are_over(staff: User, settings: Any) -> None:
    client = signed_in(staff)
    settings.SECRET_KEY = "new-" * 15
    assert not is_in(client)
