"""Batches: all of them, one of them, a new one from a file, its rejects and its end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpResponse, StreamingHttpResponse
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from cockpit import selectors
from cockpit.v1 import described
from cockpit.v1.parsers import UploadParser, too_large
from cockpit.v1.serializers import BatchesQuery, BatchShape, BatchUpload, asked_by
from core.api.idempotency import answer, repeatable
from core.api.output import Output
from core.api.params import Query, single_values
from core.api.problems import refused
from core.api.reading import Moment
from core.api.resources import no_such
from core.api.views import ApiView, PagedView, Place
from core.contexts import caller
from core.ingest import uploads
from core.ingest.kept import TooLarge, pieces
from core.ingest.reports import read_report
from core.ingest.rights import refuse_loader, refuse_reader
from core.models import IngestBatch
from core.models.scd2.change import Channel, Context
from core.personal import log_read
from core.tether import doors

Row = dict[str, Any]


class BatchResource(ApiView):
    """What a batch is, over HTTP."""

    model = IngestBatch
    output = Output(BatchShape)

    def shown(self, request: Request, row: Row) -> Row:
        rejects = row["rejects_id"] and reverse("batch-rejects", args=[row["id"]], request=request)
        report = row["report_id"] and reverse("batch-report", args=[row["id"]], request=request)
        return self.output.one(row | {"rejects": rejects, "report": report})

    def found(self, batch_id: int) -> Row:
        """Raises a 404."""
        row = selectors.batch_row(batch_id)
        if row is None:
            raise no_such(IngestBatch, batch_id)
        return row

    def accepted(self, request: Request, batch: IngestBatch) -> Response:
        """What was asked for will be done; the address tells when."""
        row = self.shown(request, self.found(batch.pk))
        address = reverse("batch", args=[batch.pk], request=request)
        return Response(row, status=202, headers={"Location": address})


@extend_schema_view(get=extend_schema(**described.LIST), post=extend_schema(**described.UPLOAD))
class BatchesView(BatchResource, PagedView):
    """All batches; a new one from a file."""

    queries: ClassVar[Mapping[str, type[Query]]] = {"GET": BatchesQuery}
    parser_classes = (UploadParser,)

    def basis(self, moment: Moment) -> Mapping[str, datetime]:
        """None: newer batches come before the first page."""
        return {}

    def rows(self, place: Place, **path: Any) -> list[Row]:
        return selectors.batch_list(
            state=place.query.get("state"),
            model=place.query.get("model"),
            after=place.key[0] if place.key else None,
            backwards=place.backward,
            limit=place.limit + 1,
        )

    def row_key(self, row: Row, place: Place) -> tuple[int]:
        return (row["id"],)

    def answer(self, rows: list[Row], place: Place, **path: Any) -> dict[str, Any]:
        return {"results": [self.shown(self.request, row) for row in rows]}

    def post(self, request: Request) -> HttpResponse:
        given = read_form(request)
        model = given.get("model") or only_model()
        refuse_loader(request.user, model)
        asked = asked_by(given)
        context = caller(request, Channel.API, reason=asked.reason)
        file = given["file"]
        keeping = uploads.kept_upload(
            model=model,
            name=file.name,
            stream=file,
            limit=settings.UPLOAD_MAX_BYTES,
            asked=asked,
        )

        def queued() -> Response:
            batch = uploads.batch_upload(model=model, upload=upload, asked=asked, context=context)
            return self.accepted(request, batch)

        try:
            with keeping as upload:
                said = {"model": model, "file": upload.sha256, **asked.as_json()}
                return answer(request, said, queued)
        except TooLarge as error:
            raise too_large() from error

    post.repeatable = True  # type: ignore[attr-defined]


@extend_schema_view(get=extend_schema(**described.RETRIEVE))
class BatchView(BatchResource):
    """One batch."""

    def get(self, request: Request, batch_id: int) -> Response:
        return Response(self.shown(request, self.found(batch_id)))


@extend_schema_view(post=extend_schema(**described.APPLY))
class BatchApplyView(BatchResource):
    """Carrying out what a dry run has shown."""

    @repeatable
    def post(self, request: Request, batch_id: int) -> Response:
        refuse_loader(request.user, self.found(batch_id)["model"])
        batch = uploads.batch_apply(batch_id=batch_id, context=context_of(request))
        return self.accepted(request, batch)


@extend_schema_view(post=extend_schema(**described.CANCEL))
class BatchCancelView(BatchResource):
    """Ending a batch before it has written anything."""

    @repeatable
    def post(self, request: Request, batch_id: int) -> Response:
        batch = uploads.batch_cancel(batch_id=batch_id, context=context_of(request))
        return self.accepted(request, batch)


class DownloadView(BatchResource):
    """A file that a batch has left."""

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """There is one format, whatever the client says that it accepts."""
        return super().perform_content_negotiation(request, force=True)


@extend_schema_view(get=extend_schema(**described.REJECTS))
class BatchRejectsView(DownloadView):
    """What was not loaded."""

    def get(self, request: Request, batch_id: int) -> StreamingHttpResponse:
        row = self.found(batch_id)
        refuse_reader(request.user, row["model"])
        kept = uploads.rejects_of(batch_id)
        log_read(request.user, IngestBatch._meta.label_lower, [batch_id], ["rejects"])
        return downloaded(pieces(kept), kept.name)


@extend_schema_view(get=extend_schema(**described.REPORT))
class BatchReportView(DownloadView):
    """What is ended, corrected or overtaken, by name."""

    def get(self, request: Request, batch_id: int) -> StreamingHttpResponse:
        self.found(batch_id)
        kept, batch = uploads.report_of(batch_id)
        return downloaded(read_report(request.user, kept, batch), kept.name)


def downloaded(content: Iterator[bytes], name: str) -> StreamingHttpResponse:
    return StreamingHttpResponse(
        content,
        content_type="application/x-ndjson",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def context_of(request: Request) -> Context:
    return caller(request, Channel.API)


def read_form(request: Request) -> dict[str, Any]:
    """The form's values. Raises ValidationError that names every field at fault."""
    files = {name: request.FILES[name] for name in request.FILES}
    form = BatchUpload(data={**single_values(request.POST), **files})
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)


def only_model() -> str:
    """What rows are about where only one app takes files. Raises a 400 if several do."""
    known = list(doors())
    if len(known) != 1:
        raise refused("model", "required", f"Say the model: one of {', '.join(known)}.")
    return known[0]
