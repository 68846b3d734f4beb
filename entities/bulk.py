"""Many entities in one call: the rows of a feed, without a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from core.ingest.door import Items
from core.models.scd2.exceptions import InvalidChange, ItemsRefused, Scd2Error
from core.models.scd2.staging import Load
from entities.ingest import TRACKED, EntityRows, ends
from entities.models import Entity
from entities.personal import Hidden
from entities.services import cannot_rename, unnameable


class EntityItems(EntityRows):
    """Items of a request: as the rows of a file, and one that names nothing is a new entity.

    ``hidden``: what the writer may not see, and so may not write.
    """

    def __init__(self, hidden: Hidden) -> None:
        super().__init__(source=None, effective=None)
        self.hidden = hidden
        self.naming: dict[UUID, int] = {}

    def from_object(self, line: int, value: Mapping[str, Any]) -> Items:
        """Raises PersonalData, too."""
        items = super().from_object(line, value)
        self.hidden.refuse_written(value, value.get("details", ()))
        for item in items[Entity.shape]:
            if item.sets is not None:
                self.naming.setdefault(item.key[0], line)
        return items

    def misfits(self, rows: Sequence[Items]) -> dict[int, Scd2Error]:
        """Asked before the locks, too: what changes nothing would tell what a name is."""
        return super().misfits(rows) | dict(self.renamings())

    def check(self, load: Load, instant: datetime) -> None:
        super().check(load, instant)
        if refused := self.renamings():
            raise ItemsRefused(refused)

    def renamings(self) -> list[tuple[int, Scd2Error]]:
        """Items about entities whose name is hidden from the writer."""
        if not self.hidden.names:
            return []
        hidden = unnameable(self.naming, self.hidden)
        return [(self.naming[uuid], cannot_rename("display_name")) for uuid in hidden]

    def nameless(self, row: Mapping[str, Any]) -> UUID:
        """A new uuid. Raises InvalidChange for what can only be about an entity that is there."""
        if ends(row):
            raise InvalidChange("What ends is named, by uuid or by source and source_id.")
        for name in TRACKED:
            if name not in row:
                raise InvalidChange("A new entity needs it.", field=name)
        return uuid4()
