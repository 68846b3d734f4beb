"""Writing types of entities and of details: as ``services``, by code.

A type that is new is valid since the beginning of time where no ``valid_from`` is given.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from core.models.scd2 import Change, Context, Future
from core.models.scd2.change import UNCHANGED, Result
from core.models.scd2.engine import apply_changes
from core.models.scd2.exceptions import InvalidChange
from core.registers.attributes.values import DataType
from core.registers.pii import PersonalData
from core.rows import fetch
from core.transactions import atomic_write
from entities.abstract import BEGINNING, CODE_LENGTH, is_code
from entities.cleaning import clean_code, clean_name
from entities.exceptions import DataTypeInUse, Exists, NotFound
from entities.facts import MATCHED_LENGTH
from entities.models import DetailType, EntityDetail, EntityType
from entities.sql import statement
from entities.type_selectors import TypeModel, type_periods, type_snapshot
from entities.validation import check_pattern
from entities.written import TypeWritten, hold, still_to_come

IfMatch = Callable[[dict[str, Any] | None], None]
Ask = Callable[[datetime], None]
MARKS: Mapping[TypeModel, str] = {EntityType: "is_pii_name", DetailType: "is_pii"}
"""What says that names, or values, are personal data."""


@atomic_write
def entity_type_create(
    *,
    code: str,
    name: str,
    description: str = "",
    is_pii_name: bool = False,
    valid_from: datetime | None = None,
    valid_to: datetime | None = None,
    may_unmark: bool = True,
    context: Context,
) -> TypeWritten:
    """Create an entity type; nothing written if it is so already. Raises Exists, PersonalData."""
    payload = {"name": name, "description": description, "is_pii_name": is_pii_name}
    period = {"valid_from": valid_from, "valid_to": valid_to}
    return create(EntityType, code, payload, **period, may_unmark=may_unmark, context=context)


@atomic_write
def detail_type_create(
    *,
    code: str,
    name: str,
    description: str = "",
    data_type: str,
    pattern: str | None = None,
    is_pii: bool = False,
    valid_from: datetime | None = None,
    valid_to: datetime | None = None,
    may_unmark: bool = True,
    context: Context,
) -> TypeWritten:
    """Create a detail type; nothing written if it is so already. Raises Exists, PersonalData."""
    payload = {
        "name": name,
        "description": description,
        "data_type": data_type,
        "pattern": pattern,
        "is_pii": is_pii,
    }
    period = {"valid_from": valid_from, "valid_to": valid_to}
    written = create(DetailType, code, payload, **period, may_unmark=may_unmark, context=context)
    return with_mismatches(written, pattern, valid_from, valid_to)


@atomic_write
def entity_type_update(
    *,
    code: str,
    changes: Mapping[str, Any],
    valid_from: datetime | None = None,
    valid_to: datetime | None = None,
    future: Future = Future.KEEP,
    if_match: IfMatch | None = None,
    may_unmark: bool = True,
    context: Context,
) -> TypeWritten:
    """Merge into an entity type any of its columns. Raises NotFound, PersonalData."""
    code = clean_code(code, "code")
    over = partial(Change, valid_from=valid_from, valid_to=valid_to, future=future)
    ask = questions(EntityType, code, changes, if_match, may_unmark)
    return update(EntityType, code, changes, over, ask=ask, context=context)


@atomic_write
def detail_type_update(
    *,
    code: str,
    changes: Mapping[str, Any],
    valid_from: datetime | None = None,
    valid_to: datetime | None = None,
    future: Future = Future.KEEP,
    if_match: IfMatch | None = None,
    may_unmark: bool = True,
    context: Context,
) -> TypeWritten:
    """Merge into a detail type any of its columns. Raises NotFound, DataTypeInUse, PersonalData.

    A data type holds at every instant alike: it changes from the beginning or, once there is a
    value, not at all.
    """
    code = clean_code(code, "code")
    over = partial(Change, valid_from=valid_from, valid_to=valid_to, future=future)
    check_columns(DetailType, changes)
    rest = {name: value for name, value in changes.items() if name != "data_type"}
    ask = questions(DetailType, code, changes, if_match, may_unmark)
    if "data_type" not in changes or not differs(code, changes["data_type"]):
        written = update(DetailType, code, rest, over, ask=ask, context=context)
    else:
        written = change_data_type(code, changes["data_type"], ask, context)
        if rest:
            written += update(DetailType, code, rest, over, context=context)
    return with_mismatches(written, changes.get("pattern"), valid_from, valid_to)


@atomic_write
def type_end(
    *, model: TypeModel, code: str, valid_from: datetime | None = None, context: Context
) -> TypeWritten:
    """End a type; what is held of it stays. Raises NotFound."""
    require_known(model, code)
    result = apply_changes([(model, [Change({"code": code}, None, valid_from)])], context)
    return TypeWritten(result.total, False, result.instant, code=code)


def with_mismatches(
    written: TypeWritten, pattern: str | None, start: datetime | None, end: datetime | None
) -> TypeWritten:
    """With how many held values do not match the pattern that was set, if one was."""
    if pattern is None:
        return written
    count = count_mismatches(written.code, pattern, start or written.instant, end)
    return dataclasses.replace(written, mismatches=count)


def count_mismatches(code: str, pattern: str, start: datetime | None, end: datetime | None) -> int:
    """How many held values do not match a pattern over a period; without a start, from now on."""
    parameters = {
        "code": code,
        "pattern": pattern,
        "longest": MATCHED_LENGTH,
        "valid_from": start,
        "valid_to": end,
    }
    [(count,)] = fetch(statement("count_mismatches"), parameters)
    return int(count)


# Many at once


@atomic_write
def types_apply(
    changes: Mapping[TypeModel, Sequence[Change]], context: Context, *, dry_run: bool = False
) -> Result:
    """Carry out changes of both kinds of types at one instant, all or none.

    Whole ones of new types begin where ``default_start`` says. Raises DataTypeInUse for a data
    type that is not that of the type already, and what the engine refuses.
    """
    given = {
        model: [
            dataclasses.replace(one, valid_from=default_start(model, one.key["code"], context))
            if one.valid_from is None and one.payload is not None and not one.partial
            else one
            for one in changes.get(model, ())
        ]
        for model in (EntityType, DetailType)
    }
    check = partial(refuse_retyped, given[DetailType])
    result = apply_changes(list(given.items()), context, check=check)
    if dry_run:
        transaction.set_rollback(True)
    return result


def refuse_retyped(changes: Sequence[Change], instant: datetime) -> None:
    """Raises DataTypeInUse where a type has, or is given, two data types."""
    known: dict[str, str] = {}
    for change in changes:
        code, data_type = change.key["code"], (change.payload or {}).get("data_type")
        if data_type is not None and (
            known.setdefault(code, data_type) != data_type or differs(code, data_type)
        ):
            raise DataTypeInUse(f"{code} has another data type already.", key={"code": code})


# Both


def create(
    model: TypeModel,
    code: str,
    payload: Mapping[str, Any],
    *,
    valid_from: datetime | None,
    valid_to: datetime | None,
    may_unmark: bool,
    context: Context,
) -> TypeWritten:
    code = clean_code(code, "code")
    check_code(code)
    check_columns(model, payload)
    payload = with_clean_name(payload)
    if model is DetailType and differs(code, payload["data_type"]):
        raise DataTypeInUse(f"{code} was created with another data type.", key={"code": code})
    start = valid_from or default_start(model, code, context)
    change = Change({"code": code}, payload, start, valid_to)
    check = partial(refuse_existing, model, change, may_unmark)
    result = apply_changes([(model, [change])], context, check=check)
    return TypeWritten(result.total, result.total.wrote, result.instant, code=code)


def default_start(model: TypeModel, code: str, context: Context) -> datetime | None:
    """The beginning of time for a new code, or the instant of the call (None).

    Facts of the past need types of the past. Who may not backdate gets a type from now on.
    """
    bound = context.limits is not None and context.limits.bind(model.shape)
    return None if bound or model.objects.filter(code=code).exists() else BEGINNING


def refuse_existing(model: TypeModel, change: Change, may_unmark: bool, instant: datetime) -> None:
    """Raises Exists where the type is there or later and not as it is said to be."""
    start, code = change.valid_from or instant, change.key["code"]
    if not may_unmark and change.payload and not change.payload[MARKS[model]]:
        refuse_unmarking(model, code)
    rows = still_to_come(model, Q(code=code), start)
    if rows and not hold(rows, [change], start):
        raise Exists(f"The type {code} exists and is not as given.", key=change.key)


def update(
    model: TypeModel,
    code: str,
    changes: Mapping[str, Any],
    over: Callable[..., Change],
    *,
    ask: Ask | None = None,
    context: Context,
) -> TypeWritten:
    """``over`` makes a Change over the period that is meant."""
    check_columns(model, changes)
    changes = with_clean_name(changes)
    require_known(model, code)
    partials = [over({"code": code}, changes, partial=True)] if changes else []
    result = apply_changes([(model, partials)], context, check=ask)
    return TypeWritten(result.total if partials else UNCHANGED, False, result.instant, code=code)


def require_known(model: TypeModel, code: str) -> None:
    """Raises NotFound for a code that was never seen."""
    if not model.objects.filter(code=code).exists():
        raise NotFound(f"There is no type {code}.", key={"code": code})


def questions(
    model: TypeModel,
    code: str,
    changes: Mapping[str, Any],
    if_match: IfMatch | None,
    may_unmark: bool,
) -> Ask | None:
    """What is asked under the locks before a type is changed, if anything."""
    unmarks = not may_unmark and changes.get(MARKS[model]) is False
    if if_match is None and not unmarks:
        return None

    def ask(instant: datetime) -> None:
        if unmarks:
            refuse_unmarking(model, code)
        if if_match is not None:
            if_match(type_snapshot(model, code, as_of=instant))

    return ask


def refuse_unmarking(model: TypeModel, code: str) -> None:
    """Raises PersonalData where the mark is set, or ever was: who may not see may not uncover."""
    mark = MARKS[model]
    if model.objects.filter(code=code, **{mark: True}).exists():
        raise PersonalData(
            f"{code} is marked as personal data: you cannot take the mark away.", field=mark
        )


# The data type


def differs(code: str, data_type: str) -> bool:
    """Whether the type has another data type; it has one alone."""
    others = DetailType.objects.live().filter(code=code).exclude(data_type=data_type)
    return bool(others.exists())


def change_data_type(code: str, data_type: str, ask: Ask | None, context: Context) -> TypeWritten:
    """Give all lifetimes of a type another data type. Raises DataTypeInUse."""
    changes = [
        Change(
            {"code": code},
            {"data_type": data_type},
            start,
            future=Future.OVERWRITE,
            partial=True,
        )
        for start, _ in type_periods(DetailType, code)
    ]
    check = partial(refuse_in_use, code, ask)
    result = apply_changes([(DetailType, changes)], context, check=check)
    return TypeWritten(result.total, False, result.instant, code=code)


def refuse_in_use(code: str, ask: Ask | None, instant: datetime) -> None:
    """Wait for writers of values, then look. Raises DataTypeInUse."""
    if ask is not None:
        ask(instant)
    fetch(statement("lock_data_type"), {"code": code})
    if EntityDetail.objects.filter(detail_code=code).exists():
        raise DataTypeInUse(
            f"The data type of {code} cannot change any more: there are values.",
            key={"code": code},
        )


# What a type may be


def check_code(code: Any) -> None:
    """Raises InvalidChange for what is no code."""
    try:
        text = code if isinstance(code, str) else ""
        is_code(text)
        if len(text) > CODE_LENGTH:
            raise ValidationError(f"A code has at most {CODE_LENGTH} characters.")
    except ValidationError as error:
        raise InvalidChange(error.messages[0], field="code") from error


def check_columns(model: TypeModel, columns: Mapping[str, Any]) -> None:
    """Raises InvalidChange for a column that a type does not have, or a value of another kind."""
    for name, value in columns.items():
        if name not in model.shape.tracked:
            raise InvalidChange(f"A type has no {name} that could change.", field=name)
        CHECKS[name](value, name)


def with_clean_name(columns: Mapping[str, Any]) -> dict[str, Any]:
    """The same with the name in its one form."""
    named = {"name": clean_name(columns["name"], "name")} if "name" in columns else {}
    return {**columns, **named}


def check_text(value: Any, field: str) -> None:
    if not isinstance(value, str):
        raise InvalidChange("Expected a string.", field=field)


def check_flag(value: Any, field: str) -> None:
    if not isinstance(value, bool):
        raise InvalidChange("Expected true or false.", field=field)


def check_data_type(value: Any, field: str) -> None:
    if value not in DataType.values:
        known = ", ".join(DataType.values)
        raise InvalidChange(f"A data type is one of {known}.", field=field)


CHECKS: Mapping[str, Callable[[Any, str], Any]] = {
    "name": clean_name,
    "description": check_text,
    "is_pii_name": check_flag,
    "data_type": check_data_type,
    "pattern": lambda value, _: check_pattern(value),
    "is_pii": check_flag,
}
