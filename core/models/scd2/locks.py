"""Anchors: made where they are missing, locked in key order; then the instant is taken."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.backends.utils import CursorWrapper
from psycopg import sql

from core.models.scd2.change import Context
from core.models.scd2.exceptions import InstantRefused, UnknownReference
from core.models.scd2.hash_diff import sql_type
from core.models.scd2.instruction import Instruction
from core.models.scd2.model import AnchorModel
from core.models.scd2.sql import columns, statement
from core.models.scd2.versioning import Shape
from core.models.scd2.writer import Moment


def anchor_parts(anchor: type[AnchorModel]) -> dict[str, sql.Composable]:
    key = anchor._meta.pk
    assert key is not None
    return {
        "anchors": sql.Identifier(anchor._meta.db_table),
        "key": sql.Identifier(str(key.column)),
        "type": sql.SQL(sql_type(key)),
    }


def take_xid(cursor: CursorWrapper) -> None:
    cursor.execute(statement("take_xid"))


def make_anchors(cursor: CursorWrapper, shape: Shape, instructions: Iterable[Instruction]) -> None:
    """Insert the missing anchors of things that are asserted whole."""
    fresh = {
        item.key[0]: item.identity
        for item in instructions
        if item.sets is not None and not item.partial
    }
    if not fresh:
        return
    key = shape.anchor._meta.pk
    assert key is not None
    fields = [key, *identity_fields(shape.anchor)]
    names = [field.column for field in fields]
    rows = [(root, *(fresh[root].get(f.name) for f in fields[1:])) for root in sorted(fresh)]
    arrays = sql.SQL(", ").join(
        sql.SQL("{}::{}[]").format(sql.Placeholder(f.column), sql.SQL(sql_type(f))) for f in fields
    )
    cursor.execute(
        statement(
            "insert_anchors",
            columns=columns(names),
            arrays=arrays,
            anchors=sql.Identifier(shape.anchor._meta.db_table),
            key=sql.Identifier(str(key.column)),
        ),
        dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)),
    )


def identity_fields(anchor: type[AnchorModel]) -> list[Any]:
    """The columns of an anchor besides its key and its time of creation."""
    return [
        field
        for field in anchor._meta.concrete_fields
        if not field.primary_key and field.name != "created_at"
    ]


def lock_anchors(cursor: CursorWrapper, anchor: type[AnchorModel], roots: Iterable[Any]) -> None:
    cursor.execute(statement("lock_anchors", **anchor_parts(anchor)), {"roots": sorted(roots)})


def lock_references(
    cursor: CursorWrapper, shape: Shape, instructions: Sequence[Instruction]
) -> None:
    """Hold on to the anchors that are named. Raises UnknownReference for one that is not there."""
    for column, anchor in shape.references.items():
        named = {
            value: item
            for item in instructions
            if (value := named_by(shape, item, column)) is not None
        }
        if not named:
            continue
        values = sorted(named)
        cursor.execute(statement("lock_references", **anchor_parts(anchor)), {"values": values})
        found = {row[0] for row in cursor.fetchall()}
        for value in values:
            if value not in found:
                raise UnknownReference(
                    f"{column}: there is no {value}.",
                    field=column,
                    value=value,
                    ordinal=named[value].ordinal,
                    key=dict(zip(shape.key, named[value].key, strict=True)),
                )


def named_by(shape: Shape, item: Instruction, column: str) -> Any:
    """What an assertion names in a referencing column; None where it names nothing."""
    if item.sets is None:
        return None
    if column in shape.key:
        return item.key[shape.key.index(column)]
    return item.sets.get(shape.tracked.index(column))


def take_moment(
    cursor: CursorWrapper, context: Context, things: Iterable[UUID], shapes: Iterable[Shape]
) -> Moment:
    """The instant of a call on ``shapes``. Raises InstantRefused for a backfill."""
    if context.system_instant is not None:
        return backfill_moment(cursor, context.system_instant, shapes)
    cursor.execute(statement("take_instant"), {"things": list(things)})
    (instant,) = cursor.fetchone()
    return Moment(instant, instant)


def backfill_moment(cursor: CursorWrapper, instant: datetime, shapes: Iterable[Shape]) -> Moment:
    """The instant of a backfill: later than all that is stored of ``shapes``, and not to come.

    Raises InstantRefused.
    """
    models = [shape.label for shape in shapes]
    cursor.execute(statement("take_backfill_instant"), {"models": models})
    clock, stored, allowed = cursor.fetchone()
    if not allowed:
        raise InstantRefused("Only the owner role may set the system instant of a load.")
    refuse_future(instant, clock)
    if stored is not None and instant <= stored:
        raise InstantRefused(
            "The system instant of a load must be later than every one stored in its register; "
            f"the latest is {stored.isoformat()}."
        )
    return Moment(instant, clock)


def refuse_future(instant: datetime | None, clock: datetime) -> None:
    """Whether or not anything is to be written. Raises InstantRefused."""
    if instant is not None and instant > clock:
        raise InstantRefused("The system instant of a load cannot lie in the future.")


def lock_log(cursor: CursorWrapper) -> None:
    """Keep every other writer away: a backfill writes instants of the past."""
    cursor.execute(statement("lock_log"))
