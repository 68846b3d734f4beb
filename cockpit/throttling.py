"""Forms count like writes over the API: by user, or by address where somebody signs in."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from cockpit.errors import too_many
from core.contexts import client_address
from core.throttle import take

Answer = Callable[[HttpRequest], HttpResponse]


class PageThrottle:
    """Stands behind the middleware that knows the user; calls of the API count for themselves."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method == "POST" and not request.path.startswith("/api/"):
            seconds = taken(request)
            if seconds:
                return too_many(request, seconds)
        return self.get_response(request)


def taken(request: HttpRequest) -> float:
    if request.user.is_authenticated:
        return take(f"user {request.user.pk}", settings.WRITES_PER_MINUTE)
    return take(f"address {client_address(request)}", settings.SIGN_INS_PER_MINUTE)
