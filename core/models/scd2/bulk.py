"""A staged load through the engine: set-based where it can be, the general plan for the rest.

The same steps as ``engine.apply_changes``, over temporary tables. Fast paths carry almost all real
traffic with one hash join each: keys without a live row; one open-ended assertion later than the
start of the open version; and one open-ended Change from that very start on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from core.models.scd2.batch import Lives, Plans, plan_key
from core.models.scd2.change import Context, Outcome, Result
from core.models.scd2.engine import Batch, Check, begin, refuse_repeated_models
from core.models.scd2.exceptions import (
    BatchRefused,
    NamedOtherwise,
    Scd2Error,
    UnknownReference,
)
from core.models.scd2.initial import indexed_afterwards, lock_empty
from core.models.scd2.instruction import instructions
from core.models.scd2.limits import written_beyond
from core.models.scd2.locks import (
    anchor_parts,
    backfill_moment,
    lock_log,
    refuse_future,
    take_xid,
)
from core.models.scd2.reader import live_rows
from core.models.scd2.sql import columns, statement
from core.models.scd2.staging import (
    Load,
    StagedModel,
    audit_parts,
    bit,
    chunks,
    from_row,
    thing_sql,
)
from core.models.scd2.unchanged import find_changed
from core.models.scd2.work import Work
from core.models.scd2.writer import KeyPlan, Moment, audit_context, write

CHUNK = 1_000
"""Things planned at a time: enough to amortise a statement, few enough to hold in memory."""


def apply_load(
    load: Load, context: Context, *, check: Check | None = None, fast_paths: bool = True
) -> Result:
    """Apply what was staged at one system instant, all or none.

    ``fast_paths=False`` sends every key through the general plan. Raises BatchRefused with every
    Change that cannot be carried out (the ones it was staged with are named by ordinal),
    InstantRefused, NotInitial, RowsMoved.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        run = Run(cursor, load, context, fast_paths)
        clock = begin(cursor, [shape.model for shape in load.models])
        refuse_future(context.system_instant, clock)
        run.refuse_misnamed(sql.SQL("true"))
        find_changed(cursor, load, context.system_instant or clock)
        if not run.anything_changed():
            if load.initial:
                lock_empty(cursor, list(load.models))
            return run.result(None)
        run.narrow()
        moment = run.lock()
        if check is not None:
            check(moment.instant)
        run.carry_out(moment)
        run.errors += written_beyond(cursor, context.limits, load.models, moment.instant)
        if run.errors:
            raise BatchRefused(run.errors)
        return run.result(moment.instant)


def apply_in_bulk(
    batch: Batch, context: Context, *, check: Check | None = None, fast_paths: bool = True
) -> Result:
    """``engine.apply_changes`` for many Changes of one container and what it contains."""
    refuse_repeated_models(batch)
    parts = [(model.shape, instructions(model.shape, changes)) for model, changes in batch]
    containers = {shape.container or shape for shape, _ in parts}
    if len(containers) != 1:
        raise ValueError("A load concerns one container and what is contained in it.")
    with Load(containers.pop()) as load:
        for shape, items in parts:
            load.stage(shape, items)
        load.prepare()
        return apply_load(load, context, check=check, fast_paths=fast_paths)


class Run:
    """One attempt to apply a load."""

    def __init__(
        self, cursor: CursorWrapper, load: Load, context: Context, fast_paths: bool
    ) -> None:
        self.cursor = cursor
        self.load = load
        self.models = load.models
        self.context = context
        # The fast paths open versions without end.
        self.fast_paths = fast_paths and load.stretch.limit is None
        self.errors: list[tuple[type[Any], Scd2Error]] = []
        self.outcomes = {shape: Outcome() for shape in load.models}
        self.served = dict.fromkeys(load.models, 0)

    def narrow(self) -> None:
        """Go on with the few things on which something changes, if they are few."""
        self.cursor.execute(self.own.statement("staged_is_narrow"))
        if self.cursor.fetchone()[0]:
            self.models = {
                shape: model.narrowed(self.cursor) for shape, model in self.load.models.items()
            }

    def anything_changed(self) -> bool:
        self.cursor.execute(
            sql.SQL("SELECT EXISTS (SELECT FROM {})").format(self.load.names["changed"])
        )
        return bool(self.cursor.fetchone()[0])

    # Locks and the instant

    def lock(self) -> Moment:
        take_xid(self.cursor)
        if self.context.system_instant is not None:
            lock_log(self.cursor)
        if self.load.initial:
            lock_empty(self.cursor, list(self.load.models))
        self.make_anchors()
        self.cursor.execute(
            self.own.statement("staged_lock", **anchor_parts(self.load.container.anchor)), {}
        )
        self.refuse_misnamed(
            sql.SQL("staged.{} IN (SELECT root FROM {})").format(
                sql.Identifier(self.own.shape.root), self.load.names["changed"]
            )
        )
        for model in self.models.values():
            self.lock_references(model)
        if self.errors:
            raise BatchRefused(self.errors)
        if self.context.system_instant is not None:
            return backfill_moment(self.cursor, self.context.system_instant, self.models)
        thing = thing_sql(self.load.container, sql.Identifier("changed", "root"))
        self.cursor.execute(self.own.statement("staged_instant", thing=thing))
        (instant,) = self.cursor.fetchone()
        return Moment(instant, instant)

    @property
    def own(self) -> StagedModel:
        return self.models[self.load.container]

    def make_anchors(self) -> None:
        own, anchor = self.own, self.load.container.anchor
        key = anchor._meta.pk
        assert key is not None
        staged = [own.shape.root, *(f"anchor_{field.column}" for field in own.identity)]
        self.cursor.execute(
            own.statement(
                "staged_anchors",
                anchors=sql.Identifier(anchor._meta.db_table),
                anchor_key=sql.Identifier(str(key.column)),
                columns=columns([str(key.column), *(field.column for field in own.identity)]),
                values=columns(staged, of="staged"),
            )
        )

    def refuse_misnamed(self, among: sql.Composable) -> None:
        """Raises BatchRefused for things that exist under another name than is staged."""
        own = self.own
        if not own.identity:
            return
        names = [field.column for field in own.identity]
        query = own.statement(
            "staged_misnamed",
            among=among,
            staged_identity=columns([f"anchor_{name}" for name in names], of="staged"),
            anchor_identity=columns(names, of="anchor"),
            **anchor_parts(self.load.container.anchor),
        )
        self.cursor.execute(query)
        for ordinal, root in self.cursor.fetchall():
            message = f"{root} exists, without this {' and '.join(names)}."
            error = NamedOtherwise(message, key={own.shape.root: root}, ordinal=ordinal)
            self.errors.append((own.shape.model, error))
        if self.errors:
            raise BatchRefused(self.errors)

    def lock_references(self, model: StagedModel) -> None:
        """Hold on to the anchors that are named; note those that are not there."""
        for column, anchor in model.shape.references.items():
            is_set = sql.SQL("true") if column in model.shape.key else bit(model.shape, column)
            self.cursor.execute(
                model.statement("staged_references", column=sql.Identifier(column), is_set=is_set)
            )
            named = {row[0] for row in self.cursor.fetchall()}
            self.cursor.execute(
                statement("lock_references", **anchor_parts(anchor)), {"values": list(named)}
            )
            missing = named - {row[0] for row in self.cursor.fetchall()}
            if missing:
                self.refuse_references(model, column, is_set, missing)

    def refuse_references(
        self, model: StagedModel, column: str, is_set: sql.Composable, missing: set[Any]
    ) -> None:
        """Note every Change that names something that is not there."""
        self.cursor.execute(
            model.statement("staged_naming", column=sql.Identifier(column), is_set=is_set),
            {"values": list(missing)},
        )
        for ordinal, value, *key in self.cursor.fetchall():
            error = UnknownReference(
                f"{column}: there is no {value}.",
                field=column,
                value=value,
                ordinal=ordinal,
                key=dict(zip(model.shape.key, key, strict=True)),
            )
            self.errors.append((model.shape.model, error))

    # The plans

    def carry_out(self, moment: Moment) -> None:
        for model in self.models.values():
            self.find_general(model, moment)
            if self.fast_paths:
                with self.lighter(model):
                    self.fast(model, moment)
            for piece in self.general_pieces(model):
                self.general(model, piece, moment)
            if model.shape.container is not None:
                self.clip_the_rest(model, moment)

    def lighter(self, model: StagedModel) -> AbstractContextManager[None]:
        """Without indexes, where the load may do without: the general plan needs them again."""
        if not self.load.initial:
            return nullcontext()
        return indexed_afterwards(self.cursor, model.shape.table)

    def find_general(self, model: StagedModel, moment: Moment) -> None:
        container: sql.Composable = sql.SQL("")
        uncertain: sql.Composable = sql.SQL("false" if self.fast_paths else "true")
        if self.fast_paths and model.shape.container is not None:
            uncertain = model.statement("outside_fast_paths")
            container = model.statement(
                "container_of_fast_paths",
                container=sql.Identifier(model.shape.container.table),
                container_root=sql.Identifier(model.shape.container.root),
            )
        self.cursor.execute(
            model.statement("general_keys", uncertain=uncertain, container=container),
            {"instant": moment.instant},
        )
        self.cursor.execute(sql.SQL("ANALYZE {}").format(model.names["general"]))

    def fast(self, model: StagedModel, moment: Moment) -> None:
        """The fast paths, in such an order that none sees what another one did as its own task."""
        parameters = {
            "instant": moment.instant,
            "clock": moment.clock,
            "reason": self.context.reason,
            "model": model.shape.label,
            **audit_context(self.context),
        }
        closed = self.fast_path(model, "fast_forward", "closed", parameters)
        created = self.fast_path(model, "fast_create", "opened", parameters)
        self.outcomes[model.shape] += Outcome(opened=closed + created, closed=closed)
        self.served[model.shape] += closed + created
        self.fast_replace(model, parameters)

    def fast_replace(self, model: StagedModel, parameters: dict[str, Any]) -> None:
        query = model.statement(
            "fast_replace",
            is_container=sql.Literal(model.shape.container is None),
            **audit_parts(model.shape, "gone"),
        )
        self.cursor.execute(query, parameters)
        served, opened, superseded = self.cursor.fetchone()
        self.outcomes[model.shape] += Outcome(opened=opened, superseded=superseded)
        self.served[model.shape] += served

    def fast_path(self, model: StagedModel, name: str, of: str, parameters: dict[str, Any]) -> int:
        query = model.statement(name, **audit_parts(model.shape, of))
        self.cursor.execute(query, parameters)
        return int(self.cursor.rowcount)

    def general_pieces(self, model: StagedModel) -> Iterator[list[Sequence[Any]]]:
        """The staged rows for the general plan, some things at a time."""
        with connection.chunked_cursor() as rows:
            rows.execute(model.statement("staged_general"))
            rows.cursor.itersize = CHUNK
            yield from chunks(rows, CHUNK)

    def general(self, model: StagedModel, piece: Sequence[Sequence[Any]], moment: Moment) -> None:
        """Plan some things' staged Changes as they stand, together with what they lose."""
        work = Work()
        for row in piece:
            try:
                work.add(*from_row(model.shape, row, moment.instant, self.load.stretch))
            except Scd2Error as error:
                self.errors.append((model.shape.model, at(error, row[0])))
        if model.shape.container is not None:
            self.cursor.execute(model.statement("shrunk_among"), {"roots": list(work.sinces)})
            work.add_shrunk(self.cursor.fetchall())
        self.plan_and_write(model, work, moment)

    def clip_the_rest(self, model: StagedModel, moment: Moment) -> None:
        """Retract what is contained in things that cease to exist and was not staged itself."""
        after = None
        while True:
            self.cursor.execute(model.statement("shrunk_page"), {"after": after, "limit": CHUNK})
            page = self.cursor.fetchall()
            if not page:
                return
            work = Work()
            work.add_shrunk(page)
            self.plan_and_write(model, work, moment)
            after = page[-1][0]

    def plan_and_write(self, model: StagedModel, work: Work, moment: Moment) -> None:
        shape, container = model.shape, model.shape.container
        rows = live_rows(self.cursor, shape, work.sinces)
        lives = None
        if container is not None:
            lives = Lives(work.sinces, live_rows(self.cursor, container, work.sinces), {})
        plans: Plans = {}
        for key in sorted(work.steps.keys() | {key for key in rows if key[0] in work.shrinking}):
            limits = lives.of(key[0]) if lives else None
            steps = work.steps.get(key, [])
            try:
                plans[key] = plan_key(
                    shape, key, rows.get(key, []), steps, limits, now=moment.instant
                )
            except Scd2Error as error:
                self.errors.append((shape.model, error))
        if not self.errors:
            self.write(model, plans, work, moment)
            model.add_overtaken(self.cursor, plans)

    def write(self, model: StagedModel, plans: Plans, work: Work, moment: Moment) -> None:
        changing = {key: plan for key, plan in plans.items() if plan.periods}
        planned = [
            KeyPlan(key, plan, work.reasons.get(key) or self.context.reason)
            for key, plan in changing.items()
        ]
        write(self.cursor, model.shape, planned, self.context, moment)
        for plan in changing.values():
            self.outcomes[model.shape] += plan.outcome
        self.served[model.shape] += len(changing.keys() & work.steps.keys())
        if model.shape.container is None:
            self.note_shrunk(model, changing, work.sinces)

    def note_shrunk(self, model: StagedModel, plans: Plans, sinces: dict[Any, datetime]) -> None:
        roots = [key[0] for key, plan in plans.items() if plan.shrinks]
        if roots:
            self.cursor.execute(
                model.statement("add_shrunk"),
                {"roots": roots, "sinces": [sinces[root] for root in roots]},
            )

    def result(self, instant: datetime | None) -> Result:
        totals = {}
        for shape, model in self.load.models.items():
            self.cursor.execute(model.statement("staged_counts"))
            unchanged = max(self.cursor.fetchone()[0] - self.served[shape], 0)
            counted = Outcome(unchanged=unchanged, overtaken=model.count_overtaken(self.cursor))
            totals[shape.model] = self.outcomes[shape] + counted
        wrote = any(total.wrote for total in totals.values())
        return Result(instant if wrote else None, {}, totals)


def at(error: Scd2Error, ordinal: int) -> Scd2Error:
    error.ordinal = ordinal  # type: ignore[attr-defined]
    return error
