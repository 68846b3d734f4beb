"""Codes and values held against the types that there are."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import DataError, transaction

from core.models.scd2.change import Context
from core.models.scd2.exceptions import InvalidChange
from core.nearest import nearest
from core.registers.attributes import values
from core.registers.read.fragments import data_types
from core.rows import fetch
from entities.catalog import Catalog, KnownType
from entities.exceptions import UnknownDetail, UnknownType, ValueDoesNotFit, raise_all
from entities.facts import Fact, unfit
from entities.models import Entity, EntityDetail
from entities.register import ENTITIES
from entities.sql import statement

PATTERN_LENGTH = 200


def lock_detail_types(codes: Collection[str]) -> None:
    """Keep data types as they are to the end of the transaction."""
    fetch(statement("lock_detail_types"), {"codes": sorted(codes)})


def text_of(
    known: Mapping[str, KnownType],
    code: str,
    value: Any,
    write: Callable[[str, Any], str] = values.to_text,
) -> str:
    """The canonical text of a value. Raises UnknownDetail, ValueDoesNotFit.

    ``write`` reads values that come otherwise than as JSON. Patterns are not looked at; see
    ``facts``.
    """
    field = f"details.{code}"
    if code not in known:
        hint = did_you_mean(code, tuple(known))
        raise UnknownDetail(f"There is no detail type {code}{hint}", field=field)
    try:
        return write(known[code].data_type, value)
    except ValueError as error:
        raise ValueDoesNotFit(f"{code}: {error}", field=field) from error


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


def checked_facts(
    uuid: UUID,
    payload: Mapping[str, Any],
    details: Mapping[str, Any],
    period: tuple[datetime | None, datetime | None],
    context: Context,
) -> dict[str, str | None]:
    """Canonical texts of details by code; None stays None.

    Raises what is wrong with codes and values, and with types that are not valid over the period.
    """
    types = [payload["entity_type"]] if "entity_type" in payload else []
    if not types and not details:
        return {}
    if details:
        lock_detail_types(details)
    catalog = Catalog.read([code for code in types if isinstance(code, str)], list(details))
    for code in types:
        check_entity_type(code, catalog.entity_types)
    errors: list[InvalidChange] = []
    texts: dict[str, str | None] = {}
    for code, value in details.items():
        try:
            texts[code] = checked_value(catalog.detail_types, code, value)
        except InvalidChange as error:
            errors.append(error)
    raise_all(errors)
    if any(instant and instant.tzinfo is None for instant in period):
        return texts  # the engine refuses it
    facts = {
        Entity.shape: [Fact(0, uuid, code, None, *period) for code in types],
        EntityDetail.shape: [
            Fact(0, uuid, code, text, *period) for code, text in texts.items() if text is not None
        ],
    }
    found = unfit(catalog, facts, context.system_instant or catalog.instant)
    raise_all([error for _, error in found])
    return texts


def checked_value(known: Mapping[str, KnownType], code: str, value: Any) -> str | None:
    if value is None and code in known:
        return None
    return text_of(known, code, value)


def check_entity_type(code: Any, known: Collection[str]) -> None:
    """Raises UnknownType for what is not among ``known``."""
    if not isinstance(code, str) or code not in known:
        hint = did_you_mean(code, tuple(known))
        raise UnknownType(f"There is no entity type {code}{hint}", field="entity_type")


@lru_cache(1_000)
def did_you_mean(code: Any, known: tuple[str, ...]) -> str:
    """The end of a sentence about a code that there is none of, with the one that was meant."""
    text = str(code)
    # Few are compared: a file may have another wrong code in every row.
    lengths = range(len(text) - 2, len(text) + 3)
    like = [one for one in known if one[:1] == text[:1].upper() and len(one) in lengths]
    near = nearest(text, like)
    return f"; did you mean {near}?" if near else "."


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
