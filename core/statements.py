"""Named SQL: one file a statement, composed with identifiers; values stay bound."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from psycopg import sql


class Statements:
    """The statements of a folder, ``<name>.sql`` each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, name: str, **parts: sql.Composable) -> sql.Composed:
        """The statement with its ``{placeholders}`` filled."""
        return sql.SQL(text_in(self.folder / f"{name}.sql")).format(**parts)


@cache
def text_in(path: Path) -> str:
    return path.read_text(encoding="utf-8")
