"""The groups are what the table says, in every app."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission

from auth.grants import grant_roles
from auth.models import Token
from auth.roles import Role, codenames
from core.models import AuditEntry
from core.tests.harbour.models import Vessel, VesselAnchor

pytestmark = pytest.mark.django_db

VESSELS = {
    Role.VIEWER: {"view_vessel"},
    Role.EDITOR: {"view_vessel", "add_vessel", "change_vessel"},
    Role.STEWARD: {"view_vessel", "add_vessel", "change_vessel", "delete_vessel"},
    Role.AUDITOR: {"view_vessel"},
    Role.ADMIN: {"view_vessel", "add_vessel", "change_vessel", "delete_vessel"},
}


def held(role: Role, app_label: str, model: str) -> set[str]:
    found = Permission.objects.filter(
        group__name=role.value, content_type__app_label=app_label, content_type__model=model
    )
    return set(found.values_list("codename", flat=True))


def test_there_are_five_roles() -> None:
    assert set(Group.objects.values_list("name", flat=True)) == {
        "viewer",
        "editor",
        "steward",
        "auditor",
        "admin",
    }


@pytest.mark.parametrize("role", Role)
def test_an_app_that_only_inherits_has_its_roles(role: Role) -> None:
    assert held(role, "harbour", "vessel") == VESSELS[role]
    assert codenames(role, Vessel) == VESSELS[role]


def test_auditors_and_admins_alone_read_the_log_and_nobody_writes_it() -> None:
    readers = {role for role in Role if held(role, "core", "auditentry")}
    assert readers == {Role.AUDITOR, Role.ADMIN}
    assert held(Role.ADMIN, "core", "auditentry") == {"view_auditentry"}
    assert codenames(Role.ADMIN, AuditEntry) == {"view_auditentry"}


def test_admins_alone_change_who_has_access() -> None:
    writers = {role for role in Role if "add_token" in held(role, "cockpit_auth", "token")}
    assert writers == {Role.ADMIN}
    assert held(Role.AUDITOR, "cockpit_auth", "user") == {"view_user"}
    assert held(Role.EDITOR, "auth", "group") == set()
    assert codenames(Role.VIEWER, Token) == set()


def test_anchors_are_nobody_s_business() -> None:
    assert {name for role in Role for name in codenames(role, VesselAnchor)} == set()


def test_migrating_again_restores_a_role_and_leaves_other_groups_alone() -> None:
    stray = Permission.objects.get(codename="add_vessel")
    Group.objects.get(name="viewer").permissions.set([stray])
    Group.objects.create(name="harbour master").permissions.set([stray])
    grant_roles(apps.get_app_config("harbour"), using="default", apps=apps)
    assert held(Role.VIEWER, "harbour", "vessel") == {"view_vessel"}
    assert [p.codename for p in Group.objects.get(name="harbour master").permissions.all()] == [
        "add_vessel"
    ]


def test_a_role_that_was_lost_comes_back() -> None:
    Group.objects.filter(name="viewer").delete()
    grant_roles(apps.get_app_config("harbour"), using="default", apps=apps)
    assert held(Role.VIEWER, "harbour", "vessel") == {"view_vessel"}
