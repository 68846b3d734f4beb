"""Errors outside any view: a page for people, a problem document for everything else."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from rest_framework.exceptions import Throttled

from auth import lockout
from core.api import errors
from core.contexts import request_id_of
from core.models.scd2.exceptions import AppNotActive

TITLES = {
    400: "This request cannot be read",
    403: "Your role does not allow this",
    404: "There is no such page",
    429: "This was too often: try again later",
    500: "Something unexpected went wrong",
    503: "This app is offline",
}


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, errors.bad_request(request, exception))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, errors.permission_denied(request, exception))


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, errors.unknown_path(request, exception=exception))


def server_error(request: HttpRequest) -> HttpResponse:
    return answer(request, errors.server_error(request))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was left open too long, or that another site has sent."""
    return answer(request, errors.permission_denied(request, PermissionError(reason)))


def locked_out(request: HttpRequest, response: Any = None, credentials: Any = None) -> HttpResponse:
    """Also to a right password, so that it cannot be told from a wrong one."""
    return answer(request, lockout.answer(request, response, credentials))


def too_many(request: HttpRequest, seconds: float) -> HttpResponse:
    """More forms than one user, or sign-ins than one address, may send."""
    return answer(request, errors.respond(request, errors.from_drf(Throttled(seconds))))


def unavailable(request: HttpRequest, error: AppNotActive) -> HttpResponse:
    """A page of an app that is offline."""
    return answer(request, errors.respond(request, errors.from_domain(error)), error.message)


def answer(request: HttpRequest, problem: HttpResponse, detail: str = "") -> HttpResponse:
    if request.path.startswith("/api/") or not request.accepts("text/html"):
        return problem
    context: dict[str, Any] = {
        "title": TITLES[problem.status_code],
        "detail": detail,
        "request_id": request_id_of(request),
    }
    page = render(request, "cockpit/error.html", context, status=problem.status_code)
    if "Retry-After" in problem:
        page["Retry-After"] = problem["Retry-After"]
    return page
