"""Answers shaped by the same description that the schema shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from rest_framework.serializers import Serializer


class Output:
    """Rows to answers: the fields that a serializer class names, in its order.

    The class is looked at once; no serializer is made for a row. A field that a row lacks is a
    mistake (KeyError), what a row has beyond the fields stays inside.
    """

    def __init__(self, described_by: type[Serializer[Any]]) -> None:
        self.described_by = described_by

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(self.described_by().fields)

    def one(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return {name: row[name] for name in self.names}

    def many(self, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        return [self.one(row) for row in rows]
