"""A load that takes a batch back: what held before it is asserted again, from the audit log.

Each entry of the batch is one period over which one timeline changed, with the value before. So a
reversal is made of exactly those periods, less the parts on which later changes stand. Nothing is
deleted: it is a change like any other, with entries of its own.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from itertools import starmap
from typing import Any, NamedTuple

import orjson
from django.db import connection
from psycopg import sql

from core.models.scd2.sql import statement
from core.models.scd2.staging import Load, StagedModel
from core.models.scd2.versioning import Shape


class Later(NamedTuple):
    """A change that stands on top of what is to be taken back. Times are UTC."""

    instant: datetime
    id: int
    model: str
    natural_key: dict[str, Any]
    valid_from: datetime
    valid_to: datetime | None
    actor: str
    batch: str | None


@dataclasses.dataclass(frozen=True)
class Taken:
    """A batch that is to be taken back: its name in the audit log, and its system instant.

    ``limit``: the valid time from which on it stays as it is, for something else said so as well.
    """

    batch: str
    instant: datetime
    limit: datetime | None = None

    def stage(self, load: Load) -> int:
        """Stage what held before, where nothing later stands; returns the number of Changes."""
        count = 0
        with connection.cursor() as cursor:
            for model in load.models.values():
                cursor.execute(
                    model.statement("stage_revert", **values_of(model), **on_top()),
                    self.parameters(model.shape),
                )
                count += cursor.rowcount
        return count

    def later(self, load: Load, most: int) -> list[Later]:
        """The first of what stands on top."""
        found: dict[int, Later] = {}
        with connection.cursor() as cursor:
            for shape in load.models:
                cursor.execute(
                    statement("later_changes", **on_top()),
                    {**self.parameters(shape), "most": most},
                )
                found |= {row[1]: later_of(load, row) for row in cursor.fetchall()}
        return sorted(found.values(), key=lambda later: (later.instant, later.id))[:most]

    def count_later(self, load: Load) -> int:
        """How much stands on top: as long as it is the same number, it is the same changes."""
        count = 0
        with connection.cursor() as cursor:
            for shape in load.models:
                cursor.execute(statement("count_later", **on_top()), self.parameters(shape))
                count += cursor.fetchone()[0]
        return count

    def parameters(self, shape: Shape) -> dict[str, Any]:
        return {
            "batch": self.batch,
            "instant": self.instant,
            "limit": self.limit,
            "model": shape.label,
            "contents": [content.label for content in shape.contents],
            "container": shape.container.label if shape.container else None,
        }


def later_of(load: Load, row: Sequence[Any]) -> Later:
    """With the key in its own order, which JSON in the database does not keep."""
    later = Later._make(row)
    given = orjson.loads(row[3])
    shape = next(shape for shape in load.models if shape.label == later.model)
    return later._replace(natural_key={name: given[name] for name in shape.key})


def on_top() -> dict[str, sql.Composable]:
    return {"stands_on_top": statement("stands_on_top")}


def values_of(model: StagedModel) -> dict[str, sql.Composable]:
    """The SQL that reads key and payload from an entry."""
    shape = model.shape
    return {
        "every_column": sql.Literal((1 << len(shape.tracked)) - 1),
        "key_values": from_json(shape, "natural_key", shape.key),
        "payload_values": sql.SQL(", ").join(
            starmap(partial(held_before, shape), zip(shape.tracked, shape.blank, strict=True))
        ),
    }


def held_before(shape: Shape, name: str, blank: Any) -> sql.Composed:
    """The value of a tracked column; of one that was added since, what it held then."""
    value = from_json(shape, "before", [name])
    return sql.SQL("CASE WHEN entry.before ? {} THEN {} ELSE {}::{} END").format(
        sql.Literal(name), value, sql.Literal(blank), sql.SQL(shape.types[name])
    )


def from_json(shape: Shape, column: str, names: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(
        sql.SQL("({} ->> {})::{}").format(
            sql.Identifier("entry", column), sql.Literal(name), sql.SQL(shape.types[name])
        )
        for name in names
    )
