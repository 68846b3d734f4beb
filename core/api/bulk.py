"""Many changes in one call, all or none, through the same door as the rows of a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.idempotency import repeatable
from core.api.parsers import JSONLinesParser, StrictJSONParser
from core.api.problems import refused
from core.api.views import ApiView
from core.contexts import caller
from core.db import clock
from core.ingest.door import Door
from core.ingest.items import Loaded, load_items
from core.models.scd2.change import Channel

MAX_ITEMS = 10_000


class BulkView(ApiView):
    """Items in a JSON array, or one a line."""

    parser_classes = (StrictJSONParser, JSONLinesParser)

    def door(self) -> Door:
        """What understands the items."""
        raise NotImplementedError

    @repeatable
    def post(self, request: Request) -> Response:
        items = items_of(request)
        self.require_rights(request, items)
        door = self.door()
        loaded = load_items(door, items, caller(request, Channel.API))
        return Response(answer(door.shape.root, loaded))

    def require_rights(self, request: Request, items: Sequence[Any]) -> None:
        """Raises PermissionDenied: what the calls on one thing ask for is asked for here."""
        user: Any = request.user
        actions = {"add", "change"}
        if any(isinstance(item, dict) and item.get("op") == "end" for item in items):
            actions.add("delete")
        label, name = self.model._meta.app_label, self.model._meta.model_name
        if not user.has_perms([f"{label}.{action}_{name}" for action in actions]):
            raise PermissionDenied("Your role does not allow all of this.")


def items_of(request: Request) -> list[Any]:
    """The body's items. Raises a 400 for what is no array, or too long."""
    items = request.data
    if not isinstance(items, list):
        raise refused("body", "not_an_array", "Expected an array of items.")
    if len(items) > MAX_ITEMS:
        raise refused("body", "too_many", f"Send at most {MAX_ITEMS} items at once.")
    return items


def answer(root: str, loaded: Loaded) -> dict[str, Any]:
    instant = loaded.result.instant or clock()
    return {
        "results": [
            {root: thing, "outcome": outcome.as_dict()}
            for thing, outcome in zip(loaded.roots, loaded.outcomes, strict=True)
        ],
        "outcome": loaded.result.total.as_dict(),
        "basis": {"as_of": instant, "known_at": instant},
    }
