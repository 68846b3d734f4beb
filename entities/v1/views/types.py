"""Types of entities and of details: the same calls, twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from core.api.fields import Body
from core.api.idempotency import repeatable
from core.api.output import Output
from core.api.params import Query
from core.api.resources import HistoryView, Lifetime, Resource, Row, ThingView, Written, no_such
from core.api.shapes import split
from core.api.views import PagedView, Place, read_body
from core.names import identifier
from core.personal import may_view
from entities import selectors, services
from entities.abstract import is_code
from entities.models import DetailType, EntityType
from entities.personal import APP
from entities.v1 import described
from entities.v1.serializers import answers, bodies
from entities.v1.serializers.queries import TypeListQuery


class TypeResource(Resource):
    """What a type is, over HTTP. ``url_name`` names the path of one."""

    url_name: ClassVar[str]

    def snapshot(self, key: Any, as_of: datetime | None, known_at: datetime | None) -> Row | None:
        return selectors.type_snapshot(self.model, key, as_of=as_of, known_at=known_at)

    def periods(self, key: Any, known_at: datetime | None) -> Iterable[Lifetime]:
        return selectors.type_periods(self.model, key, known_at=known_at)

    def link(self, request: Request, key: Any) -> str:
        return str(reverse(self.url_name, args=[key], request=request))


class TypesView(TypeResource, PagedView):
    """The types valid at an instant, by code."""

    queries: ClassVar[Mapping[str, type[Query]]] = {"GET": TypeListQuery}
    create_body: ClassVar[type[Body]]
    create: Callable[..., services.TypeWritten]

    def rows(self, place: Place, **path: Any) -> list[Row]:
        return selectors.type_list(
            self.model,
            as_of=place.basis["as_of"],
            known_at=place.believed_at,
            ordering="-code" if place.backward else "code",
            after=place.key,
            limit=place.limit + 1,
        )

    def row_key(self, row: Row, place: Place) -> tuple[Any, ...]:
        return (row["code"],)

    def answer(self, rows: list[Row], place: Place, **path: Any) -> dict[str, Any]:
        return {"results": self.output.many(rows), "basis": place.basis}

    @repeatable
    def post(self, request: Request) -> Response:
        said, how = split(read_body(self.create_body, request))
        context = self.context(request, how)
        start, end = how.get("valid_from"), how.get("valid_to")
        may_unmark = may_view(request.user, APP)
        written = self.create(
            **said, valid_from=start, valid_to=end, may_unmark=may_unmark, context=context
        )
        return self.answer_to_write(request, written.code, written, start)


class TypeView(TypeResource, ThingView):
    """One type."""

    service: Callable[..., services.TypeWritten]

    def key_of(self, **path: Any) -> str:
        return type_key(self.model, path["code"])

    def update(self, key: Any, changes: Row, **how: Any) -> Written:
        may_unmark = may_view(self.request.user, APP)
        return self.service(code=key, changes=changes, may_unmark=may_unmark, **how)


class TypeHistoryView(HistoryView):
    """All versions of a type, newest first."""

    output: ClassVar[Output]

    def rows(self, place: Place, **path: Any) -> list[Row]:
        code = type_key(self.model, path["code"])
        rows = selectors.type_history(self.model, code, **self.wanted(place))
        if not rows and not selectors.type_history(self.model, code, superseded=True, limit=1):
            raise no_such(self.model, code)
        return rows

    def answer(self, rows: list[Row], place: Place, **path: Any) -> dict[str, Any]:
        return {
            "code": type_key(self.model, path["code"]),
            "versions": self.output.many(rows),
            **place.basis,
        }


def type_key(model: Any, text: str) -> str:
    """The code in a path, in the one form of codes. Raises a 404 for what is none."""
    try:
        code = identifier(text)
        is_code(code)
    except (ValueError, ValidationError) as error:
        raise no_such(model, text) from error
    return code


# Types of entities


@extend_schema_view(
    get=extend_schema(**described.ENTITY_TYPES["list"]),
    post=extend_schema(**described.ENTITY_TYPES["create"]),
)
class EntityTypesView(TypesView):
    """Types of entities."""

    model = EntityType
    url_name = "entity-type"
    output = Output(answers.EntityTypeShape)
    create_body = bodies.EntityTypeCreate
    create = staticmethod(services.entity_type_create)


@extend_schema_view(
    get=extend_schema(**described.ENTITY_TYPES["snapshot"]),
    patch=extend_schema(**described.ENTITY_TYPES["change"]),
)
class EntityTypeView(TypeView):
    """One type of entities."""

    model = EntityType
    url_name = "entity-type"
    output = Output(answers.EntityTypeShape)
    change_body = bodies.EntityTypeChange
    service = staticmethod(services.entity_type_update)


@extend_schema_view(get=extend_schema(**described.ENTITY_TYPES["history"]))
class EntityTypeHistoryView(TypeHistoryView):
    """All versions of a type of entities."""

    model = EntityType
    output = Output(answers.EntityTypeVersionShape)


# Types of details


class DetailTypeFindings:
    """How many held values do not match the pattern that was set."""

    def findings(self, written: services.TypeWritten) -> Row:
        return {"values_not_matching": written.mismatches}


@extend_schema_view(
    get=extend_schema(**described.DETAIL_TYPES["list"]),
    post=extend_schema(**described.DETAIL_TYPES["create"]),
)
class DetailTypesView(DetailTypeFindings, TypesView):
    """Types of details."""

    model = DetailType
    url_name = "detail-type"
    output = Output(answers.DetailTypeShape)
    create_body = bodies.DetailTypeCreate
    create = staticmethod(services.detail_type_create)


@extend_schema_view(
    get=extend_schema(**described.DETAIL_TYPES["snapshot"]),
    patch=extend_schema(**described.DETAIL_TYPES["change"]),
)
class DetailTypeView(DetailTypeFindings, TypeView):
    """One type of details."""

    model = DetailType
    url_name = "detail-type"
    output = Output(answers.DetailTypeShape)
    change_body = bodies.DetailTypeChange
    service = staticmethod(services.detail_type_update)


@extend_schema_view(get=extend_schema(**described.DETAIL_TYPES["history"]))
class DetailTypeHistoryView(TypeHistoryView):
    """All versions of a type of details."""

    model = DetailType
    output = Output(answers.DetailTypeVersionShape)
