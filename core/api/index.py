"""The index of an API: links for programs, and a page with the same links for a browser."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from csp.decorators import csp
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.decorators import method_decorator
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from core import csp as csp_policies
from core.api.renderers import FastJSONRenderer
from core.api.views import ApiView

HTML = "text/html"
DOCUMENTS = ("docs", "redoc", "schema")


class IndexPageRenderer(BaseRenderer):
    """The links as a page. They are paths, so they lead to the host that was asked."""

    media_type = HTML
    format = "html"
    charset = "utf-8"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> str:
        context = {
            "title": settings.SPECTACULAR_SETTINGS["TITLE"],
            "documents": [(name, data[name]) for name in DOCUMENTS if name in data],
            "calls": [(name, path) for name, path in data.items() if name not in DOCUMENTS],
        }
        return render_to_string("core/api_index.html", context)


@method_decorator(csp(csp_policies.INDEX), name="dispatch")
class ApiIndexView(ApiView):
    """The addresses of what there is; ``places`` names URLs by the names that clients see.

    The page tells what ``/schema`` tells everybody, and a browser sends no token, so the page
    needs none.
    """

    places: ClassVar[Mapping[str, str]]
    renderer_classes = (FastJSONRenderer, IndexPageRenderer)

    def get_permissions(self) -> list[Any]:
        return [AllowAny() if self.is_page(self.request) else IsAuthenticated()]

    @staticmethod
    def is_page(request: Request) -> bool:
        renderer = getattr(request, "accepted_renderer", None)
        return renderer is not None and renderer.media_type == HTML

    def get(self, request: Request) -> Response:
        base = None if self.is_page(request) else request
        return Response({place: reverse(name, request=base) for place, name in self.places.items()})


class RootView(ApiView):
    """``GET /`` of a service leads to its documents."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        return Response(status=302, headers={"Location": reverse("docs")})
