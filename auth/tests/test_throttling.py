"""Too many writes are a 429 that says when to come back, at every door alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from auth.models import Token, User
from core.models import AuditEntry

TOKENS = "/api/v1/auth/tokens"
GOOD = {"username": "ada", "password": "correct horse 1"}
ClientOf = Callable[[User], APIClient]


@pytest.fixture(autouse=True)
def rates(settings: Any) -> None:
    settings.WRITES_PER_MINUTE = 3
    settings.SIGN_INS_PER_MINUTE = 2


def test_writes_of_a_user_count_together_whatever_the_token(ada: User, client_of: ClientOf) -> None:
    one, other = client_of(ada), client_of(ada)
    unknown = f"{TOKENS}/00000000-0000-0000-0000-000000000000"
    statuses = [client.delete(unknown).status_code for client in (one, other, one, other)]
    assert statuses == [404, 404, 404, 429]
    answer = one.delete(unknown)
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:cockpit:problem:throttled"
    assert 19 <= int(answer["Retry-After"]) <= 20


def test_reads_do_not_count(ada: User, client_of: ClientOf) -> None:
    client = client_of(ada)
    assert {client.get(TOKENS).status_code for _ in range(5)} == {200}
    assert {client.options(TOKENS).status_code for _ in range(5)} == {204}
    assert {client.head(TOKENS).status_code for _ in range(5)} == {200}


def test_users_do_not_count_for_each_other(ada: User, grace: User, client_of: ClientOf) -> None:
    unknown = f"{TOKENS}/00000000-0000-0000-0000-000000000000"
    for _ in range(4):
        client_of(ada).delete(unknown)
    assert client_of(grace).delete(unknown).status_code == 404


def test_sign_ins_count_by_address(ada: User) -> None:
    def sign_in(address: str) -> int:
        client = Client(REMOTE_ADDR=address)
        return client.post(TOKENS, GOOD, content_type="application/json").status_code

    assert [sign_in("192.0.2.1") for _ in range(3)] == [201, 201, 429]
    assert sign_in("192.0.2.2") == 201
    assert Token.objects.count() == 3


def test_the_cockpit_s_forms_count_alike(ada: User) -> None:
    User.objects.update(is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(ada)
    form = {"name": "desk", "permissions": []}
    for _ in range(3):
        client.post("/auth/group/add/", {**form, "name": "x" * 200})
    answer = client.post("/auth/group/add/", form, headers={"Accept": "text/html"})
    assert answer.status_code == 429
    assert 19 <= int(answer["Retry-After"]) <= 20
    assert b"This was too often" in answer.content
    assert not AuditEntry.objects.filter(model__startswith="cockpit_auth.").exists()
    assert client.get("/auth/group/").status_code == 200


def test_the_cockpit_s_login_counts_by_address(ada: User) -> None:
    statuses = [Client().post("/login/", GOOD).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]


def test_no_limit_is_a_setting(ada: User, client_of: ClientOf, settings: Any) -> None:
    settings.WRITES_PER_MINUTE = 0
    unknown = f"{TOKENS}/00000000-0000-0000-0000-000000000000"
    client = client_of(ada)
    assert {client.delete(unknown).status_code for _ in range(5)} == {404}
