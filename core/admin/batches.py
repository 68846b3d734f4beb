"""The batches to look at: how far each is, what came of it, and an end to what goes on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.html import format_html
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display

from core.contexts import caller
from core.ingest import uploads
from core.ingest.kept import pieces
from core.ingest.reports import read_report
from core.ingest.rights import LOAD, refuse_reader
from core.models import BatchState, IngestBatch
from core.models.audit_log import thing_uuid
from core.models.scd2.change import Channel
from core.models.scd2.exceptions import NotAllowed, Scd2Error
from core.personal import log_read

COLOURS = {
    BatchState.DONE.value: "success",
    BatchState.FAILED.value: "danger",
    BatchState.REFUSED.value: "danger",
    BatchState.RUNNING.value: "warning",
    BatchState.QUEUED.value: "warning",
    BatchState.DRY_RUN.value: "info",
    BatchState.CANCELLED.value: "info",
}
NOTHING = "–"
DONE = ("opened", "closed", "superseded")


@admin.register(IngestBatch)
class IngestBatchAdmin(ModelAdmin):  # type: ignore[misc]
    """Read-only; who may load files may cancel."""

    list_display = ("id", "file", "stands", "progress", "did", "rejected", "actor", "begun")
    list_filter = (("state", ChoicesDropdownFilter),)
    list_filter_submit = True
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("file", "actor", "sha256")
    ordering = ("-id",)
    actions = ("cancel",)
    fieldsets = (
        ("File", {"fields": ("file", "model", "size", "sha256", "asked")}),
        (
            "What became of it",
            {
                "fields": (
                    "stands",
                    "progress",
                    "did",
                    "lacking",
                    "affects",
                    "rows_rejected",
                    "error",
                )
            },
        ),
        ("Who", {"fields": ("actor", "actor_id", "client_address", "request_id")}),
        (
            "When",
            {
                "fields": (
                    "queued_at",
                    "started_at",
                    "cancel_requested_at",
                    "finished_at",
                    "system_instant",
                    "attempts",
                )
            },
        ),
    )
    readonly_fields = ("stands", "progress", "did", "lacking", "affects", "asked", "rows_rejected")

    @admin.display(description="started", ordering="started_at")
    def begun(self, batch: IngestBatch) -> Any:
        return batch.started_at

    @display(description="state", ordering="state", label=COLOURS)  # type: ignore[untyped-decorator]
    def stands(self, batch: IngestBatch) -> str:
        return str(batch.state)

    @admin.display(description="progress")
    def progress(self, batch: IngestBatch) -> str:
        """Rows, and of a running one what it is at and how much of the file it has read."""
        rows = f"{batch.read:,} rows"
        if batch.state != BatchState.RUNNING:
            return rows
        part = f", {100 * batch.bytes_read // batch.size} % of the file" if batch.size else ""
        return f"{batch.stage or 'starting'}: {rows}{part}"

    @admin.display(description="what was done")
    def did(self, batch: IngestBatch) -> str:
        told = ((name, [f"{counts[d]:,} {d}" for d in DONE]) for name, counts in counts_of(batch))
        return "; ".join(f"{name}: {', '.join(parts)}" for name, parts in told) or NOTHING

    @admin.display(description="what the file lacks")
    def lacking(self, batch: IngestBatch) -> str:
        if not batch.missing:
            return NOTHING
        held_back = f", {batch.not_ended:,} of them not ended" if batch.not_ended else ""
        return f"{batch.missing:,} that are valid{held_back}"

    @admin.display(description="ended, corrected, overtaken")
    def affects(self, batch: IngestBatch) -> str:
        counts = ", ".join(f"{number:,} {what}" for what, number in batch.affected.items())
        if batch.report_id is None:
            return counts or NOTHING
        address = reverse("admin:core_ingestbatch_report", args=[batch.pk])
        return format_html('<a href="{}">{} (download)</a>', address, counts)

    @admin.display(description="options")
    def asked(self, batch: IngestBatch) -> str:
        said = {name: value for name, value in batch.options.items() if value not in (None, "")}
        return ", ".join(f"{name}: {value}" for name, value in said.items()) or NOTHING

    @admin.display(description="rejected rows")
    def rows_rejected(self, batch: IngestBatch) -> str:
        if batch.rejects_id is None:
            return f"{batch.rejected:,}"
        address = reverse("admin:core_ingestbatch_rejects", args=[batch.pk])
        return format_html('<a href="{}">{} (download)</a>', address, f"{batch.rejected:,}")

    @action(description="Cancel", permissions=["cancel"])  # type: ignore[untyped-decorator]
    def cancel(self, request: HttpRequest, batches: QuerySet[IngestBatch]) -> None:
        for batch in batches:
            try:
                uploads.batch_cancel(batch_id=batch.pk, context=caller(request, Channel.ADMIN))
                messages.success(request, f"Batch {batch.pk} is cancelled, or about to be.")
            except Scd2Error as error:
                messages.error(request, str(error))

    def has_cancel_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(LOAD)

    def get_urls(self) -> list[Any]:
        views = {"rejects": self.rejects_view, "report": self.report_view}
        own = [
            path(
                f"<int:batch_id>/{name}/",
                self.admin_site.admin_view(view),
                name=f"core_ingestbatch_{name}",
            )
            for name, view in views.items()
        ]
        urls: list[Any] = super().get_urls()
        return [*own, *urls]

    def rejects_view(self, request: HttpRequest, batch_id: int) -> HttpResponseBase:
        """The rejected rows as a file."""
        batch: Any = self.get_object(request, str(batch_id))
        if not self.has_view_permission(request, batch):
            raise PermissionDenied
        try:
            if batch is not None:
                refuse_reader(request.user, batch.model)
            kept = uploads.rejects_of(batch_id)
        except NotAllowed as error:
            raise PermissionDenied(str(error)) from error
        except uploads.BatchNotFound as error:
            raise Http404(str(error)) from error
        log_read(request.user, IngestBatch._meta.label_lower, [batch_id], ["rejects"])
        return downloaded(pieces(kept), kept.name)

    def report_view(self, request: HttpRequest, batch_id: int) -> HttpResponseBase:
        """The names of what the batch affects as a file, as its reader may see them."""
        batch: Any = self.get_object(request, str(batch_id))
        if not self.has_view_permission(request, batch):
            raise PermissionDenied
        try:
            kept, batch = uploads.report_of(batch_id)
        except uploads.BatchNotFound as error:
            raise Http404(str(error)) from error
        return downloaded(read_report(request.user, kept, batch), kept.name)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """What the log has about the batch itself. Raises PermissionDenied."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        log = reverse("admin:core_auditentry_changelist")
        uuid = thing_uuid(IngestBatch._meta.label_lower, {"id": object_id})
        return redirect(f"{log}?uuid={uuid}")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def downloaded(content: Iterator[bytes], name: str) -> StreamingHttpResponse:
    return StreamingHttpResponse(
        content,
        content_type="application/x-ndjson",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def counts_of(batch: IngestBatch) -> Iterator[tuple[str, dict[str, int]]]:
    yield from batch.counts.items()
