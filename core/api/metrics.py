"""What Prometheus reads."""

import os
from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView

from core.ingest.metrics import BatchGauges

SHARED = "PROMETHEUS_MULTIPROC_DIR"
"""Names the directory in which the processes of one service put their counts together."""


class MetricsView(APIView):
    """Counts and latencies in Prometheus' text format, and what the database tells of batches.

    They tell what runs here and how busy it is, so they ask for a token like any other call;
    Prometheus sends one with ``authorization: {type: Token, credentials: …}``.
    """

    permission_classes = (IsAuthenticated,)

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """There is one format, whatever the scraper says that it accepts."""
        return super().perform_content_negotiation(request, force=True)

    @extend_schema(exclude=True)
    def get(self, request: Request) -> HttpResponse:
        return HttpResponse(generate_latest(registry()), content_type=CONTENT_TYPE_LATEST)


def registry() -> CollectorRegistry:
    """What is counted: by this process, or by all that share a directory."""
    if SHARED not in os.environ:
        return REGISTRY
    shared = CollectorRegistry()
    MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
    shared.register(BatchGauges())
    return shared
