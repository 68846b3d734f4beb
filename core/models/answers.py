"""Answers that are kept so that a call which is sent again gets the first one."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now


class FirstAnswer(models.Model):
    """What a write with an Idempotency-Key was answered, kept for a day.

    The key is the caller's, for one method and path; ``asked`` is the digest of what was said
    under it. The row is written in the transaction of the write itself. Times are UTC. A body may
    hold personal data: nobody but the caller gets it.
    """

    user_id = models.BigIntegerField()
    method = models.TextField()
    path = models.TextField()
    key = models.TextField()
    asked = models.BinaryField()
    status = models.SmallIntegerField()
    headers = models.JSONField()
    body = models.BinaryField()
    created_at = models.DateTimeField(db_default=Now(), db_index=True)

    class Meta:
        default_permissions: ClassVar[tuple[str, ...]] = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                name="core_firstanswer_once", fields=["user_id", "method", "path", "key"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"
