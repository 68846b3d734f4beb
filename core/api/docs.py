"""The pages that show the OpenAPI description. They ask no other host for anything."""

from __future__ import annotations

from typing import Any

from csp.decorators import csp
from django.http import HttpResponse
from django.utils.decorators import method_decorator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import (
    SpectacularJSONAPIView,
    SpectacularRedocView,
    SpectacularSwaggerSplitView,
)
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import csp as csp_policies


class Described(APIView):
    """What the pages have in common with all other paths."""

    @extend_schema(exclude=True)
    def options(  # type: ignore[override]  # these pages have no renderer for an empty answer
        self, request: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Which methods there are, in the header Allow."""
        return HttpResponse(status=204)


class SchemaView(Described, SpectacularJSONAPIView):
    """The description itself, as JSON (which is YAML, too)."""


@method_decorator(csp(csp_policies.SWAGGER), name="dispatch")
class SwaggerView(Described, SpectacularSwaggerSplitView):
    """The description to try things out."""

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        shown: Response = super().get(request, *args, **kwargs)  # type: ignore[no-untyped-call]
        return shown


@method_decorator(csp(csp_policies.REDOC), name="dispatch")
class RedocView(Described, SpectacularRedocView):
    """The description to read. Its template leaves out the fonts of another host."""

    template_name = "core/redoc.html"

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        shown: Response = super().get(request, *args, **kwargs)  # type: ignore[no-untyped-call]
        return shown
