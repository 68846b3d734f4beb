"""Where to begin."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view

from core.api.index import ApiIndexView
from entities.v1.examples import answered

PLACES = {
    "entities": "entities",
    "entities_as_of": "entities-asof",
    "entities_bulk": "entities-bulk",
    "diff": "diff",
    "changes": "changes",
    "audit": "audit",
    "entity_types": "entity-types",
    "detail_types": "detail-types",
    "tokens": "tokens",
    "schema": "schema",
    "docs": "docs",
    "redoc": "redoc",
}
SHAPE: dict[str, Any] = {
    "type": "object",
    "properties": {place: {"type": "string", "format": "uri"} for place in PLACES},
    "required": list(PLACES),
}

HOST = "https://entities.example"
EXAMPLE = {
    "entities": f"{HOST}/api/v1/entities",
    "entities_as_of": f"{HOST}/api/v1/entities-asof",
    "entities_bulk": f"{HOST}/api/v1/entities/bulk",
    "diff": f"{HOST}/api/v1/diff",
    "changes": f"{HOST}/api/v1/changes",
    "audit": f"{HOST}/api/v1/audit",
    "entity_types": f"{HOST}/api/v1/entity-types",
    "detail_types": f"{HOST}/api/v1/detail-types",
    "tokens": f"{HOST}/api/v1/auth/tokens",
    "schema": f"{HOST}/schema",
    "docs": f"{HOST}/docs",
    "redoc": f"{HOST}/redoc",
}


@extend_schema_view(
    get=extend_schema(
        operation_id="index",
        summary="What there is",
        tags=["index"],
        responses={(200, "application/json"): SHAPE},
        examples=answered(EXAMPLE),
    )
)
class IndexView(ApiIndexView):
    """The addresses of what there is."""

    places = PLACES
