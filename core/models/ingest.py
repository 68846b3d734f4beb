"""The runs of the ingestion: what was read, by whom, and what came of it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class BatchState(models.TextChoices):
    """How a run stands; ``refused``: ``--strict`` found a bad row, or a brake held."""

    RUNNING = "running", "running"
    DONE = "done", "done"
    FAILED = "failed", "failed"
    REFUSED = "refused", "refused"
    DRY_RUN = "dry_run", "dry run"


class IngestBatch(models.Model):
    """One run over one file. Times are UTC.

    ``done`` is written in the transaction of the load itself: it says so exactly when what the
    file brought can be seen. ``counts``: per name of a model, rows opened, closed and superseded
    and keys unchanged. ``sha256``: of the file as it is, compressed or not.
    """

    model = models.TextField(help_text="The label of the model, as in entities.entity.")
    file = models.TextField(help_text="The file's name, or - for standard input.")
    sha256 = models.CharField(max_length=64, null=True)
    options = models.JSONField()
    state = models.TextField(choices=BatchState.choices)
    read = models.BigIntegerField(default=0, help_text="Rows read so far.")
    rejected = models.BigIntegerField(default=0, help_text="Rows rejected so far.")
    counts = models.JSONField(default=dict)
    system_instant = models.DateTimeField(
        null=True, help_text="The system instant of what was written; null if nothing was."
    )
    actor = models.TextField()
    started_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)
    error = models.TextField(default="", help_text="Why it ended without success: one sentence.")

    class Meta:
        verbose_name_plural = "ingest batches"
        default_permissions: ClassVar[tuple[str, ...]] = ("view",)
        ordering: ClassVar[tuple[str, ...]] = ("-id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="core_ingestbatch_state", condition=Q(state__in=BatchState.values)
            ),
            models.CheckConstraint(
                name="core_ingestbatch_finished",
                condition=Q(state="running", finished_at__isnull=True)
                | (~Q(state="running") & Q(finished_at__isnull=False)),
            ),
            models.CheckConstraint(name="core_ingestbatch_actor_named", condition=~Q(actor="")),
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.file}"
