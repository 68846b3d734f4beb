"""Where a request comes from."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

from django.conf import settings


def client_address(request: Any) -> str | None:
    """The address the request came from: behind a proxy, the one that the proxy saw."""
    address: str = request.META.get("REMOTE_ADDR", "")
    if settings.SECURE_PROXY_SSL_HEADER:
        forwarded: str = request.META.get("HTTP_X_FORWARDED_FOR", "")
        address = forwarded.rpartition(",")[2].strip() or address
    try:
        return str(ip_address(address))
    except ValueError:
        return None
