"""Recording what the framework's own code does to users."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from auth import selectors, services
from auth.models import User
from core.models.scd2.change import Context


@contextmanager
def recorded(context: Context, users: QuerySet[User]) -> Iterator[None]:
    """Write to the log what becomes of these users inside, in one transaction with it."""
    with transaction.atomic():
        before = state(users)
        yield
        for user, described, password in state(users).values():
            _, known, old_password = before.get(user.pk, (user, None, password))
            services.record_thing(context, user, known, described)
            if password != old_password:
                services.password_changed(user=user, context=context)


def state(users: QuerySet[User]) -> dict[int, tuple[User, dict[str, Any], str]]:
    """The users as the log shows them, and the hash of the password, which goes nowhere."""
    return {user.pk: (user, selectors.describe_user(user), user.password) for user in users.all()}
