"""Services write what they say, and the log beside it."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from auth import services
from auth.exceptions import Deactivated, InvalidUser, NotFound
from auth.models import Token, User
from auth.roles import Role
from core.models import AuditEntry
from core.models.scd2.change import Context

pytestmark = pytest.mark.django_db


def test_a_token_is_stored_as_a_digest_alone(ada: User, context: Context) -> None:
    token, secret = services.token_create(user=ada, name="nightly", context=context)
    stored = Token.objects.filter(id=token.id).values().get()
    assert secret.startswith("ccrm_")
    assert len(secret) == len("ccrm_") + 64
    assert secret not in {str(value) for value in stored.values()}
    assert len(stored["digest"]) == 128


def test_a_token_lasts_thirty_days_unless_told_otherwise(ada: User, context: Context) -> None:
    usual, _ = services.token_create(user=ada, context=context)
    short, _ = services.token_create(user=ada, lifetime=timedelta(days=1), context=context)
    assert abs(usual.expiry - usual.created - timedelta(days=30)) < timedelta(seconds=1)
    assert abs(short.expiry - short.created - timedelta(days=1)) < timedelta(seconds=1)


def test_making_and_revoking_a_token_leaves_two_entries(ada: User, context: Context) -> None:
    token, secret = services.token_create(user=ada, name="nightly", context=context)
    token_id = token.id
    services.token_revoke(user=ada, token_id=token_id, context=context)
    made, revoked = AuditEntry.objects.filter(uuid=token_id).order_by("instant")
    described = {
        "user": "ada",
        "name": "nightly",
        "expires_at": token.expiry.isoformat().replace("+00:00", "Z"),
    }
    assert (made.action, made.before, made.after) == ("opened", None, described)
    assert (revoked.action, revoked.before, revoked.after) == ("ended", described, None)
    assert made.model == "cockpit_auth.token"
    assert made.natural_key == {"id": str(token_id)}
    assert made.instant < revoked.instant
    assert not Token.objects.exists()
    assert secret not in str([made.__dict__, revoked.__dict__])


def test_a_deactivated_user_gets_no_token(ada: User, context: Context) -> None:
    ada.is_active = False
    with pytest.raises(Deactivated, match=r"ada is deactivated and gets no token\."):
        services.token_create(user=ada, context=context)
    assert not AuditEntry.objects.filter(model__startswith="cockpit_auth.").exists()


def test_nobody_revokes_the_token_of_another(ada: User, grace: User, context: Context) -> None:
    token, _ = services.token_create(user=ada, context=context)
    with pytest.raises(NotFound):
        services.token_revoke(user=grace, token_id=token.id, context=context)
    with pytest.raises(NotFound):
        services.token_revoke(user=ada, token_id=uuid4(), context=context)
    assert Token.objects.get() == token


def test_a_service_user_is_made_once_and_cannot_log_in(db: None, context: Context) -> None:
    made = services.service_user_ensure(username="feed", role=Role.EDITOR, context=context)
    again = services.service_user_ensure(username="feed", role=Role.EDITOR, context=context)
    assert made == again
    assert not made.has_usable_password()
    assert [group.name for group in made.groups.all()] == ["editor"]
    entry: Any = AuditEntry.objects.get(model__startswith="cockpit_auth.")
    assert (entry.action, entry.before) == ("opened", None)
    assert entry.after["username"] == "feed"
    assert entry.after["groups"] == ["editor"]


def test_an_existing_user_keeps_their_roles(ada: User, context: Context) -> None:
    services.service_user_ensure(username="ada", role=Role.VIEWER, context=context)
    services.service_user_ensure(username="ada", role=Role.AUDITOR, context=context)
    entry: Any = AuditEntry.objects.latest("instant")
    assert entry.action == "changed"
    assert entry.before["groups"] == ["viewer"]
    assert entry.after["groups"] == ["auditor", "viewer"]
    assert ada.has_usable_password()


@pytest.mark.parametrize("name", ["", "with space", "x" * 151, "line\nbreak"])
def test_a_name_that_no_user_can_have_is_refused(db: None, context: Context, name: str) -> None:
    with pytest.raises(InvalidUser):
        services.service_user_ensure(username=name, role=Role.VIEWER, context=context)
    assert not User.objects.exists()


def test_the_last_use_is_written_once_a_minute(ada: User, context: Context) -> None:
    token, _ = services.token_create(user=ada, context=context)
    services.token_used(token)
    token.refresh_from_db()
    first = token.last_used_at
    assert first is not None
    services.token_used(token)
    token.refresh_from_db()
    assert token.last_used_at == first
    Token.objects.update(last_used_at=timezone.now() - timedelta(seconds=61))
    token.refresh_from_db()
    services.token_used(token)
    token.refresh_from_db()
    assert token.last_used_at > first
