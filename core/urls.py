"""Paths at the root of every service."""

from django.urls import include, path

from core.api.metrics import MetricsView
from core.service import live, ready

urlpatterns = [
    path("", include("core.api.urls")),
    path("health/live", live, name="live"),
    path("health/ready", ready, name="ready"),
    path("metrics", MetricsView.as_view(), name="metrics"),
]
