"""Keyset cursors: where a page begins, signed, with all that made the first page."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core import signing

from core.api.problems import Problem, refused

SALT = "core.api.cursor"
Key = tuple[Any, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a list.

    ``path`` and ``query`` are those of the first page, as they were given; ``basis`` holds the
    instants they came to mean. ``key`` is that of the item next to the page: the page begins
    after it or, ``backward``, ends before it.
    """

    path: str
    query: Mapping[str, str]
    basis: Mapping[str, datetime]
    key: Key
    limit: int
    backward: bool = False

    def token(self) -> str:
        """The cursor as clients see it."""
        fields = {name: getattr(self, name) for name in self.__slots__}
        fields["basis"] = {name: instant.isoformat() for name, instant in self.basis.items()}
        fields["key"] = [pack(value) for value in self.key]
        return signing.dumps(fields, salt=SALT, compress=True)


def read_cursor(token: str, path: str) -> Cursor:
    """The cursor behind a token. Raises a 400 if it is not one that was made for this path."""
    try:
        fields = signing.loads(token, salt=SALT)
    except signing.BadSignature as error:
        raise not_a_cursor() from error
    if fields["path"] != path:
        raise not_a_cursor()
    fields["basis"] = {name: datetime.fromisoformat(at) for name, at in fields["basis"].items()}
    fields["key"] = tuple(unpack(value) for value in fields["key"])
    return Cursor(**fields)


def not_a_cursor() -> Problem:
    return refused("cursor", "invalid", "This is no cursor of this list: take it from a page.")


def pack(value: Any) -> Any:
    """A key's value as JSON, its type beside it where JSON has none."""
    for name, (kind, write, _) in PACKED.items():
        if isinstance(value, kind):
            return {name: write(value)}
    return value


def unpack(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    ((name, text),) = value.items()
    return PACKED[name][2](text)


# In this order, because a datetime is a date.
PACKED: Mapping[str, tuple[type, Callable[[Any], str], Callable[[str], Any]]] = {
    "instant": (datetime, datetime.isoformat, datetime.fromisoformat),
    "day": (date, date.isoformat, date.fromisoformat),
    "decimal": (Decimal, str, Decimal),
    "uuid": (UUID, str, UUID),
}
