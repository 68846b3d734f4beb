"""Shapes of the calls about batches and apps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from core.api.fields import Body, TextField, WrittenInstantField
from core.api.params import PagedQuery
from core.api.shapes import LinkField, OutcomeShape
from core.control import LONGEST_REASON
from core.ingest.asked import Asked, Mode, format_of
from core.ingest.full import DEFAULT_LIMIT, Limit
from core.models import AppMode, AppStatus, BatchStage, BatchState
from core.models.scd2.change import Future

LONGEST = 500
YES, NO = "true", "false"


class BatchesQuery(PagedQuery):
    """Which batches."""

    state = serializers.ChoiceField(
        BatchState.values, required=False, help_text="Those in one state."
    )
    model = TextField(
        required=False, max_length=LONGEST, help_text="Those about one model, by its label."
    )


class LimitField(TextField):
    """A number of things, or a percentage of them."""

    def to_internal_value(self, data: Any) -> Any:
        try:
            return Limit.parse(super().to_internal_value(data))
        except ValueError as error:
            raise ValidationError(str(error), code="invalid") from error


@extend_schema_field({"type": "boolean"})
class SwitchField(serializers.ChoiceField):
    """Yes or no in a form, where there is nothing but text."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__([YES, NO], required=False, **kwargs)

    def to_internal_value(self, data: Any) -> bool:  # type: ignore[override]
        return bool(super().to_internal_value(data) == YES)


class BatchUpload(Body):
    """A file and how it is to be loaded, as a form."""

    file = serializers.FileField(
        allow_empty_file=True, max_length=LONGEST, help_text="CSV or JSONL, plain or gzip'd."
    )
    model = TextField(
        required=False, max_length=LONGEST, help_text="What the rows are about, by its label."
    )
    source = TextField(  # type: ignore[assignment]
        required=False, max_length=LONGEST, help_text="The feed whose `source_id` names the rows."
    )
    new_source = SwitchField(
        help_text="`true`: the source may be new though it looks like one that is known. "
        "Default: `false`."
    )
    format = serializers.ChoiceField(
        ["csv", "jsonl"], required=False, help_text="Default: by the name of the file."
    )
    delimiter = TextField(
        required=False,
        max_length=3,
        help_text="Of the cells of a CSV, `tab` for a tab. Default: by its header, comma, "
        "semicolon or tab.",
    )
    encoding = TextField(
        required=False,
        max_length=LONGEST,
        help_text="Of the text, such as `cp1252`. Default: `utf-8`.",
    )
    effective = WrittenInstantField(
        required=False,
        help_text="`valid_from` of rows without one; a bare date is its first instant (UTC). "
        "Default: the instant of the load.",
    )
    mode = serializers.ChoiceField(
        [mode.value for mode in Mode],
        required=False,
        help_text="`full`: the file is all of its source, and what it lacks is ended. "
        "Default: `delta`.",
    )
    max_ended = LimitField(
        required=False,
        help_text="How many a full file may end by not naming them, as a number or a "
        f"percentage. Default: {DEFAULT_LIMIT}.",
    )
    max_corrected = LimitField(
        required=False,
        help_text="How many of its source a full file may rewrite the past of, as a number or a "
        f"percentage. Default: {DEFAULT_LIMIT}.",
    )
    future = serializers.ChoiceField(
        [future.value for future in Future],
        required=False,
        help_text="How far a row without `valid_to` reaches. Default: `keep`.",
    )
    whole_timelines = SwitchField(
        help_text="`true`: the rows of a thing are all of its timeline; the rest of it is "
        "retracted. Default: `false`."
    )
    inclusive_ends = SwitchField(
        help_text="`true`: a bare date in `valid_to` is the last day on which the row holds. "
        "Default: `false`."
    )
    last_wins = SwitchField(
        help_text="`true`: of several rows of a thing with one start, the last counts. "
        "Default: `false`, and the others are rejected."
    )
    dry_run = SwitchField(help_text="`true`: do everything, then roll it back. Default: `false`.")
    strict = SwitchField(help_text="`true`: load nothing if any row is rejected. Default: `false`.")
    reason = TextField(required=False, max_length=10_000, help_text="Why, for history and audit.")


def asked_by(given: Mapping[str, Any]) -> Asked:
    """How the file is to be loaded. Raises ValidationError where its format is not known."""
    form = given.get("format") or format_of(given["file"].name)
    if form is None:
        message = "Say the format: the file's name ends in none that is known."
        raise ValidationError({"format": [ErrorDetail(message, "required")]})
    plain = {name: v for name, v in given.items() if name not in ("file", "model")}
    return Asked(
        **plain
        | {
            "format": form,
            "mode": Mode(given.get("mode", Mode.DELTA)),
            "future": Future(given["future"]) if "future" in given else None,
        }
    )


class AffectedShape(serializers.Serializer[Any]):
    """How many things a load affects."""

    ended = serializers.IntegerField(help_text="That it ends, or would end.")
    corrected = serializers.IntegerField(
        help_text="Of which it says something else before its `effective` instant."
    )
    overtaken = serializers.IntegerField(
        help_text="Of which it says something that does not hold, because a later change stands."
    )


class BatchShape(serializers.Serializer[Any]):
    """A run over a file. Instants are UTC."""

    id = serializers.IntegerField()
    model = serializers.CharField(help_text="What the rows are about, by its label.")
    file = serializers.CharField(help_text="What its sender called it.")
    size = serializers.IntegerField(allow_null=True, help_text="Bytes of the file.")
    sha256 = serializers.CharField(allow_null=True, help_text="Of the file, in hex.")
    options = serializers.JSONField(help_text="How it was asked to be loaded.")
    state = serializers.ChoiceField(
        BatchState.choices,
        help_text="`queued` and `running` are followed by one of the others: `done`, `dry_run` "
        "(nothing was written), `refused` (by strictness or the brake), `failed`, `cancelled`.",
    )
    stage = serializers.ChoiceField(
        [*BatchStage.values, ""],
        help_text="Of a running one: `reading` the file, or `applying` what it says.",
    )
    percent = serializers.IntegerField(
        allow_null=True,
        help_text="How much of the whole run is over; reading the file is the first half.",
    )
    read = serializers.IntegerField(help_text="Rows read so far.")
    rejected = serializers.IntegerField(help_text="Rows rejected so far.")
    missing = serializers.IntegerField(
        help_text="How many valid things of its source a full file lacks."
    )
    not_ended = serializers.IntegerField(
        help_text="How many of them were not ended, because a rejected row does not say what it "
        "is about and may be about any of them."
    )
    new_source = serializers.CharField(
        allow_blank=True, help_text="The source, if nothing of it was known before this file."
    )
    affected = AffectedShape()
    report = serializers.CharField(
        allow_null=True, help_text="The address of the names of what it affects, if there is any."
    )
    counts = serializers.DictField(
        child=OutcomeShape(), help_text="By name of a model: what was done, or would be."
    )
    system_instant = serializers.DateTimeField(
        allow_null=True, help_text="That of what was written; null if nothing was."
    )
    actor = serializers.CharField(help_text="Who asked for it.")
    queued_at = serializers.DateTimeField(allow_null=True, help_text="Null: loaded from a shell.")
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    cancel_requested_at = serializers.DateTimeField(
        allow_null=True, help_text="Since then it can be nothing but cancelled."
    )
    attempts = serializers.IntegerField(help_text="How often a worker has taken it.")
    error = serializers.CharField(
        allow_blank=True, help_text="Why it ended without success, in a sentence."
    )
    preview = serializers.IntegerField(
        allow_null=True, help_text="The dry run that this batch carries out."
    )
    rejects = serializers.CharField(
        allow_null=True, help_text="The address of the rejected rows, if there are any."
    )


class BatchPageShape(serializers.Serializer[Any]):
    """A page of batches, the newest first."""

    results = BatchShape(many=True)
    next = LinkField(allow_null=True, help_text="The page after this one, with older batches.")
    previous = LinkField(allow_null=True, help_text="The page before this one.")


class AppShape(serializers.Serializer[Any]):
    """An app, how it is set and how it is. Instants are UTC."""

    slug = serializers.CharField(help_text="Its name in addresses and settings.")
    title = serializers.CharField(help_text="Its name for people.")
    url = serializers.CharField(
        allow_null=True, help_text="The address of its service; null if it is not tethered."
    )
    version = serializers.CharField(
        allow_null=True, help_text="As its running service reports it, else that of the code."
    )
    mode = serializers.ChoiceField(
        AppMode.values,
        allow_null=True,
        help_text="`read_only` refuses writes, `offline` every call; null if it is not tethered.",
    )
    reason = serializers.CharField(allow_blank=True, help_text="Why it is not active.")
    since = serializers.DateTimeField(
        allow_null=True, help_text="When the mode was set; null if it never was."
    )
    changed_by = serializers.CharField(allow_null=True, help_text="Who set the mode.")
    status = serializers.ChoiceField(
        [*AppStatus.values, "unknown", "not_tethered"],
        help_text="Of its service at the last probe: `up`; `unready`: it answers but cannot serve; "
        "`down`: no answer; `unknown`: not probed yet. `not_tethered`: built, but in no setting.",
    )
    detail = serializers.CharField(allow_blank=True, help_text="Why it is not up.")
    last_seen = serializers.DateTimeField(
        allow_null=True, help_text="When its service last answered."
    )
    latency_ms = serializers.FloatField(
        allow_null=True, help_text="Milliseconds of the last answer to a probe."
    )
    pending_migrations = serializers.IntegerField(
        allow_null=True, help_text="How many migrations the database lacks."
    )
    counts = serializers.DictField(
        child=serializers.IntegerField(), help_text="By register, the things that hold now."
    )


class AppListShape(serializers.Serializer[Any]):
    """All apps."""

    results = AppShape(many=True)


class AppChange(Body):
    """The mode of an app, and why."""

    mode = serializers.ChoiceField(
        AppMode.values,
        required=False,
        help_text="`active`, `read_only` (refuses writes) or `offline` (refuses every call). "
        "Default: as it is.",
    )
    reason = TextField(
        required=False,
        allow_blank=True,
        max_length=LONGEST_REASON,
        help_text="Shown to everybody who is refused. Needed unless the mode is `active`.",
    )
