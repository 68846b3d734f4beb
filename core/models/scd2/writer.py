"""Plans into rows: close, supersede, open, then the audit entries."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import md5
from typing import Any
from uuid import UUID

import orjson
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from core.models.scd2.change import Context
from core.models.scd2.exceptions import RowsMoved
from core.models.scd2.instruction import Key
from core.models.scd2.payload import to_json
from core.models.scd2.plan import Plan
from core.models.scd2.sql import columns, statement
from core.models.scd2.timeline import FOREVER, Payload
from core.models.scd2.versioning import Shape


@dataclasses.dataclass(frozen=True, slots=True)
class Moment:
    """The system instant of a call and the time at which it is recorded, both UTC.

    They differ only in a backfill.
    """

    instant: datetime
    clock: datetime


@dataclasses.dataclass(frozen=True, slots=True)
class KeyPlan:
    """The plan of one key and why it is carried out."""

    key: Key
    plan: Plan
    reason: str


def write(
    cursor: CursorWrapper,
    shape: Shape,
    plans: Sequence[KeyPlan],
    context: Context,
    moment: Moment,
) -> None:
    """Carry out the plans of one model. Raises RowsMoved if a row is not as it was planned."""
    if not plans:
        return
    common = {"instant": moment.instant, "clock": moment.clock}
    close_rows(cursor, shape, plans, common)
    supersede_rows(cursor, shape, plans, common)
    open_rows(cursor, shape, plans, common, context)
    audit_periods(cursor, shape, plans, common, context)


def close_rows(
    cursor: CursorWrapper, shape: Shape, plans: Sequence[KeyPlan], common: Mapping[str, Any]
) -> None:
    closes = [close for planned in plans for close in planned.plan.closes]
    if closes:
        ids, ends = map(list, zip(*closes, strict=True))
        cursor.execute(
            statement("close", table=sql.Identifier(shape.table)),
            {"ids": ids, "ends": ends, **common},
        )
        expect(cursor, len(ids))


def supersede_rows(
    cursor: CursorWrapper, shape: Shape, plans: Sequence[KeyPlan], common: Mapping[str, Any]
) -> None:
    ids = [row for planned in plans for row in planned.plan.supersedes]
    if ids:
        cursor.execute(
            statement("supersede", table=sql.Identifier(shape.table)), {"ids": ids, **common}
        )
        expect(cursor, len(ids))


def expect(cursor: CursorWrapper, count: int) -> None:
    if cursor.rowcount != count:
        raise RowsMoved("Rows changed between planning and writing.")


def open_rows(
    cursor: CursorWrapper,
    shape: Shape,
    plans: Sequence[KeyPlan],
    common: Mapping[str, Any],
    context: Context,
) -> None:
    opens = [(planned, span) for planned in plans for span in planned.plan.opens]
    if not opens:
        return
    names = (*shape.key, *shape.tracked)
    query = statement(
        "open",
        table=sql.Identifier(shape.table),
        columns=columns(names),
        key=columns(shape.key),
        definitions=definitions(shape, names),
    )
    fields = (*names, "valid_from", "valid_to", "reason")
    rows = [
        (*planned.key, *(span.payload or ()), span.start, end_or_none(span.end), planned.reason)
        for planned, span in opens
    ]
    context_of_row = {"actor_id": context.actor_id, "actor": context.actor}
    cursor.execute(query, {"rows": records(fields, rows), **context_of_row, **common})
    expect(cursor, len(opens))


def definitions(shape: Shape, names: Sequence[str]) -> sql.Composed:
    """The columns with their types, for json_to_recordset()."""
    return sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(shape.types[name])) for name in names
    )


def records(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Rows as one JSON array of objects. To quote arrays value by value takes many times longer."""
    return orjson.dumps([dict(zip(names, row, strict=True)) for row in rows], default=str).decode()


AUDITED = ("thing", "natural_key", "valid_from", "valid_to", "before", "after", "reason")


def audit_periods(
    cursor: CursorWrapper,
    shape: Shape,
    plans: Sequence[KeyPlan],
    common: Mapping[str, Any],
    context: Context,
) -> None:
    rows = [
        (
            thing_uuid(shape, planned.key),
            shown(shape.key, planned.key),
            period.start,
            end_or_none(period.end),
            shown(shape.tracked, period.before),
            shown(shape.tracked, period.after),
            planned.reason,
        )
        for planned in plans
        for period in planned.plan.periods
    ]
    parameters = {"rows": records(AUDITED, rows), "model": shape.label}
    cursor.execute(statement("audit"), {**parameters, **audit_context(context), **common})


def audit_context(context: Context) -> dict[str, Any]:
    """What a context says about itself in every audit entry."""
    return {
        "actor_id": context.actor_id,
        "actor": context.actor,
        "channel": context.channel.value,
        "client_address": context.client_address,
        "request_id": context.request_id,
        "batch": context.batch,
    }


def end_or_none(end: datetime) -> datetime | None:
    return None if end == FOREVER else end


def shown(names: Sequence[str], values: Payload) -> dict[str, Any] | None:
    """Values as the log shows them; None for nothing."""
    if values is None:
        return None
    return {name: to_json(value) for name, value in zip(names, values, strict=True)}


def thing_uuid(shape: Shape, key: Key) -> UUID:
    """The uuid of a thing: its anchor's, or one made of the anchor's table and key."""
    root = key[0]
    if isinstance(root, UUID):
        return root
    name = f"{shape.anchor._meta.label_lower}:{root}"
    return UUID(md5(name.encode(), usedforsecurity=False).hexdigest())
