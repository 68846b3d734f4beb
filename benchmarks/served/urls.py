"""The service's own paths, and those of the floors."""

from django.urls import include, path

from benchmarks.served import floors

urlpatterns = [
    path("floor/entities/<uuid:uid>", floors.entity),
    path("floor/entities", floors.page),
    path("floor/entities-asof", floors.page_as_of),
    path("", include("entities.config.urls")),
]
handler404 = "core.api.errors.unknown_path"
handler500 = "core.api.errors.server_error"
