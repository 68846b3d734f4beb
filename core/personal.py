"""Personal data: who may see it, and the trace that seeing it leaves."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import structlog

VIEW = "view_pii"
"""The permission to see and to write an app's personal data, by Django's code name."""

log = structlog.get_logger(__name__)


def may_view(user: Any, app_label: str) -> bool:
    """Whether a user may see, and write, the personal data of an app."""
    return bool(user.has_perm(f"{app_label}.{VIEW}"))


def log_read(user: Any, model: str, things: Iterable[Any], fields: Collection[str]) -> None:
    """Leave an event that a user was shown personal data: of which things, and in which fields.

    Never the values. The request's id and path are in the event as in every other of the request.
    """
    named = [str(thing) for thing in things]
    if named:
        log.info(
            "personal_data_read",
            actor=user.get_username(),
            actor_id=user.pk,
            model=model,
            things=named,
            fields=sorted(fields),
        )
