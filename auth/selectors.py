"""Reading users, groups and tokens, also as the audit log shows them: never with a secret."""

from functools import cache
from typing import Any
from uuid import UUID

from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.db.models import Model, QuerySet
from django.utils import timezone
from knox.crypto import hash_token
from psycopg import sql

from auth.models import Token, User
from auth.sql import statement


def live_token(secret: str) -> Token | None:
    """The token, with its user, that this secret belongs to; None if it opens nothing.

    One statement, every call begins with it: what the user may do is in it already.
    """
    with connection.cursor() as cursor:
        cursor.execute(live_token_query(), {"digest": hash_token(secret), "now": timezone.now()})
        row = cursor.fetchone()
    if row is None:
        return None
    width = len(names(Token))
    token: Token = Token.from_db(connection.alias, names(Token), row[:width])
    token.user = User.from_db(connection.alias, names(User), row[width:-1])
    if not token.user.is_superuser:
        # Where Django keeps what it has looked up; what a superuser may do is not looked up.
        token.user._perm_cache = set(row[-1])
    return token


@cache
def live_token_query() -> sql.Composed:
    return statement("live_token", token=columns(Token, "token"), user=columns(User, "usr"))


@cache
def names(model: type[Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


def columns(model: type[Model], alias: str) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(alias, name) for name in names(model))


def tokens_of(user: User) -> QuerySet[Token]:
    """A user's tokens, the newest first, expired ones included."""
    tokens: QuerySet[Token] = Token.objects.filter(user=user).order_by("-created", "id")
    return tokens


def token_of(user: User, token_id: UUID) -> Token | None:
    """One of a user's own tokens."""
    return tokens_of(user).filter(id=token_id).first()


def user_named(username: str) -> User | None:
    return User.objects.filter(username=username).first()


def describe_token(token: Token) -> dict[str, Any]:
    return {
        "user": token.user.get_username(),
        "name": token.name,
        "expires_at": token.expiry,
    }


def describe_user(user: User) -> dict[str, Any]:
    return {
        "username": user.get_username(),
        "first_name": user.first_name,
        "last_name": user.last_name,
        "email": user.email,
        "is_active": user.is_active,
        "is_staff": user.is_staff,
        "is_superuser": user.is_superuser,
        "groups": sorted(user.groups.values_list("name", flat=True)),
        "permissions": named(user.user_permissions),
    }


def describe_group(group: Group) -> dict[str, Any]:
    return {"name": group.name, "permissions": named(group.permissions)}


def named(permissions: Any) -> list[str]:
    held: QuerySet[Permission] = permissions.select_related("content_type")
    return sorted(f"{p.content_type.app_label}.{p.codename}" for p in held)
