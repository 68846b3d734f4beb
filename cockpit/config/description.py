"""How the service introduces itself in its OpenAPI description."""

from typing import Any

OWN: dict[str, Any] = {
    "TITLE": "Cockpit",
    "TAGS": [
        {"name": "batches", "description": "Files that are loaded, and what became of them."},
        {"name": "audit", "description": "Who changed what, when and why."},
        {"name": "tokens", "description": "What every other call is made with."},
    ],
}
