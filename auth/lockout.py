"""Who guesses passwords is locked out for a while; django-axes counts, in the database."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

import structlog
from axes.handlers.database import AxesDatabaseHandler
from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Max, Sum
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from auth import selectors, services
from core.api.errors import respond
from core.api.problems import Problem
from core.contexts import stranger

log = structlog.get_logger(__name__)

ADDRESS_ALLOWANCE = 10
"""How many times as many failures an address has for all names together as for one."""


class Lockout(AxesDatabaseHandler):  # type: ignore[misc]
    """Locks a name at an address and, after ten times as many failures, the address."""

    def get_failures(self, request: Any, credentials: Any = None) -> int:
        pair, address = [
            attempts.aggregate(failures=Sum("failures_since_start"))["failures"] or 0
            for attempts in self.get_user_attempts(request, credentials)
        ]
        return max(pair, address // ADDRESS_ALLOWANCE)

    def user_login_failed(
        self, sender: Any, credentials: Any, request: Any = None, **kwargs: Any
    ) -> None:
        """Counts; the failure that locks is in the log, those during the lockout are not."""
        known = getattr(request, "axes_locked_out", False)
        super().user_login_failed(sender, credentials, request, **kwargs)
        if not known and getattr(request, "axes_locked_out", False):
            record_lockout(request, credentials)

    def user_logged_in(self, sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
        super().user_logged_in(sender, request, user, **kwargs)
        forgive(request, user.get_username())


def record_lockout(request: HttpRequest, credentials: Any) -> None:
    """Write that a name is locked at an address. A name that nobody has may be a password."""
    name = credentials["username"] if selectors.user_named(credentials["username"]) else None
    context = stranger(request)
    log.warning("locked_out", client_address=context.client_address)
    services.lockout_begun(username=name, until=until(request, credentials), context=context)


def forgive(request: HttpRequest, username: str) -> None:
    """Whoever knows the password may have mistyped it before."""
    AxesProxyHandler.update_request(request)
    address = request.axes_ip_address  # type: ignore[attr-defined]
    AccessAttempt.objects.filter(username=username, ip_address=address).delete()


def until(request: HttpRequest, credentials: Any) -> datetime:
    """When the lockout ends."""
    tried = AxesProxyHandler.get_implementation().filter_user_attempts(request, credentials)
    last = max(
        attempts.aggregate(last=Max("attempt_time"))["last"] or timezone.now() for attempts in tried
    )
    end: datetime = last + settings.AXES_COOLOFF_TIME
    return end


def seconds_left(request: HttpRequest, credentials: Any) -> int:
    left = until(request, credentials) - timezone.now()
    return max(1, math.ceil(left.total_seconds()))


def answer(request: HttpRequest, response: Any = None, credentials: Any = None) -> HttpResponse:
    """The 429 instead of whatever the login would say; a right password gets it, too."""
    problem = Problem(
        429,
        "locked_out",
        "Too many attempts to sign in have failed. Try again later.",
        headers={"Retry-After": str(seconds_left(request, credentials))},
    )
    return respond(request, problem)
