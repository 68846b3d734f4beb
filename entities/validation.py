"""Whether codes are known and values fit, by the types as they are valid now."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, NamedTuple

from django.db import DataError, transaction

from core.models.scd2.exceptions import InvalidChange
from core.registers.attributes import values
from core.registers.read.fragments import data_types
from core.rows import fetch
from entities.exceptions import UnknownDetail, UnknownType, ValueDoesNotFit, raise_all
from entities.register import ENTITIES
from entities.sql import statement

PATTERN_LENGTH = 200
MATCHED_LENGTH = 1_000
"""The longest value that is held against a pattern."""


class KnownDetail(NamedTuple):
    """What a value must be."""

    data_type: str
    pattern: str | None


def entity_types_now() -> set[str]:
    """The codes of the entity types that are valid now."""
    return {code for (code,) in fetch(statement("entity_types_now"), {})}


def detail_types_now(codes: Collection[str] | None = None) -> dict[str, KnownDetail]:
    """The detail types that are valid now: all, or those with one of ``codes``."""
    wanted = None if codes is None else sorted(codes)
    rows = fetch(statement("detail_types_now"), {"codes": wanted})
    return {code: KnownDetail(data_type, pattern) for code, data_type, pattern in rows}


def lock_detail_types(codes: Collection[str]) -> None:
    """Keep data types as they are to the end of the transaction."""
    fetch(statement("lock_detail_types"), {"codes": sorted(codes)})


def text_of(
    known: Mapping[str, KnownDetail],
    code: str,
    value: Any,
    write: Callable[[str, Any], str] = values.to_text,
) -> str:
    """The canonical text of a value. Raises UnknownDetail, ValueDoesNotFit.

    ``write`` reads values that come otherwise than as JSON. Patterns are not looked at; see
    ``misfits``.
    """
    field = f"details.{code}"
    if code not in known:
        raise UnknownDetail(f"There is no detail type {code}.", field=field)
    try:
        return write(known[code].data_type, value)
    except ValueError as error:
        raise ValueDoesNotFit(f"{code}: {error}", field=field) from error


def misfits(known: Mapping[str, KnownDetail], given: Iterable[tuple[str, str]]) -> list[int]:
    """Positions in ``given`` of the (code, canonical text) that do not match their pattern.

    PostgreSQL matches, in one statement: its time is bounded, whatever the pattern.
    """
    held = [
        (position, pattern, text)
        for position, (code, text) in enumerate(given)
        if (pattern := known[code].pattern) is not None
    ]
    if not held:
        return []
    long = [position for position, _, text in held if len(text) > MATCHED_LENGTH]
    short = [row for row in held if len(row[2]) <= MATCHED_LENGTH]
    positions, patterns, texts = zip(*short, strict=True) if short else ((), (), ())
    parameters = {"positions": [*positions], "patterns": [*patterns], "texts": [*texts]}
    return sorted([*long, *(row[0] for row in fetch(statement("misfits"), parameters))])


def asked_details(given: Mapping[str, str], code: str | None) -> dict[str, str]:
    """What a filter asks for: canonical texts by code, of details that there ever were.

    ``code``: of those that shall be held, whatever the value. Raises what is wrong with codes
    and values, by the names of the parameters.
    """
    types = data_types(ENTITIES) if given or code is not None else {}
    errors: list[InvalidChange] = []
    texts: dict[str, str] = {}
    if code is not None and code not in types:
        errors.append(UnknownDetail(f"There is no detail type {code}.", field="detail_code"))
    for asked, cell in given.items():
        try:
            texts[asked] = asked_text(types, asked, cell)
        except InvalidChange as error:
            errors.append(error)
    raise_all(errors)
    return texts


def asked_text(types: Mapping[str, str], code: str, cell: str) -> str:
    field = f"detail[{code}]"
    if code not in types:
        raise UnknownDetail(f"There is no detail type {code}.", field=field)
    try:
        return values.from_cell(types[code], cell)
    except ValueError as error:
        raise ValueDoesNotFit(f"{code}: {error}", field=field) from error


def checked_details(details: Mapping[str, Any]) -> dict[str, str | None]:
    """Canonical texts by code; None stays None. Raises what is wrong with codes and values."""
    if not details:
        return {}
    lock_detail_types(details)
    known = detail_types_now(details)
    errors: list[InvalidChange] = []
    texts: dict[str, str | None] = {}
    for code, value in details.items():
        try:
            texts[code] = checked_value(known, code, value)
        except InvalidChange as error:
            errors.append(error)
    raise_all(errors or unmatched(known, texts))
    return texts


def checked_value(known: Mapping[str, KnownDetail], code: str, value: Any) -> str | None:
    if value is None and code in known:
        return None
    return text_of(known, code, value)


def unmatched(
    known: Mapping[str, KnownDetail], texts: Mapping[str, str | None]
) -> list[InvalidChange]:
    """What is wrong with the texts that do not match their pattern."""
    given = [(code, text) for code, text in texts.items() if text is not None]
    return [misfit(known, given[position][0]) for position in misfits(known, given)]


def misfit(known: Mapping[str, KnownDetail], code: str) -> ValueDoesNotFit:
    return ValueDoesNotFit(
        f"{code}: The value does not match the pattern {known[code].pattern}",
        field=f"details.{code}",
    )


def check_entity_type(code: Any, known: Collection[str] | None = None) -> None:
    """Raises UnknownType for what is not among ``known``, or the types that are valid now."""
    if not isinstance(code, str) or code not in (entity_types_now() if known is None else known):
        raise UnknownType(f"There is no entity type {code}.", field="entity_type")


def check_name(name: Any, field: str = "display_name") -> None:
    """Raises InvalidChange for what is no text, or blank; the rest is the engine's to check."""
    if not isinstance(name, str):
        raise InvalidChange("Expected a string.", field=field)
    if not name.strip():
        raise InvalidChange("A name cannot be blank.", field=field)


def check_pattern(pattern: Any) -> None:
    """Raises InvalidChange for what is no regular expression of PostgreSQL, or may be slow."""
    if pattern is None:
        return
    if not isinstance(pattern, str) or not 0 < len(pattern) <= PATTERN_LENGTH:
        raise InvalidChange(
            f"A pattern is a regular expression of at most {PATTERN_LENGTH} characters, or null.",
            field="pattern",
        )
    if has_back_reference(pattern):
        raise InvalidChange("A pattern cannot refer back to a group.", field="pattern")
    try:
        with transaction.atomic():
            fetch(statement("try_pattern"), {"pattern": values.storable(pattern)})
    except (DataError, ValueError) as error:
        raise InvalidChange(
            "The pattern is not a regular expression as PostgreSQL knows them.", field="pattern"
        ) from error


def has_back_reference(pattern: str) -> bool:
    """Whether a backslash is followed by a digit other than 0."""
    escaped = False
    for character in pattern:
        if escaped and character in "123456789":
            return True
        escaped = character == "\\" and not escaped
    return False
