"""The full loads of a source: each speaks for the time until the next later one, and one at a time.

They are the batches that are done and say what they speak for, whether or not they wrote anything.
A batch that was taken back does not count, unless its reversal was taken back in turn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import orjson
from django.db import connection

from core.models import BatchState, IngestBatch
from core.sql import read_sql


@contextmanager
def one_at_a_time(model: str, scope: Mapping[str, Any]) -> Iterator[None]:
    """Wait until no other full load of the source is applied, and let none begin meanwhile.

    ``model``: the label of what the files are about. ``scope``: columns of its anchor and their
    values, which name the source.
    """
    name = orjson.dumps([model, scope], option=orjson.OPT_SORT_KEYS).decode()
    with connection.cursor() as cursor:
        cursor.execute(read_sql("full_load_hold.sql"), {"name": name})
    try:
        yield
    finally:
        if connection.connection is not None and not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute(read_sql("full_load_let_go.sql"), {"name": name})


def next_full_load(model: str, scope: Mapping[str, Any], after: datetime) -> datetime | None:
    """From when on the next later full load of the source speaks (UTC); None if there is none."""
    later = IngestBatch.objects.filter(
        model=model, state=BatchState.DONE, speaks_for=dict(scope), speaks_from__gt=after
    )
    found = later.exclude(pk__in=taken_back()).order_by("speaks_from")
    return found.values_list("speaks_from", flat=True).first()


def taken_back() -> set[int]:
    """The batches that were taken back. A reversal is younger than what it takes back."""
    reversals = IngestBatch.objects.filter(state=BatchState.DONE, options__has_key="reverts")
    gone: set[int] = set()
    for batch, reverted in reversals.order_by("-pk").values_list("pk", "options__reverts"):
        if batch not in gone:
            gone.add(reverted)
    return gone
