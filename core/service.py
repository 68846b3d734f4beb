"""What an operator asks of any service: does it live, is it ready."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from core import __version__
from core.api.errors import respond
from core.api.problems import Problem
from core.checks import pending_migrations

ALLOW = {"Allow": "GET, HEAD, OPTIONS"}


def only_read(view: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Any other method is answered as everywhere."""

    @csrf_exempt
    @wraps(view)
    def answered(request: HttpRequest) -> HttpResponse:
        if request.method in ("GET", "HEAD"):
            return view(request)
        if request.method == "OPTIONS":
            return HttpResponse(status=204, headers=ALLOW)
        told = f'Method "{request.method}" not allowed.'
        return respond(request, Problem(405, "method_not_allowed", told, headers=ALLOW))

    return answered


@only_read
def live(_: HttpRequest) -> JsonResponse:
    """200 as long as the process answers; the database is not asked."""
    return answer(200, "live")


@only_read
def ready(_: HttpRequest) -> JsonResponse:
    """200 if the database answers and every migration is applied, else 503 and the reason; with
    the version that runs.
    """
    try:
        pending = pending_migrations()
    except (DatabaseError, InterfaceError):
        told = "The database does not answer."
        return answer(503, "unavailable", version=version(), detail=told)
    if pending:
        told = f"Migrations not yet applied: {pending}."
        return answer(503, "unavailable", version=version(), detail=told)
    return answer(200, "ready", version=version())


def version() -> str:
    """Of the app that this service serves; the cockpit's is the project's."""
    return str(getattr(apps.get_app_config(settings.SERVICE), "version", __version__))


def answer(status: int, word: str, **more: str) -> JsonResponse:
    return JsonResponse({"status": word, **more}, status=status)
