"""COPY beside the thread that composes what is to be copied: the database works meanwhile."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self

from django.db import connection
from psycopg import sql

Part = tuple[sql.Composed, bytes]
"""A COPY statement and what it reads."""
TURN = 0.001
"""Seconds after which a thread that computes lets the other one go on, which is soon done. With
the usual 5 ms the database waits for its next piece most of the time."""


class Copying:
    """Copies on the connection of the thread that made it, one batch of parts at a time.

    Whatever else that thread asks of the database waits until the connection is free.
    """

    def __init__(self) -> None:
        self.pool = ThreadPoolExecutor(1, thread_name_prefix="copy")
        self.wrapper = connection.execute_wrapper(self.when_free)
        self.pending: Future[None] | None = None

    def __enter__(self) -> Self:
        self.wrapper.__enter__()
        self.turn = sys.getswitchinterval()
        sys.setswitchinterval(TURN)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                self.settle()
        finally:
            sys.setswitchinterval(self.turn)
            self.pool.shutdown()
            self.wrapper.__exit__(kind, error, traceback)

    def copy(self, parts: Sequence[Part]) -> None:
        """Begin to copy, once what was begun before is done."""
        self.settle()
        self.pending = self.pool.submit(copy_all, connection.connection, parts)

    def settle(self) -> None:
        """Wait until nothing is being copied. Raises what went wrong with it."""
        pending, self.pending = self.pending, None
        if pending is not None:
            with connection.wrap_database_errors:
                pending.result()

    def when_free(self, execute: Callable[..., Any], *call: Any) -> Any:
        self.settle()
        return execute(*call)


def copy_all(raw: Any, parts: Sequence[Part]) -> None:
    with raw.cursor() as cursor:
        for query, content in parts:
            with cursor.copy(query) as copy:
                copy.write(content)
