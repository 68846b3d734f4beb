"""Values on their way in (checked against their fields) and into the audit log (as JSON)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models
from psycopg import sql

from core.models.scd2.exceptions import InvalidChange
from core.models.scd2.timeline import FOREVER
from core.models.scd2.versioning import Shape
from core.strict_json import canonical_number


def clean(field: Any, value: Any) -> Any:
    """The value as the column holds it. Raises InvalidChange naming the field."""
    try:
        cleaned = field.to_python(value)
        if cleaned is None:
            return refuse_missing(field)
        cleaned = exact(field, cleaned)
        field.run_validators(cleaned)
    except (ValidationError, ValueError, ArithmeticError, TypeError) as error:
        message = "; ".join(getattr(error, "messages", [str(error)]))
        raise InvalidChange(f"{field.name}: {message}", field=field.name) from error
    return cleaned


def refuse_missing(field: models.Field[Any, Any]) -> None:
    if not field.null:
        raise ValueError("a value is needed.")


def exact(field: models.Field[Any, Any], value: Any) -> Any:
    """The value in the one form that compares as the database compares. Raises ValueError."""
    if isinstance(value, str):
        return exact_text(value)
    if isinstance(value, datetime):
        return utc(value)
    if isinstance(value, Decimal) and isinstance(field, models.DecimalField):
        return exact_decimal(value, field.decimal_places or 0)
    return value


def exact_text(value: str) -> str:
    if "\x00" in value:
        raise ValueError("the character NUL cannot be stored.")
    value.encode()  # a lone surrogate is no Unicode text
    return value


def exact_decimal(value: Decimal, places: int) -> Decimal:
    rounded = round(value, places)
    return rounded if rounded == value else value


def utc(value: datetime) -> datetime:
    """An aware, finite instant in UTC. Raises ValueError."""
    if value.tzinfo is None:
        raise ValueError("a timestamp needs a time zone.")
    value = value.astimezone(UTC)
    if value >= FOREVER:
        raise ValueError("an instant must be finite.")
    return value


def to_json(value: Any) -> Any:
    """A value as the audit log shows it: decimals as canonical strings, times in UTC."""
    if isinstance(value, Decimal):
        return canonical_number(value)
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    return value


JSON_SQL = {
    "numeric": sql.SQL("trim_scale({0})::text"),
    "timestamptz": sql.SQL("to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"),
    "date": sql.SQL("to_char({0}, 'YYYY-MM-DD')"),
}


def json_object(shape: Shape, names: tuple[str, ...], of: str) -> sql.Composed:
    """SQL for the JSON object of some columns of the relation ``of``, as ``to_json`` shows them."""
    pairs = [
        sql.SQL("{}, {}").format(
            sql.Literal(name),
            JSON_SQL.get(shape.types[name], sql.SQL("{0}")).format(sql.Identifier(of, name)),
        )
        for name in names
    ]
    return sql.SQL("jsonb_build_object({})").format(sql.SQL(", ").join(pairs))
