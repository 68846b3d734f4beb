"""Shapes that the answers and bodies of every app have in common."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from core.api.fields import Body, TextField, WrittenEndField, WrittenInstantField
from core.models.scd2.change import Future
from core.models.scd2.instruction import FUTURE_AND_END


class BasisShape(serializers.Serializer[Any]):
    """The instants (UTC) that an answer holds for."""

    as_of = serializers.DateTimeField(help_text="The instant of valid time.")
    known_at = serializers.DateTimeField(help_text="The instant of system time.")


class OutcomeShape(serializers.Serializer[Any]):
    """How many versions a write opened, closed and superseded, and how many things it left.

    What was ``overtaken`` is counted besides all that.
    """

    opened = serializers.IntegerField(min_value=0)
    closed = serializers.IntegerField(min_value=0)
    superseded = serializers.IntegerField(min_value=0)
    unchanged = serializers.IntegerField(min_value=0)
    overtaken = serializers.IntegerField(
        min_value=0,
        help_text="How many of the assertions do not hold at the instant of the call, because a "
        "later change stands in their way.",
    )


class PeriodShape(serializers.Serializer[Any]):
    """A version's place in time; an item of a list has it, too."""

    valid_from = serializers.DateTimeField(help_text="First instant at which this holds.")
    valid_to = serializers.DateTimeField(
        allow_null=True, help_text="First instant at which it no longer does; null is without end."
    )
    is_current = serializers.BooleanField(help_text="Believed, and without end.")
    system_from = serializers.DateTimeField(help_text="Instant from which this was believed.")
    hash_diff = serializers.CharField(
        allow_null=True, help_text="SHA-256 of the tracked fields, in hex."
    )


class VersionShape(PeriodShape):
    """A version with its whole story."""

    closed_at = serializers.DateTimeField(
        allow_null=True, help_text="Instant at which `valid_to` was filled in."
    )
    system_to = serializers.DateTimeField(
        allow_null=True, help_text="Instant from which it was no longer believed."
    )
    actor = serializers.CharField(help_text="Who opened this version.")
    reason = serializers.CharField(
        allow_blank=True,
        allow_null=True,
        help_text="Why, in their words. Null where the same call wrote personal data of the thing "
        "that you may not see.",
    )
    created_at = serializers.DateTimeField(
        help_text="When the database inserted the row; for information only."
    )
    updated_at = serializers.DateTimeField(
        help_text="When the database last wrote the row: inserted, closed or superseded it; for "
        "information only."
    )


class WrittenShape(serializers.Serializer[Any]):
    """What a write answers with beside the thing."""

    outcome = OutcomeShape()
    basis = BasisShape(help_text="What the answer shows: the thing at the start of what was said.")


@extend_schema_field({"type": "string", "format": "uri", "nullable": True})
class LinkField(serializers.CharField):
    """The address of another page, or null."""


def page_of(item: serializers.Serializer[Any], name: str) -> type[serializers.Serializer[Any]]:
    """The shape of a page of ``item`` (made with ``many=True``), as the schema names it."""
    fields = {
        "__doc__": "A page of a list.",
        "results": item,
        "next": LinkField(allow_null=True, help_text="The page after this one."),
        "previous": LinkField(allow_null=True, help_text="The page before this one."),
        "basis": BasisShape(),
    }
    return type(name, (serializers.Serializer,), fields)


class BulkShape(serializers.Serializer[Any]):
    """What a call did that carried many items; a subclass adds the ``results``."""

    outcome = OutcomeShape(help_text="Of all items together.")
    basis = BasisShape(help_text="The instant at which all of it was written.")


class CreateBody(Body):
    """A period over which something holds, and why it is said."""

    valid_from = WrittenInstantField(
        required=False,
        allow_null=True,
        help_text="First instant; a bare date begins with the day (UTC). Default: now.",
    )
    valid_to = WrittenEndField(
        required=False,
        allow_null=True,
        help_text="First instant at which it no longer holds; a bare date is the first such day. "
        "9999-12-31 and later means no end.",
    )
    reason = TextField(
        required=False, allow_blank=True, max_length=1000, help_text="Why; kept in the audit log."
    )


class ChangeBody(CreateBody):
    """As a CreateBody, and how far an open-ended change reaches."""

    future = serializers.ChoiceField(
        [future.value for future in Future],
        required=False,
        help_text="Without `valid_to`: `keep` what is already scheduled (default), `overwrite` it, "
        "or `reject` the change if there is any. Not together with `valid_to`.",
    )

    def validate(self, attrs: Any) -> Any:
        if "future" in attrs and attrs.get("valid_to") is not None:
            raise ValidationError({"future": [ErrorDetail(FUTURE_AND_END, "invalid_change")]})
        return attrs


PERIOD = ("valid_from", "valid_to", "future", "reason")


def split(body: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a body says, and over which period and how it says it."""
    said = {name: value for name, value in body.items() if name not in PERIOD}
    return said, {name: value for name, value in body.items() if name in PERIOD}
