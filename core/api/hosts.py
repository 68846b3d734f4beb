"""The check of the Host header, which monitors need not pass."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponsePermanentRedirect
from django.middleware.common import CommonMiddleware

ANY_HOST = frozenset({"/health/live", "/health/ready", "/metrics"})
"""Paths asked for by monitors, which know a service by its address and not by its public name.

Their answers hold no link, so a forged name leads nowhere.
"""


class HostMiddleware(CommonMiddleware):
    """Refuse hosts that ``ALLOWED_HOSTS`` does not name with 400, except at ``ANY_HOST``."""

    def process_request(self, request: HttpRequest) -> HttpResponsePermanentRedirect | None:
        if request.path_info in ANY_HOST:
            return None
        return super().process_request(request)
