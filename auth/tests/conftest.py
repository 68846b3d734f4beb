"""People and tokens that most tests of access need."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from rest_framework.test import APIClient

from auth import services
from auth.models import User
from core.models.scd2.change import Channel, Context

CONTEXT = Context(actor="tester", channel=Channel.SYSTEM)


@pytest.fixture
def context() -> Context:
    return CONTEXT


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create_user("ada", password="correct horse 1")


@pytest.fixture
def grace(db: None) -> User:
    return User.objects.create_user("grace", password="battery staple 1")


@pytest.fixture
def make_user(db: None) -> Callable[..., User]:
    def make(name: str, *roles: str, **fields: Any) -> User:
        user = User.objects.create_user(name, password="correct horse 1", **fields)
        user.groups.set(Group.objects.filter(name__in=roles))
        return user

    return make


@pytest.fixture
def client_of() -> Callable[[User], APIClient]:
    """A client that calls with a fresh token of a user."""

    def make(user: User) -> APIClient:
        _, secret = services.token_create(user=user, context=CONTEXT)
        return APIClient(HTTP_AUTHORIZATION=f"Token {secret}")

    return make
