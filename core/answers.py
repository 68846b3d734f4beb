"""Calls that may be sent again: the first one is carried out, the others get its answer."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Now

from core.models import FirstAnswer
from core.models.scd2.exceptions import Conflict, Scd2Error
from core.sql import read_sql

KEPT_FOR = timedelta(hours=24)


class InProgress(Conflict):
    """The first call with this key has not come to its end."""

    code = "in_progress"


class KeyReused(Scd2Error):
    """The key belongs to a call that said something else."""

    code = "key_reused"


@dataclasses.dataclass(frozen=True, slots=True)
class Call:
    """A call by its key: whose, of which method and path. ``asked``: the digest of its body."""

    user_id: int
    method: str
    path: str
    key: str
    asked: bytes

    def named(self) -> dict[str, Any]:
        """What the key belongs to."""
        return {name: getattr(self, name) for name in ("user_id", "method", "path", "key")}


def claim(call: Call) -> FirstAnswer | None:
    """The answer that the call got already; None if it is ours to carry out.

    In the transaction of the write, before anything else. Raises InProgress, KeyReused.
    """
    name = "\n".join(map(str, call.named().values()))
    with connection.cursor() as cursor:
        cursor.execute(read_sql("answer_claim.sql"), {"name": name})
        [is_ours] = cursor.fetchone()
    if not is_ours:
        raise InProgress("A call with this Idempotency-Key is being carried out; ask again.")
    kept = FirstAnswer.objects.filter(**call.named())
    first = kept.exclude(pk__in=outlived()).first()
    if first is None:
        kept.delete()
    elif bytes(first.asked) != call.asked:
        raise KeyReused("This Idempotency-Key was sent before, with another body.")
    return first


def keep(call: Call, *, status: int, headers: dict[str, str], body: bytes) -> None:
    """Keep the answer, in the transaction of the write."""
    FirstAnswer.objects.create(
        **call.named(), asked=call.asked, status=status, headers=headers, body=body
    )


def outlived() -> QuerySet[FirstAnswer]:
    return FirstAnswer.objects.filter(created_at__lte=Now() - KEPT_FOR)


def answers_kept_for_retries(*, dry_run: bool) -> int:
    """Answers that no retry gets any more: see ``core.housekeeping``."""
    return outlived().count() if dry_run else outlived().delete()[0]
