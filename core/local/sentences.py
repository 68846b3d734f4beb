"""Errors that a person can act on, without the traceback that they cannot read."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError
from django.db import OperationalError

from core.local.errors import LocalError


@contextmanager
def in_one_sentence() -> Iterator[None]:
    """End the process with the error's own words and code 1, where it is one of those."""
    try:
        yield
    except (LocalError, ImproperlyConfigured) as error:
        sys.exit(str(error))
    except CommandError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(error.returncode)
    except (OperationalError, psycopg.OperationalError) as error:
        sys.exit(f"The database cannot be used: {' '.join(str(error).split())}")
