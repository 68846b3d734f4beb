"""A first load into empty tables: rows first, indexes and constraints afterwards.

All of it happens inside the transaction of the load, under locks that keep readers away too; so
it is for a register that nobody uses yet. Only the owner of the tables can do it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db.backends.utils import CursorWrapper
from psycopg import sql

from core.models.scd2.exceptions import NotInitial
from core.models.scd2.sql import statement
from core.models.scd2.versioning import Shape


def lock_empty(cursor: CursorWrapper, shapes: Sequence[Shape]) -> None:
    """Keep everybody away from some models and their anchors. Raises NotInitial."""
    tables = [shape.anchor._meta.db_table for shape in shapes] + [shape.table for shape in shapes]
    for table in dict.fromkeys(tables):
        name = sql.Identifier(table)
        cursor.execute(statement("initial_allowed"), {"table": table})
        if not cursor.fetchone()[0]:
            raise NotInitial("An initial load drops and adds constraints: it takes the owner role.")
        cursor.execute(statement("initial_lock", table=name))
        cursor.execute(statement("initial_empty", table=name))
        if not cursor.fetchone()[0]:
            raise NotInitial(
                f"An initial load is for empty tables, and there are rows in {table} already."
            )


@contextmanager
def indexed_afterwards(cursor: CursorWrapper, table: str) -> Iterator[None]:
    """Drop the indexes of a table, its primary key excepted, and make them again at the end.

    Whatever breaks a constraint is refused then, and the transaction with it.
    """
    cursor.execute(statement("initial_indexes"), {"table": table})
    indexes = cursor.fetchall()
    for name, constraint, _ in indexes:
        cursor.execute(dropping(table, name, constraint))
    yield
    cursor.execute(statement("initial_settings"))
    for _, constraint, definition in indexes:
        cursor.execute(adding(table, constraint, definition))
    cursor.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table)))


def dropping(table: str, index: str, constraint: str | None) -> sql.Composable:
    if constraint is None:
        return sql.SQL("DROP INDEX {}").format(sql.Identifier(index))
    return sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(
        sql.Identifier(table), sql.Identifier(constraint)
    )


def adding(table: str, constraint: str | None, definition: str) -> sql.Composable:
    """The database's own words for what it had."""
    if constraint is None:
        return sql.SQL(definition)
    return sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} {}").format(
        sql.Identifier(table),
        sql.Identifier(constraint),
        sql.SQL(definition),
    )
