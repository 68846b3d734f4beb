"""Who may call a view on a model by which method."""

from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from django.contrib.auth.models import AnonymousUser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from auth.models import User
from auth.permissions import ModelRights
from core.tests.harbour.models import Flag

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
ALLOWED = {
    "viewer": {"GET", "HEAD"},
    "editor": {"GET", "HEAD", "POST", "PUT", "PATCH"},
    "steward": set(METHODS),
    "auditor": {"GET", "HEAD"},
    "admin": set(METHODS),
}


class Flags(APIView):
    model: ClassVar[Any] = Flag
    permission_classes = (AllowAny,)

    def get(self) -> None: ...
    def head(self) -> None: ...
    def post(self) -> None: ...
    def put(self) -> None: ...
    def patch(self) -> None: ...
    def delete(self) -> None: ...


class Nameless(Flags):
    model = None


class ReadOnly(APIView):
    model: ClassVar[Any] = Flag

    def get(self) -> None: ...


def permitted(user: Any, method: str, view: APIView) -> bool:
    request = Request(APIRequestFactory().generic(method, "/"))
    request.user = user
    return ModelRights().has_permission(request, view)


@pytest.mark.parametrize(("role", "methods"), ALLOWED.items())
def test_a_role_may_use_its_methods_and_no_others(
    make_user: Callable[..., User], role: str, methods: set[str]
) -> None:
    user = make_user("ada", role)
    assert {method for method in METHODS if permitted(user, method, Flags())} == methods


def test_a_user_without_a_role_may_nothing(ada: User) -> None:
    assert not any(permitted(ada, method, Flags()) for method in METHODS)


@pytest.mark.parametrize("method", [*METHODS, "OPTIONS"])
def test_nothing_is_open_to_anonymous(method: str) -> None:
    assert not permitted(AnonymousUser(), method, Flags())


def test_a_view_that_names_no_model_is_open_to_nobody(make_user: Callable[..., User]) -> None:
    root = make_user("root", is_superuser=True)
    assert not permitted(root, "GET", Nameless())


def test_a_method_that_the_view_lacks_is_left_to_it(ada: User) -> None:
    assert permitted(ada, "POST", ReadOnly())
    assert not permitted(ada, "GET", ReadOnly())
