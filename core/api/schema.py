"""The OpenAPI description, as far as it follows from what every call has in common."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from core.api.fields import StrictSerializer
from core.api.problems import MEDIA_TYPE, TYPE_PREFIX

ANY = [400, 401, 403, 406, 414, 429, 431, 500, 503]
WITH_PATH = [404]
WITH_BODY = [409, 411, 413, 415]
LINKS = "x-links"
WITH_HEADER = {"If-Match": 412, "Idempotency-Key": 422}

IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="Write only if the thing as it is now has this ETag; else 412.",
)
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match",
    str,
    OpenApiParameter.HEADER,
    description="Answer 304 without a body if the ETag is still this one.",
)
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 255},
    OpenApiParameter.HEADER,
    description="Names this call, for one day: sent again with the same body it gets the first "
    "answer, and nothing is written. With another body: 422; while the first is being carried "
    "out: 409.",
)
ETAG = OpenApiParameter(
    "ETag",
    str,
    OpenApiParameter.HEADER,
    response=[200, 201],
    description="What identifies the versions shown.",
)


class ApiSchema(AutoSchema):
    """Takes the query parameters from where the view reads them."""

    def get_override_parameters(self) -> list[Any]:
        query_class = getattr(self.view, "query_class", None)
        query = query_class(self.method)() if query_class else None
        taken: list[Any] = [query] if query and query.fields else []
        handler = getattr(self.view, self.method.lower(), None)
        return [*taken, IDEMPOTENCY_KEY] if getattr(handler, "repeatable", False) else taken

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Any:
        """What a body or query does not know, it refuses."""
        mapped = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        if isinstance(serializer, StrictSerializer):
            mapped["additionalProperties"] = False
        return mapped

    def _get_request_for_media_type(self, serializer: Any, direction: Any = "request") -> Any:
        """An array says how long it may be."""
        schema, required = super()._get_request_for_media_type(serializer, direction)  # type: ignore[no-untyped-call]
        if longest := getattr(serializer, "max_length", None):
            schema = {**schema, "maxItems": longest}
        return schema, required

    def _get_serializer_name(self, serializer: Any, *args: Any, **kwargs: Any) -> str:
        """``EntityShape`` is called Entity by those who use it."""
        name: str = super()._get_serializer_name(serializer, *args, **kwargs)
        return name.removesuffix("Shape")


NAIVE = "A timestamp needs its time zone: end it with Z or with an offset like +01:00."
EXAMPLE = {
    "type": f"{TYPE_PREFIX}invalid_request",
    "title": "The request is not valid",
    "status": 400,
    "detail": f"as_of: {NAIVE}",
    "instance": "/api/v1/entities",
    "errors": [{"field": "as_of", "code": "naive", "detail": NAIVE}],
}

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "What went wrong (RFC 9457).",
    "properties": {
        "type": {
            "type": "string",
            "format": "uri",
            "description": f"Stable; `{TYPE_PREFIX}` and a code.",
        },
        "title": {"type": "string", "description": "The kind of problem, the same every time."},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "This occurrence, in a sentence."},
        "instance": {"type": "string", "description": "The path that was asked for."},
        "errors": {
            "type": "array",
            "description": "Every field or parameter at fault.",
            "items": {
                "type": "object",
                "properties": {
                    "field": {"type": "string"},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
                "required": ["field", "code", "detail"],
            },
        },
    },
    "required": ["type", "title", "status", "detail", "instance", "errors"],
    "example": EXAMPLE,
}


def add_problems(result: dict[str, Any], **_context: Any) -> dict[str, Any]:
    """A postprocessing hook: every call may end in a problem, and each says in which."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = PROBLEM
    responses = components.setdefault("responses", {})
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            for status in problem_statuses(path, method, operation):
                name = HTTPStatus(status).phrase.replace(" ", "")
                responses[name] = problem_response(status)
                reference = {"$ref": f"#/components/responses/{name}"}
                operation["responses"].setdefault(str(status), reference)
    return result


def link(operation_id: str, parameter: str, source: str) -> dict[str, Any]:
    """Where a call leads to: ``source`` in its answer is a parameter of the other one."""
    return {"operationId": operation_id, "parameters": {parameter: f"$response.body#/{source}"}}


def place_links(result: dict[str, Any], **_context: Any) -> dict[str, Any]:
    """A postprocessing hook: the links that a call is described with belong to what it answers."""
    for operations in result["paths"].values():
        for operation in operations.values():
            links = operation.pop(LINKS, None)
            for status in ("200", "201") if links else ():
                if status in operation["responses"]:
                    operation["responses"][status]["links"] = links
    return result


def problem_statuses(path: str, method: str, operation: dict[str, Any]) -> list[int]:
    statuses = list(ANY)
    if "{" in path:
        statuses += WITH_PATH
    if method in ("post", "patch"):
        statuses += WITH_BODY
    named = {parameter["name"] for parameter in operation.get("parameters", ())}
    statuses += [status for name, status in WITH_HEADER.items() if name in named]
    return sorted(statuses)


def problem_response(status: int) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: {"schema": schema}}}
