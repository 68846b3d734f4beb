"""Who acts, and from where: a person at a shell, or the signed-in caller of a request."""

from __future__ import annotations

import getpass
import socket
from datetime import timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from django.conf import settings

from core.models.scd2.change import Channel, Context
from core.models.scd2.limits import Limits

if TYPE_CHECKING:
    from core.models.scd2.model import VersionedModel


def shell(reason: str = "") -> Context:
    """The person at a shell, by the name the machine knows them by: never nobody."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a container's user without an entry
        name = "unknown"
    return Context(actor=f"{name}@{socket.gethostname()}", channel=Channel.SYSTEM, reason=reason)


def caller(request: Any, channel: Channel, *, user: Any = None, reason: str = "") -> Context:
    """The user of a request; ``user`` names one who is only just signing in."""
    user = user or request.user
    return Context(
        actor=user.get_username(),
        actor_id=user.pk,
        channel=channel,
        client_address=client_address(request),
        request_id=request_id_of(request),
        reason=reason,
        limits=limits_of(user),
    )


def stranger(request: Any) -> Context:
    """Whoever has not signed in."""
    return Context(
        actor="anonymous",
        channel=Channel.SYSTEM,
        client_address=client_address(request),
        request_id=request_id_of(request),
    )


def limits_of(user: Any) -> Limits:
    """A person's rights in time: on what is versioned, the right to delete is that to end."""

    def may_rewrite(model: type[VersionedModel]) -> bool:
        meta = model._meta
        return bool(user.has_perm(f"{meta.app_label}.delete_{meta.model_name}"))

    return Limits(may_rewrite, timedelta(seconds=settings.BACKDATING_GRACE))


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


def request_id_of(request: Any) -> str | None:
    """The request's id; None where RequestIdMiddleware is not installed."""
    value: str | None = request.META.get("HTTP_X_REQUEST_ID")
    return value
