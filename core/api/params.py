"""Query parameters: declared, and nothing else is let through."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import unquote_to_bytes

from django.http import QueryDict
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from core.api.fields import (
    AskedUntilField,
    KnownAtField,
    StrictSerializer,
    TextField,
    WrittenInstantField,
)
from core.api.problems import refused

DEFAULT_LIMIT = 100
MAX_LIMIT = 1000


class Query(StrictSerializer):
    """The query parameters of a call; this one takes none."""

    unknown = "There is no such parameter."

    @classmethod
    def read(cls, given: Mapping[str, str]) -> dict[str, Any]:
        """The parameters' values. Raises ValidationError that names every one at fault."""
        return dict(shared(cls).run_validation(given))


@cache
def shared(query_class: type[Query]) -> Query:
    """The one serializer of a class: it keeps nothing of what it reads, and takes time to make."""
    return query_class()


def refuse_undecodable(address: str) -> None:
    """Raises a 400 for a query string that is no UTF-8: Django would put other characters in."""
    try:
        unquote_to_bytes(address).decode()
    except UnicodeDecodeError as error:
        raise refused("query", "not_utf8", "The query string is not UTF-8.") from error


def single_values(given: QueryDict) -> dict[str, str]:
    """The parameters as given. Raises ValidationError for one that is given twice."""
    repeated = {
        name: [ErrorDetail("Given more than once.", "repeated")]
        for name, values in given.lists()
        if len(values) > 1
    }
    if repeated:
        raise ValidationError(repeated)
    return {name: str(value) for name, value in given.items()}


class WholeNumberField(serializers.IntegerField):
    """Digits, without a sign, a fraction or blanks around them."""

    def to_internal_value(self, data: Any) -> int:
        if not (isinstance(data, str) and data.isascii() and data.isdecimal()):
            self.fail("invalid")
        return int(super().to_internal_value(data))


class AtQuery(Query):
    """Which of the two clocks' instants to look at."""

    as_of = AskedUntilField(
        required=False,
        help_text="The instant of valid time; a bare date means its last microsecond (UTC). "
        "Default: now.",
    )
    known_at = KnownAtField(
        required=False,
        help_text="The instant of system time: what was believed then. A bare date means its "
        "last microsecond (UTC), today means now, `settled` the latest instant whose answer "
        "can never change. Default: now.",
    )


class EndQuery(Query):
    """From when on a thing is no more, and why it is said."""

    valid_from = WrittenInstantField(
        required=False,
        help_text="First instant at which it no longer holds; a bare date begins with the day "
        "(UTC). Default: now.",
    )
    reason = TextField(
        required=False, allow_blank=True, max_length=1000, help_text="Why; kept in the audit log."
    )


class PagedQuery(Query):
    """A list in pages."""

    limit = WholeNumberField(
        required=False,
        min_value=1,
        max_value=MAX_LIMIT,
        help_text=f"Items on a page. Default: {DEFAULT_LIMIT}.",
    )
    cursor = TextField(
        required=False,
        help_text="Where a page begins, taken from `next` or `previous`. It brings the filters, "
        "the ordering and the basis of the first page with it.",
    )


class HistoryQuery(PagedQuery):
    """Which versions of a thing."""

    known_at = KnownAtField(
        required=False, help_text="What was believed then. Default: what is believed now."
    )
    superseded = serializers.ChoiceField(
        ["true", "false"],
        required=False,
        help_text="`true` adds the versions that were no longer believed.",
    )
