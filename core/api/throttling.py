"""How much a caller may write: what is too much is a 429 that says when to come back."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from core.contexts import client_address
from core.throttle import take


class WriteThrottle(BaseThrottle):
    """So many writes a minute by one user, whatever token they come with."""

    seconds: float = 0

    def allow_request(self, request: Request, view: Any) -> bool:
        if request.method not in SAFE_METHODS:
            self.seconds = self.taken(request)
        return not self.seconds

    def taken(self, request: Request) -> float:
        return take(f"user {request.user.pk}", settings.WRITES_PER_MINUTE)

    def wait(self) -> float:
        return self.seconds


class SignInThrottle(WriteThrottle):
    """So many sign-ins a minute from one address; who it is, is not known yet."""

    def taken(self, request: Request) -> float:
        return take(f"address {client_address(request)}", settings.SIGN_INS_PER_MINUTE)
