"""One caller for every column of the table, and one for every token that is none."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from auth import services
from auth.models import Token, User
from auth.tests.conftest import CONTEXT
from auth.tests.matrix.table import CALLERS


def user_of(caller: str) -> User:
    """A member of the staff with that role alone."""
    user, new = User.objects.get_or_create(username=caller.replace(" ", "."), is_staff=True)
    if new:
        user.groups.set(Group.objects.filter(name=caller))
    return user


def with_token(secret: str) -> Client:
    return Client(headers={"Authorization": f"Token {secret}"})


def token_of(user: User) -> tuple[Token, str]:
    return services.token_create(user=user, context=CONTEXT)


def with_tokens() -> dict[str, Client]:
    """Whoever calls with a good token, and anonymous."""
    signed_in = {who: with_token(token_of(user_of(who))[1]) for who in CALLERS[1:]}
    return {"anonymous": Client(), **signed_in}


def with_sessions() -> dict[str, Client]:
    """Whoever has signed in at the cockpit, and anonymous."""
    clients = {who: Client() for who in CALLERS}
    for who in CALLERS[1:]:
        clients[who].force_login(user_of(who))
    return clients


def with_bad_tokens() -> dict[str, Client]:
    """Tokens of an administrator that open nothing (any more)."""
    admin = User.objects.create_user("bad")
    admin.groups.add(Group.objects.get(name="admin"))
    return {
        "expired": with_token(expired(admin)),
        "revoked": with_token(revoked(admin)),
        "malformed": with_token("ccrm_\xff no token"),
        "deactivated": with_token(deactivated()),
    }


def expired(user: User) -> str:
    token, secret = token_of(user)
    Token.objects.filter(id=token.id).update(expiry=timezone.now() - timedelta(seconds=1))
    return secret


def revoked(user: User) -> str:
    token, secret = token_of(user)
    services.token_revoke(user=user, token_id=token.id, context=CONTEXT)
    return secret


def deactivated() -> str:
    user: Any = User.objects.create_user("gone", is_superuser=True)
    _, secret = token_of(user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    return secret
