"""A page of the things of a register that hold at an instant, filtered and in order."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from psycopg import sql

from core.collation import search_key, sort_key
from core.collation.expressions import SearchKey, SortKey
from core.models.scd2.exceptions import InvalidChange
from core.registers.pii import NOTHING, Hidden
from core.registers.read.fragments import (
    NULL_TEXT,
    fixed_parts,
    held_contents,
    held_details,
    holds,
    instant,
    root,
    shown_parts,
)
from core.registers.read.snapshot import Shown, shown
from core.registers.read.sql import statement
from core.registers.register import Contains, Register
from core.rows import fetch

Place = tuple[Any, Any]
"""The last thing of a page: the column that orders the list, and the key."""
NO_CONDITION = sql.SQL("")


class PlaceLost(InvalidChange):
    """A place in a list that is no longer ordered as it was."""

    code = "place_lost"


@dataclasses.dataclass(frozen=True, slots=True)
class Criteria:
    """Which things a list shows.

    ``values``: by the parameter of a filter; none for any. ``detail_code``: who holds that detail.
    ``details``: who holds these values, as canonical text by code.
    """

    values: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    detail_code: str | None = None
    details: Mapping[str, str] = dataclasses.field(default_factory=dict)


class Page(NamedTuple):
    """Things in order; ``now`` is the clock that was read with them, None if nothing was."""

    now: datetime | None
    items: list[Shown]


class Group(enum.Enum):
    """Things that a list orders in one way."""

    ALL = None
    VISIBLE = "filter_visible"
    MASKED = "filter_masked"


def page(
    register: Register,
    criteria: Criteria,
    *,
    as_of: datetime | None = None,
    known_at: datetime | None = None,
    ordering: str,
    after: Place | None = None,
    limit: int,
    expand: bool = False,
    hidden: Hidden = NOTHING,
) -> Page:
    """A page of the things valid at ``as_of``. One statement.

    ``ordering``: a column of the register, with ``-`` in front for descending; texts come
    alphabetically, then by code points, equal ones by the key. ``after``: that column and the key
    of the last thing of the page before. ``expand`` brings along what the things contain. Where the
    column of personal data is hidden, it orders nothing: such things come after all others, by key,
    which is one more statement, where it is reached; no filter by a part of it finds them. Raises
    PersonalData for a filter by a hidden detail, and PlaceLost for an ``after`` without a value
    where none is hidden any more.
    """
    refuse_asked(hidden, criteria)
    column, backwards = ordering.removeprefix("-"), ordering.startswith("-")
    at = instant(now=as_of is None)
    fragments, parameters = conditions(register, criteria, at)
    parameters |= {"as_of": as_of, "known_at": known_at, **hidden.parameters()}
    now: datetime | None = None
    items: list[Shown] = []
    groups = groups_of(register, criteria, hidden, column)
    for group, start in groups_from(groups, backwards, after):
        if len(items) == limit:
            break
        query = page_query(
            register,
            fragments,
            column,
            group,
            backwards,
            version_holds=holds("version", at),
            **contents(register, at, expand=expand, believed_now=known_at is None),
        )
        last, last_key = start or (None, None)
        place = {
            "after": last,
            "after_key": sort_key(last) if isinstance(last, str) else None,
            "after_root": last_key,
            "limit": limit - len(items),
        }
        for now, ident, *row in fetch(query, parameters | place):  # noqa: B007 - the last is kept
            if ident is not None:
                items.append(shown(register, (ident, *row), known_at, hidden))
                del items[-1].thing["versions"]
    return Page(now, items)


def contents(
    register: Register, at: sql.Composable, *, expand: bool, believed_now: bool
) -> dict[str, sql.Composable]:
    if not expand:
        return {"details": NULL_TEXT, "contents": NULL_TEXT}
    return {
        "details": held_details(register, at, believed_now=believed_now),
        "contents": held_contents(register, at, believed_now=believed_now),
    }


# What is hidden is neither searched nor ordered by


def refuse_asked(hidden: Hidden, criteria: Criteria) -> None:
    """Raises PersonalData for a filter by a detail that is hidden."""
    for code in criteria.details:
        hidden.refuse_asked(code, f"detail[{code}]")
    hidden.refuse_asked(criteria.detail_code, "detail_code")


def groups_of(register: Register, criteria: Criteria, hidden: Hidden, column: str) -> list[Group]:
    """What an ascending list consists of, one after the other."""
    pii = register.pii
    if pii is None or not hidden.hides_names:
        return [Group.ALL]
    wanted = wanted_type(register, criteria)
    if wanted is not None and not hidden.every_name and wanted not in hidden.names:
        return [Group.ALL]
    all_hidden = hidden.every_name or wanted is not None
    if searches(register, criteria):
        return [] if all_hidden else [Group.VISIBLE]
    if column != pii.column:
        return [Group.ALL]
    return [Group.MASKED] if all_hidden else [Group.VISIBLE, Group.MASKED]


def wanted_type(register: Register, criteria: Criteria) -> Any:
    """The type that the list is restricted to, if types mark the personal data of the things."""
    marked_by = register.pii and register.pii.marked_by
    found = [
        criteria.values[each.param]
        for each in register.filters
        if each.column == marked_by and each.param in criteria.values
    ]
    return found[0] if found else None


def searches(register: Register, criteria: Criteria) -> bool:
    """Whether the list is filtered by the column of personal data."""
    column = register.pii and register.pii.column
    return any(each.column == column and each.param in criteria.values for each in register.filters)


def groups_from(
    groups: list[Group], backwards: bool, after: Place | None
) -> Iterator[tuple[Group, Place | None]]:
    """The groups in reading direction that come after a place, the first with the place in it."""
    if after is not None and after[0] is None and Group.MASKED not in groups:
        raise PlaceLost("What is personal data has changed: begin the list anew.", field="cursor")
    ordered = groups[::-1] if backwards else groups
    if after is not None and len(ordered) > 1:
        ordered = ordered[ordered.index(Group.MASKED if after[0] is None else Group.VISIBLE) :]
    for number, group in enumerate(ordered):
        yield group, None if number else after


# The statement


def page_query(
    register: Register,
    fragments: Sequence[sql.Composable],
    column: str,
    group: Group,
    backwards: bool,
    **parts: sql.Composable,
) -> sql.Composed:
    """The statement of a page; masked things are ordered by their key alone."""
    order = [] if group is Group.MASKED else order_of(register, column)
    key = sql.SQL("%(after_root)s::{}").format(sql.SQL(register.shape.types[register.shape.root]))
    order = [*order, (root(register), key)]
    direction = sql.SQL(" DESC" if backwards else " ASC")
    return statement(
        "page",
        **shown_parts(register),
        filters=sql.SQL("\n").join([*fragments, *condition_of(register, group)]),
        order_columns=sql.SQL(", ").join(each for each, _ in order),
        after=sql.SQL(", ").join(place for _, place in order),
        beyond=sql.SQL("<" if backwards else ">"),
        order=sql.SQL(", ").join(each + direction for each, _ in order),
        **parts,
    )


def condition_of(register: Register, group: Group) -> list[sql.Composable]:
    """The condition of a group; where a column always is personal data there is nothing to ask."""
    pii = register.pii
    if group is Group.ALL or pii is None or pii.marked_by is None:
        return []
    return [statement(group.value, by=sql.Identifier("version", pii.marked_by))]


def order_of(register: Register, column: str) -> list[tuple[sql.Composable, sql.Composable]]:
    """The columns that order a list, before the key, and what they were on the page before.

    The expressions are those of the indexes of the model.
    """
    shape = register.shape
    if column in shape.key:
        return []
    name = sql.Identifier("version", column)
    kind = shape.types.get(column, "timestamptz")
    if kind != "text":
        return [(name, sql.SQL("%(after)s::{}").format(sql.SQL(kind)))]
    key = key_of(register, SortKey, column)
    return [
        (key, sql.SQL("%(after_key)s::text")),
        (sql.SQL('{} COLLATE "C"').format(name), sql.SQL("%(after)s::text")),
    ]


@cache
def key_of(register: Register, function: type[SearchKey | SortKey], column: str) -> sql.Composable:
    """A key of a column: where the model stores it, the generated column, else the call."""
    for field in register.model._meta.concrete_fields:
        if field.generated and field.expression == function(column):  # type: ignore[attr-defined]
            return sql.Identifier("version", field.name)
    name = sql.Identifier("version", column)
    return sql.SQL('{}({}) COLLATE "C"').format(sql.SQL(function.function), name)


# Filters


def conditions(
    register: Register, criteria: Criteria, as_of: sql.Composable
) -> tuple[list[sql.Composable], dict[str, Any]]:
    """The fragments of a page's WHERE, and their parameters."""
    fragments: list[sql.Composable] = []
    parameters: dict[str, Any] = {}
    for number, (param, value) in enumerate(criteria.values.items()):
        name = f"filter_{number}"
        each = register.filter_of(param)
        contains = isinstance(each, Contains)
        parameters[name] = f"%{escaped(search_key(value))}%" if contains else value
        fragments.append(condition(register, each, sql.Placeholder(name)))
    if criteria.detail_code is not None:
        parameters["detail_code"] = criteria.detail_code
        code = sql.Placeholder("detail_code")
        fragments.append(holding(register, as_of, code))
    for number, (code_asked, text) in enumerate(criteria.details.items()):
        parameters |= {f"code_{number}": code_asked, f"value_{number}": text}
        value = statement("filter_value", value=sql.Placeholder(f"value_{number}"))
        fragments.append(holding(register, as_of, sql.Placeholder(f"code_{number}"), value))
    return fragments, parameters


def condition(register: Register, each: Any, value: sql.Placeholder) -> sql.Composed:
    column = sql.Identifier("version", each.column)
    if isinstance(each, Contains):
        key = key_of(register, SearchKey, each.column)
        return statement("filter_contains", key=key, value=value)
    if each.column in register.identity:
        own = sql.Identifier(each.column)
        return statement("filter_anchor", **fixed_parts(register), column=own, value=value)
    return statement("filter_column", column=column, value=value)


def holding(
    register: Register,
    as_of: sql.Composable,
    code: sql.Placeholder,
    value: sql.Composable = NO_CONDITION,
) -> sql.Composed:
    """The fragment that asks for holders of a detail."""
    assert register.attributes is not None
    shape = register.attributes.details.shape
    return statement(
        "filter_detail",
        table=sql.Identifier(shape.table),
        thing=sql.Identifier("held", shape.root),
        root=root(register),
        code=code,
        held_holds=holds("held", as_of),
        value=value,
    )


def escaped(text: str) -> str:
    """Text that stands for itself in a pattern of LIKE."""
    for special in "\\%_":
        text = text.replace(special, f"\\{special}")
    return text
