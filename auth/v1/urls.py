"""The token calls, below ``/api/v1/auth/`` of every service."""

from django.urls import path

from auth.v1 import schema  # noqa: F401  (registers the token scheme)
from auth.v1.views import TokensView, TokenView

urlpatterns = [
    path("tokens", TokensView.as_view(), name="tokens"),
    path("tokens/<uuid:token_id>", TokenView.as_view(), name="token"),
]
