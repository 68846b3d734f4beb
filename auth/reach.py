"""Nobody gives away, or takes away, rights that they do not have themselves.

Else whoever may change groups, users or tokens could do everything by a detour.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db.models import Q, QuerySet

from auth.models import User


def own(user: Any) -> QuerySet[Permission]:
    """The permissions that somebody has."""
    if user.is_superuser:
        return Permission.objects.all()
    return Permission.objects.filter(Q(user=user) | Q(group__user=user)).distinct()


def lacking(user: Any) -> QuerySet[Permission]:
    return Permission.objects.exclude(pk__in=own(user).values("pk"))


def groups_within(user: Any) -> QuerySet[Group]:
    """The groups that somebody may put others into: those that give nothing they lack."""
    beyond = Group.objects.filter(permissions__in=lacking(user))
    return Group.objects.exclude(pk__in=beyond.values("pk"))


def users_within(user: Any) -> QuerySet[User]:
    """The users that somebody may change or sign for: those who can do nothing they cannot."""
    if user.is_superuser:
        return User.objects.all()
    missing = lacking(user)
    beyond = User.objects.filter(
        Q(is_superuser=True) | Q(user_permissions__in=missing) | Q(groups__permissions__in=missing)
    )
    return User.objects.exclude(pk__in=beyond.values("pk"))
