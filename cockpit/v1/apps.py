"""The registry of tethered apps, and the switch of each."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from cockpit import selectors
from cockpit.v1 import described
from cockpit.v1.serializers import AppChange, AppShape
from core.api.idempotency import repeatable
from core.api.output import Output
from core.api.resources import no_such
from core.api.views import ApiView, read_body
from core.contexts import caller
from core.control import set_mode
from core.models import AppControl, AppMode
from core.models.scd2.change import Channel
from core.probes import probe_if_due

Row = dict[str, Any]


class AppResource(ApiView):
    """An app of the cockpit, over HTTP."""

    model = AppControl
    output = Output(AppShape)

    def found(self, slug: str) -> Row:
        """Raises a 404."""
        row = selectors.app_named(slug)
        if row is None:
            raise no_such(AppControl, slug)
        return row


@extend_schema_view(get=extend_schema(**described.APPS))
class AppsView(AppResource):
    """Every app that is tethered or built."""

    def get(self, request: Request) -> Response:
        probe_if_due()
        return Response({"results": [self.output.one(row) for row in selectors.app_list()]})


@extend_schema_view(get=extend_schema(**described.APP), patch=extend_schema(**described.APP_CHANGE))
class AppView(AppResource):
    """One app."""

    def get(self, request: Request, slug: str) -> Response:
        probe_if_due()
        return Response(self.output.one(self.found(slug)))

    @repeatable
    def patch(self, request: Request, slug: str) -> Response:
        if self.found(slug)["status"] == selectors.NOT_TETHERED:
            raise no_such(AppControl, slug)
        change = read_body(AppChange, request)
        mode = AppMode(change["mode"]) if "mode" in change else None
        set_mode(
            slug=slug,
            mode=mode,
            reason=change.get("reason"),
            context=caller(request, Channel.API, reason=change.get("reason", "")),
        )
        return Response(self.output.one(self.found(slug)))
