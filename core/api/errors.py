"""From exceptions to problems. Nothing else reaches a client, whatever went wrong."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import DatabaseError, InterfaceError
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions

from core.answers import InProgress
from core.api.problems import MEDIA_TYPE, FieldError, Problem, invalid
from core.api.renderers import to_json
from core.contexts import request_id_of
from core.models.scd2.exceptions import (
    AppNotActive,
    DatabaseUnavailable,
    DirectWriteError,
    ItemsRefused,
    Scd2Error,
)
from core.models.scd2.mapper import domain_error

log = structlog.get_logger(__name__)

RETRY_SOON = {"Retry-After": "1"}
RETRY_LATER = {"Retry-After": "30"}
"""For what lasts until an operator ends it."""


def handle(error: Exception, context: dict[str, Any]) -> HttpResponse:
    """DRF's exception handler: every error of a view becomes a problem, whatever it renders."""
    request = context["request"]
    return respond(request, as_problem(error, request))


def as_problem(error: Exception, request: Any) -> Problem:
    if isinstance(error, DatabaseError):
        error = domain_error(error) or error
    elif isinstance(error, InterfaceError):
        error = DatabaseUnavailable("The connection to the database was lost; try again.")
    if not isinstance(error, DirectWriteError):
        for kind, translate in TRANSLATIONS:
            if isinstance(error, kind):
                return translate(error)
    return unexpected(error, request)


def unexpected(error: Exception, request: Any) -> Problem:
    """Log a mistake of ours in full; the client gets its request id alone."""
    got_request_exception.send(sender=None, request=getattr(request, "_request", request))
    log.error("unexpected_error", exc_info=error)
    return mistake_of_ours(request)


def mistake_of_ours(request: Any) -> Problem:
    return Problem(
        500,
        "unexpected",
        "This is a mistake of the service. It has been logged under the request id.",
        request_id=request_id_of(request),
    )


# Django and DRF


def from_validation(error: exceptions.ValidationError) -> Problem:
    return invalid(list(flatten(error.detail)))


def flatten(detail: Any, field: str = "") -> Iterator[FieldError]:
    """The leaves of DRF's nested error details, each with its dotted field."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            own = "" if name == "non_field_errors" else str(name)
            yield from flatten(inner, ".".join(filter(None, (field, own))))
    elif isinstance(detail, list):
        for inner in detail:
            yield from flatten(inner, field)
    else:
        yield FieldError(field, detail.code or "invalid", str(detail))


def from_drf(error: exceptions.APIException) -> Problem:
    headers = {}
    if header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = str(header)
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(math.ceil(wait))
    code = getattr(error.detail, "code", None) or error.default_code
    if error.status_code == HTTPStatus.UNAUTHORIZED:
        code = error.default_code
    return Problem(error.status_code, code, str(error.detail), headers=headers)


def from_parse_error(error: exceptions.ParseError) -> Problem:
    return Problem(400, "malformed_body", str(error.detail))


def not_found(error: Exception) -> Problem:
    return Problem(404, "not_found", str(error) or "There is no such thing.")


def forbidden(error: Exception) -> Problem:
    return Problem(403, "permission_denied", str(error) or "This is not allowed to you.")


def suspicious(_error: Exception) -> Problem:
    return Problem(400, "invalid_request", "The request is refused: its head is not valid.")


def too_large(_error: Exception) -> Problem:
    return Problem(413, "body_too_large", "The body is too large.")


# The domain


def from_domain(error: Scd2Error) -> Problem:
    """A refusal with the status its code has; else what names fields is a 400 about them.

    An error that stands for several has them as ``errors``.
    """
    fields = fields_of(error) if hasattr(error, "field") else []
    if fields and error.code not in STATUSES:
        return invalid(fields)
    status = STATUSES.get(error.code, 409)
    soon = status == HTTPStatus.SERVICE_UNAVAILABLE or isinstance(error, InProgress)
    headers = RETRY_SOON if soon else {}
    if isinstance(error, AppNotActive):
        headers = RETRY_LATER
    return Problem(status, error.code, error.message, errors=fields, headers=headers)


def fields_of(error: Scd2Error, *within: str) -> list[FieldError]:
    """All that is wrong, with the fields it concerns, if any."""
    parts: Sequence[Any] = getattr(error, "errors", [error])
    named = [".".join(filter(None, (*within, getattr(part, "field", "")))) for part in parts]
    return [
        FieldError(field, part.code, part.message) for field, part in zip(named, parts, strict=True)
    ]


def from_items(refusal: ItemsRefused) -> Problem:
    """Every item at fault, by its index.

    A 403 if there is one that is not allowed, else a 400 if one is wrong whatever is there.
    """
    errors = [one for index, error in refusal.errors for one in fields_of(error, str(index))]
    for _, error in refusal.errors:
        if STATUSES.get(error.code) == HTTPStatus.FORBIDDEN:
            return Problem(403, error.code, error.message, errors=errors)
    if any(hasattr(error, "field") for _, error in refusal.errors):
        return invalid(errors)
    return Problem(409, refusal.code, refusal.message, errors=errors)


STATUSES = {
    "personal_data": 403,
    "not_found": 404,
    "permission_denied": 403,
    "key_reused": 422,
    "not_settled": 503,
    "rows_moved": 503,
    "busy": 503,
    "unavailable": 503,
    "read_only": 503,
    "offline": 503,
}

TRANSLATIONS: list[tuple[Any, Callable[[Any], Problem]]] = [
    (Problem, lambda problem: problem),
    (exceptions.ValidationError, from_validation),
    (exceptions.ParseError, from_parse_error),
    (exceptions.APIException, from_drf),
    (Http404, not_found),
    (PermissionDenied, forbidden),
    (RequestDataTooBig, too_large),
    (SuspiciousOperation, suspicious),
    (ItemsRefused, from_items),
    (Scd2Error, from_domain),
]


# Outside any view


@csrf_exempt
def unknown_path(request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
    """The answer to a path that the service does not have, as handler404 and as a view."""
    return respond(request, Problem(404, "unknown_path", f"There is no path {request.path} here."))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return respond(request, suspicious(exception))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return respond(request, forbidden(exception))


def server_error(request: HttpRequest) -> HttpResponse:
    return respond(request, mistake_of_ours(request))


def respond(request: Any, problem: Problem) -> HttpResponse:
    """A problem as an answer."""
    return HttpResponse(
        to_json(problem.document(request.path)),
        status=problem.status_code,
        headers=problem.headers,
        content_type=MEDIA_TYPE,
    )
