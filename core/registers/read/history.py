"""The versions of a thing of a register and of what it contains."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from psycopg import sql

from core.models.scd2.history import Position
from core.models.scd2.history import history as versions
from core.models.scd2.model import VersionedModel
from core.registers.attributes.values import json_of
from core.registers.pii import NOTHING, Hidden
from core.registers.read.fragments import data_types
from core.registers.read.sql import statement
from core.registers.register import Register
from core.rows import fetch

Row = dict[str, Any]


def history(
    register: Register,
    key: Any,
    *,
    known_at: datetime | None = None,
    superseded: bool = False,
    after: Position | None = None,
    limit: int,
    hidden: Hidden = NOTHING,
) -> list[Row]:
    """Versions of a thing and of what it contains, newest first. One statement a model, two more
    at most.

    Each says besides its columns of which contained ``model`` it is (None for the thing itself) and
    of which ``inner`` key, and where it stands (``position``, the ``after`` of the next page). Of
    details that are hidden there is none: ``masked_details`` names them. The reason of a call that
    wrote what is hidden is None.
    """
    items = versions(
        [register.shape, *(model.shape for model in register.contents)],
        key,
        known_at=known_at,
        superseded=superseded,
        after=after,
        limit=limit,
        left_out=hidden.details,
    )
    types = data_types(register) if any(len(item.key) > 1 for item in items) else {}
    masked_at = masked_instants(register, key, hidden) if items else frozenset()
    rows = []
    for item in items:
        model = item.shape.model if len(item.key) > 1 else None
        inner = item.key[1] if model else None
        if model is None:
            mask(register, item.version, hidden)
        elif is_detail(register, model):
            item.version["value"] = json_of(types.get(str(inner)), item.version["value"])
        if item.version["system_from"] in masked_at:
            item.version["reason"] = None
        row = {"model": model, "inner": inner, **item.version, "position": item.position}
        rows.append(row)
    return rows


def is_detail(register: Register, model: type[VersionedModel]) -> bool:
    return register.attributes is not None and model is register.attributes.details


def mask(register: Register, version: Row, hidden: Hidden) -> None:
    """Take from a thing's version what is hidden."""
    pii = register.pii
    if pii and hidden.hides_name(version.get(str(pii.marked_by)), marked=False):
        version[pii.column] = version["hash_diff"] = None


def masked_instants(register: Register, key: Any, hidden: Hidden) -> frozenset[datetime]:
    """The system instants of the calls that wrote what is hidden of a thing.

    Their reasons are hidden with it: one reason speaks of all that its call wrote.
    """
    if not (hidden.hides_names or hidden.details):
        return frozenset()
    parameters = {"key": key, **hidden.parameters()}
    return frozenset(instant for (instant,) in fetch(masked_query(register), parameters))


@cache
def masked_query(register: Register) -> sql.Composed:
    arms = []
    if register.pii:
        by = register.pii.marked_by
        arms.append(masked_versions(register.model, by, "hidden_names"))
    if register.attributes:
        arms.append(masked_versions(register.attributes.details, "detail_code", "hidden_details"))
    return statement("masked_instants", versions=sql.SQL(" UNION ALL ").join(arms))


def masked_versions(model: type[VersionedModel], by: str | None, parameter: str) -> sql.Composed:
    is_hidden: sql.Composable = sql.SQL("true")
    if by:
        column, codes = sql.Identifier("version", by), sql.Placeholder(parameter)
        is_hidden = sql.SQL("{} = ANY({}::text[])").format(column, codes)
    return statement(
        "masked_versions",
        table=sql.Identifier(model.shape.table),
        root=sql.Identifier("version", model.shape.root),
        is_hidden=is_hidden,
    )


def masked_details(
    register: Register,
    key: Any,
    *,
    known_at: datetime | None = None,
    superseded: bool = False,
    hidden: Hidden,
) -> list[str]:
    """The codes of the details that a history leaves out because they are hidden."""
    if not hidden.details or register.attributes is None:
        return []
    shape = register.attributes.details.shape
    query = statement(
        "masked_details",
        table=sql.Identifier(shape.table),
        thing=sql.Identifier("detail", shape.root),
    )
    parameters = {"key": key, "known_at": known_at, "superseded": superseded}
    return [code for (code,) in fetch(query, parameters | hidden.parameters())]
