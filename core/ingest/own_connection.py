"""Work on a database connection of its own, beside the transaction of a load."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import ParamSpec, Self, TypeVar

from django.db import connection

P = ParamSpec("P")
T = TypeVar("T")


class OwnConnection:
    """Calls functions on a thread of its own; a thread of Django has connections of its own."""

    def __enter__(self) -> Self:
        self.thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="batch")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.call(close)
        self.thread.shutdown()

    def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What the function returns or raises."""
        return self.thread.submit(function, *args, **kwargs).result()


def close() -> None:
    """By name: bound outside the thread, it would be the connection of another one."""
    connection.close()
