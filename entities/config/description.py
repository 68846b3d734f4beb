"""How the service introduces itself in its OpenAPI description."""

from typing import Any

OWN: dict[str, Any] = {
    "TITLE": "Entities",
    "TAGS": [
        {"name": "entities", "description": "People and institutions, at both clocks."},
        {
            "name": "entity-types",
            "description": "What an entity can be. An entity names one that is valid.",
        },
        {
            "name": "detail-types",
            "description": "What can be said of an entity: codes, and the type of their values.",
        },
        {"name": "changes", "description": "Everything that happens, in order, to follow."},
        {"name": "audit", "description": "Who changed what, when and why."},
        {"name": "tokens", "description": "What every other call is made with."},
        {"name": "index", "description": "Where to begin."},
    ],
}
