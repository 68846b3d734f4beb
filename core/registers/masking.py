"""What of a register is hidden from a user, and the trace that seeing personal data leaves."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from core.personal import Mask, log_read, may_view
from core.registers.pii import NOTHING, Hidden
from core.registers.read.fragments import marked_now
from core.registers.register import Register, name_of

Row = dict[str, Any]
Seen = tuple[Any, Collection[Any], Collection[Any]]
"""Of one thing: its key, its types as far as their column was shown, the codes of its details."""


def hidden_from(register: Register, user: Any) -> Hidden:
    """What a user may not see; nothing is read for one who may see everything."""
    return NOTHING if may_view(user, register.app_label) else marked_now(register)


def masks(register: Register) -> Mapping[str, Mask]:
    """What of the log of a register is personal data now, by the label of the model."""
    marked = marked_now(register)
    found: dict[str, Mask] = {}
    if register.pii and register.pii.marked_by:
        label = register.shape.label
        found[label] = Mask(register.pii.marked_by, marked.names, register.pii.column)
    if register.attributes:
        label = register.attributes.details.shape.label
        found[label] = Mask("detail_code", marked.details, "value")
    return found


def log_seen(register: Register, user: Any, seen: Mapping[Any, Collection[str]]) -> None:
    """Leave an event where snapshots or items of a list show a user what is marked."""
    marked = {key: fields for key, fields in seen.items() if fields}
    log_read(user, register.shape.label, marked, set().union(*marked.values()))


def log_versions_seen(register: Register, user: Any, key: Any, rows: Iterable[Row]) -> None:
    """As log_seen, of the history of a thing."""
    by = register.pii and register.pii.marked_by
    log_shown(register, user, ((key, (row.get(str(by)),), (row["inner"],)) for row in rows))


def log_changes_seen(register: Register, user: Any, rows: Iterable[Row]) -> None:
    """As log_seen, of a diff."""
    log_shown(register, user, (changed(register, row) for row in rows))


def changed(register: Register, row: Row) -> Seen:
    fields = json.loads(row["fields"])
    by = str(register.pii and register.pii.marked_by)
    types = fields.get(by, {})
    prefix = f"{name_of(register.attributes.details)}." if register.attributes else ""
    codes = [name.removeprefix(prefix) for name in fields]
    return row[register.shape.root], (row.get(by), types.get("before"), types.get("after")), codes


def log_shown(register: Register, user: Any, shown: Iterable[Seen]) -> None:
    """As log_seen, of things whose types and codes are known."""
    pii = register.pii
    if not may_view(user, register.app_label):
        return
    marked = marked_now(register)
    if not (marked.hides_names or marked.details):
        return
    seen: dict[Any, set[str]] = defaultdict(set)
    for key, types, codes in shown:
        named = pii and (marked.every_name or marked.names.intersection(types))
        columns = {pii.column} if pii and named else set()
        if fields := columns | marked.details.intersection(codes):
            seen[key] |= fields
    log_read(user, register.shape.label, seen, set().union(*seen.values()))
