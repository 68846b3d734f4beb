"""Entities: all of them, one of them, as of an instant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from core.api.bulk import BulkView
from core.api.idempotency import repeatable
from core.api.output import Output
from core.api.params import Query
from core.api.problems import Problem, refused
from core.api.resources import EndableThingView, Lifetime, Resource, Row, Written
from core.api.shapes import split
from core.api.views import PagedView, Place, read_body
from core.registers.sources import require_known_source
from entities import selectors, services
from entities.bulk import EntityItems
from entities.models import Entity, EntityType
from entities.personal import ALL_MARKED, NOTHING, log_seen
from entities.register import ENTITIES
from entities.v1 import described
from entities.v1.serializers.answers import EntityShape, SlimEntityShape
from entities.v1.serializers.bodies import EntityChange, EntityCreate
from entities.v1.serializers.queries import AsOfQuery, ListQuery
from entities.v1.views.masked import MaskedView
from entities.validation import asked_details

UUID_PATH = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
FILTERS = ("q", "type", "detail_code", "source", "source_id")


class EntityResource(MaskedView, Resource):
    """What an entity is, over HTTP."""

    model = Entity
    output = Output(EntityShape)
    slim_output = Output(SlimEntityShape)

    def snapshot(self, key: Any, as_of: datetime | None, known_at: datetime | None) -> Row | None:
        hidden = NOTHING if self.sees_all else ALL_MARKED
        found = selectors.entity_shown(key, as_of=as_of, known_at=known_at, hidden=hidden)
        if found is None:
            return None
        log_seen(self.request.user, {key: found.seen})
        return found.thing

    def periods(self, key: Any, known_at: datetime | None) -> Iterable[Lifetime]:
        return selectors.valid_periods(key, known_at=known_at)

    def link(self, request: Request, key: Any) -> str:
        return str(reverse("entity", args=[key], request=request))


class EntityPagesView(EntityResource, PagedView):
    """Entities valid at an instant."""

    seen: Mapping[UUID, set[str]]

    def reads_once(self) -> bool:
        """What is hidden is asked for in a statement of its own, and so is what details are."""
        return self.sees_all and not self.query.keys() & {"known_at", "detail", "detail_code"}

    def with_details(self, place: Place) -> bool:
        """Whether the details of every entity are shown."""
        raise NotImplementedError

    def rows(self, place: Place, **path: Any) -> list[Row]:
        given: dict[str, Any] = {name: place.query.get(name) for name in FILTERS}
        details = asked_details(place.query.get("detail", {}), given["detail_code"])
        page = selectors.entity_page(
            selectors.EntityFilter(**given, details=details),
            as_of=place.basis.get("as_of"),
            known_at=place.believed_at,
            ordering=turned(place) if place.backward else ordering(place),
            after=place.key,
            limit=place.limit + 1,
            expand_details=self.with_details(place),
            hidden=self.hidden,
        )
        if not page.items:
            refuse_unknown(place.query)
        place.settle(page.now)
        self.seen = {entity["uuid"]: seen for entity, seen in page.items}
        return [entity for entity, _ in page.items]

    def row_key(self, row: Row, place: Place) -> tuple[Any, ...]:
        return row[ordering(place).removeprefix("-")], row["uuid"]

    def answer(self, rows: list[Row], place: Place, **path: Any) -> dict[str, Any]:
        log_seen(self.request.user, {row["uuid"]: self.seen[row["uuid"]] for row in rows})
        output = self.output if self.with_details(place) else self.slim_output
        return {"results": output.many(rows), "basis": place.basis}


@extend_schema_view(get=extend_schema(**described.LIST))
class EntitiesView(EntityPagesView):
    """The entities valid at an instant; a new one."""

    queries: ClassVar[Mapping[str, type[Query]]] = {"GET": ListQuery}

    def with_details(self, place: Place) -> bool:
        return place.query.get("expand") == "details"

    @extend_schema(**described.CREATE)
    @repeatable
    def post(self, request: Request) -> Response:
        said, how = split(read_body(EntityCreate, request))
        context = self.context(request, how)
        start, end = how.get("valid_from"), how.get("valid_to")
        written = services.entity_create(
            **said, valid_from=start, valid_to=end, hidden=self.hidden, context=context
        )
        return self.answer_to_write(request, written.uuid, written, start)


@extend_schema_view(get=extend_schema(**described.AS_OF))
class EntitiesAsOfView(EntityPagesView):
    """The entities valid at an instant, with their details."""

    queries: ClassVar[Mapping[str, type[Query]]] = {"GET": AsOfQuery}

    def with_details(self, place: Place) -> bool:
        return True


@extend_schema_view(
    get=extend_schema(**described.SNAPSHOT),
    patch=extend_schema(**described.CHANGE),
    delete=extend_schema(**described.END),
)
class EntityView(EntityResource, EndableThingView):
    """One entity."""

    change_body = EntityChange

    def reads_once(self) -> bool:
        return "known_at" not in self.query

    def key_of(self, **path: Any) -> UUID:
        return entity_key(path["entity_uid"])

    def update(self, key: Any, changes: Row, **how: Any) -> Written:
        return services.entity_update(uuid=key, changes=changes, hidden=self.hidden, **how)

    def end(self, key: Any, **how: Any) -> Written:
        return services.entity_end(uuid=key, hidden=self.hidden, **how)


@extend_schema_view(post=extend_schema(**described.BULK))
class EntityBulkView(MaskedView, BulkView):
    """Many entities in one call."""

    model = Entity

    def door(self) -> EntityItems:
        return EntityItems(self.hidden)


def ordering(place: Place) -> str:
    return str(place.query.get("ordering", "display_name"))


def turned(place: Place) -> str:
    """The ordering, read from the end."""
    given = ordering(place)
    return given.removeprefix("-") if given.startswith("-") else f"-{given}"


def entity_key(text: str) -> UUID:
    """The uuid in a path. Raises a 404 for what is none."""
    if not UUID_PATH.fullmatch(text):
        raise Problem(404, "not_found", f"There is no entity {text}: this is not a UUID.")
    return UUID(text)


def refuse_unknown(query: Mapping[str, Any]) -> None:
    """Raises a 400 for a type or source that was never there, so that a slip is not an empty
    list.
    """
    require_known_source(ENTITIES, query.get("source"))
    code = query.get("type")
    if code is not None and not selectors.type_periods(EntityType, code):
        raise refused("type", "unknown_type", f"There is no entity type {code}.")
