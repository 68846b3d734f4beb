"""The roles, and what each may do with which kind of model. The one place that says so.

A role is a Django group of the same name. The permissions of these groups follow this table
whenever migrations run, for every app that is installed then, so an app that tethers later has
its roles at once. Other groups are the administrator's own and are left alone.
"""

import enum
from collections.abc import Mapping

from django.db.models import Model

from core import personal
from core.models.scd2.model import VersionedModel


class Role(enum.StrEnum):
    """The names of the groups."""

    VIEWER = "viewer"
    EDITOR = "editor"
    STEWARD = "steward"
    AUDITOR = "auditor"
    ADMIN = "admin"


class Kind(enum.Enum):
    """What a model is about, as far as roles are concerned."""

    REGISTER = "versioned models"
    AUDIT = "the audit log"
    ACCESS = "users, groups and tokens"
    LOADS = "batches: files that are loaded"
    APPS = "apps and their modes"


KINDS = {
    "core.auditentry": Kind.AUDIT,
    "core.ingestbatch": Kind.LOADS,
    "core.appcontrol": Kind.APPS,
    "cockpit_auth.user": Kind.ACCESS,
    "cockpit_auth.token": Kind.ACCESS,
    "auth.group": Kind.ACCESS,
}

READ = ("view",)
WRITE = ("view", "add", "change")
SWITCH = ("view", "change")
# What is versioned is never deleted: there the right to delete is the right to end.
ALL = ("view", "add", "change", "delete")

RIGHTS: Mapping[Role, Mapping[Kind, tuple[str, ...]]] = {
    Role.VIEWER: {Kind.REGISTER: READ, Kind.APPS: READ},
    Role.EDITOR: {Kind.REGISTER: WRITE, Kind.APPS: READ},
    Role.STEWARD: {Kind.REGISTER: ALL, Kind.LOADS: WRITE, Kind.APPS: READ},
    Role.AUDITOR: {
        Kind.REGISTER: READ,
        Kind.AUDIT: READ,
        Kind.ACCESS: READ,
        Kind.LOADS: READ,
        Kind.APPS: READ,
    },
    Role.ADMIN: {
        Kind.REGISTER: ALL,
        Kind.AUDIT: READ,
        Kind.ACCESS: ALL,
        Kind.LOADS: WRITE,
        Kind.APPS: SWITCH,
    },
}

SEE_PERSONAL_DATA = {Role.STEWARD, Role.AUDITOR, Role.ADMIN}
"""Who sees what is marked as personal; who may not see it may not write it either."""


def kind_of(model: type[Model]) -> Kind | None:
    """What a model is about; None for what no role is concerned with."""
    if issubclass(model, VersionedModel):
        return Kind.REGISTER
    return KINDS.get(model._meta.label_lower)


def codenames(role: Role, model: type[Model]) -> set[str]:
    """The permissions that a role has on a model, by Django's code names."""
    kind = kind_of(model)
    actions = RIGHTS[role].get(kind, ()) if kind else ()
    own = {code for code, _ in model._meta.permissions}
    seeing = own & {personal.VIEW} if role in SEE_PERSONAL_DATA else set()
    return {f"{action}_{model._meta.model_name}" for action in actions} | seeing
