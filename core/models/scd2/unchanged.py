"""What a load would change, seen before any lock; the rest leaves, and says what was overtaken."""

from __future__ import annotations

from datetime import datetime

from django.db.backends.utils import CursorWrapper
from psycopg import sql

from core.models.scd2.staging import Load


def find_changed(cursor: CursorWrapper, load: Load, instant: datetime) -> None:
    """Note the things on which something changes; the others leave here, unlocked.

    ``instant`` stands for that of the load, which is not known yet.
    """
    parameters = {"instant": instant, **load.stretch._asdict()}
    stopped = []
    for model in load.models.values():
        cursor.execute(model.statement("changed_roots"), parameters)
        if cursor.fetchone()[0]:
            stopped.append(model)
        cursor.execute(model.statement("changed_repeated"), parameters)
    cursor.execute(sql.SQL("ANALYZE {}").format(load.names["changed"]))
    for model in stopped:
        cursor.execute(model.statement("overtaken_prune"), parameters)
        cursor.execute(model.statement("overtaken_since"), parameters)
