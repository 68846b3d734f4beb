"""Where a request comes from."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

from django.conf import settings


def client_address(request: Any) -> str | None:
    """The address the request came from: behind proxies, the one that the outermost of them saw.

    Every proxy adds the address of its client on the right, so what a client writes there itself
    stands further left than all of ours, and is not looked at.
    """
    address: str = request.META.get("REMOTE_ADDR", "")
    if settings.TRUSTED_PROXIES:
        forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        if len(forwarded) >= settings.TRUSTED_PROXIES:
            address = forwarded[-settings.TRUSTED_PROXIES].strip() or address
    try:
        return str(ip_address(address))
    except ValueError:
        return None
