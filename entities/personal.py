"""What is personal data, and what of it is hidden from a reader.

Types are marked: of an entity type the names of its entities are personal (``is_pii_name``), of a
detail type the values (``is_pii``). What is marked now decides, whatever instant is asked about. A
reader without the right sees such a name as null and such a detail not at all, but for its code
in ``masked``. Selectors and services take what is hidden as one value, ``hidden``.
"""

from __future__ import annotations

import dataclasses
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from core.personal import log_read, may_view
from core.rows import fetch
from entities.exceptions import PersonalData
from entities.sql import statement

APP = "entities"
MODEL = "entities.entity"
Row = dict[str, Any]


@dataclasses.dataclass(frozen=True, slots=True)
class Hidden:
    """Codes of types: of entities whose ``names``, and of ``details`` whose values are hidden.

    ``visible``: the other types of entities, where any is hidden. ``all_marked``: whatever is
    marked, as a statement that shows things finds it.
    """

    names: frozenset[str] = frozenset()
    details: frozenset[str] = frozenset()
    visible: frozenset[str] = frozenset()
    all_marked: bool = False

    def hides_name(self, code: str, marked: bool) -> bool:
        return (self.all_marked and marked) or code in self.names

    def hides_detail(self, code: str, marked: bool) -> bool:
        return (self.all_marked and marked) or code in self.details

    def parameters(self) -> dict[str, list[str]]:
        """As statements take it."""
        return {
            "hidden_names": sorted(self.names),
            "hidden_details": sorted(self.details),
            "visible_names": sorted(self.visible),
        }

    def refuse_asked(self, code: str | None, field: str) -> None:
        """Raises PersonalData for a question about a detail that is hidden."""
        if code in self.details:
            raise PersonalData(f"{code} is personal data: you cannot ask for it.", field=field)

    def refuse_written(self, payload: Mapping[str, Any], codes: Iterable[str]) -> None:
        """Raises PersonalData for what would be hidden from its writer once it is written."""
        if payload.get("entity_type") in self.names:
            raise PersonalData(
                "The names of this type are personal data: you cannot write them.",
                field="entity_type",
            )
        for code in self.details.intersection(codes):
            raise PersonalData(
                f"{code} is personal data: you cannot write it.", field=f"details.{code}"
            )


NOTHING = Hidden()
ALL_MARKED = Hidden(all_marked=True)


def marked_now() -> Hidden:
    """All that is marked. One statement."""
    [codes] = fetch(statement("marked_now", kinds=statement("kinds")), {})
    names, details, others = map(frozenset, codes)
    return Hidden(names, details, others)


def hidden_from(user: Any) -> Hidden:
    """What a user may not see; nothing is read for one who may see everything."""
    return NOTHING if may_view(user, APP) else marked_now()


# The trace

Shown = tuple[UUID, Collection[Any], Collection[Any]]
"""Of one thing: its uuid, its types as far as its name was shown, the codes of its details."""


def log_seen(user: Any, seen: Mapping[UUID, Collection[str]]) -> None:
    """Leave an event where snapshots or items of a list show a user what is marked."""
    marked = {uuid: fields for uuid, fields in seen.items() if fields}
    log_read(user, MODEL, marked, set().union(*marked.values()))


def log_versions_seen(user: Any, uuid: UUID, rows: Iterable[Row]) -> None:
    """As log_seen, of an entity's history."""
    log_shown(user, ((uuid, (row.get("entity_type"),), (row["detail_code"],)) for row in rows))


def log_changes_seen(user: Any, rows: Iterable[Row]) -> None:
    """As log_seen, of a diff."""
    log_shown(user, map(changed, rows))


def changed(row: Row) -> Shown:
    fields = json.loads(row["fields"])
    types = fields.get("entity_type", {})
    codes = [name.removeprefix("details.") for name in fields]
    return row["uuid"], (row["entity_type"], types.get("before"), types.get("after")), codes


def log_shown(user: Any, shown: Iterable[Shown]) -> None:
    if not may_view(user, APP):
        return
    marked = marked_now()
    if not (marked.names or marked.details):
        return
    seen: dict[UUID, set[str]] = defaultdict(set)
    for uuid, types, codes in shown:
        names = {"display_name"} if marked.names.intersection(types) else set()
        if fields := marked.details.intersection(codes) | names:
            seen[uuid] |= fields
    log_read(user, MODEL, seen, set().union(*seen.values()))
