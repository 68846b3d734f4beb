"""What calls take in their query strings."""

from __future__ import annotations

import re
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from core.api.fields import (
    AskedFromField,
    AskedUntilField,
    KnownAtField,
    NormalTextField,
    TextField,
)
from core.api.params import AtQuery, PagedQuery
from core.collation import search_key
from core.names import normalized
from entities.abstract import CODE_LENGTH, NAME_LENGTH, SOURCE_LENGTH

DETAIL = re.compile(r"detail\[(?P<code>[^\[\]]+)\]")
ORDERINGS = ["display_name", "-display_name", "valid_from", "-valid_from"]


class FilterQuery(AtQuery, PagedQuery):
    """Which entities."""

    q = TextField(
        required=False,
        max_length=NAME_LENGTH,
        help_text=(
            "A part of the name, in any script; case, accents and forms (`ß` and `ss`, full width) "
            "do not matter."
        ),
    )
    type = NormalTextField(required=False, max_length=CODE_LENGTH, help_text="A type of entities.")
    detail_code = NormalTextField(
        required=False, max_length=CODE_LENGTH, help_text="Those that have such a detail."
    )
    source = NormalTextField(  # type: ignore[assignment]
        required=False, max_length=SOURCE_LENGTH, help_text="The naming feed."
    )
    source_id = NormalTextField(
        required=False, max_length=SOURCE_LENGTH, help_text="The name there."
    )
    ordering = serializers.ChoiceField(
        ORDERINGS,
        required=False,
        help_text="Names alphabetically, in the root order of Unicode. A - means downwards.",
    )

    def validate_q(self, value: str) -> str:
        """Accents alone would be found in every name."""
        if not search_key(value):
            raise serializers.ValidationError(
                "There is nothing to search for: accents and invisible characters do not count.",
                code="blank",
            )
        return value

    def to_internal_value(self, data: Any) -> Any:
        """``detail[CODE]=value``, several at once, as ``detail``: values by code."""
        details: dict[str, str] = {}
        others: dict[str, str] = {}
        for name, value in data.items():
            match = DETAIL.fullmatch(name)
            (details if match else others)[normalized(match["code"]) if match else name] = value
        asked = super().to_internal_value(others)
        return {**asked, "detail": details} if details else asked


class ListQuery(FilterQuery):
    """Which entities, and how much of them."""

    expand = serializers.ChoiceField(
        ["details"], required=False, help_text="`details` adds the details of every entity."
    )


class AsOfQuery(FilterQuery):
    """Which entities, at which instant."""

    as_of = AskedUntilField(
        help_text="The instant of valid time; a bare date means its last microsecond (UTC)."
    )


class DiffQuery(PagedQuery):
    """Between which instants, and of which entities."""

    from_ = AskedFromField(
        required=False,
        help_text="The beginning; a bare date begins with its first instant (UTC).",
    )
    to = AskedUntilField(
        required=False, help_text="The end; a bare date ends with its last microsecond (UTC)."
    )
    at = AskedUntilField(
        required=False,
        help_text="Instead of `from` and `to`: one instant, about which only the belief differs.",
    )
    known_from = KnownAtField(required=False, help_text="The belief before. Default: now's.")
    known_to = KnownAtField(required=False, help_text="The belief after. Default: now's.")
    type = NormalTextField(required=False, max_length=CODE_LENGTH, help_text="A type of entities.")
    entity = serializers.UUIDField(required=False, help_text="One entity.")
    source = NormalTextField(  # type: ignore[assignment]
        required=False, max_length=SOURCE_LENGTH, help_text="Those that a feed named."
    )

    def get_fields(self) -> dict[str, Any]:
        """``from`` is a word of Python."""
        return {name.rstrip("_"): field for name, field in super().get_fields().items()}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        given = {"from", "to", "at"} & attrs.keys()
        if given not in ({"from", "to"}, {"at"}):
            raise wrong(self.misplaced(given), "period", "Give `from` and `to`, or `at` alone.")
        if "at" not in given and attrs["from"] > attrs["to"]:
            raise wrong("to", "empty_period", "The period ends before it begins.")
        return attrs

    @staticmethod
    def misplaced(given: set[str]) -> str:
        if "at" in given:
            return "at"
        return "to" if "from" in given else "from"


def wrong(field: str, code: str, sentence: str) -> serializers.ValidationError:
    return serializers.ValidationError({field: [ErrorDetail(sentence, code)]})


class TypeListQuery(AtQuery, PagedQuery):
    """Types, in order of their codes."""
