"""Strong entity tags, and the conditions that clients make with them."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from rest_framework.request import Request

from core.api.problems import Problem, refused
from core.api.renderers import to_json

TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
TAGS = re.compile(rf"[ \t,]*{TAG}(?:[ \t]*,[ \t,]*{TAG})*[ \t,]*")
ANY = "*"


def etag_of(shown: Any) -> str:
    """The opaque tag of what identifies the versions shown."""
    return f'"{hashlib.sha256(to_json(shown)).hexdigest()[:32]}"'


def wanted_tags(request: Request, header: str) -> list[str]:
    """The tags of If-Match or If-None-Match, none if it is not there; ``*`` means any."""
    text = request.headers.get(header)
    if text is None:
        return []
    if text.strip() == ANY:
        return [ANY]
    if not TAGS.fullmatch(text):
        raise refused(header, "invalid", 'Expected entity tags in double quotes, or "*".')
    return re.findall(TAG, text)


def is_among(etag: str, wanted: list[str]) -> bool:
    """By strong comparison."""
    return ANY in wanted or etag in wanted


def is_weakly_among(etag: str, wanted: list[str]) -> bool:
    """By weak comparison, in which ``W/`` does not count."""
    return is_among(etag, [tag.removeprefix("W/") for tag in wanted])


def not_modified(request: Request, etag: str) -> bool:
    """Whether If-None-Match names what the client would get."""
    return is_weakly_among(etag, wanted_tags(request, "If-None-Match"))


class Preconditions:
    """What If-Match and If-None-Match ask before something is written or, the former, read."""

    def __init__(self, request: Request) -> None:
        self.match = wanted_tags(request, "If-Match")
        self.none_match = wanted_tags(request, "If-None-Match")

    def __bool__(self) -> bool:
        return bool(self.match or self.none_match)

    def require_match(self, etag: str | None) -> None:
        """Raises a 412 unless the thing as it is now is one of those wanted.

        ``etag`` is None where nothing is valid now: that matches nothing, not even ``*``.
        """
        if self.match and (etag is None or not is_among(etag, self.match)):
            raise failed(
                "If-Match names another state than the one it is in now. Read it again and decide "
                "anew.",
                etag,
            )

    def require(self, etag: str | None) -> None:
        """As ``require_match``, and raises a 412 if it is one of those not wanted."""
        self.require_match(etag)
        if etag is not None and is_weakly_among(etag, self.none_match):
            raise failed("If-None-Match names the state that it is in now.", etag)


def failed(sentence: str, etag: str | None) -> Problem:
    """A 412 with the tag of the thing as it is now."""
    headers = {} if etag is None else {"ETag": etag}
    return Problem(412, "precondition_failed", sentence, headers=headers)
