"""The live rows that a plan starts from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.backends.utils import CursorWrapper
from psycopg import sql

from core.models.scd2.instruction import Key
from core.models.scd2.sql import columns, statement
from core.models.scd2.timeline import FOREVER, Row
from core.models.scd2.versioning import Shape

Timelines = Mapping[Key, list[Row]]


def live_rows(cursor: CursorWrapper, shape: Shape, sinces: Mapping[Any, datetime]) -> Timelines:
    """Live rows by key of the things in ``sinces``, from each one's instant on.

    What ended before that instant cannot be touched by a Change that starts there, so a long
    past costs nothing.
    """
    cursor.execute(
        statement(
            "live_rows",
            key=columns(shape.key, of="version"),
            tracked=columns(shape.tracked, of="version"),
            table=sql.Identifier(shape.table),
            root=sql.Identifier(shape.root),
            type=sql.SQL(shape.types[shape.root]),
        ),
        {"roots": list(sinces), "sinces": list(sinces.values())},
    )
    width = len(shape.key)
    timelines: dict[Key, list[Row]] = defaultdict(list)
    for row in cursor.fetchall():
        key, (ident, start, end), payload = row[:width], row[width : width + 3], row[width + 3 :]
        timelines[key].append(Row(ident, start, end or FOREVER, payload))
    return timelines
