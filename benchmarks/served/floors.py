"""Bare views that answer what the API answers, from hand-written SQL.

PostgreSQL makes the JSON, which is the fastest way there is. A caller is known by the look-up of
the product; nothing else of it is used.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from auth.authentication import TokenAuthentication
from benchmarks.served.sql import query

View = Callable[..., HttpResponse]


def signed_in(view: View) -> View:
    """Ask for a token as the product does."""

    @csrf_exempt
    @wraps(view)
    def wrapped(request: HttpRequest, **path: Any) -> HttpResponse:
        found = TokenAuthentication().authenticate(request)
        if found is None:
            return HttpResponse(status=401)
        request.user = found[0]
        return view(request, **path)

    return wrapped


def json(text: str) -> HttpResponse:
    return HttpResponse(text, content_type="application/json")


def text_of(name: str, **parameters: Any) -> str:
    """The one value of a statement's one row."""
    with connection.cursor() as cursor:
        cursor.execute(query(name), parameters)
        row = cursor.fetchone()
    return str(row[0])


@signed_in
def entity(request: HttpRequest, uid: UUID) -> HttpResponse:
    """``GET`` a snapshot, ``PATCH`` a name."""
    if request.method == "PATCH":
        write(request, uid, orjson.loads(request.body)["display_name"])
    return json(text_of("snapshot", uuid=uid))


@signed_in
def page(request: HttpRequest) -> HttpResponse:
    """The first hundred by name."""
    return json(text_of("page"))


@signed_in
def page_as_of(request: HttpRequest) -> HttpResponse:
    """The first hundred of a type at an instant, with their details."""
    given = request.GET
    return json(text_of("page_as_of", type=given["type"], as_of=given["as_of"]))


def write(request: HttpRequest, uid: UUID, name: str) -> None:
    """Lock, close the open version, open the next one, and say so in the audit log."""
    known = {
        "uuid": uid,
        "name": name,
        "actor_id": request.user.pk,
        "actor": request.user.get_username(),
        "address": request.META["REMOTE_ADDR"],
        "request_id": request.META["HTTP_X_REQUEST_ID"],
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(query("patch_lock"), known)
        [known["instant"]] = cursor.fetchone()
        cursor.execute(query("patch_close"), known)
        before, known["entity_type"] = cursor.fetchone()
        known["before"] = orjson.dumps(
            {"entity_type": known["entity_type"], "display_name": before}
        ).decode()
        known["after"] = orjson.dumps(
            {"entity_type": known["entity_type"], "display_name": name}
        ).decode()
        cursor.execute(query("patch_open"), known)
        cursor.execute(query("patch_audit"), known)
