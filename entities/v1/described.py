"""What the schema says of every call; the parameters follow from the views."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter
from rest_framework.serializers import ListSerializer

from core.api.bulk import MAX_ITEMS
from core.api.schema import ETAG, IF_MATCH, IF_NONE_MATCH, LINKS, link
from entities.abstract import CODE_LENGTH, CODE_PATTERN
from entities.v1 import examples
from entities.v1.examples import answered, asked
from entities.v1.serializers import answers, bodies

Described = dict[str, Any]

ENTITY_PATH = OpenApiParameter(
    "entity_uid", OpenApiTypes.UUID, OpenApiParameter.PATH, description="The entity's uuid."
)
CODE_PATH = OpenApiParameter(
    "code",
    {"type": "string", "pattern": CODE_PATTERN, "maxLength": CODE_LENGTH},
    OpenApiParameter.PATH,
    description="The type's code.",
)
LOCATION = OpenApiParameter(
    "Location",
    OpenApiTypes.URI,
    OpenApiParameter.HEADER,
    response=[201],
    description="The address of what was created.",
)
DETAIL = OpenApiParameter(
    "detail",
    {"type": "object", "additionalProperties": {"type": "string"}},
    OpenApiParameter.QUERY,
    style="deepObject",
    explode=True,
    description="Those that hold these values: `detail[CODE]=value`, several at once. A value is "
    "written as text of its type: `12`, `12.50`, `true`, `2024-03-31`.",
    examples=[OpenApiExample("By one detail", value={"BIC": "OLBODEH2XXX"})],
)


def leading(parameter: str, source: str, **operations: str) -> dict[str, Any]:
    """Links to other calls about what the answer is about, by their names."""
    return {
        LINKS: {name: link(call, parameter, source) for name, call in operations.items()},
    }


TO_ENTITY = leading(
    "entity_uid",
    "uuid",
    snapshot="entities_retrieve",
    change="entities_update",
    end="entities_end",
    history="entities_history",
)
TO_LISTED = leading(
    "entity_uid", "results/0/uuid", snapshot="entities_retrieve", history="entities_history"
)
CREATED = "Not there before, or ended before: created."
THERE = "Named by the caller and already all that is said: nothing is written."

LIST: Described = {
    "operation_id": "entities_list",
    "summary": "Entities at an instant",
    "description": "The entities valid at `as_of`, as believed at `known_at`, in pages.",
    "tags": ["entities"],
    "extensions": TO_LISTED,
    "parameters": [DETAIL],
    "responses": answers.EntityPage,
    "examples": answered(examples.ENTITY_PAGE),
}
CREATE: Described = {
    "operation_id": "entities_create",
    "summary": "Create an entity",
    "description": (
        "Named by `uuid`, or by `source` and `source_id`, it may be sent again: 200 and nothing "
        "written if it is so already, 409 if it exists then or later otherwise. Not named, every "
        f"call creates another one. 201: {CREATED} 200: {THERE}"
    ),
    "tags": ["entities"],
    "extensions": TO_ENTITY,
    "request": bodies.EntityCreate,
    "parameters": [ETAG, LOCATION],
    "responses": {200: answers.WrittenEntityShape, 201: answers.WrittenEntityShape},
    "examples": [asked(examples.CREATE), *answered(examples.WRITTEN, "200", "201")],
}
SNAPSHOT: Described = {
    "operation_id": "entities_retrieve",
    "summary": "One entity at an instant",
    "description": (
        "The entity as it is at `as_of`, as believed at `known_at`. If it is not valid then, the "
        "404 lists the `valid_periods` in which it is."
    ),
    "tags": ["entities"],
    "extensions": TO_ENTITY,
    "parameters": [ENTITY_PATH, IF_NONE_MATCH, ETAG],
    "responses": {200: answers.EntityShape, 304: None},
    "examples": answered(examples.DETAILED),
}
CHANGE: Described = {
    "operation_id": "entities_update",
    "summary": "Change an entity over a period",
    "description": (
        "Merges what is given; all else stays as it is at every instant of the period. A `null` "
        "ends a detail. Nothing new: nothing is written. The answer shows the entity at the start "
        "of the period."
    ),
    "tags": ["entities"],
    "extensions": TO_ENTITY,
    "request": bodies.EntityChange,
    "parameters": [ENTITY_PATH, IF_MATCH, ETAG],
    "responses": answers.WrittenEntityShape,
    "examples": [
        asked(examples.CHANGE),
        *answered({**examples.WRITTEN, "outcome": examples.FORWARD}),
    ],
}
END: Described = {
    "operation_id": "entities_end",
    "summary": "End an entity and its details",
    "description": (
        "From `valid_from` on, to the end of the lifetime that covers it, the entity and its "
        "details hold no more. Its history stays. Where it is not valid nothing is written, so it "
        "may be sent again."
    ),
    "tags": ["entities"],
    "parameters": [ENTITY_PATH, IF_MATCH],
    "responses": {204: None},
}
BULK: Described = {
    "operation_id": "entities_bulk",
    "summary": "Write many entities",
    "description": (
        f"At most {MAX_ITEMS} items, in a JSON array or one a line (`application/x-ndjson`): all "
        "of them or none, at one system instant. An item is created if it is not there, else it "
        "is merged as by PATCH; `op` `end` ends it. Refused are all items or none, and every one "
        "that is wrong is named by its index: `3.display_name`."
    ),
    "tags": ["entities"],
    "extensions": TO_LISTED,
    "request": {
        "application/json": ListSerializer(child=bodies.EntityItem(), max_length=MAX_ITEMS),
        "application/x-ndjson": bodies.EntityItem,
    },
    "responses": answers.EntityBulkShape,
    "examples": [
        asked(examples.CREATE, name="One that may be new"),
        asked(examples.ITEM, name="One that ends"),
        asked(examples.ITEM, "application/x-ndjson"),
        *answered(examples.BULK),
    ],
}
HISTORY: Described = {
    "operation_id": "entities_history",
    "summary": "All versions of an entity",
    "description": "The versions of the entity and of its details, newest first, in pages.",
    "tags": ["entities"],
    "parameters": [ENTITY_PATH],
    "responses": answers.EntityHistoryShape,
    "examples": answered(examples.HISTORY),
}
AS_OF: Described = {
    "operation_id": "entities_as_of",
    "summary": "Entities at an instant, with details",
    "description": "As the list of entities, at the instant asked for and with their details.",
    "tags": ["entities"],
    "extensions": TO_LISTED,
    "parameters": [DETAIL],
    "responses": answers.DetailedEntityPage,
    "examples": answered(examples.DETAILED_PAGE),
}
DIFF: Described = {
    "operation_id": "entities_diff",
    "summary": "What changed between two instants",
    "description": (
        "By entity and field: the value just before `from` as known at `known_from`, the value at "
        "the end of `to` as known at `known_to`, and every step in between as known at "
        "`known_to`. Give `from` and `to`, or `at` alone to see how the belief about one instant "
        "changed between `known_from` and `known_to`."
    ),
    "tags": ["entities"],
    "extensions": TO_LISTED,
    "responses": answers.DiffShape,
    "examples": answered(examples.DIFF),
}


def of_type(name: str, words: str, shape: dict[str, Any], example: dict[str, Any]) -> Described:
    """The calls on one kind of types, by their part in it."""
    tags = [name.replace("_", "-")]
    calls = {"snapshot": "retrieve", "change": "update", "history": "history"}
    calls = {link_name: f"{name}_{call}" for link_name, call in calls.items()}
    here, listed = leading("code", "code", **calls), leading("code", "results/0/code", **calls)
    return {
        "list": {
            "operation_id": f"{name}_list",
            "summary": f"Types of {words} at an instant",
            "description": "Those valid at `as_of`, as believed at `known_at`, by code.",
            "tags": tags,
            "extensions": listed,
            "responses": shape["page"],
            "examples": answered(example["list"]),
        },
        "create": {
            "operation_id": f"{name}_create",
            "summary": f"Create a type of {words}",
            "description": f"201: {CREATED} 200: {THERE}",
            "tags": tags,
            "extensions": here,
            "request": shape["create"],
            "parameters": [ETAG, LOCATION],
            "responses": {200: shape["written"], 201: shape["written"]},
            "examples": [asked(example["create"]), *answered(example["written"], "200", "201")],
        },
        "snapshot": {
            "operation_id": f"{name}_retrieve",
            "summary": f"One type of {words} at an instant",
            "description": "As it is at `as_of`, as believed at `known_at`.",
            "tags": tags,
            "extensions": here,
            "parameters": [CODE_PATH, IF_NONE_MATCH, ETAG],
            "responses": {200: shape["thing"], 304: None},
            "examples": answered(example["snapshot"]),
        },
        "change": {
            "operation_id": f"{name}_update",
            "summary": f"Change a type of {words} over a period",
            "description": "Merges what is given; all else stays as it is.",
            "tags": tags,
            "extensions": here,
            "request": shape["change"],
            "parameters": [CODE_PATH, IF_MATCH, ETAG],
            "responses": shape["written"],
            "examples": [asked(example["change"]), *answered(example["written"])],
        },
        "history": {
            "operation_id": f"{name}_history",
            "summary": f"All versions of a type of {words}",
            "description": "Newest first, in pages.",
            "tags": tags,
            "parameters": [CODE_PATH],
            "responses": shape["history"],
            "examples": answered(example["history"]),
        },
    }


ENTITY_TYPES = of_type(
    "entity_types",
    "entities",
    {
        "page": answers.EntityTypePage,
        "create": bodies.EntityTypeCreate,
        "written": answers.WrittenEntityTypeShape,
        "thing": answers.EntityTypeShape,
        "change": bodies.EntityTypeChange,
        "history": answers.EntityTypeHistoryShape,
    },
    examples.of_type("BANK", examples.ENTITY_TYPE_FIELDS),
)
DETAIL_TYPES = of_type(
    "detail_types",
    "details",
    {
        "page": answers.DetailTypePage,
        "create": bodies.DetailTypeCreate,
        "written": answers.WrittenDetailTypeShape,
        "thing": answers.DetailTypeShape,
        "change": bodies.DetailTypeChange,
        "history": answers.DetailTypeHistoryShape,
    },
    examples.of_type("BIC", examples.DETAIL_TYPE_FIELDS, values_not_matching=0),
)
