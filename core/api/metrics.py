"""What Prometheus reads."""

from typing import Any

from django.http import HttpResponse
from django_prometheus.exports import ExportToDjangoView
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView


class MetricsView(APIView):
    """Counts and latencies of this process in Prometheus' text format.

    They tell what runs here and how busy it is, so they ask for a token like any other call;
    Prometheus sends one with ``authorization: {type: Token, credentials: …}``.
    """

    permission_classes = (IsAuthenticated,)

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """There is one format, whatever the scraper says that it accepts."""
        return super().perform_content_negotiation(request, force=True)

    @extend_schema(exclude=True)
    def get(self, request: Request) -> HttpResponse:
        exported: HttpResponse = ExportToDjangoView(request)
        return exported
