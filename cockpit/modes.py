"""The admin pages of an app that is not active."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse

from cockpit.errors import unavailable
from core.control import modes
from core.models import AppMode
from core.models.scd2.exceptions import not_active
from core.tether import TetheredAppConfig, tethered

Answer = Callable[[HttpRequest], HttpResponse]


class AppModes:
    """Refuse the pages of an offline app, and say on those of a read-only one that it is.

    Writes need nothing here: the engine refuses them.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *args: Any) -> HttpResponse | None:
        app = app_of(request)
        if app is None or not request.user.is_authenticated:
            return None
        state = modes.state(app.slug)
        if state.mode == AppMode.OFFLINE:
            return unavailable(request, not_active(app.slug, state.mode, state.reason))
        if state.mode == AppMode.READ_ONLY and request.method == "GET":
            messages.warning(request, f"{app.title} is read-only: {state.reason}")
        return None


def app_of(request: HttpRequest) -> TetheredAppConfig | None:
    """The tethered app whose admin the page belongs to."""
    match = request.resolver_match
    if match is None or match.app_name != "admin":
        return None
    label = match.kwargs.get("app_label") or str(match.url_name).partition("_")[0]
    return next((app for app in tethered() if app.label == label), None)
