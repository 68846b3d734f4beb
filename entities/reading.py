"""What all readers of the register share: statements into rows, canonical text into JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection
from psycopg import sql

from entities import values
from entities.sql import statement


def fetch(query: sql.Composed, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of a statement."""
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def data_types() -> dict[str, str]:
    """The data type of every detail type that there is; it is the same at every instant."""
    return dict(fetch(statement("data_types"), {}))


def json_of(data_type: str | None, text: str | None) -> Any:
    """A value as JSON of its type. Nothing is null; without a type the text shows itself."""
    if text is None or data_type is None:
        return text
    return values.to_json(data_type, text)
