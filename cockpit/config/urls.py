"""The cockpit service: health and metrics, tokens, and the admin at the root."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from auth.admin.own_password import password_change
from core.api.audit import AuditView

admin.autodiscover()
# An unknown path is unknown: without this, the admin would answer it with its login page.
admin.site.final_catch_all_view = False

urlpatterns = [
    path("", include("core.urls")),
    path("", include("core.api.urls")),
    path("api/v1/audit", AuditView.as_view(), name="audit"),
    path("api/v1/auth/", include("auth.v1.urls")),
    path("api/v1/", include("cockpit.v1.urls")),
    path("password_change/", admin.site.admin_view(password_change)),
    # Where Django's admin is elsewhere.
    path("admin", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", RedirectView.as_view(pattern_name="admin:index")),
    path("", admin.site.urls),
]
handler400 = "cockpit.errors.bad_request"
handler403 = "cockpit.errors.permission_denied"
handler404 = "cockpit.errors.page_not_found"
handler500 = "cockpit.errors.server_error"
