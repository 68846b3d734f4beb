"""The header opens what it should, and every bad one gets the same answer."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from auth import services
from auth.models import Token, User
from core.models.scd2.change import Context

PATH = "/api/v1/auth/tokens"
REFUSAL = "This token is not valid: unknown, expired or revoked."


@pytest.fixture
def secret(ada: User, context: Context) -> str:
    return services.token_create(user=ada, context=context)[1]


def detail(header: str) -> tuple[int, str]:
    answer = APIClient().get(PATH, HTTP_AUTHORIZATION=header)
    assert answer["WWW-Authenticate"] == "Token"
    assert answer["Content-Type"] == "application/problem+json"
    return answer.status_code, answer.json()["detail"]


@pytest.mark.parametrize("scheme", ["Token", "token"])
def test_a_token_opens(secret: str, scheme: str) -> None:
    assert APIClient().get(PATH, HTTP_AUTHORIZATION=f"{scheme} {secret}").status_code == 200


@pytest.mark.parametrize("end", ["x", "\xff", "ccrm_" + "0" * 64, "0" * 5000])
def test_an_unknown_token_is_refused(db: None, end: str) -> None:
    assert detail(f"Token {end}") == (401, REFUSAL)


def test_a_part_of_a_token_is_refused(secret: str) -> None:
    assert detail(f"Token {secret[:-1]}") == (401, REFUSAL)
    assert detail(f"Token {secret}0") == (401, REFUSAL)


def test_an_expired_token_is_refused(secret: str) -> None:
    Token.objects.update(expiry=timezone.now() - timedelta(microseconds=1))
    assert detail(f"Token {secret}") == (401, REFUSAL)
    assert Token.objects.count() == 1


def test_a_revoked_token_is_refused(secret: str, ada: User, context: Context) -> None:
    services.token_revoke(user=ada, token_id=Token.objects.get().id, context=context)
    assert detail(f"Token {secret}") == (401, REFUSAL)


def test_the_token_of_a_deactivated_user_is_refused(secret: str, ada: User) -> None:
    User.objects.filter(pk=ada.pk).update(is_active=False)
    assert detail(f"Token {secret}") == (401, REFUSAL)


@pytest.mark.parametrize("header", ["", "Token", "Token a b", "Bearer abc", "Basic YTpi"])
def test_another_header_is_no_token(db: None, header: str) -> None:
    assert detail(header)[0] == 401


def test_a_token_costs_one_query_once_its_use_is_noted(
    secret: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = APIClient(HTTP_AUTHORIZATION=f"Token {secret}")
    client.get(PATH)
    with django_assert_num_queries(2):  # the token with its user, and the list
        client.get(PATH)
