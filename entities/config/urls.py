"""The entities service: its API, and what every service has at its root."""

from django.urls import include, path, re_path

from core.api.errors import unknown_path
from core.api.index import RootView

urlpatterns = [
    path("", RootView.as_view(), name="root"),
    path("", include("core.urls")),
    path("api/v1", include("entities.v1.urls")),
    # Also where DEBUG is on, an unknown path is a problem and no page.
    re_path("", unknown_path),
]
handler400 = "core.api.errors.bad_request"
handler403 = "core.api.errors.permission_denied"
handler404 = "core.api.errors.unknown_path"
handler500 = "core.api.errors.server_error"
