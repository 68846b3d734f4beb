"""Values of details: canonical text as stored, JSON of their type as they travel.

=========  ============================  ===============================================
data type  JSON                          canonical text
=========  ============================  ===============================================
text       string                        as it is
integer    number, 64 bits with sign     ``-12``
decimal    string, or number (by digits) plain, no superfluous zeros: ``12.5``, ``0``
boolean    true, false                   ``true``, ``false``
date       string ``YYYY-MM-DD``         the same
datetime   string, ISO 8601 with offset  UTC: ``2024-01-02T09:30:00Z``, with microseconds
                                         where there are any
json       anything but null             compact, keys sorted, no escapes but the needed,
                                         numbers as decimals: 1.0 and 1e0 are ``1``
=========  ============================  ===============================================

Nothing is guessed: a value of another JSON type is refused with a sentence that says what is
wanted. ``from_cell`` alone reads text, for feeds and forms that know nothing else.
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import models

from core import strict_json

VALUE_LENGTH = 10_000
"""Characters of a value, at most."""


class DataType(models.TextChoices):
    """What the values of a detail type are; how they are written follows."""

    TEXT = "text", "text"
    INTEGER = "integer", "integer"
    DECIMAL = "decimal", "decimal"
    BOOLEAN = "boolean", "boolean"
    DATE = "date", "date"
    DATETIME = "datetime", "datetime"
    JSON = "json", "JSON"


JSON_DEPTH = 32
INTEGER_LIMIT = 2**63

DECIMAL = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?", re.ASCII)
EXPONENT = re.compile(r"-?[0-9]+(?:\.[0-9]+)?[eE][+-]?[0-9]{1,6}", re.ASCII)
COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+", re.ASCII)
INTEGER = re.compile(r"-?[0-9]{1,19}", re.ASCII)
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
DATETIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})?",
    re.ASCII,
)


def to_text(data_type: str, value: Any) -> str:
    """The canonical text of a JSON value. Raises ValueError with a sentence if it does not fit."""
    return storable(WRITERS[data_type](value))


def to_json(data_type: str, text: str) -> Any:
    """The JSON value of a canonical text."""
    reader = READERS.get(data_type)
    return reader(text) if reader else text


def from_cell(data_type: str, cell: str) -> str:
    """The canonical text of a value written as text. Raises ValueError as ``to_text`` does."""
    parse = CELLS.get(data_type)
    return to_text(data_type, parse(cell) if parse else cell)


def storable(text: str) -> str:
    """The text itself. Raises ValueError if it is too long or no text that can be stored."""
    if len(text) > VALUE_LENGTH:
        raise ValueError(f"The value is longer than {VALUE_LENGTH} characters.")
    if "\0" in text:
        raise ValueError("The value contains a null character.")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("The value contains half of a surrogate pair.") from None
    return text


def text_to_text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("The value must be a string.")
    return value


def integer_to_text(value: Any) -> str:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError("The value must be a whole number.")
    if not -INTEGER_LIMIT <= value < INTEGER_LIMIT:
        raise ValueError("The value must fit into 64 bits.")
    return str(value)


def decimal_to_text(value: Any) -> str:
    """By its digits, so that none is lost to a precision; a float has lost them already."""
    if isinstance(value, Decimal) or (isinstance(value, int) and not isinstance(value, bool)):
        return strict_json.canonical(value)
    match = DECIMAL.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError('The value must be a decimal number, like 12.5 or "12.5".')
    sign, whole, fraction = match.groups(default="")
    whole, fraction = whole.lstrip("0") or "0", fraction.rstrip("0")
    number = f"{whole}.{fraction}" if fraction else whole
    return number if number == "0" else sign + number


def boolean_to_text(value: Any) -> str:
    if not isinstance(value, bool):
        raise ValueError("The value must be true or false.")
    return "true" if value else "false"


def date_to_text(value: Any) -> str:
    wanted = 'The value must be a date in a string, like "2024-01-31".'
    if not isinstance(value, str) or not DATE.fullmatch(value):
        raise ValueError(wanted)
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise ValueError(wanted) from None


def datetime_to_text(value: Any) -> str:
    wanted = 'The value must be an instant in a string, like "2024-01-31T09:30:00Z".'
    if not isinstance(value, str) or not DATETIME.fullmatch(value):
        raise ValueError(wanted)
    try:
        instant = datetime.fromisoformat(value)
        if instant.tzinfo is None:
            raise ValueError("The value must say its offset from UTC, like Z or +01:00.")
        return instant.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
    except OverflowError:
        raise ValueError(wanted) from None
    except ValueError as error:
        raise ValueError(str(error) if "offset" in str(error) else wanted) from None


def json_to_text(value: Any) -> str:
    if value is None:
        raise ValueError("The value must not be null.")
    refuse_deep(value)
    try:
        return strict_json.canonical(value)
    except TypeError:
        raise ValueError("The value must be JSON.") from None


def refuse_deep(value: Any, depth: int = 0) -> None:
    """Raises ValueError for what is nested too deeply, or has keys that JSON does not have."""
    if depth > JSON_DEPTH:
        raise ValueError(f"The value is nested more than {JSON_DEPTH} levels deep.")
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise ValueError("The keys of the value must be strings.")
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            refuse_deep(item, depth + 1)


WRITERS: Mapping[str, Callable[[Any], str]] = {
    "text": text_to_text,
    "integer": integer_to_text,
    "decimal": decimal_to_text,
    "boolean": boolean_to_text,
    "date": date_to_text,
    "datetime": datetime_to_text,
    "json": json_to_text,
}

READERS: Mapping[str, Callable[[str], Any]] = {
    "integer": int,
    "boolean": lambda text: text == "true",
    "json": partial(json.loads, parse_float=strict_json.Number),
}


def integer_from_cell(cell: str) -> Any:
    return int(cell) if INTEGER.fullmatch(cell) else cell


def number_of(cell: str) -> Any:
    try:
        return strict_json.read_number(cell)
    except ValueError:
        raise ValueError(f"The number {cell} is too great or too small.") from None


def decimal_from_cell(cell: str) -> Any:
    """Plain, or in the notation that spreadsheets choose for large and small numbers."""
    if EXPONENT.fullmatch(cell):
        return number_of(cell)
    if COMMA.fullmatch(cell):
        raise ValueError(
            f"The decimal point is a dot: write {cell.replace(',', '.')} if {cell} has a decimal "
            "comma, or leave the comma out if it groups thousands."
        )
    return cell


def boolean_from_cell(cell: str) -> Any:
    return {"true": True, "false": False}.get(cell.lower(), cell)


def json_from_cell(cell: str) -> Any:
    try:
        return strict_json.read(cell)
    except json.JSONDecodeError:
        raise ValueError("The value must be JSON.") from None
    except ValueError as error:
        raise ValueError(f"The value is not acceptable JSON: {error}") from None


CELLS: Mapping[str, Callable[[str], Any]] = {
    "decimal": decimal_from_cell,
    "integer": integer_from_cell,
    "boolean": boolean_from_cell,
    "json": json_from_cell,
}


def json_of(data_type: str | None, text: str | None) -> Any:
    """A value as JSON of its type. Nothing is null; without a type the text shows itself."""
    if text is None or data_type is None:
        return text
    return to_json(data_type, text)
