"""``hash_diff``: SHA-256 over netstrings of the payload, the same in PostgreSQL and in Python.

The tracked columns stand in declared order, each as a netstring ``<octets>:<text>``; NULL is
``-``. Every column type has one canonical text that depends on no session setting:

=============  ====================================================================
text           as it is, UTF-8
boolean        ``true``, ``false``
integer        decimal digits
numeric        plain notation without trailing zeros (1.00 and 1.0 are ``1``)
uuid           lower case with hyphens
date           days since 1970-01-01
timestamptz    microseconds since 1970-01-01 UTC
=============  ====================================================================

The SQL side is the function ``core_netstring`` in ``core/sql``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models.expressions import Expression, F
from django.utils.deconstruct import deconstructible

from core.strict_json import canonical_number

EPOCH_DAY = date(1970, 1, 1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

SQL_TYPES: dict[str, str] = {
    "CharField": "text",
    "TextField": "text",
    "SlugField": "text",
    "URLField": "text",
    "EmailField": "text",
    "BooleanField": "boolean",
    "SmallIntegerField": "bigint",
    "IntegerField": "bigint",
    "BigIntegerField": "bigint",
    "PositiveSmallIntegerField": "bigint",
    "PositiveIntegerField": "bigint",
    "PositiveBigIntegerField": "bigint",
    "DecimalField": "numeric",
    "UUIDField": "uuid",
    "DateField": "date",
    "DateTimeField": "timestamptz",
}
"""The field types a payload or a natural key may have, with their type in SQL."""


def sql_type(field: Any) -> str:
    """The SQL type of a tracked or key column. Raises KeyError for one that has none."""
    return SQL_TYPES[field.get_internal_type()]


def canonical_text(value: Any) -> str:
    """The canonical text of one value. Raises TypeError for a type that has none."""
    for kind, canonical in CANONICAL:
        if isinstance(value, kind):
            return canonical(value)
    raise TypeError(f"{type(value).__name__} has no canonical text.")


# In this order, because a bool is an int and a datetime is a date.
CANONICAL: Sequence[tuple[type, Callable[[Any], str]]] = (
    (str, str),
    (bool, lambda value: "true" if value else "false"),
    (int, str),
    (Decimal, canonical_number),
    (UUID, str),
    (datetime, lambda value: str((value - EPOCH) // timedelta(microseconds=1))),
    (date, lambda value: str((value - EPOCH_DAY).days)),
)


def netstring(value: Any) -> bytes:
    """``<octets>:<text>`` in UTF-8, ``-`` for None."""
    if value is None:
        return b"-"
    text = canonical_text(value).encode()
    return b"%d:%b" % (len(text), text)


def hash_diff(payload: Iterable[Any]) -> bytes:
    """The digest of a payload whose values stand in the declared order of the columns."""
    return hashlib.sha256(b"".join(map(netstring, payload))).digest()


@deconstructible(path="core.models.scd2.hash_diff.HashDiff")
class HashDiff(Expression):
    """The digest of the named columns, as a generated column computes it."""

    def __init__(self, *columns: str) -> None:
        super().__init__(output_field=models.BinaryField())
        self.columns = columns
        self.sources: list[Any] = [F(column) for column in columns]

    def get_source_expressions(self) -> list[Any]:
        return self.sources

    def set_source_expressions(self, exprs: Sequence[Any]) -> None:
        self.sources = list(exprs)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        parts = []
        for source in self.sources:
            sql, _ = compiler.compile(source)
            parts.append(f"core_netstring({sql}::{sql_type(source.output_field)})")
        return f"core_digest({' || '.join(parts)})", ()


class HashDiffField(models.GeneratedField):
    """A generated column over the tracked columns of the model it ends up on."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("expression", HashDiff())
        kwargs.update(output_field=models.BinaryField(), db_persist=True)
        super().__init__(**kwargs)

    @classmethod
    def over(cls, tracked: Sequence[str], **kwargs: Any) -> HashDiffField:
        """The field as a migration states it, with its columns by name."""
        return cls(expression=HashDiff(*tracked), **kwargs)

    def contribute_to_class(self, cls: type[models.Model], name: str, *args: Any) -> None:
        versioning = getattr(cls, "versioning", None)
        if versioning is not None:
            self.expression = HashDiff(*versioning.tracked)
        super().contribute_to_class(cls, name, *args)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["output_field"], kwargs["db_persist"]
        return name, path, args, kwargs
