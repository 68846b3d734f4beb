"""Caching of answers: none of them is stored by a browser or a proxy, unless it says otherwise."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

HEADER = "Cache-Control"
NO_STORE = "no-store"


class NoStoreMiddleware:
    """Forbid caches to keep an answer that has no ``Cache-Control`` of its own.

    Assets have one and stay cacheable. An ETag goes on working: a client that kept an answer
    itself may ask with ``If-None-Match`` and gets a 304.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if HEADER not in response:
            response[HEADER] = NO_STORE
        return response
