"""The engine's statements, one named file each, composed with the identifiers of a model."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from psycopg import sql

from core.statements import Statements

statement = Statements(Path(__file__).parent)


def columns(names: Iterable[str], of: str | None = None) -> sql.Composed:
    """A list of columns, each qualified by ``of`` if given."""
    qualifier = (of,) if of else ()
    return sql.SQL(", ").join(sql.Identifier(*qualifier, name) for name in names)
