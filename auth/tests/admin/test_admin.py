"""Users, groups and tokens in the admin: who may do what, and that the log has it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client

from auth.models import Token, User
from core.models import AuditEntry

pytestmark = pytest.mark.django_db
MakeUser = Callable[..., User]


@pytest.fixture
def root(make_user: MakeUser) -> Client:
    client = Client()
    client.force_login(make_user("root", is_superuser=True, is_staff=True))
    return client


@pytest.fixture
def admin(make_user: MakeUser) -> Client:
    """Someone of the role, and not a superuser."""
    client = Client()
    client.force_login(make_user("annie", "admin", is_staff=True))
    return client


def user_form(user: User, **changes: Any) -> dict[str, Any]:
    fields = ("username", "first_name", "last_name", "email")
    return {
        **{field: getattr(user, field) for field in fields},
        "is_active": "on",
        "groups": [],
        **changes,
    }


def messages_of(answer: Any) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def test_a_token_is_shown_once_and_logged(root: Client, ada: User) -> None:
    form = {"user": ada.pk, "name": "laptop", "days": 7}
    answer = root.post("/cockpit_auth/token/add/", form, follow=True)
    token = Token.objects.get()
    shown = next(m for m in messages_of(answer) if m.startswith("The token, shown this once: "))
    secret = shown.removeprefix("The token, shown this once: ")
    header = f"Token {secret}"
    assert Client().get("/api/v1/auth/tokens", HTTP_AUTHORIZATION=header).status_code == 200
    assert (token.user, token.name) == (ada, "laptop")
    entry: Any = AuditEntry.objects.get(model__startswith="cockpit_auth.")
    assert (entry.actor, entry.channel, entry.action) == ("root", "admin", "opened")
    assert entry.uuid == token.id
    page = root.get(f"/cockpit_auth/token/{token.pk}/change/").content.decode()
    assert secret not in page
    assert token.digest not in page


@pytest.mark.parametrize("days", ["0", "3651", "", "x"])
def test_a_token_of_no_length_is_refused(root: Client, ada: User, days: str) -> None:
    answer = root.post("/cockpit_auth/token/add/", {"user": ada.pk, "name": "x", "days": days})
    assert answer.status_code == 200
    assert "days" in answer.context["adminform"].form.errors
    assert not Token.objects.exists()


def test_revoking_a_token_is_logged(root: Client, ada: User) -> None:
    root.post("/cockpit_auth/token/add/", {"user": ada.pk, "name": "", "days": 7})
    token = Token.objects.get()
    root.post(f"/cockpit_auth/token/{token.pk}/delete/", {"post": "yes"})
    assert not Token.objects.exists()
    assert AuditEntry.objects.latest("instant").action == "ended"


def test_revoking_several_logs_each(root: Client, ada: User) -> None:
    for _ in range(2):
        root.post("/cockpit_auth/token/add/", {"user": ada.pk, "name": "", "days": 7})
    chosen = [str(pk) for pk in Token.objects.values_list("pk", flat=True)]
    form = {"action": "delete_selected", "_selected_action": chosen, "post": "yes"}
    root.post("/cockpit_auth/token/", form)
    assert not Token.objects.exists()
    assert AuditEntry.objects.filter(action="ended").count() == 2


def test_only_a_superuser_makes_or_revokes_a_superuser_s_token(
    root: Client, admin: Client, ada: User
) -> None:
    boss = User.objects.get(username="root")
    form = {"name": "", "days": 7}
    answer = admin.post("/cockpit_auth/token/add/", {**form, "user": boss.pk})
    assert "user" in answer.context["adminform"].form.errors
    admin.post("/cockpit_auth/token/add/", {**form, "user": ada.pk})
    assert Token.objects.get().user == ada
    root.post("/cockpit_auth/token/add/", {**form, "user": boss.pk})
    theirs = Token.objects.get(user=boss)
    refused = admin.post(f"/cockpit_auth/token/{theirs.pk}/delete/", {"post": "yes"})
    assert refused.status_code == 403
    assert Token.objects.filter(pk=theirs.pk).exists()


def test_a_new_user_is_logged_without_the_password(root: Client) -> None:
    form = {
        "username": "ada",
        "usable_password": "true",
        "password1": "correct horse 1",
        "password2": "correct horse 1",
    }
    root.post("/cockpit_auth/user/add/", form)
    user = User.objects.get(username="ada")
    entry: Any = AuditEntry.objects.get(model__startswith="cockpit_auth.")
    assert entry.natural_key == {"id": user.pk}
    assert entry.before is None
    assert entry.after["username"] == "ada"
    assert user.password not in str(entry.after)
    assert "correct horse" not in str(entry.after)


def test_giving_a_role_is_logged_with_before_and_after(root: Client, ada: User) -> None:
    viewer = Group.objects.get(name="viewer")
    root.post(f"/cockpit_auth/user/{ada.pk}/change/", user_form(ada, groups=[viewer.pk]))
    entry: Any = AuditEntry.objects.get(model__startswith="cockpit_auth.")
    assert (entry.action, entry.actor) == ("changed", "root")
    assert entry.before["groups"] == []
    assert entry.after == {**entry.before, "groups": ["viewer"]}


def test_saving_a_user_as_they_are_leaves_no_entry(root: Client, ada: User) -> None:
    answer = root.post(f"/cockpit_auth/user/{ada.pk}/change/", user_form(ada))
    assert answer.status_code == 302
    assert not AuditEntry.objects.filter(model__startswith="cockpit_auth.").exists()


def test_a_new_password_is_logged_and_not_shown(root: Client, ada: User) -> None:
    old = ada.password
    form = {"usable_password": "true", "password1": "fresh water 22", "password2": "fresh water 22"}
    root.post(f"/cockpit_auth/user/{ada.pk}/password/", form)
    ada.refresh_from_db()
    entry: Any = AuditEntry.objects.get(model__startswith="cockpit_auth.")
    assert ada.password != old
    assert (entry.before, entry.after) == (
        {"password": "(not shown)"},
        {"password": "(not shown, changed)"},
    )


def test_a_password_that_is_refused_leaves_no_entry(root: Client, ada: User) -> None:
    form = {"usable_password": "true", "password1": "a", "password2": "b"}
    root.post(f"/cockpit_auth/user/{ada.pk}/password/", form)
    assert not AuditEntry.objects.filter(model__startswith="cockpit_auth.").exists()


def test_nobody_deletes_users(root: Client, ada: User) -> None:
    answer = root.post(f"/cockpit_auth/user/{ada.pk}/delete/", {"post": "yes"})
    assert answer.status_code == 403
    assert User.objects.filter(pk=ada.pk).exists()


def test_the_role_admin_makes_no_superuser(admin: Client, ada: User) -> None:
    permission = Permission.objects.get(codename="add_logentry")
    form = user_form(ada, is_superuser="on", user_permissions=[permission.pk], first_name="Ada")
    admin.post(f"/cockpit_auth/user/{ada.pk}/change/", form)
    ada.refresh_from_db()
    assert ada.first_name == "Ada"
    assert not ada.is_superuser
    assert not ada.user_permissions.exists()


def test_the_role_admin_does_not_touch_superusers(admin: Client, root: Client) -> None:
    boss = User.objects.get(username="root")
    answer = admin.post(f"/cockpit_auth/user/{boss.pk}/change/", user_form(boss, username="x"))
    assert answer.status_code == 403
    password = {"password1": "fresh water 22", "password2": "fresh water 22"}
    answer = admin.post(f"/cockpit_auth/user/{boss.pk}/password/", password)
    assert answer.status_code == 403


def test_a_role_cannot_be_changed_or_deleted_by_anybody(root: Client) -> None:
    viewer = Group.objects.get(name="viewer")
    assert root.get(f"/auth/group/{viewer.pk}/change/").status_code == 200
    answer = root.post(f"/auth/group/{viewer.pk}/change/", {"name": "x", "permissions": []})
    assert answer.status_code == 403
    form = {"action": "delete_selected", "_selected_action": [viewer.pk], "post": "yes"}
    root.post("/auth/group/", form)
    assert root.post(f"/auth/group/{viewer.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Group.objects.filter(name="viewer").exists()


def test_other_groups_are_made_changed_and_deleted_with_a_trace(root: Client) -> None:
    permission = Permission.objects.get(codename="view_vessel")
    root.post("/auth/group/add/", {"name": "pilots", "permissions": [permission.pk]})
    group = Group.objects.get(name="pilots")
    root.post(f"/auth/group/{group.pk}/change/", {"name": "pilots", "permissions": []})
    root.post(f"/auth/group/{group.pk}/delete/", {"post": "yes"})
    made, changed, gone = AuditEntry.objects.filter(model="auth.group").order_by("instant")
    assert made.after == {"name": "pilots", "permissions": ["harbour.view_vessel"]}
    assert changed.after == gone.before == {"name": "pilots", "permissions": []}
    assert gone.after is None


def test_the_history_of_a_user_is_their_part_of_the_log(root: Client, ada: User) -> None:
    root.post(f"/cockpit_auth/user/{ada.pk}/change/", user_form(ada, first_name="Ada"))
    root.post("/auth/group/add/", {"name": "pilots", "permissions": []})
    page = root.get(f"/cockpit_auth/user/{ada.pk}/history/", follow=True)
    assert [entry.model for entry in page.context["cl"].result_list] == ["cockpit_auth.user"]
    gone = root.get("/cockpit_auth/user/999999/history/")
    assert gone["Location"] == "/core/auditentry/"


def test_one_s_own_new_password_is_logged(admin: Client) -> None:
    form = {
        "old_password": "correct horse 1",
        "new_password1": "fresh water 22",
        "new_password2": "fresh water 22",
    }
    answer = admin.post("/password_change/", form)
    assert answer["Location"] == "/password_change/done/"
    assert User.objects.get(username="annie").check_password("fresh water 22")
    entry = AuditEntry.objects.get(model__startswith="cockpit_auth.")
    assert (entry.actor, entry.after) == ("annie", {"password": "(not shown, changed)"})


def test_one_s_own_password_is_for_those_signed_in() -> None:
    assert Client().get("/password_change/")["Location"] == "/login/?next=/password_change/"
