"""Strong entity tags, and the conditions that clients make with them."""

from __future__ import annotations

import hashlib
from typing import Any

from django.utils.http import parse_etags
from rest_framework.request import Request

from core.api.problems import Problem, refused
from core.api.renderers import to_json


def etag_of(shown: Any) -> str:
    """The opaque tag of what identifies the versions shown."""
    return f'"{hashlib.sha256(to_json(shown)).hexdigest()[:32]}"'


def wanted_tags(request: Request, header: str) -> list[str]:
    """The tags of If-Match or If-None-Match, none if it is not there; ``*`` means any."""
    text = request.headers.get(header)
    if text is None:
        return []
    tags = parse_etags(text)
    if not tags:
        raise refused(header, "invalid", 'Expected entity tags in double quotes, or "*".')
    return list(tags)


def not_modified(request: Request, etag: str) -> bool:
    """Whether If-None-Match names what the client would get (by weak comparison)."""
    tags = wanted_tags(request, "If-None-Match")
    return "*" in tags or etag in (tag.removeprefix("W/") for tag in tags)


def require_match(wanted: list[str], etag: str | None) -> None:
    """Raises a 412 unless the thing as it is now is one of those wanted (strong comparison).

    ``etag`` is None where nothing is valid now; ``wanted`` must not be empty.
    """
    if etag is not None and ("*" in wanted or etag in wanted):
        return
    raise Problem(
        412,
        "precondition_failed",
        "If-Match names another state than the one it is in now. Read it again and decide anew.",
        headers={} if etag is None else {"ETag": etag},
    )
