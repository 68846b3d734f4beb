"""What every service has at its root beside its API."""

from django.urls import path

from core.api.docs import RedocView, SchemaView, SwaggerView

urlpatterns = [
    path("schema", SchemaView.as_view(), name="schema"),
    path("docs", SwaggerView.as_view(), name="docs"),
    path("redoc", RedocView.as_view(), name="redoc"),
]
