"""The statements of this app, one named file each."""

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
