"""The runs of the ingestion: what was read, by whom, and what came of it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from core.models.kept import KeptFile


class BatchState(models.TextChoices):
    """How a run stands; ``refused``: ``--strict`` found a bad row, or a brake held."""

    QUEUED = "queued", "queued"
    RUNNING = "running", "running"
    DONE = "done", "done"
    FAILED = "failed", "failed"
    REFUSED = "refused", "refused"
    DRY_RUN = "dry_run", "dry run"
    CANCELLED = "cancelled", "cancelled"


OPEN_STATES = (BatchState.QUEUED, BatchState.RUNNING)
"""The states that something will follow."""


class BatchStage(models.TextChoices):
    """What a running batch is at: copying rows beside the register, or writing them into it."""

    READING = "reading", "reading"
    APPLYING = "applying", "applying"


class IngestBatch(models.Model):
    """One run over one file. Times are UTC.

    ``done`` is written in the transaction of the load itself: it says so exactly when what the
    file brought can be seen. ``counts``: per name of a model, rows opened, closed and superseded
    and keys unchanged. ``sha256``: of the file as it is, compressed or not. ``affected``: how many
    things were ended, corrected and overtaken, by these words; ``report`` names them.

    ``speaks_for`` and ``speaks_from`` are those of a full load: the source that its file is all of,
    and since when. As long as the batch is kept, earlier releases that are loaded later know it.

    A file that was uploaded is ``queued`` until a worker takes it; ``upload`` is the file,
    ``rejects`` what was rejected of it, ``preview`` the dry run that this batch carries out. A
    batch that was loaded from a shell has none of these.
    """

    model = models.TextField(help_text="The label of the model, as in entities.entity.")
    file = models.TextField(help_text="The file's name, or - for standard input.")
    sha256 = models.CharField(max_length=64, null=True)
    options = models.JSONField()
    state = models.TextField(choices=BatchState.choices)
    stage = models.TextField(choices=BatchStage.choices, default="", blank=True)
    size = models.BigIntegerField(null=True, help_text="Bytes of the file; null if not known.")
    bytes_read = models.BigIntegerField(default=0, help_text="Bytes of it read so far.")
    read = models.BigIntegerField(default=0, help_text="Rows read so far.")
    rejected = models.BigIntegerField(default=0, help_text="Rows rejected so far.")
    counts = models.JSONField(default=dict)
    missing = models.BigIntegerField(
        default=0, help_text="Valid things of the source that a full file lacks."
    )
    not_ended = models.BigIntegerField(
        default=0, help_text="Those of them whose end was held back: a rejected row may name them."
    )
    new_source = models.TextField(
        default="", help_text="The source, if no thing of it was known before this file."
    )
    affected = models.JSONField(default=dict)
    system_instant = models.DateTimeField(
        null=True, help_text="The system instant of what was written; null if nothing was."
    )
    speaks_for = models.JSONField(
        null=True, help_text="Columns and values that name the source of a full load."
    )
    speaks_from = models.DateTimeField(
        null=True, help_text="The instant from which a full load says what holds."
    )
    actor = models.TextField()
    actor_id = models.BigIntegerField(null=True, help_text="The user who uploaded the file.")
    client_address = models.GenericIPAddressField(null=True)
    request_id = models.TextField(null=True)
    queued_at = models.DateTimeField(null=True, help_text="When the file was uploaded.")
    started_at = models.DateTimeField(null=True, db_default=Now())
    cancel_requested_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    attempts = models.IntegerField(default=0, help_text="How often a worker has taken it.")
    error = models.TextField(default="", help_text="Why it ended without success: one sentence.")
    upload = models.ForeignKey(
        KeptFile, models.SET_NULL, null=True, related_name="batches", db_constraint=False
    )
    rejects = models.ForeignKey(
        KeptFile, models.SET_NULL, null=True, related_name="rejecting", db_constraint=False
    )
    report = models.ForeignKey(
        KeptFile, models.SET_NULL, null=True, related_name="reporting", db_constraint=False
    )
    preview = models.ForeignKey(
        "self", models.SET_NULL, null=True, related_name="applications", db_constraint=False
    )

    class Meta:
        verbose_name_plural = "ingest batches"
        default_permissions: ClassVar[tuple[str, ...]] = ("view", "add", "change")
        ordering: ClassVar[tuple[str, ...]] = ("-id",)
        indexes: ClassVar[list[models.Index]] = [
            # What workers look for; there are few of them among many.
            models.Index(
                name="core_ingestbatch_open",
                fields=["id"],
                condition=Q(state__in=[*OPEN_STATES]),
            ),
            # The next later full load of a source.
            models.Index(
                name="core_ingestbatch_full",
                fields=["model", "speaks_from"],
                condition=Q(speaks_from__isnull=False),
            ),
            # What was taken back.
            models.Index(
                name="core_ingestbatch_reverts",
                fields=["id"],
                condition=Q(options__has_key="reverts"),
            ),
            # The pages of one state.
            models.Index(name="core_ingestbatch_by_state", fields=["state", "id"]),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="core_ingestbatch_state", condition=Q(state__in=BatchState.values)
            ),
            models.CheckConstraint(
                name="core_ingestbatch_finished",
                condition=Q(state__in=[*OPEN_STATES], finished_at__isnull=True)
                | (~Q(state__in=[*OPEN_STATES]) & Q(finished_at__isnull=False)),
            ),
            models.CheckConstraint(name="core_ingestbatch_actor_named", condition=~Q(actor="")),
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.file}"

    @property
    def is_open(self) -> bool:
        """Whether something will still become of it."""
        return self.state in OPEN_STATES
