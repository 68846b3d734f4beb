"""What changed between two instants."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema, extend_schema_view
from orjson import Fragment

from core.api.params import Query
from core.api.reading import Moment
from core.api.resources import Row
from core.api.views import PagedView, Place
from core.datetimes import LAST_INSTANT
from entities import selectors
from entities.models import Entity
from entities.personal import log_changes_seen
from entities.v1 import described
from entities.v1.serializers.queries import DiffQuery
from entities.v1.views.entities import refuse_unknown
from entities.v1.views.masked import MaskedView

TICK = timedelta(microseconds=1)


@extend_schema_view(get=extend_schema(**described.DIFF))
class DiffView(MaskedView, PagedView):
    """What became of entities and their fields between two instants."""

    model = Entity
    queries: ClassVar[Mapping[str, type[Query]]] = {"GET": DiffQuery}

    def reads_once(self) -> bool:
        """A page after the first: its cursor brings the instants."""
        return self.sees_all and self.cursor is not None

    def basis(self, moment: Moment) -> Mapping[str, datetime]:
        query = self.query
        return {
            "from": query.get("at") or query["from"],
            "to": query.get("at") or query["to"],
            "known_from": moment.knowledge(query.get("known_from"), "known_from"),
            "known_to": moment.knowledge(query.get("known_to"), "known_to"),
        }

    def rows(self, place: Place, **path: Any) -> list[Row]:
        found = selectors.entity_diff(
            from_=beginning(place),
            to=ending(place),
            known_from=place.basis["known_from"],
            known_to=place.basis["known_to"],
            type=place.query.get("type"),
            entity=place.query.get("entity"),
            source=place.query.get("source"),
            after=place.key[0] if place.key else None,
            backwards=place.backward,
            limit=place.limit + 1,
            hidden=self.hidden,
        )
        if not found:
            refuse_unknown(place.query)
        return found

    def row_key(self, row: Row, place: Place) -> tuple[Any, ...]:
        return (row["uuid"],)

    def answer(self, rows: list[Row], place: Place, **path: Any) -> dict[str, Any]:
        log_changes_seen(self.request.user, rows)
        results = [{**row, "fields": Fragment(row["fields"])} for row in rows]
        return {**place.basis, "results": results, "masked": sorted(self.hidden.details)}


def beginning(place: Place) -> datetime:
    """From when on steps count: with ``at`` never, so that the belief alone differs."""
    return ending(place) + TICK if "at" in place.query else place.basis["from"]


def ending(place: Place) -> datetime:
    """The last instant that is looked at; nothing is ever written for the last there is."""
    return min(place.basis["to"], LAST_INSTANT - TICK)
