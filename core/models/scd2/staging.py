"""Where a load's Changes wait: temporary tables, filled by COPY before the load's transaction.

They are filled in an earlier, committed transaction, so that a long load holds no transaction id
while it copies and settled reads go on.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Self

from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from core.models.scd2.change import EVERYTHING, Future, Stretch
from core.models.scd2.copying import Copying
from core.models.scd2.extents import Step
from core.models.scd2.hash_diff import sql_type
from core.models.scd2.instruction import Instruction, Key
from core.models.scd2.locks import identity_fields
from core.models.scd2.overtaken import Overtaken
from core.models.scd2.payload import json_object
from core.models.scd2.plan import Plan
from core.models.scd2.sheet import Sheet
from core.models.scd2.sql import columns, statement
from core.models.scd2.versioning import Shape

FIXED = ("ordinal", "kind", "sets", "valid_from", "valid_to", "future", "reason")
WHOLE, PARTIAL, RETRACTION = "w", "p", "r"
NOTHING: Mapping[int, Any] = {}
MADE = ("staged", "repeated", "general", "overtaken")
"""The tables of a model."""


def key_equal(shape: Shape, left: str, right: str = "staged") -> sql.Composed:
    """``left.key = right.key``, column by column."""
    return sql.SQL(" AND ").join(
        sql.SQL("{} = {}").format(sql.Identifier(left, name), sql.Identifier(right, name))
        for name in shape.key
    )


def bit(shape: Shape, name: str) -> sql.Composed:
    """Whether a staged Change sets a tracked column."""
    return sql.SQL("staged.sets & {} <> 0").format(sql.Literal(1 << shape.tracked.index(name)))


class StagedModel:
    """The staged Changes of one model, with the identifiers that the statements share."""

    def __init__(self, shape: Shape, load: Load) -> None:
        self.shape = shape
        self.identity = () if shape.container else tuple(identity_fields(shape.anchor))
        self.blank: list[Any] = [None] * len(shape.tracked)
        name = shape.table[:40]
        self.names = {
            part: sql.Identifier(f"{part}_{load.number}_{name}") for part in (*MADE, "narrow")
        } | load.names
        self.columns = (
            *FIXED,
            *shape.key,
            *shape.tracked,
            *(f"anchor_{field.column}" for field in self.identity),
        )

    def create(self, cursor: CursorWrapper) -> None:
        types = {
            **self.shape.types,
            **{f"anchor_{field.column}": sql_type(field) for field in self.identity},
        }
        cursor.execute(
            statement(
                "stage_create",
                all_set=sql.Literal((1 << len(self.shape.tracked)) - 1),
                definitions=definitions(types, types),
                key_definitions=definitions(types, self.shape.key),
                **self.part(*MADE),
            )
        )

    def narrowed(self, cursor: CursorWrapper) -> StagedModel:
        """The same without the things on which nothing changes, in this transaction."""
        cursor.execute(self.statement("stage_narrow"))
        narrow = copy.copy(self)
        narrow.names = {**self.names, "staged": self.names["narrow"]}
        return narrow

    def part(self, *names: str) -> dict[str, sql.Composable]:
        return {name: self.names[name] for name in names}

    def copy(self, cursor: CursorWrapper, rows: Iterable[Sequence[Any]]) -> int:
        """COPY rows whose values stand in the order of ``columns``; returns how many."""
        count = 0
        query = statement("stage_copy", columns=columns(self.columns), **self.part("staged"))
        with cursor.copy(query) as copy:
            for row in rows:
                copy.write_row(row)
                count += 1
        return count

    def copying(self, sheet: Sheet) -> sql.Composed:
        return statement("stage_sheet", columns=columns(sheet.columns), **self.part("staged"))

    def prepare(self, cursor: CursorWrapper) -> None:
        """Find keys with several Changes, and tell the query planner what there is."""
        cursor.execute(sql.SQL("TRUNCATE {}").format(self.names["repeated"]))
        cursor.execute(
            statement(
                "stage_repeated",
                key=columns(self.shape.key),
                root=sql.Identifier(self.shape.root),
                **self.part("staged", "repeated"),
            )
        )
        for name in ("staged", "repeated"):
            cursor.execute(sql.SQL("ANALYZE {}").format(self.names[name]))

    def row(self, item: Instruction) -> tuple[Any, ...]:
        """An Instruction as a row to copy."""
        bits, values = 0, self.blank.copy()
        for position, value in (item.sets or NOTHING).items():
            bits |= 1 << position
            values[position] = value
        identity = item.identity
        return (
            item.ordinal,
            RETRACTION if item.sets is None else PARTIAL if item.partial else WHOLE,
            bits,
            item.start,
            item.end,
            item.future.value,
            item.reason,
            *item.key,
            *values,
            *[identity.get(field.name) for field in self.identity],
        )

    def add_overtaken(self, cursor: CursorWrapper, plans: Mapping[Key, Plan]) -> None:
        """Note what plans say is overtaken."""
        rows = [
            (ordinal, since, *key)
            for key, plan in plans.items()
            for ordinal, since in plan.overtaken.items()
        ]
        if rows:
            with cursor.copy(self.statement("overtaken_add")) as copy:
                for row in rows:
                    copy.write_row(row)

    def count_overtaken(self, cursor: CursorWrapper) -> int:
        cursor.execute(self.statement("overtaken_count"))
        count: int = cursor.fetchone()[0]
        return count

    def statement(self, name: str, **more: sql.Composable) -> sql.Composed:
        """A statement with every placeholder that concerns this model filled."""
        return statement(name, **{**self.names, **shape_parts(self.shape), **more})


def definitions(types: dict[str, str], names: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(types[name])) for name in names
    )


def shape_parts(shape: Shape) -> dict[str, sql.Composable]:
    """The identifiers and lists of a model that staged statements are composed of."""
    names = (*shape.key, *shape.tracked)
    merged = sql.SQL(", ").join(
        sql.SQL("CASE WHEN {bit} THEN {staged} ELSE {version} END AS {name}").format(
            bit=bit(shape, name),
            staged=sql.Identifier("staged", name),
            version=sql.Identifier("version", name),
            name=sql.Identifier(name),
        )
        for name in shape.tracked
    )
    return {
        "table": sql.Identifier(shape.table),
        "root": sql.Identifier(shape.root),
        "type": sql.SQL(shape.types[shape.root]),
        "key": columns(shape.key),
        "columns": columns(names),
        "staged_key": columns(shape.key, of="staged"),
        "staged_columns": columns(names, of="staged"),
        "looked_key": columns(shape.key, of="looked"),
        **{
            f"{name}_key": columns(shape.key, of=name)
            for name in ("begun", "numbered", "line", "grouped", "version")
        },
        "found_key": columns(shape.key, of="found"),
        "same": same_as(shape, "version"),
        "same_later": same_as(shape, "later"),
        "merged": merged,
        **{
            f"{name}_is_staged": key_equal(shape, name)
            for name in ("version", "repeated", "general", "later", "other", "found")
        },
    }


def same_as(shape: Shape, relation: str) -> sql.Composed:
    """Whether a version says all that a staged Change sets."""
    return sql.SQL(" AND ").join(
        sql.SQL("(NOT ({bit}) OR {staged} IS NOT DISTINCT FROM {version})").format(
            bit=bit(shape, name),
            staged=sql.Identifier("staged", name),
            version=sql.Identifier(relation, name),
        )
        for name in shape.tracked
    )


def audit_parts(shape: Shape, of: str) -> dict[str, sql.Composable]:
    """What an audit entry says of a row of the relation ``of``."""
    return {
        "thing": thing_sql(shape, sql.Identifier(of, shape.root)),
        "json_key": json_object(shape, shape.key, of),
        "json_payload": json_object(shape, shape.tracked, of),
        "json_version": json_object(shape, shape.tracked, "version"),
    }


def thing_sql(shape: Shape, root: sql.Composable) -> sql.Composable:
    """The SQL of ``writer.thing_uuid``."""
    if shape.types[shape.root] == "uuid":
        return root
    prefix = sql.Literal(f"{shape.anchor._meta.label_lower}:")
    return sql.SQL("md5({} || {}::text)::uuid").format(prefix, root)


class Load:
    """The staging tables of one load: a container and what is contained in it.

    A context manager: the tables are made on entry and dropped on exit. An ordinal has at most
    one Change of a key. ``initial``: it goes into empty tables that nobody reads yet.
    ``stretch``: the valid time that the load speaks for; it may be set until the load is applied.
    """

    numbers = itertools.count(1)

    def __init__(self, container: Shape, *, initial: bool = False) -> None:
        self.container = container
        self.initial = initial
        self.stretch = EVERYTHING
        self.beside: Copying | None = None
        self.number = next(self.numbers)
        self.names: dict[str, sql.Composable] = {
            part: sql.Identifier(f"{part}_{self.number}")
            for part in ("changed", "shrunk", "spared")
        }
        self.models = {
            shape: StagedModel(shape, self) for shape in (container, *container.contents)
        }

    def __enter__(self) -> Self:
        with connection.cursor() as cursor:
            cursor.execute(statement("stage_settings"))
            cursor.execute(
                statement(
                    "stage_create_roots",
                    type=sql.SQL(self.container.types[self.container.root]),
                    **self.names,
                )
            )
            for model in self.models.values():
                model.create(cursor)
        return self

    def __exit__(self, *error: object) -> None:
        if connection.connection is None or connection.needs_rollback:
            return
        names = list(self.names.values())
        for model in self.models.values():
            names += [model.names[part] for part in MADE]
        with connection.cursor() as cursor:
            cursor.execute(statement("stage_drop", tables=sql.SQL(", ").join(names)))
            cursor.execute(statement("stage_reset"))

    def stage(self, shape: Shape, items: Iterable[Instruction]) -> int:
        """Copy Instructions of one model; returns how many."""
        model = self.models[shape]
        if self.beside:
            self.beside.settle()
        with connection.cursor() as cursor:
            return model.copy(cursor, map(model.row, items))

    @contextmanager
    def copying(self) -> Iterator[Copying]:
        """While this lasts, sheets are copied beside the thread that stages them."""
        with Copying() as copying:
            self.beside = copying
            yield copying
        self.beside = None

    def stage_sheets(self, sheets: Iterable[tuple[Shape, Sheet]]) -> None:
        """Copy Changes that are known to be right; only inside ``copying``."""
        assert self.beside is not None
        self.beside.copy([(self.models[shape].copying(one), one.content) for shape, one in sheets])

    def prepare(self) -> None:
        """Call once after everything is staged."""
        with connection.cursor() as cursor:
            for model in self.models.values():
                model.prepare(cursor)

    def contradictions(self) -> dict[int, int]:
        """Ordinals that say something else of a key and start than an earlier one, and that one.

        Call after ``prepare``. The engine would refuse them one in each attempt.
        """
        found: dict[int, int] = {}
        with connection.cursor() as cursor:
            for model in self.models.values():
                cursor.execute(model.statement("stage_contradictions"))
                found = dict(cursor.fetchall()) | found
        return found

    def ordinals_of(self, roots: Iterable[Any]) -> set[int]:
        """The ordinals of everything that was staged for some things."""
        found: set[int] = set()
        with connection.cursor() as cursor:
            for model in self.models.values():
                cursor.execute(model.statement("stage_ordinals"), {"roots": list(roots)})
                found.update(ordinal for (ordinal,) in cursor.fetchall())
        return found

    def overtaken(self, most: int | None = None) -> Iterator[Overtaken]:
        """The Changes that were overtaken, by model and ordinal, ``most`` of each; None is all.

        To be read in the transaction in which the load was applied, before it is rolled back or
        the tables are gone. A few rows at a time are in memory.
        """
        for shape, model in self.models.items():
            with connection.chunked_cursor() as rows:
                rows.execute(model.statement("overtaken_list"), {"most": most})
                for ordinal, since, *key in rows:
                    named = dict(zip(shape.key, key, strict=True))
                    yield Overtaken(ordinal, shape.label, named, since)

    def remove(self, ordinals: Iterable[int]) -> None:
        """Take the Changes of some ordinals out again, of every model, before another attempt."""
        with connection.cursor() as cursor:
            for model in self.models.values():
                cursor.execute(model.statement("stage_remove"), {"ordinals": list(ordinals)})
                model.prepare(cursor)


def from_row(
    shape: Shape, row: Sequence[Any], instant: datetime, stretch: Stretch
) -> tuple[tuple[Any, ...], Step, Any]:
    """``(key, step, reason)`` of a row of ``staged_general.sql``. Raises InvalidChange."""
    ordinal, kind, sets, start, end, future, reason, *values = row
    width = len(shape.key)
    key, payload = tuple(values[:width]), values[width:]
    item = Instruction(
        ordinal=ordinal,
        key=key,
        start=start,
        end=end,
        future=Future(future),
        sets=None
        if kind == RETRACTION
        else {i: value for i, value in enumerate(payload) if sets >> i & 1},
        partial=kind == PARTIAL,
        reason=reason,
        identity={},
    )
    return key, item.step(instant, stretch), reason


def chunks(rows: Iterable[Sequence[Any]], roots: int) -> Iterator[list[Sequence[Any]]]:
    """Rows in pieces of so many things each; the root stands at position 7."""
    grouped = (list(group) for _, group in itertools.groupby(rows, key=lambda row: row[7]))
    while piece := list(itertools.islice(grouped, roots)):
        yield [row for group in piece for row in group]
