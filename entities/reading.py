"""What all readers of the register share: canonical text into JSON."""

from __future__ import annotations

from typing import Any

from core.rows import fetch
from entities import values
from entities.sql import statement


def data_types() -> dict[str, str]:
    """The data type of every detail type that there is; it is the same at every instant."""
    return dict(fetch(statement("data_types"), {}))


def json_of(data_type: str | None, text: str | None) -> Any:
    """A value as JSON of its type. Nothing is null; without a type the text shows itself."""
    if text is None or data_type is None:
        return text
    return values.to_json(data_type, text)
