"""The engine's statements, one named file each, composed with the identifiers of a model."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from psycopg import sql

HERE = Path(__file__).parent


@cache
def text_of(name: str) -> str:
    return (HERE / f"{name}.sql").read_text(encoding="utf-8")


def statement(name: str, **parts: sql.Composable) -> sql.Composed:
    """The statement in ``<name>.sql`` with ``{placeholders}`` filled; values stay bound."""
    return sql.SQL(text_of(name)).format(**parts)


def columns(names: Iterable[str], of: str | None = None) -> sql.Composed:
    """A list of columns, each qualified by ``of`` if given."""
    qualifier = (of,) if of else ()
    return sql.SQL(", ").join(sql.Identifier(*qualifier, name) for name in names)
