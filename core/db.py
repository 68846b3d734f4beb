"""The database behind the models: roles, clocks and transactions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, connections, transaction
from django.db.migrations.operations.base import Operation
from psycopg import sql

from core.models.scd2.exceptions import NotSettled
from core.sql import read_sql


def clock() -> datetime:
    """The database's clock, later than or equal to every instant it has stored (UTC)."""
    with connection.cursor() as cursor:
        cursor.execute(read_sql("clock.sql"))
        return cursor.fetchone()[0]  # type: ignore[no-any-return]


def settled_instant() -> datetime:
    """The latest instant (UTC) at or before which nothing can appear any more.

    Read it in a READ COMMITTED transaction, in a statement of its own; what a later statement
    reads as known at this instant is the same for ever. Raises NotSettled where a transaction
    that may still write cannot be dated: one of another role whose start is hidden, a prepared
    one, or any on the primary of a standby; RuntimeError in a transaction whose snapshot is fixed.
    """
    with connection.cursor() as cursor:
        cursor.execute(read_sql("forget_activity.sql"))
        cursor.execute(read_sql("settled_instant.sql"))
        isolation, hidden, prepared, standby, settled = cursor.fetchone()
    if isolation != "read committed":
        raise RuntimeError(f"What is settled is asked in READ COMMITTED, not in {isolation}.")
    if standby:
        raise NotSettled("This server is a standby: it cannot tell what its primary still writes.")
    if prepared:
        raise NotSettled("A prepared transaction may still commit; resolve it first.")
    if hidden:
        raise NotSettled("The start of a running transaction is hidden: grant pg_read_all_stats.")
    return settled  # type: ignore[no-any-return]


@contextmanager
def one_snapshot() -> Iterator[None]:
    """A REPEATABLE READ, READ ONLY transaction; inside another transaction, that one."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(read_sql("read_only_snapshot.sql"))
        yield


@contextmanager
def as_owner() -> Iterator[None]:
    """Let this thread work as the owner of the tables, on a connection that ends with the block.

    For backfills. Raises RuntimeError inside a transaction: it would be left behind.
    """
    application = connections["default"]
    if application.in_atomic_block:
        raise RuntimeError("The role is changed before a transaction begins, not inside it.")
    connections["default"] = connections["owner"].copy("default")
    try:
        yield
    finally:
        connections["default"].close()
        connections["default"] = application


class GrantApplicationRole(Operation):
    """Let the application role read and write what the owner makes, now and from now on.

    The role is the user of ``DATABASE_URL``. Where it does not exist, it is created with the
    password of that address, which the owner must be allowed to do.
    """

    reversible = True

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Roles are no part of Django's state."""

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        application = settings.DATABASES["default"]
        names = {
            "role": sql.Identifier(application["USER"]),
            "password": sql.Literal(application.get("PASSWORD") or None),
        }
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("SELECT FROM pg_roles WHERE rolname = %s", [application["USER"]])
            if cursor.rowcount == 0:
                cursor.execute(sql.SQL(read_sql("create_application_role.sql")).format(**names))
            cursor.execute(sql.SQL(read_sql("grant_application_role.sql")).format(**names))

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        """The role may serve other databases of the cluster: it stays."""

    def describe(self) -> str:
        return "Give the application role its rights"
