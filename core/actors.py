"""Who is acting: a person at a shell, or the signed-in caller of a request."""

import getpass
import socket
from typing import Any

from core.api.context import client_address
from core.api.request_id import request_id_of
from core.models.scd2.change import Channel, Context


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
    )
