"""How the service introduces itself in its OpenAPI description."""

from typing import Any

OWN: dict[str, Any] = {
    "TITLE": "Cockpit",
    # A batch has a mode, too.
    "ENUM_NAME_OVERRIDES": {"AppModeEnum": "core.models.control.AppMode.values"},
    "TAGS": [
        {"name": "apps", "description": "What is tethered, how it is, and the switch of each app."},
        {"name": "batches", "description": "Files that are loaded, and what became of them."},
        {"name": "audit", "description": "Who changed what, when and why."},
        {"name": "tokens", "description": "What every other call is made with."},
    ],
}
