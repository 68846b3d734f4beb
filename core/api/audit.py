"""The audit log over HTTP: who did what to which thing, and why, newest first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import serializers

from core.api.fields import AskedFromField, AskedUntilField, TextField
from core.api.output import Output
from core.api.params import PagedQuery, Query
from core.api.reading import Moment
from core.api.shapes import LinkField
from core.api.views import PagedView, Place
from core.models import AuditEntry
from core.models.audit import AuditAction
from core.models.audit_reader import LogFilter, as_seen, log_page, place_of, with_sources
from core.models.scd2.change import Channel
from core.personal import log_entries_read, sight_of

Row = dict[str, Any]
LONGEST = 500


class AuditQuery(PagedQuery):
    """Which entries of the log."""

    entity = serializers.UUIDField(
        required=False, help_text="Those about one thing and what belongs to it."
    )
    actor = TextField(required=False, max_length=LONGEST, help_text="Those of one actor, by name.")
    request_id = TextField(
        required=False, max_length=LONGEST, help_text="Those of one request, by its X-Request-ID."
    )
    batch = TextField(required=False, max_length=LONGEST, help_text="Those of one batch.")
    from_ = AskedFromField(
        required=False,
        help_text="The first system instant; a bare date begins with the day (UTC).",
    )
    to = AskedUntilField(
        required=False, help_text="The last system instant; a bare date ends with the day (UTC)."
    )

    def get_fields(self) -> dict[str, Any]:
        """``from`` is a word of Python."""
        return {name.rstrip("_"): field for name, field in super().get_fields().items()}


class ChangeShape(serializers.Serializer[Any]):
    """A period over which one call changed one thing, with the values before and after."""

    instant = serializers.DateTimeField(help_text="The system instant of the call.")
    model = serializers.CharField(help_text="Of what kind the thing is, as in entities.entity.")
    uuid = serializers.UUIDField(
        help_text="The thing's uuid, of a detail that of its entity; else one made of the key."
    )
    source = serializers.CharField(  # type: ignore[assignment]
        allow_null=True, help_text="The feed that named the thing."
    )
    source_id = serializers.CharField(allow_null=True, help_text="Its name in that feed.")
    natural_key = serializers.JSONField(help_text="The natural key, by column.")
    action = serializers.ChoiceField(
        AuditAction.choices,
        help_text="`opened`: nothing before; `ended`: nothing after; `corrected`: the period "
        "begins before the instant; else `changed`.",
    )
    valid_from = serializers.DateTimeField(help_text="The first instant of the period.")
    valid_to = serializers.DateTimeField(
        allow_null=True, help_text="Its end, exclusive; null is without end."
    )
    before = serializers.JSONField(
        allow_null=True,
        help_text="The tracked fields before, null for nothing; values of details as their "
        "canonical text.",
    )
    after = serializers.JSONField(allow_null=True, help_text="The same after.")
    masked = serializers.ListField(
        child=serializers.CharField(),
        help_text="Fields that are null because they are personal data that you may not see.",
    )
    actor = serializers.CharField(help_text="Who did it.")
    channel = serializers.ChoiceField(
        [channel.value for channel in Channel], help_text="Through which door."
    )
    reason = serializers.CharField(
        allow_blank=True,
        allow_null=True,
        help_text="Why, in their words. Null where the same call wrote personal data of the thing "
        "that you may not see.",
    )
    batch = serializers.CharField(allow_null=True, help_text="The batch it came with.")


class EntryShape(ChangeShape):
    """An entry of the audit log."""

    id = serializers.IntegerField(help_text="The entry's number.")
    recorded_at = serializers.DateTimeField(
        help_text="When it was really written: later than `instant` where history was loaded."
    )
    txid = serializers.IntegerField(help_text="The database's transaction that wrote it.")
    actor_id = serializers.IntegerField(allow_null=True, help_text="The user, if there is one.")
    client_address = serializers.CharField(allow_null=True)
    request_id = serializers.CharField(allow_null=True)


class AuditPageShape(serializers.Serializer[Any]):
    """A page of the audit log, newest first."""

    results = EntryShape(many=True)
    next = LinkField(allow_null=True, help_text="The page after this one, with older entries.")
    previous = LinkField(allow_null=True, help_text="The page before this one.")


INSTANT = "2024-05-02T09:30:00.123456Z"
CHANGE: Row = {
    "instant": INSTANT,
    "model": "entities.entity",
    "uuid": "0190a6f2-7c1e-5c39-9d5f-0d2f4f1b8a11",
    "source": "bank-register",
    "source_id": "DE:28020050",
    "natural_key": {"uuid": "0190a6f2-7c1e-5c39-9d5f-0d2f4f1b8a11"},
    "action": "corrected",
    "valid_from": "2024-01-01T00:00:00Z",
    "valid_to": None,
    "before": {"entity_type": "BANK", "display_name": "Oldenburgische Landesbank"},
    "after": {"entity_type": "BANK", "display_name": "OLB"},
    "masked": [],
    "actor": "ada",
    "channel": "api",
    "reason": "Register of 2 May",
    "batch": None,
}
ENTRY: Row = {
    **CHANGE,
    "id": 4711,
    "recorded_at": INSTANT,
    "txid": 73012,
    "actor_id": 12,
    "client_address": "192.0.2.7",
    "request_id": "5f1c7f0a-58c9-4a5e-9b62-2f6f3a0c8f1d",
}


@extend_schema_view(
    get=extend_schema(
        operation_id="audit_list",
        summary="The audit log",
        description="Who changed what, when and why, newest first, in pages. Filters apply "
        "together. Nobody can change or remove an entry.",
        tags=["audit"],
        responses=AuditPageShape,
        examples=[
            OpenApiExample(
                "Example",
                value={"results": [ENTRY], "next": None, "previous": None},
                response_only=True,
            )
        ],
    )
)
class AuditView(PagedView):
    """The audit log of what this service knows."""

    model = AuditEntry
    queries: ClassVar[Mapping[str, type[Query]]] = {"GET": AuditQuery}
    output = Output(EntryShape)

    def basis(self, moment: Moment) -> Mapping[str, datetime]:
        """None: entries never change, and newer ones come before the first page."""
        return {}

    def rows(self, place: Place, **path: Any) -> list[Row]:
        query = place.query
        filters = LogFilter(
            uuid=query.get("entity"),
            actor=query.get("actor"),
            request_id=query.get("request_id"),
            batch=query.get("batch"),
            from_=query.get("from"),
            to=query.get("to"),
        )
        after: Any = place.key
        return log_page(filters, after=after, backwards=place.backward, limit=place.limit + 1)

    def row_key(self, row: Row, place: Place) -> tuple[Any, ...]:
        return place_of(row)

    def answer(self, rows: list[Row], place: Place, **path: Any) -> dict[str, Any]:
        user = self.request.user
        sight = sight_of(user)
        log_entries_read(user, sight, rows)
        return {"results": self.output.many(with_sources(as_seen(sight, rows)))}
