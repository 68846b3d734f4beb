"""Plans into rows: close, supersede, open, then the audit entries."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
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
    """When a call happens: its system instant and the real time, both UTC."""

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
    rows = [(*planned.key, *(span.payload or ())) for planned, span in opens]
    query = statement(
        "open",
        table=sql.Identifier(shape.table),
        columns=columns(names),
        key=columns(shape.key),
        arrays=arrays(shape, names),
    )
    parameters = {
        **dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)),
        "starts": [span.start for _, span in opens],
        "ends": [end_or_none(span.end) for _, span in opens],
        "reasons": [planned.reason for planned, _ in opens],
        "actor_id": context.actor_id,
        "actor": context.actor,
        **common,
    }
    cursor.execute(query, parameters)
    expect(cursor, len(opens))


def arrays(shape: Shape, names: Sequence[str]) -> sql.Composed:
    """One typed array parameter a column, for unnest()."""
    return sql.SQL(", ").join(
        sql.SQL("{}::{}[]").format(sql.Placeholder(name), sql.SQL(shape.types[name]))
        for name in names
    )


def audit_periods(
    cursor: CursorWrapper,
    shape: Shape,
    plans: Sequence[KeyPlan],
    common: Mapping[str, Any],
    context: Context,
) -> None:
    periods = [(planned, period) for planned in plans for period in planned.plan.periods]
    parameters = {
        "things": [thing_uuid(shape, planned.key) for planned, _ in periods],
        "keys": [dump(zip(shape.key, planned.key, strict=True)) for planned, _ in periods],
        "starts": [period.start for _, period in periods],
        "ends": [end_or_none(period.end) for _, period in periods],
        "befores": [dump_payload(shape, period.before) for _, period in periods],
        "afters": [dump_payload(shape, period.after) for _, period in periods],
        "reasons": [planned.reason for planned, _ in periods],
        "model": shape.label,
        **audit_context(context),
        **common,
    }
    cursor.execute(statement("audit"), parameters)


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


def dump(pairs: Any) -> str:
    return orjson.dumps({name: to_json(value) for name, value in pairs}).decode()


def dump_payload(shape: Shape, payload: Payload) -> str | None:
    return None if payload is None else dump(zip(shape.tracked, payload, strict=True))


def thing_uuid(shape: Shape, key: Key) -> UUID:
    """The uuid of a thing: its anchor's, or one made of the anchor's table and key."""
    root = key[0]
    if isinstance(root, UUID):
        return root
    name = f"{shape.anchor._meta.label_lower}:{root}"
    return UUID(md5(name.encode(), usedforsecurity=False).hexdigest())
