"""Counting calls, for all workers together: one statement a call, and no table of windows.

A caller may make ``per_minute`` calls at once, and then one for every part of a minute that passes.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import connection

from core.sql import read_sql

BURST = timedelta(minutes=1)


def take(caller: str, per_minute: int) -> float:
    """Count a call of ``caller``. Returns the seconds to wait; 0 is that it may be made.

    ``per_minute`` 0 is no limit, and counts nothing. To be called outside a transaction, so that
    nobody waits for a row that one holds.
    """
    if not per_minute:
        return 0
    parameters: dict[str, Any] = {"caller": caller, "step": BURST / per_minute, "burst": BURST}
    with connection.cursor() as cursor:
        cursor.execute(read_sql("throttle_take.sql"), parameters)
        if cursor.fetchone() is not None:
            return 0
        cursor.execute(read_sql("throttle_wait.sql"), parameters)
        (seconds,) = cursor.fetchone()
    return max(float(seconds), 0.001)


def idle_callers(*, dry_run: bool) -> int:
    """Those against whom nothing is held any more; a chore of ``core.housekeeping``."""
    with connection.cursor() as cursor:
        cursor.execute(read_sql("throttle_forget.sql"), {"dry_run": dry_run})
        (count,) = cursor.fetchone()
    return int(count)
