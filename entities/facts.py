"""Facts held against the types that they name, over the period for which they are written.

A type has to be valid throughout the period of a fact or, if that has no end, at its start; a text
has to match every pattern that its type has in the period or, if that has no end, up to now. What
is held over the period already is not new, and passes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import sql

from core.ingest.door import Items
from core.models.scd2.exceptions import InvalidChange
from core.models.scd2.staging import Load
from core.models.scd2.versioning import Shape
from core.rows import fetch
from entities.catalog import Catalog, KnownType, periods_text
from entities.exceptions import TypeNotValid, UnknownDetail, UnknownType, ValueDoesNotFit
from entities.models import Entity, EntityDetail
from entities.sql import statement

MATCHED_LENGTH = 1_000
"""The longest value that is held against a pattern."""
TYPE, VALUE = Entity.shape.tracked.index("entity_type"), 0
"""The positions of an entity's type and of a detail's value among their tracked columns."""
NO_VALUE = sql.SQL("NULL::text")


class Fact(NamedTuple):
    """An assertion of an entity's type, or of a detail, whose ``value`` is canonical text.

    ``start``: None is the instant of the call. ``end``: None is open.
    """

    ordinal: int
    uuid: UUID
    code: str
    value: str | None
    start: datetime | None
    end: datetime | None


def facts_of(rows: Sequence[Items]) -> dict[Shape, list[Fact]]:
    """What rows assert by model; the ordinal of a fact is the position of its row."""
    facts: dict[Shape, list[Fact]] = {Entity.shape: [], EntityDetail.shape: []}
    for position, items in enumerate(rows):
        for item in items.get(Entity.shape, ()):
            if item.sets is not None and TYPE in item.sets:
                fact = Fact(position, item.key[0], item.sets[TYPE], None, item.start, item.end)
                facts[Entity.shape].append(fact)
        for item in items.get(EntityDetail.shape, ()):
            if item.sets is not None:
                uuid, code = item.key
                fact = Fact(position, uuid, code, item.sets[VALUE], item.start, item.end)
                facts[EntityDetail.shape].append(fact)
    return facts


Errors = list[tuple[int, InvalidChange]]
"""What is wrong with facts, each with their ordinal."""


def unfit(catalog: Catalog, facts: Mapping[Shape, Iterable[Fact]], instant: datetime) -> Errors:
    """What is wrong with facts by model; ``instant`` is that of the call, or close to it.

    One statement a model, and none where the catalog alone shows that all is well.
    """
    errors: Errors = []
    for shape, given in facts.items():
        known = types_of(catalog, shape)
        doubtful = [fact for fact in given if is_doubtful(known[fact.code], fact, instant)]
        if doubtful:
            errors += found_unfit(catalog, shape, *given_facts(doubtful), instant)
    return errors


def types_of(catalog: Catalog, shape: Shape) -> Mapping[str, KnownType]:
    return catalog.detail_types if shape is EntityDetail.shape else catalog.entity_types


def is_doubtful(known: KnownType, fact: Fact, instant: datetime) -> bool:
    """Whether the database has to look at a fact."""
    return bool(known.patterns) or not known.surely_holds(fact.start or instant)


def given_facts(facts: Sequence[Fact]) -> tuple[sql.Composable, dict[str, Any]]:
    """Facts as a query and its parameters."""
    columns = map(list, zip(*facts, strict=True))
    names = ("ordinals", "uuids", "codes", "texts", "starts", "ends")
    return statement("given_facts"), dict(zip(names, columns, strict=True))


def found_unfit(
    catalog: Catalog,
    shape: Shape,
    facts: sql.Composable,
    parameters: Mapping[str, Any],
    instant: datetime,
) -> Errors:
    """What is wrong with the facts of one model that a query tells."""
    given = {**parameters, "instant": instant, "longest": MATCHED_LENGTH}
    if shape is Entity.shape:
        rows = fetch(statement("unfit_types", facts=facts), given)
        return [(ordinal, entity_type_error(catalog, code)) for ordinal, code in rows]
    rows = fetch(statement("unfit_details", facts=facts), given)
    return [(ordinal, detail_error(catalog, code, pattern)) for ordinal, code, pattern in rows]


def entity_type_error(catalog: Catalog, code: str) -> InvalidChange:
    known = catalog.entity_types.get(code)
    if known is None:
        return UnknownType(f"There is no entity type {code}.", field="entity_type")
    return TypeNotValid(
        f"The entity type {code} is not valid over the period that is written, only "
        f"{periods_text(known.periods)}.",
        field="entity_type",
    )


def detail_error(catalog: Catalog, code: str, pattern: str | None) -> InvalidChange:
    """``pattern``: which the value does not match; None: the type is not valid then."""
    field, known = f"details.{code}", catalog.detail_types.get(code)
    if pattern is not None:
        return ValueDoesNotFit(
            f"{code}: The value does not match the pattern {pattern}", field=field
        )
    if known is None:
        return UnknownDetail(f"There is no detail type {code}.", field=field)
    return TypeNotValid(
        f"The detail type {code} is not valid over the period that is written, only "
        f"{periods_text(known.periods)}.",
        field=field,
    )


def unmatched(given: Sequence[tuple[str, str]]) -> set[int]:
    """Positions of the (pattern, text) that do not match. One statement, of bounded time."""
    long = {i for i, (_, text) in enumerate(given) if len(text) > MATCHED_LENGTH}
    short = [(i, *pair) for i, pair in enumerate(given) if i not in long]
    if not short:
        return long
    positions, patterns, texts = map(list, zip(*short, strict=True))
    parameters = {"positions": positions, "patterns": patterns, "texts": texts}
    return long | {row[0] for row in fetch(statement("misfits"), parameters)}


# Types that change while a load is read


def unfit_since(before: Catalog, now: Catalog, load: Load, instant: datetime) -> list[Any]:
    """What is wrong with a load that was held against types as they were ``before``.

    Only the types that have changed in what matters are looked at again. Pairs a model with an
    error that names the ordinal.
    """
    found: list[Any] = []
    for shape in load.models:
        old, new = types_of(before, shape), types_of(now, shape)
        changed = [code for code, known in old.items() if new.get(code) != known]
        if not changed:
            continue
        errors = found_unfit(now, shape, staged_facts(load, shape), {"codes": changed}, instant)
        retyped = {
            code: new[code].data_type
            for code in changed
            if code in new and new[code].data_type != old[code].data_type
        }
        errors += misread(retyped, load, shape, instant) if retyped else []
        found += [(shape.model, at(error, ordinal)) for ordinal, error in errors]
    return found


def misread(retyped: Mapping[str, str], load: Load, shape: Shape, instant: datetime) -> Errors:
    """Facts whose text was made for a data type that is not theirs any more; the new by code."""
    query = sql.SQL("SELECT ordinal, code FROM ({}) AS fact").format(staged_facts(load, shape))
    rows = fetch(query, {"codes": list(retyped), "instant": instant})
    return [
        (
            ordinal,
            ValueDoesNotFit(
                f"{code}: The data type has become {retyped[code]} while this was read; send it "
                "again.",
                field=f"details.{code}",
            ),
        )
        for ordinal, code in rows
    ]


def staged_facts(load: Load, shape: Shape) -> sql.Composable:
    """A query of what a load asserts of some codes."""
    own = shape is Entity.shape
    return statement(
        "staged_facts",
        staged=load.models[shape].names["staged"],
        uuid=sql.Identifier("uuid" if own else "entity_uuid"),
        code=sql.Identifier("entity_type" if own else "detail_code"),
        value=NO_VALUE if own else sql.Identifier("staged", "value"),
    )


def at(error: InvalidChange, ordinal: int) -> InvalidChange:
    error.ordinal = ordinal  # type: ignore[attr-defined]
    return error
