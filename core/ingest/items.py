"""The items of a request as a load: all of them or none, and what became of each."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from django.db import connection, transaction
from psycopg import sql

from core.ingest.door import Door, Items
from core.models.scd2.bulk import apply_load
from core.models.scd2.change import Context, Outcome, Result
from core.models.scd2.exceptions import (
    BatchRefused,
    InvalidChange,
    ItemsRefused,
    Scd2Error,
    TwoPayloads,
)
from core.models.scd2.instruction import Key
from core.models.scd2.sql import columns, statement
from core.models.scd2.staging import Load
from core.models.scd2.versioning import Shape
from core.transactions import atomic_write

Errors = list[tuple[int, Scd2Error]]


class Loaded(NamedTuple):
    """What was done: ``roots`` has the thing of every item, ``outcomes`` what became of the item.

    Items of one thing share one outcome, but each says for itself what of it was overtaken.
    """

    result: Result
    roots: list[Any]
    outcomes: list[Outcome]


def load_items(door: Door, items: Sequence[Any], context: Context) -> Loaded:
    """Carry out items of the shape that ``door.from_object`` takes, at one system instant.

    Raises ItemsRefused with all that is wrong, and what the engine refuses altogether.
    """
    said = understood(door, items)
    with Load(door.shape) as load:
        for shape in load.models:
            load.stage(shape, (item for one in said for item in one.get(shape, ())))
        load.prepare()
        result = apply(load, context, door)
        overtaken = Counter(one.ordinal for one in load.overtaken())
    roots = [root_of(one) for one in said]
    done = outcomes(load.models, said, set(roots), result)
    return Loaded(
        result,
        roots,
        [done[root] + Outcome(overtaken=overtaken[index]) for index, root in enumerate(roots)],
    )


def root_of(said: Items) -> Any:
    return next(item.key[0] for items in said.values() for item in items)


# Reading


def understood(door: Door, items: Sequence[Any]) -> list[Items]:
    """What every item asks for. Raises ItemsRefused."""
    errors: Errors = []
    said: list[Items] = []
    for index, item in enumerate(items):
        try:
            said.append(one_item(door, index, item))
        except Scd2Error as error:
            errors.append((index, error))
            said.append({})
    errors += door.misfits(said).items()
    if errors:
        raise ItemsRefused(errors)
    return said


def one_item(door: Door, index: int, item: Any) -> Items:
    if not isinstance(item, Mapping):
        raise InvalidChange("An item is a JSON object.")
    return door.from_object(index, item)


# Applying


def apply(load: Load, context: Context, door: Door) -> Result:
    """Apply all that was staged. Raises ItemsRefused.

    What is refused is taken out and the rest is tried, so that every conflict is found at once.
    """
    errors = contradictions(load)
    while True:
        try:
            result = attempt(load, context, door, keep=not errors)
        except BatchRefused as refused:
            errors += take_out(load, refused)
        else:
            break
    if errors:
        raise ItemsRefused(errors)
    return result


@atomic_write
def attempt(load: Load, context: Context, door: Door, *, keep: bool) -> Result:
    result = apply_load(load, context, check=partial(door.check, load))
    if not keep:
        transaction.set_rollback(True)
    return result


def contradictions(load: Load) -> Errors:
    """Take out items that say something else than an earlier one of the same thing and start."""
    found = load.contradictions()
    if found:
        load.remove(found)
    return [
        (index, TwoPayloads(f"Item {first} says something else of the same thing from then on."))
        for index, first in found.items()
    ]


def take_out(load: Load, refused: BatchRefused) -> Errors:
    """Take out all items about things of which one is refused.

    Raises the error itself where it concerns no item.
    """
    errors: dict[int, Scd2Error] = {}
    taken: set[int] = set()
    for model, error in refused.errors:
        root = (error.key or {}).get(model.shape.root)
        of_thing = load.ordinals_of([] if root is None else [root])
        ordinal = getattr(error, "ordinal", None)
        for index in of_thing if ordinal is None else {ordinal}:
            errors.setdefault(index, error)
        taken |= of_thing
    if not errors:
        raise refused
    load.remove(taken | errors.keys())
    return list(errors.items())


# What became of each


def outcomes(
    shapes: Iterable[Shape], said: Sequence[Items], roots: set[Any], result: Result
) -> dict[Any, Outcome]:
    """What was done to every thing; what is contained in it is counted with it."""
    done: dict[Any, Outcome] = defaultdict(Outcome)
    for shape in shapes:
        written = written_keys(shape, roots, result)
        for key, outcome in written.items():
            done[key[0]] += outcome
        for key in {item.key for one in said for item in one.get(shape, ())} - written.keys():
            done[key[0]] += Outcome(unchanged=1)
    return done


def written_keys(shape: Shape, roots: set[Any], result: Result) -> dict[Key, Outcome]:
    if result.instant is None:
        return {}
    query = statement(
        "outcomes",
        key=columns(shape.key, of="version"),
        table=sql.Identifier(shape.table),
        root=sql.Identifier("version", shape.root),
        type=sql.SQL(shape.types[shape.root]),
    )
    width = len(shape.key)
    with connection.cursor() as cursor:
        cursor.execute(query, {"roots": list(roots), "instant": result.instant})
        return {row[:width]: Outcome(*row[width:]) for row in cursor.fetchall()}
