"""What was said about an entity, and when."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view

from core.api.output import Output
from core.api.resources import HistoryView, Row, no_such
from core.api.views import Place
from core.registers.masking import log_versions_seen
from core.registers.read.history import history, masked_details
from core.registers.read.snapshot import exists
from entities.models import Entity
from entities.register import ENTITIES
from entities.v1 import described
from entities.v1.serializers.answers import DetailVersionShape, EntityVersionShape
from entities.v1.views.entities import entity_key
from entities.v1.views.masked import MaskedView


@extend_schema_view(get=extend_schema(**described.HISTORY))
class EntityHistoryView(MaskedView, HistoryView):
    """All versions of an entity and of its details, newest first."""

    model = Entity
    output = Output(EntityVersionShape)
    detail_output = Output(DetailVersionShape)

    def rows(self, place: Place, **path: Any) -> list[Row]:
        key = entity_key(path["entity_uid"])
        rows = history(ENTITIES, key, **self.wanted(place), hidden=self.hidden)
        if not rows and not exists(ENTITIES, key):
            raise no_such(self.model, key)
        return rows

    def answer(self, rows: list[Row], place: Place, **path: Any) -> dict[str, Any]:
        details: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            if row["inner"] is not None:
                details[row["inner"]].append(self.detail_output.one(row))
        own = [row for row in rows if row["inner"] is None]
        key = entity_key(path["entity_uid"])
        log_versions_seen(ENTITIES, self.request.user, key, rows)
        wanted = {name: self.wanted(place)[name] for name in ("known_at", "superseded")}
        return {
            "uuid": key,
            "entity": self.output.many(own),
            "details": details,
            "masked": masked_details(ENTITIES, key, **wanted, hidden=self.hidden),
            **place.basis,
        }
