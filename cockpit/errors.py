"""Errors outside any view: a page for people, a problem document for everything else."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.api import errors
from core.api.request_id import request_id_of

TITLES = {
    400: "This request cannot be read",
    403: "Your role does not allow this",
    404: "There is no such page",
    500: "Something unexpected went wrong",
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


def answer(request: HttpRequest, problem: HttpResponse) -> HttpResponse:
    if request.path.startswith("/api/") or not request.accepts("text/html"):
        return problem
    context: dict[str, Any] = {
        "title": TITLES[problem.status_code],
        "request_id": request_id_of(request),
    }
    return render(request, "cockpit/error.html", context, status=problem.status_code)
