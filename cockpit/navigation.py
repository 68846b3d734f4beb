"""The sidebar and the overview: a section for each tethered app, then the log and access."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse

ICONS = {
    "core.auditentry": "history",
    "core.ingestbatch": "upload_file",
    "cockpit_auth.user": "person",
    "cockpit_auth.token": "key",
    "auth.group": "group",
}
DEFAULT_ICON = "database"
LOG = ("core.auditentry", "core.ingestbatch")
ACCESS = ("cockpit_auth.user", "auth.group", "cockpit_auth.token")


def sections(request: HttpRequest) -> list[dict[str, Any]]:
    """What Unfold shows of it; each link only to those who may view what it leads to."""
    return [
        {"items": [item("Overview", reverse("admin:index"), "home")]},
        *tethered(request),
        section(request, "Log", LOG),
        section(request, "Access", ACCESS),
    ]


def tethered(request: HttpRequest) -> Iterator[dict[str, Any]]:
    """Whatever an app has in the admin, in the order in which it registered it."""
    for name in settings.TETHERED_APPS:
        app = next(app for app in apps.get_app_configs() if app.name == package_of(name))
        shown = (m._meta.label_lower for m in admin.site._registry if m._meta.app_config is app)
        yield section(request, str(app.verbose_name), shown)


def package_of(name: str) -> str:
    """The package of an app that is installed by its package or by its AppConfig."""
    return name.partition(".apps.")[0]


def section(request: HttpRequest, title: str, labels: Iterable[str]) -> dict[str, Any]:
    items = [model_item(label) for label in labels if may_view(request, label)]
    return {"title": title, "items": items, "allowed": bool(items)}


def may_view(request: HttpRequest, label: str) -> bool:
    return admin.site._registry[apps.get_model(label)].has_view_permission(request)


def model_item(label: str) -> dict[str, Any]:
    model = apps.get_model(label)
    icon: Any = ICONS.get(label) or getattr(admin.site._registry[model], "icon", DEFAULT_ICON)
    address = reverse(f"admin:{label.replace('.', '_')}_changelist")
    return item(str(model._meta.verbose_name_plural), address, icon)


def item(title: str, address: str, icon: str) -> dict[str, Any]:
    return {"title": title[:1].upper() + title[1:], "link": address, "icon": icon}
