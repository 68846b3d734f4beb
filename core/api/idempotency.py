"""The header Idempotency-Key: a write that may be sent again."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from functools import partial, wraps
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from core.answers import Call, claim, keep
from core.api.problems import refused
from core.api.renderers import to_json
from core.models import FirstAnswer
from core.strict_json import canonical
from core.transactions import atomic_write

HEADER = "Idempotency-Key"
ACCEPTABLE = re.compile(r'(?P<quote>"?)(?P<key>[\x21\x23-\x7e]{1,255})(?P=quote)')
KEPT_HEADERS = ("ETag", "Location")

Write = Callable[[], Response]


def repeatable(method: Callable[..., Response]) -> Callable[..., HttpResponse]:
    """Let a view's method honour the header. Without it nothing is asked or kept."""

    @wraps(method)
    def answered(view: Any, request: Request, **path: Any) -> HttpResponse:
        return answer(request, request.data, partial(method, view, request, **path))

    answered.repeatable = True  # type: ignore[attr-defined]
    return answered


def answer(request: Request, said: Any, write: Write) -> HttpResponse:
    """The answer of a write; ``said`` is what a second call under the same key has to say again.

    For a view whose write is less than its method: what is repeatable is marked so for the schema.
    """
    key = key_of(request)
    return write() if key is None else once(call_of(request, key, said), write)


def key_of(request: Request) -> str | None:
    """The key, with or without the double quotes of the draft standard. Refuses a bad one."""
    given = request.headers.get(HEADER)
    if given is None:
        return None
    match = ACCEPTABLE.fullmatch(given.strip())
    if match is None:
        raise refused(HEADER, "invalid", "Expected 1 to 255 visible characters of ASCII.")
    return match["key"]


def call_of(request: Request, key: str, said: Any) -> Call:
    user: Any = request.user
    return Call(user.pk, str(request.method), request.path, key, digest(said))


def digest(said: Any) -> bytes:
    """Of a body's meaning: blanks, the order of names and ways to write a number do not count."""
    return hashlib.sha256(canonical(said).encode()).digest()


@atomic_write
def once(call: Call, write: Write) -> HttpResponse:
    """Carry out the write and keep its answer, both or neither; or the answer it got already."""
    first = claim(call)
    if first is not None:
        return again(first)
    response = write()
    headers = {name: response[name] for name in KEPT_HEADERS if name in response}
    keep(call, status=response.status_code, headers=headers, body=to_json(response.data))
    return response


def again(first: FirstAnswer) -> HttpResponse:
    return HttpResponse(
        bytes(first.body),
        status=first.status,
        headers=first.headers,
        content_type="application/json",
    )
