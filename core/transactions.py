"""The transaction around a service, tried again when another writer was in the way."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import DatabaseError, InterfaceError, connection, transaction

from core.models.scd2.exceptions import RowsMoved
from core.models.scd2.mapper import domain_error

P = ParamSpec("P")
T = TypeVar("T")

ATTEMPTS = 8
PAUSE = 0.01
"""Seconds before the second attempt; doubled each time, with jitter."""


def atomic_write(service: Callable[P, T]) -> Callable[P, T]:
    """Run a service in one transaction, and again if a deadlock or a moved row undid it.

    Only the outermost transaction is retried: inside another one the error goes up, because
    what came before it is undone too. Raises the domain error of what the database refused;
    RowsMoved after ATTEMPTS.
    """

    @wraps(service)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        if connection.in_atomic_block:
            return attempt(service, *args, **kwargs)
        for number in range(1, ATTEMPTS):
            try:
                return attempt(service, *args, **kwargs)
            except RowsMoved:
                time.sleep(PAUSE * 2**number * random.random())  # noqa: S311 (jitter, no secret)
        return attempt(service, *args, **kwargs)

    return run


def attempt(service: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """One transaction. Raises the domain error of what the database refused."""
    try:
        with transaction.atomic():
            return service(*args, **kwargs)
    except (DatabaseError, InterfaceError) as error:
        mapped = domain_error(error)
        if mapped is None:
            raise
        raise mapped from error
