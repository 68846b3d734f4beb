"""Brings the groups of the roles in line with the table of ``auth.roles``."""

from typing import Any

from django.apps import AppConfig
from django.contrib.auth.models import Group, Permission

from auth.roles import Role, codenames


def grant_roles(sender: AppConfig, *, using: str, apps: Any, **_: Any) -> None:
    """Give every role its permissions on one app's models, and no others on them.

    Runs after an app's migrations, since Django makes the permissions themselves there.
    """
    if not is_migrated(apps):
        return
    for role in Role:
        group = Group.objects.using(using).get_or_create(name=role.value)[0]
        wanted = permissions(sender, role, using)
        held = {p for p in group.permissions.all() if p.content_type.app_label == sender.label}
        group.permissions.remove(*held - wanted)
        group.permissions.add(*wanted - held)


def is_migrated(apps: Any) -> bool:
    """Whether the tables of groups and users are there yet."""
    return {"auth", "cockpit_auth"} <= {model._meta.app_label for model in apps.get_models()}


def permissions(app: AppConfig, role: Role, using: str) -> set[Permission]:
    names = {name for model in app.get_models() for name in codenames(role, model)}
    found = Permission.objects.using(using).select_related("content_type")
    return set(found.filter(content_type__app_label=app.label, codename__in=names))
