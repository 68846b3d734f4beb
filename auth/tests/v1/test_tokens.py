"""POST and GET /api/v1/auth/tokens, DELETE /api/v1/auth/tokens/{id}."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from auth.models import Token, User
from core.models import AuditEntry

PATH = "/api/v1/auth/tokens"
GOOD = {"username": "ada", "password": "correct horse 1"}
ClientOf = Callable[[User], APIClient]


def test_a_password_gets_a_token(ada: User) -> None:
    answer = APIClient(REMOTE_ADDR="192.0.2.7").post(PATH, GOOD, HTTP_X_REQUEST_ID="r-1")
    token = Token.objects.get()
    assert answer.status_code == 201
    assert answer["Cache-Control"] == "no-store"
    assert answer.json() == {
        "token": answer.json()["token"],
        "expires_at": token.expiry.isoformat().replace("+00:00", "Z"),
    }
    header = f"Token {answer.json()['token']}"
    assert APIClient().get(PATH, HTTP_AUTHORIZATION=header).status_code == 200
    entry = AuditEntry.objects.get(model__startswith="cockpit_auth.")
    assert (entry.actor, entry.actor_id, entry.channel) == ("ada", ada.pk, "api")
    assert (entry.client_address, entry.request_id) == ("192.0.2.7", "r-1")


def test_a_token_may_be_named(ada: User) -> None:
    APIClient().post(PATH, {**GOOD, "name": "laptop"})
    assert Token.objects.get().name == "laptop"


@pytest.mark.parametrize(
    "given",
    [
        {"username": "ada", "password": "wrong"},
        {"username": "nobody", "password": "correct horse 1"},
        {"username": "ADA", "password": "correct horse 1"},
    ],
)
def test_wrong_credentials_get_one_answer(ada: User, given: dict[str, str]) -> None:
    answer = APIClient().post(PATH, given)
    assert answer.status_code == 401
    assert answer.json()["detail"] == "The username or the password is wrong."
    assert answer["WWW-Authenticate"] == "Token"
    assert not Token.objects.exists()


def test_a_deactivated_user_gets_the_same_answer(ada: User) -> None:
    User.objects.update(is_active=False)
    answer = APIClient().post(PATH, GOOD)
    assert answer.status_code == 401
    assert answer.json()["detail"] == "The username or the password is wrong."


def test_a_user_without_a_password_cannot_log_in(ada: User) -> None:
    ada.set_unusable_password()
    ada.save()
    assert APIClient().post(PATH, {**GOOD, "password": ada.password}).status_code == 401


def test_signing_in_with_the_expired_token_still_in_the_header(ada: User) -> None:
    answer = APIClient(HTTP_AUTHORIZATION="Token ccrm_long_gone").post(PATH, GOOD)
    assert answer.status_code == 201


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"username": "required", "password": "required"}),
        ({**GOOD, "days": 3}, {"days": "unknown"}),
        ({**GOOD, "password": 7}, {"password": "invalid"}),
        ({**GOOD, "username": "ada\x00"}, {"username": "null_characters_not_allowed"}),
        ({**GOOD, "name": "x" * 101}, {"name": "max_length"}),
        ([], {"": "not_an_object"}),
    ],
)
def test_a_bad_body_is_a_400_that_names_the_fields(
    ada: User, body: object, errors: dict[str, str]
) -> None:
    answer = APIClient().post(PATH, body, format="json")
    assert answer.status_code == 400
    assert {e["field"]: e["code"] for e in answer.json()["errors"]} == errors


def test_an_unknown_parameter_is_a_400(ada: User, client_of: ClientOf) -> None:
    answer = client_of(ada).get(PATH, {"user": "grace"})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "user"


def test_one_sees_one_s_own_tokens_without_secrets(
    ada: User, grace: User, client_of: ClientOf
) -> None:
    client_of(grace)
    answer = client_of(ada).get(PATH)
    token = Token.objects.get(user=ada)
    (shown,) = answer.json()["results"]
    assert answer.json()["next"] is answer.json()["previous"] is None
    assert list(shown) == ["id", "name", "created_at", "expires_at", "last_used_at"]
    assert shown["id"] == str(token.id)
    assert token.digest not in answer.content.decode()


def test_anonymous_sees_nothing(db: None) -> None:
    answer = APIClient().get(PATH)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Token"


def test_revoking_one_s_own_token(ada: User, client_of: ClientOf) -> None:
    client = client_of(ada)
    token = Token.objects.get()
    answer = client.delete(f"{PATH}/{token.id}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert client.get(PATH).status_code == 401
    entry = AuditEntry.objects.latest("instant")
    assert (entry.action, entry.actor, entry.uuid) == ("ended", "ada", token.id)


def test_another_s_token_is_not_there(ada: User, grace: User, client_of: ClientOf) -> None:
    client_of(grace)
    theirs = Token.objects.get(user=grace)
    client = client_of(ada)
    assert client.delete(f"{PATH}/{theirs.id}").status_code == 404
    assert client.delete(f"{PATH}/{uuid4()}").status_code == 404
    assert client.delete(f"{PATH}/not-a-uuid").status_code == 404
    assert Token.objects.filter(user=grace).exists()


def test_other_methods_are_refused(ada: User, client_of: ClientOf) -> None:
    assert client_of(ada).put(PATH, GOOD).status_code == 405
