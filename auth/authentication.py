"""``Authorization: Token …``, the one way into the API of every service."""

from typing import Any

from knox.auth import TokenAuthentication as KnoxTokenAuthentication
from rest_framework.exceptions import AuthenticationFailed

from auth import selectors, services


class TokenAuthentication(KnoxTokenAuthentication):  # type: ignore[misc]
    """Knox's header, with one look-up by digest and the same answer to every bad token."""

    def authenticate_credentials(self, token: bytes) -> tuple[Any, Any]:
        found = selectors.live_token(token.decode("latin-1"))
        if found is None:
            raise AuthenticationFailed("This token is not valid: unknown, expired or revoked.")
        services.token_used(found)
        return found.user, found
