"""Fields of bodies and query parameters that take nothing for something else."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from core.datetimes import (
    NotAnInstant,
    asked_from,
    asked_until,
    read_end,
    read_instant_or_day,
    read_start,
)
from core.names import DOUBTFUL, normalized

DAY_OR_TIMESTAMP = [
    {"type": "string", "format": "date"},
    {"type": "string", "format": "date-time"},
]


class Settled(enum.Enum):
    """The latest instant of system time at or before which nothing can appear any more."""

    INSTANT = "settled"


class TextField(serializers.CharField):
    """Text as it is: a number is not text, and blanks are part of it."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("trim_whitespace", False)
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class NormalTextField(TextField):
    """An identifier, a code or a name: in normalization form C, without outer white space.

    A doubtful one stays as it was given, so that a refusal counts characters as the caller does.
    """

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        return text if DOUBTFUL.search(text.strip()) else normalized(text)


class FlagField(serializers.BooleanField):
    """JSON's true and false, and nothing that only looks like them."""

    default_error_messages = {"invalid": "Must be true or false."}

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid")
        return data


@extend_schema_field({})
class AnyField(serializers.Field[Any, Any, Any, Any]):
    """Any JSON value; what it may be is decided where its type is known."""

    def to_internal_value(self, data: Any) -> Any:
        return data

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_field({"anyOf": DAY_OR_TIMESTAMP})
class MomentField(serializers.Field[Any, Any, Any, Any]):
    """A timestamp with a time zone or a bare date; subclasses say what a date means."""

    default_error_messages = {"invalid": "Expected a text with a date or a timestamp."}

    def to_internal_value(self, data: Any) -> datetime | date | Settled | None:
        if not isinstance(data, str):
            self.fail("invalid")
        try:
            return self.read(data)
        except NotAnInstant as error:
            raise ValidationError(str(error), code=error.code) from error

    def read(self, text: str) -> datetime | date | Settled | None:
        return read_instant_or_day(text)

    def to_representation(self, value: Any) -> Any:
        return value


class WrittenInstantField(MomentField):
    """An instant to be written; a bare date is its first instant."""

    def read(self, text: str) -> datetime | None:
        return read_start(text)


class WrittenEndField(WrittenInstantField):
    """An end to be written; None for 9999-12-31 and later, which means that there is none."""

    def read(self, text: str) -> datetime | None:
        return read_end(text)


class AskedFromField(MomentField):
    """An instant from which something is asked; a bare date is its first instant."""

    def read(self, text: str) -> datetime:
        return asked_from(read_instant_or_day(text))


class AskedUntilField(MomentField):
    """An instant up to which something is asked; a bare date is its last microsecond."""

    def read(self, text: str) -> datetime:
        return asked_until(read_instant_or_day(text))


@extend_schema_field(
    {"anyOf": [*DAY_OR_TIMESTAMP, {"type": "string", "enum": [Settled.INSTANT.value]}]}
)
class KnownAtField(MomentField):
    """What was known: an instant, a day (today ends now), or ``settled``.

    Days and ``settled`` stay as they are until the clock has been read.
    """

    def read(self, text: str) -> datetime | date | Settled:
        return Settled.INSTANT if text == Settled.INSTANT.value else read_instant_or_day(text)


class StrictSerializer(serializers.Serializer[Any]):
    """A shape that names what it does not know instead of passing over it."""

    unknown = "There is no such field."

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, Mapping):
            refusal = ErrorDetail("The body must be a JSON object.", "not_an_object")
            raise ValidationError({"non_field_errors": [refusal]})
        errors = {
            name: [ErrorDetail(self.unknown, "unknown")] for name in data if name not in self.fields
        }
        value: Any = {}
        try:
            value = super().to_internal_value(data)
        except ValidationError as error:
            errors = {**error.detail, **errors}  # type: ignore[dict-item]
        if errors:
            raise ValidationError(errors)
        return value


class Body(StrictSerializer):
    """The JSON object that a call takes."""
