"""Nobody gives themselves, or anybody else, rights that they do not have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client

from auth import services
from auth.models import Token, User
from auth.roles import Role
from auth.tests.conftest import CONTEXT

pytestmark = pytest.mark.django_db
MakeUser = Callable[..., User]
PASSWORD = {"password1": "fresh water 22", "password2": "fresh water 22"}


def holder(make_user: MakeUser, name: str, *codenames: str) -> tuple[User, Client]:
    """A member of the staff in a group of its own with these permissions."""
    user = make_user(name, is_staff=True)
    group = Group.objects.create(name=f"{name}'s")
    group.permissions.set(Permission.objects.filter(codename__in=codenames))
    user.groups.add(group)
    client = Client()
    client.force_login(user)
    return user, client


def admin_of(make_user: MakeUser) -> tuple[User, Client]:
    user = make_user("annie", "admin", is_staff=True)
    client = Client()
    client.force_login(user)
    return user, client


def form_of(user: User, *groups: Group, **more: Any) -> dict[str, Any]:
    chosen = [group.pk for group in groups]
    return {"username": user.username, "is_active": "on", "is_staff": "on", "groups": chosen} | more


def test_who_may_change_groups_cannot_give_theirs_more(make_user: MakeUser) -> None:
    user, client = holder(make_user, "greta", "view_group", "change_group", "add_group")
    group = user.groups.get()
    wanted = Permission.objects.get(codename="change_user")
    form = {"name": group.name, "permissions": [wanted.pk]}
    answer = client.post(f"/auth/group/{group.pk}/change/", form)
    assert "permissions" in answer.context["adminform"].form.errors
    client.post("/auth/group/add/", {"name": "new", "permissions": [wanted.pk]})
    assert not Group.objects.filter(name="new").exists()
    assert not User.objects.get(pk=user.pk).has_perm("cockpit_auth.change_user")


def test_who_may_change_users_cannot_make_themselves_an_admin(make_user: MakeUser) -> None:
    user, client = holder(make_user, "ursula", "view_user", "change_user")
    own, admin = user.groups.get(), Group.objects.get(name="admin")
    answer = client.post(f"/cockpit_auth/user/{user.pk}/change/", form_of(user, own, admin))
    assert "groups" in answer.context["adminform"].form.errors
    assert set(user.groups.all()) == {own}
    sent = form_of(user, own, is_superuser="on", user_permissions=[1])
    client.post(f"/cockpit_auth/user/{user.pk}/change/", sent)
    user.refresh_from_db()
    assert not user.is_superuser
    assert not user.user_permissions.exists()


def test_who_has_more_rights_is_out_of_reach(make_user: MakeUser) -> None:
    _, client = holder(make_user, "ursula", "view_user", "change_user", "add_token", "view_token")
    boss = make_user("boss", "admin", is_staff=True)
    page = f"/cockpit_auth/user/{boss.pk}"
    assert client.post(f"{page}/change/", form_of(boss, username="x")).status_code == 403
    assert client.post(f"{page}/password/", PASSWORD).status_code == 403
    sent = {"user": boss.pk, "name": "x", "days": 1}
    answer = client.post("/cockpit_auth/token/add/", sent)
    assert "user" in answer.context["adminform"].form.errors
    assert not Token.objects.exists()
    assert User.objects.get(pk=boss.pk).check_password("correct horse 1")


def test_a_token_of_who_has_more_rights_is_not_revoked(make_user: MakeUser) -> None:
    _, client = holder(make_user, "tilda", "view_token", "delete_token")
    theirs, _ = services.token_create(user=make_user("boss", "admin"), context=CONTEXT)
    page = f"/cockpit_auth/token/{theirs.pk}/delete/"
    assert client.post(page, {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [str(theirs.pk)], "post": "yes"}
    client.post("/cockpit_auth/token/", chosen)
    assert Token.objects.filter(pk=theirs.pk).exists()


def test_several_at_once_are_no_way_around(make_user: MakeUser) -> None:
    _, client = holder(make_user, "greta", "view_group", "delete_group")
    strong = Group.objects.create(name="strong")
    strong.permissions.set(Permission.objects.filter(codename="change_user"))
    chosen = {"action": "delete_selected", "_selected_action": [strong.pk], "post": "yes"}
    client.post("/auth/group/", chosen)
    assert Group.objects.filter(name="strong").exists()


def test_a_group_that_gives_more_is_not_taken_apart(make_user: MakeUser) -> None:
    _, client = holder(make_user, "greta", "view_group", "change_group", "delete_group")
    strong = Group.objects.create(name="strong")
    strong.permissions.set(Permission.objects.filter(codename="change_user"))
    page = f"/auth/group/{strong.pk}"
    assert client.post(f"{page}/change/", {"name": "strong"}).status_code == 403
    assert client.post(f"{page}/delete/", {"post": "yes"}).status_code == 403
    assert strong.permissions.count() == 1


@pytest.mark.parametrize("role", Role)
def test_an_admin_gives_every_role(make_user: MakeUser, role: Role) -> None:
    _, client = admin_of(make_user)
    user, group = make_user("ada"), Group.objects.get(name=role.value)
    client.post(f"/cockpit_auth/user/{user.pk}/change/", form_of(user, group))
    assert list(user.groups.all()) == [group]
    again = client.post(f"/cockpit_auth/user/{user.pk}/change/", form_of(user))
    assert again.status_code == 302
    assert not user.groups.exists()


def test_an_admin_makes_no_superuser_of_anybody(make_user: MakeUser) -> None:
    own, client = admin_of(make_user)
    for user in (own, make_user("ada")):
        groups = tuple(user.groups.all())
        sent = form_of(user, *groups, is_superuser="on", user_permissions=[1, 2, 3])
        client.post(f"/cockpit_auth/user/{user.pk}/change/", sent)
        user.refresh_from_db()
        assert not user.is_superuser
        assert not user.user_permissions.exists()
    new = {"username": "new", "usable_password": "true", "is_superuser": "on", **PASSWORD}
    client.post("/cockpit_auth/user/add/", new)
    assert not User.objects.get(username="new").is_superuser
