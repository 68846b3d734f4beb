"""Writing users, groups and tokens; each change leaves an entry in the audit log.

``context`` says who does it. Every function is one transaction, or a part of its caller's.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import Model, Q
from django.utils import timezone

from auth import selectors
from auth.conf import TOKEN_LIFETIME
from auth.exceptions import Deactivated, InvalidUser, NotFound
from auth.models import Token, User
from auth.roles import Role
from core.models import AuditAction
from core.models.audit_log import Record, record
from core.models.scd2.change import Context
from core.transactions import atomic_write

USE_RECORDED_EVERY = timedelta(minutes=1)


@atomic_write
def token_create(
    *, user: User, name: str = "", lifetime: timedelta = TOKEN_LIFETIME, context: Context
) -> tuple[Token, str]:
    """Make a token; the second value is its secret, which nobody can read again.

    Raises Deactivated for a user who may not sign in.
    """
    if not user.is_active:
        raise Deactivated(f"{user.get_username()} is deactivated and gets no token.")
    token, secret = Token.objects.create(user=user, expiry=lifetime, name=name)
    record_thing(context, token, None, selectors.describe_token(token))
    return token, secret


@atomic_write
def token_revoke(*, user: User, token_id: UUID, context: Context) -> None:
    """Make one of a user's own tokens worthless at once. Raises NotFound for any other."""
    token = selectors.token_of(user, token_id)
    if token is None:
        raise NotFound("You have no such token.")
    token_delete(token=token, context=context)


@atomic_write
def token_delete(*, token: Token, context: Context) -> None:
    """Make anybody's token worthless at once."""
    record_thing(context, token, selectors.describe_token(token), None)
    token.delete()


def token_used(token: Token) -> None:
    """Note the last use, at most once a minute: no write stands in the way of a busy reader."""
    now = timezone.now()
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - USE_RECORDED_EVERY)
    if token.last_used_at is None or token.last_used_at < now - USE_RECORDED_EVERY:
        Token.objects.filter(stale, id=token.id).update(last_used_at=now)


@atomic_write
def service_user_ensure(*, username: str, role: Role, context: Context) -> User:
    """The user of that name, holding that role; made, without a password, if there is none.

    An existing user keeps what they have and gets the role besides. Raises InvalidUser.
    """
    user = selectors.user_named(username)
    before = selectors.describe_user(user) if user else None
    user = user or new_service_user(username)
    user.groups.add(Group.objects.get(name=role.value))
    record_thing(context, user, before, selectors.describe_user(user))
    return user


def new_service_user(username: str) -> User:
    user = User(username=username)
    user.set_unusable_password()
    try:
        user.full_clean()
    except ValidationError as error:
        raise InvalidUser(" ".join(error.messages), field="username") from error
    user.save()
    return user


@atomic_write
def password_changed(*, user: User, context: Context) -> None:
    """Write that a user has a new password, and revoke what the old one may have got.

    The log never holds a password, hashed or not. Sessions end by themselves.
    """
    for token in selectors.tokens_of(user):
        token_delete(token=token, context=context)
    old, new = {"password": "(not shown)"}, {"password": "(not shown, changed)"}
    record_thing(context, user, old, new)


@atomic_write
def lockout_begun(*, username: str | None, until: datetime, context: Context) -> None:
    """Write that nobody signs in from an address for a while (as ``username``, if it is one)."""
    record(
        context,
        model_label="cockpit_auth.lockout",
        key={"username": username, "client_address": context.client_address},
        before=None,
        after={"until": until},
        action=AuditAction.OPENED,
    )


def record_thing(
    context: Context, thing: Model, before: Record | None, after: Record | None
) -> None:
    """Write what became of a user, group or token, if anything did."""
    if before == after:
        return
    record(
        context,
        model_label=thing._meta.label_lower,
        key={"id": thing.pk},
        before=before,
        after=after,
        action=action_of(before, after),
    )


def action_of(before: Any, after: Any) -> AuditAction:
    if before is None:
        return AuditAction.OPENED
    return AuditAction.ENDED if after is None else AuditAction.CHANGED
