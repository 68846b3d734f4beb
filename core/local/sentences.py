"""Errors that a person can act on, without the traceback that they cannot read."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import psycopg
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError
from django.db import OperationalError

from core.local import server_log
from core.local.errors import LocalError
from core.local.home import Home

LACKS_MIGRATIONS = "The database lacks migrations: type .venv/bin/python manage.py migrate first."
NOT_MIGRATED = (
    psycopg.errors.UndefinedTable,
    psycopg.errors.UndefinedColumn,
    psycopg.errors.UndefinedFunction,
    psycopg.errors.InvalidSchemaName,
)


@contextmanager
def in_one_sentence() -> Iterator[None]:
    """End the process with the error's own words and code 1, where it is one of those."""
    began = datetime.now(UTC)
    try:
        yield
    except (LocalError, ImproperlyConfigured) as error:
        sys.exit(str(error))
    except CommandError as error:
        sys.stderr.write(f"{operators_sentence(error) or error}\n")
        sys.exit(error.returncode)
    except Exception as error:
        sentence = operators_sentence(error) or unreachable_sentence(error, began)
        if sentence is None:
            raise
        sys.exit(sentence)


def operators_sentence(error: BaseException) -> str | None:
    """What an operator has to do about ``error``: migrate, make room, log in as another role.

    None if it is neither of those.
    """
    for cause in _causes(error):
        if isinstance(cause, psycopg.errors.DiskFull):
            return f"The disk of the database is full: free space on it. It says: {_line(cause)}"
        if isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT):
            place = f" under {cause.filename}" if cause.filename else ""
            return f"The disk{place} is full: free space on it."
        if isinstance(cause, NOT_MIGRATED) and _lacks_migrations():
            return LACKS_MIGRATIONS
        if isinstance(cause, psycopg.errors.InsufficientPrivilege):
            return (
                f"The database role may not do this ({_line(cause)}): set DATABASE_OWNER_URL to "
                "the address of the role that owns the tables."
            )
    return None


def unreachable_sentence(error: BaseException, began: datetime) -> str | None:
    """The reason why the database cannot be used, None if that is not what went wrong.

    A server without room for its write-ahead log dies, and its clients learn only that it is
    gone; where it is the local one, its log since ``began`` (UTC) tells why.
    """
    for cause in _causes(error):
        if isinstance(cause, OperationalError | psycopg.OperationalError):
            log = Home.of(os.environ).server_log
            full = [line for line in server_log.lines_since(log, began) if server_log.FULL in line]
            if full:
                return f"The disk of the database is full: free space on it. Its log is {log}."
            return f"The database cannot be used: {' '.join(str(cause).split())}"
    return None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _line(error: psycopg.Error) -> str:
    return error.diag.message_primary or " ".join(str(error).split())


def _lacks_migrations() -> bool:
    from django.db import connections

    from core.checks import pending_migrations

    # The connection that failed may be inside a transaction that is no good any more.
    connections["default"].close()
    return pending_migrations() > 0
