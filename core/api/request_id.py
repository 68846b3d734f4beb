"""One id per request: taken from the client or made here, logged, audited and returned."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

HEADER = "X-Request-ID"
META = "HTTP_X_REQUEST_ID"
ACCEPTABLE = re.compile(r"[\x21-\x7e]{1,128}")


class RequestIdMiddleware:
    """Settle the request's id before anything is logged, and return it with every answer.

    An id that is longer than 128 characters or not printable ASCII is replaced by one of ours.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.META.get(META, "")
        request.META[META] = given if ACCEPTABLE.fullmatch(given) else str(uuid.uuid4())
        response = self.get_response(request)
        response[HEADER] = request.META[META]
        return response
