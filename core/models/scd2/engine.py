"""The one writer of versions. The API, the admin and the ingestion are three doors to it.

In one READ COMMITTED transaction: compare with the snapshot and let go of what does not change,
take a transaction id, make and lock the anchors in key order, take the instant, read the live
rows again in a new statement, plan, and write. Whoever waited for the anchors plans with what
the other one committed, so no update is lost and nobody sees half of a change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from core.models.scd2.batch import Family, Part, Plans
from core.models.scd2.change import Change, Context, Result
from core.models.scd2.exceptions import not_active
from core.models.scd2.limits import refuse_beyond
from core.models.scd2.locks import (
    lock_anchors,
    lock_log,
    lock_references,
    make_anchors,
    refuse_future,
    take_moment,
    take_xid,
)
from core.models.scd2.model import VersionedModel
from core.models.scd2.sql import statement
from core.models.scd2.versioning import Shape
from core.models.scd2.writer import KeyPlan, Moment, thing_uuid, write

Batch = Sequence[tuple[type[VersionedModel], Iterable[Change]]]
Check = Callable[[datetime], None]


def apply_changes(batch: Batch, context: Context, *, check: Check | None = None) -> Result:
    """Apply the Changes of all models of a call at one system instant, all or none.

    ``check`` is called with the instant (UTC) after the locks and before the plan; what it
    raises refuses the call. Raises InvalidChange, a Conflict, UnknownReference, NotAllowed (what
    is beyond the limits of the context), InstantRefused;
    RowsMoved asks the caller to retry the outermost transaction; ValueError: a model named twice.
    Whatever is raised undoes the transaction it is called in, a service's: there is no savepoint.
    """
    refuse_repeated_models(batch)
    parts = {model.shape: Part(model.shape, changes) for model, changes in batch}
    families = families_of(parts)
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        clock = begin(cursor, [model for model, _ in batch])
        refuse_future(context.system_instant, clock)
        if check is None:
            for family in families:
                let_go(cursor, family, context.system_instant or clock)
        if check is None and not any(family.roots() for family in families):
            return result_of(parts, [], None)
        moment = lock(cursor, families, context)
        if check is not None:
            check(moment.instant)
        return carry_out(cursor, parts, families, context, moment)


def refuse_repeated_models(batch: Batch) -> None:
    """One list of Changes a model: of two, one would be lost. Raises ValueError."""
    models = [model for model, _ in batch]
    if len(models) != len(set(models)):
        raise ValueError("A batch names each model once.")


def families_of(parts: dict[Shape, Part]) -> list[Family]:
    """The parts by container, in the order in which everybody locks them."""
    containers = {shape.container or shape for shape in parts}
    return [Family(shape, parts) for shape in sorted(containers, key=lambda shape: shape.label)]


def begin(cursor: CursorWrapper, models: Iterable[type[VersionedModel]]) -> datetime:
    """The clock, in a transaction that sees what others commit. Raises RuntimeError otherwise.

    Raises AppNotActive where the app of a model is read-only or offline.
    """
    labels = sorted({model._meta.app_label for model in models})
    cursor.execute(statement("begin"), {"apps": labels})
    isolation, clock, *inactive = cursor.fetchone()
    if isolation != "read committed":
        raise RuntimeError(f"The engine needs READ COMMITTED, this transaction is {isolation}.")
    if inactive[0] is not None:
        raise not_active(*inactive)
    return clock  # type: ignore[no-any-return]


def let_go(cursor: CursorWrapper, family: Family, clock: datetime) -> None:
    """Leave out the things on which nothing changes: they are not even locked."""
    changing: set[Any] = set()
    for part, plans in family.plan(cursor, clock):
        part.note_overtaken(plans)
        changing.update(key[0] for key, plan in plans.items() if plan.periods)
    family.keep(changing)


def lock(cursor: CursorWrapper, families: Sequence[Family], context: Context) -> Moment:
    """Make and lock the anchors, then take the instant."""
    take_xid(cursor)
    if context.system_instant is not None:
        lock_log(cursor)
    for family in families:
        own = family.parts[0]
        make_anchors(cursor, own.shape, own.remaining())
        lock_anchors(cursor, own.shape.anchor, family.roots())
    for family in families:
        for part in family.parts:
            lock_references(cursor, part.shape, part.remaining())
    things = {
        thing_uuid(family.container, (root,)) for family in families for root in family.roots()
    }
    shapes = [part.shape for family in families for part in family.parts]
    return take_moment(cursor, context, things, shapes)


def carry_out(
    cursor: CursorWrapper,
    parts: dict[Shape, Part],
    families: Sequence[Family],
    context: Context,
    moment: Moment,
) -> Result:
    """Plan with the rows as they stand behind the locks, and write."""
    planned = [
        (part, plans) for family in families for part, plans in family.plan(cursor, moment.instant)
    ]
    for part, plans in planned:
        refuse_beyond(context.limits, part.shape, plans, moment.instant)
        write(cursor, part.shape, key_plans(part, plans, context), context, moment)
        part.outcomes.update({key: plan.outcome for key, plan in plans.items() if plan.periods})
        part.note_overtaken(plans)
    return result_of(parts, planned, moment.instant)


def key_plans(part: Part, plans: Plans, context: Context) -> list[KeyPlan]:
    return [
        KeyPlan(key, plan, part.reason(key, context.reason))
        for key, plan in plans.items()
        if plan.periods
    ]


def result_of(
    parts: dict[Shape, Part], planned: Sequence[tuple[Part, Plans]], instant: datetime | None
) -> Result:
    """Outcomes in the order of the Changes, totals with each key counted once."""
    everything = {part.shape: part for part, _ in planned} | parts
    totals = {shape.model: part.total() for shape, part in everything.items()}
    wrote = any(total.wrote for total in totals.values())
    outcomes = {
        shape.model: [part.outcome(item) for item in part.instructions]
        for shape, part in parts.items()
    }
    return Result(instant if wrote else None, outcomes, totals)
