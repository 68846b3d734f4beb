"""Getting a token for a password, listing one's own, revoking one."""

from typing import Any
from uuid import UUID

from django.contrib.auth import authenticate
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle

from auth import selectors, services
from auth.lockout import forgive
from auth.v1.serializers import Credentials, NewToken, TokenList, TokenShape
from core.api.throttling import SignInThrottle
from core.api.views import ApiView, read_body
from core.contexts import caller
from core.models.scd2.change import Channel


class WrongCredentials(AuthenticationFailed):
    """The answer to a bad name, a bad password and a deactivated user alike."""

    default_detail = "The username or the password is wrong."
    default_code = "wrong_credentials"


class TokensView(ApiView):
    """One's own tokens; a new one for a username and a password."""

    def get_permissions(self) -> list[BasePermission]:
        return [AllowAny() if self.request.method == "POST" else IsAuthenticated()]

    def get_throttles(self) -> list[BaseThrottle]:
        return [SignInThrottle()] if self.request.method == "POST" else super().get_throttles()

    def perform_authentication(self, request: Request) -> None:
        """Whoever signs in may still send the token that has just expired."""
        if request.method != "POST":
            super().perform_authentication(request)

    @extend_schema(
        operation_id="tokens_list",
        summary="My tokens",
        description="The newest first, expired ones included; without their secrets.",
        responses=TokenList,
        tags=["tokens"],
    )
    def get(self, request: Request) -> Response:
        user: Any = request.user
        shown = TokenShape(selectors.tokens_of(user), many=True)
        return Response({"results": shown.data, "next": None, "previous": None})

    @extend_schema(
        operation_id="tokens_create",
        summary="Sign in",
        description="A new token for a username and a password. It is shown this once.",
        request=Credentials,
        responses={201: NewToken},
        auth=[],
        tags=["tokens"],
    )
    def post(self, request: Request) -> Response:
        given = read_body(Credentials, request)
        user = user_of(request, given)
        context = caller(request, Channel.API, user=user)
        made, secret = services.token_create(user=user, name=given["name"], context=context)
        shown = NewToken({"token": secret, "expires_at": made.expiry})
        return Response(shown.data, status=201)


class TokenView(ApiView):
    """One of one's own tokens."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="tokens_destroy",
        summary="Revoke a token",
        description="One of one's own; it is not taken any more from now on.",
        responses={204: None},
        tags=["tokens"],
    )
    def delete(self, request: Request, token_id: UUID) -> Response:
        user: Any = request.user
        context = caller(request, Channel.API)
        services.token_revoke(user=user, token_id=token_id, context=context)
        return Response(status=204)


def user_of(request: Request, given: dict[str, Any]) -> Any:
    """The user with that password. Raises WrongCredentials."""
    user = authenticate(request._request, username=given["username"], password=given["password"])
    if user is None:
        raise WrongCredentials
    forgive(request._request, user.get_username())
    return user
