"""The pages that show the OpenAPI description. They ask no other host for anything."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from drf_spectacular.views import (
    SpectacularJSONAPIView,
    SpectacularRedocView,
    SpectacularSwaggerSplitView,
)
from rest_framework.request import Request
from rest_framework.response import Response

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
    "font-src 'self' data:; worker-src 'self' blob:; object-src 'none'; frame-ancestors 'none'"
)


class SchemaView(SpectacularJSONAPIView):
    """The description itself, as JSON (which is YAML, too)."""


class SwaggerView(SpectacularSwaggerSplitView):
    """The description to try things out."""

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return guarded(super().get(request, *args, **kwargs))  # type: ignore[no-untyped-call]


class RedocView(SpectacularRedocView):
    """The description to read. Its template leaves out the fonts of another host."""

    template_name = "core/redoc.html"

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return guarded(super().get(request, *args, **kwargs))  # type: ignore[no-untyped-call]


def guarded(response: Response) -> Response:
    response["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    return response
