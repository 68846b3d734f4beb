"""Writing JSON: instants in UTC with a Z, as many digits as they have."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import orjson
from rest_framework.renderers import BaseRenderer

from core.strict_json import Number, canonical_number

LONG = 2**63
"""Whole numbers from here on are beyond orjson."""


class FastJSONRenderer(BaseRenderer):
    """Rows to JSON without a detour: dicts, lists, texts, numbers, datetimes and UUIDs.

    A decimal of a column is a string, a number that was read from JSON has its own digits.
    """

    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "binary"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return b"" if data is None else to_json(data)


def to_json(data: Any) -> bytes:
    """The data as JSON. Whole numbers beyond 64 bits take the slower way."""
    try:
        return orjson.dumps(data, default=in_json, option=orjson.OPT_UTC_Z)
    except TypeError:
        return orjson.dumps(with_long_numbers(data), default=in_json, option=orjson.OPT_UTC_Z)


def in_json(value: Any) -> Any:
    """A number of a JSON text as it is, a decimal of a column as a string. Raises TypeError."""
    if isinstance(value, Number):
        return orjson.Fragment(canonical_number(value))
    if isinstance(value, Decimal):
        return canonical_number(value)
    raise TypeError(f"{type(value).__name__} is no JSON.")


def with_long_numbers(data: Any) -> Any:
    """The same with whole numbers beyond 64 bits as they are to be written."""
    if isinstance(data, Mapping):
        return {name: with_long_numbers(value) for name, value in data.items()}
    if isinstance(data, list | tuple):
        return [with_long_numbers(item) for item in data]
    if isinstance(data, int) and not -LONG < data < LONG:
        return orjson.Fragment(str(data))
    return data
