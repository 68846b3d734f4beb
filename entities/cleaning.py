"""Identifiers, codes and names on their way in, as ``core.names`` wants them.

Every channel calls these: what they return is what is stored and compared, what they raise is an
InvalidChange that names the field, the position and the code point.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from core import names
from core.models.scd2.exceptions import InvalidChange
from core.registers.attributes import values


def clean_name(name: Any, field: str = "display_name") -> str:
    """A name in its one form. Raises InvalidChange."""
    return cleaned(names.display_name, name, field)


def clean_identifier(text: Any, field: str) -> str:
    """An identifier in its one form. Raises InvalidChange, for a blank one too."""
    identifier = cleaned(names.identifier, text, field)
    if not identifier:
        raise InvalidChange("A name cannot be blank.", field=field)
    return identifier


def clean_identity(source: Any, source_id: Any) -> tuple[str | None, str | None]:
    """Both in their one form; None stays None. Raises InvalidChange."""
    return (
        None if source is None else clean_identifier(source, "source"),
        None if source_id is None else clean_identifier(source_id, "source_id"),
    )


def clean_code(code: Any, field: str) -> Any:
    """A code in its one form; what is no text stays as it is. Raises InvalidChange."""
    return cleaned(names.identifier, code, field) if isinstance(code, str) else code


def clean_payload(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The tracked columns of an entity with its type and its name in their one form."""
    columns = dict(payload)
    if "entity_type" in columns:
        columns["entity_type"] = clean_code(columns["entity_type"], "entity_type")
    if "display_name" in columns:
        columns["display_name"] = clean_name(columns["display_name"])
    return columns


def clean_details(details: Mapping[str, Any]) -> dict[str, Any]:
    """Values by codes in their one form. Raises InvalidChange for two forms of one code."""
    by_code: dict[str, Any] = {}
    for given, value in details.items():
        code = clean_code(given, "details")
        if code in by_code:
            raise InvalidChange(f"{code} is given twice.", field=f"details.{code}")
        by_code[code] = value
    return by_code


def cleaned(clean: Callable[[str], str], text: Any, field: str) -> str:
    if not isinstance(text, str):
        raise InvalidChange("Expected a string.", field=field)
    try:
        return clean(text)
    except ValueError as error:
        raise InvalidChange(str(error), field=field) from error


# What else a row says


def text_in(row: Mapping[str, Any], name: str) -> str | None:
    """Raises InvalidChange for what is no text."""
    text = row.get(name)
    if text is not None and not isinstance(text, str):
        raise InvalidChange("Expected a string.", field=name)
    return text


def reason_in(row: Mapping[str, Any]) -> str | None:
    reason = text_in(row, "reason")
    if reason is None:
        return None
    try:
        return values.storable(reason)
    except ValueError as error:
        raise InvalidChange(str(error), field="reason") from error


def read_uuid(text: Any) -> UUID | None:
    if text is None:
        return None
    try:
        return UUID(text.strip())
    except (ValueError, AttributeError, TypeError) as error:
        raise InvalidChange(f"{text!r} is no UUID.", field="uuid") from error
