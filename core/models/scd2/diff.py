"""What changed in the world between two instants, under two beliefs.

For each field of a thing: its value just before the first instant as known at ``known_from``, its
value at the last instant as known at ``known_to``, and every step in between as known at
``known_to``. A field is listed if the two values differ; where only the belief differs there is
no step. A step corrects if, at some time since its instant, something else was believed about it:
else it was told in time, or is the first that was told.

PostgreSQL finds the things of a page, compares, and writes what it finds as the JSON of the answer:
one statement a page, whose parts are in ``diff*.sql``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from psycopg import sql

from core.models.scd2.sql import columns, statement
from core.models.scd2.versioning import Shape
from core.rows import fetch


@dataclasses.dataclass(frozen=True, slots=True)
class Window:
    """From just before ``start`` to ``end`` (inclusive) on valid time, under two beliefs.

    All aware. To compare two beliefs about one instant let ``start`` be a microsecond later
    than ``end``.
    """

    start: datetime
    end: datetime
    known_from: datetime
    known_to: datetime

    def parameters(self) -> dict[str, Any]:
        return {
            "start": self.start,
            "end": self.end,
            "last": max(self.start, self.end),
            "known_from": self.known_from,
            "known_to": self.known_to,
            "earlier": min(self.known_from, self.known_to),
            "later": max(self.known_from, self.known_to),
        }


@dataclasses.dataclass(frozen=True, slots=True)
class Page:
    """Which things of a diff are asked for, in the order of their anchors.

    ``after`` is the last anchor of the page before; ``only`` restricts to one thing, ``within``
    to things that have a value in a column of the container, ``anchored`` to those whose anchor
    has one.
    """

    limit: int
    after: Any = None
    backwards: bool = False
    only: Any = None
    within: tuple[str, Any] | None = None
    anchored: tuple[str, Any] | None = None

    def parameters(self) -> dict[str, Any]:
        return {
            "limit": self.limit,
            "after": self.after,
            "only": self.only,
            "within": self.within[1] if self.within else None,
            "anchored": self.anchored[1] if self.anchored else None,
        }

    @property
    def order(self) -> sql.SQL:
        return sql.SQL("DESC" if self.backwards else "ASC")

    @property
    def beyond(self) -> sql.SQL:
        return sql.SQL("<" if self.backwards else ">")


class Source(NamedTuple):
    """What a diff shows of a model.

    ``fields``: SQL, a row ``(rank, name, value as JSON text)`` of each field of a ``version``.
    Ranks order the fields of a thing; those of a container begin with 0. ``lookup``: SQL, a join
    that brings along what the fields need.
    """

    shape: Shape
    fields: sql.Composable
    lookup: sql.Composable = sql.SQL("")


class Changed(NamedTuple):
    """What became of a thing; ``fields`` is JSON by field, None where none changed.

    ``existed``: just before the window as known at ``known_from``; ``exists``: at its end as known
    at ``known_to``. ``named``: the container's own fields at the end, else as they were before.
    ``identity``: the columns of the anchor that were asked for.
    """

    root: Any
    existed: bool
    exists: bool
    named: list[Any]
    fields: str | None
    identity: tuple[Any, ...]


def changes(
    sources: Sequence[Source],
    window: Window,
    page: Page,
    parameters: Mapping[str, Any],
    identity: Sequence[str] = (),
) -> Iterator[Changed]:
    """A page of the things that a window touches, the container's source first. One statement.

    Nothing that changed is missing; some of what was touched did not change. ``parameters`` are
    those of the sources, ``identity`` names columns of the anchor.
    """
    container = sources[0].shape
    query = statement(
        "diff",
        touched=touched([source.shape for source in sources], window, page),
        held=sql.SQL(" UNION ALL ").join(map(held, sources)),
        own=sql.Literal(len(container.tracked)),
        order=page.order,
        anchors=sql.Identifier(container.anchor._meta.db_table),
        anchor=sql.Identifier("anchor", container.root),
        identity=columns((container.root, *identity), of="anchor"),
    )
    for row in fetch(query, {**parameters, **window.parameters(), **page.parameters()}):
        existed, exists, named, fields, root, *own = row
        named = orjson.loads(named or "[]")
        yield Changed(root, bool(existed), bool(exists), named, fields, tuple(own))


def held(source: Source) -> sql.Composed:
    """What the fields of one model held; of a container even where it did not change."""
    shape = source.shape
    return statement(
        "diff_held",
        table=sql.Identifier(shape.table),
        root=sql.Identifier("version", shape.root),
        columns=columns((*shape.key[1:], *shape.tracked), of="version"),
        changing=statement("diff_changing") if shape.container else sql.SQL(""),
        fields=source.fields,
        lookup=source.lookup,
    )


def touched(shapes: Sequence[Shape], window: Window, page: Page) -> sql.Composed:
    """Every way in which a window may touch a thing; ``shapes`` hang on one anchor."""
    names = ["diff_edges"]
    if window.known_from != window.known_to:
        names.append("diff_beliefs")
    arms = [diff_arm(name, shape, shapes[0], page) for shape in shapes for name in names]
    return sql.SQL(" UNION ").join(arms)


def diff_arm(name: str, shape: Shape, container: Shape, page: Page) -> sql.Composed:
    """One way of finding things that may have changed."""
    type_ = sql.SQL(shape.types[shape.root])
    root: sql.Composable = sql.Identifier("version", shape.root)
    if name == "diff_beliefs":
        named = sql.SQL("(entry.natural_key ->> {})::{}")
        root = named.format(sql.Literal(shape.root), type_)
    return statement(
        name,
        table=sql.Identifier(shape.table),
        model=sql.Literal(shape.label),
        root=root,
        type=type_,
        beyond=page.beyond,
        order=page.order,
        within=diff_within(root, container, page),
        anchored=diff_anchored(root, container, page),
    )


def diff_anchored(root: sql.Composable, container: Shape, page: Page) -> sql.Composable:
    if page.anchored is None:
        return sql.SQL("")
    return statement(
        "diff_anchored",
        root=root,
        anchor=sql.Identifier(container.root),
        table=sql.Identifier(container.anchor._meta.db_table),
        column=sql.Identifier(page.anchored[0]),
    )


def diff_within(root: sql.Composable, container: Shape, page: Page) -> sql.Composable:
    if page.within is None:
        return sql.SQL("")
    return statement(
        "diff_within",
        root=root,
        anchor=sql.Identifier(container.root),
        table=sql.Identifier(container.table),
        column=sql.Identifier(page.within[0]),
    )
