"""The audit log: every change of every timeline, and of the tables beside them."""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn

from django.db import models
from django.db.models.functions import Now

from core.models.scd2.change import Channel
from core.models.scd2.constraints import AppendOnlyGuard
from core.models.scd2.exceptions import DirectWriteError
from core.models.scd2.querysets import ReadOnlyQuerySet


class Xid8Field(models.BigIntegerField):  # type: ignore[type-arg]
    """PostgreSQL's 64-bit transaction id, which never wraps around."""

    def db_type(self, connection: Any) -> str:
        return "xid8"

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else str(value)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> int | None:
        return None if value is None else int(value)


class AuditAction(models.TextChoices):
    """What an entry's period went through."""

    OPENED = "opened", "opened"
    ENDED = "ended", "ended"
    CORRECTED = "corrected", "corrected"
    CHANGED = "changed", "changed"


class AuditEntry(models.Model):
    """One maximal period over which one call changed one thing, with its value before and after.

    Append-only, written in the transaction of the change itself. ``before`` and ``after`` are
    JSON objects of the payload, null for nothing. Times are UTC.
    """

    instant = models.DateTimeField(help_text="The system instant of the call.")
    recorded_at = models.DateTimeField(
        db_default=Now(), help_text="When it was written: the instant, except for a backfill."
    )
    txid = Xid8Field(help_text="The transaction that wrote it.")
    actor_id = models.BigIntegerField(null=True)
    actor = models.TextField()
    channel = models.TextField(choices=[(c.value, c.value) for c in Channel])
    client_address = models.GenericIPAddressField(null=True)
    request_id = models.TextField(null=True)
    reason = models.TextField(db_default="")
    batch = models.TextField(null=True)
    model = models.TextField(help_text="The label of the model, as in entities.entity.")
    uuid = models.UUIDField(
        help_text="The thing's uuid; of a thing named otherwise, one made of it."
    )
    natural_key = models.JSONField(help_text="The natural key by column.")
    valid_from = models.DateTimeField(help_text="The first instant of the period.")
    valid_to = models.DateTimeField(null=True, help_text="Its end, exclusive; null is without end.")
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    action = models.TextField(choices=AuditAction.choices)

    objects: ClassVar[models.Manager[Any]] = ReadOnlyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "audit entries"
        default_permissions: ClassVar[tuple[str, ...]] = ("view",)
        indexes: ClassVar[list[models.Index]] = [
            # Pages of the log, and the greatest stored instant.
            models.Index(name="core_audit_feed", fields=["instant", "txid", "id"]),
            # The change feed: a backfill comes when it was recorded.
            models.Index(name="core_audit_recorded", fields=["recorded_at", "txid", "id"]),
            # The log of one thing and what belongs to it; the instants on the keys of a call.
            models.Index(name="core_audit_thing", fields=["uuid", "instant", "txid", "id"]),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            AppendOnlyGuard(name="core_auditentry_append_only"),
            models.CheckConstraint(
                name="core_auditentry_actor_named", condition=~models.Q(actor="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.model} {self.natural_key} by {self.actor}"

    @classmethod
    def direct_write_message(cls) -> str:
        return "The audit log is written by the engine, and by record() for unversioned tables."

    def save(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise DirectWriteError(self.direct_write_message())

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise DirectWriteError(self.direct_write_message())


# Fixtures write through the base manager, past save(): that refuses too.
AuditEntry._meta.base_manager_name = "objects"
