"""The state of tethered apps: the mode that an operator sets, and what was last seen of each."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class AppMode(models.TextChoices):
    """``read_only`` refuses writes; ``offline`` refuses every call."""

    ACTIVE = "active", "active"
    READ_ONLY = "read_only", "read-only"
    OFFLINE = "offline", "offline"


class AppControl(models.Model):
    """The mode of one app. An app without a row is active.

    Written by ``core.control.set_mode``, which records every change in the audit log.
    """

    slug = models.TextField(primary_key=True, help_text="The app's Django label.")
    mode = models.TextField(choices=AppMode.choices)
    reason = models.TextField(blank=True, help_text="Shown to every caller who is refused.")
    actor = models.TextField(help_text="Who set the mode.")
    changed_at = models.DateTimeField(db_default=Now(), help_text="When the mode was set (UTC).")

    class Meta:
        verbose_name = "app"
        default_permissions: ClassVar[tuple[str, ...]] = ("view", "change")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="core_appcontrol_mode", condition=Q(mode__in=AppMode.values)
            ),
            models.CheckConstraint(
                name="core_appcontrol_reason",
                condition=Q(mode=AppMode.ACTIVE) | ~Q(reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slug}: {self.mode}"


class AppStatus(models.TextChoices):
    """The answer of an app to its last probe; ``unready`` answers, but cannot serve."""

    UP = "up", "up"
    UNREADY = "unready", "not ready"
    DOWN = "down", "no answer"


class AppHealth(models.Model):
    """The last probe of one app's service. Information only: nothing depends on it."""

    slug = models.TextField(primary_key=True)
    status = models.TextField(choices=AppStatus.choices)
    detail = models.TextField(blank=True, help_text="Why it is not up, in a sentence.")
    version = models.TextField(blank=True, help_text="As the running service reports it.")
    latency_ms = models.FloatField(null=True, help_text="Of the last probe that was answered.")
    last_seen = models.DateTimeField(null=True, help_text="The last answer (UTC).")
    checked_at = models.DateTimeField(help_text="The last probe (UTC).")
    counts = models.JSONField(default=dict, help_text="Things that hold now, by register.")
    counted_at = models.DateTimeField(null=True, help_text="When they were counted (UTC).")

    class Meta:
        default_permissions: ClassVar[tuple[str, ...]] = ()

    def __str__(self) -> str:
        return f"{self.slug}: {self.status}"
