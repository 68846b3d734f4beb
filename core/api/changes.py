"""The change feed over HTTP: what was done since a place in the log, and whoever wants may wait.

Who waits holds a thread of the worker, and no connection to the database. So that waiting never
takes all threads, a process has ``SEATS``; who finds none is answered at once.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from threading import BoundedSemaphore
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.core import signing
from django.db import connection
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.audit import CHANGE, INSTANT, ChangeShape
from core.api.fields import TextField
from core.api.output import Output
from core.api.params import DEFAULT_LIMIT, MAX_LIMIT, Query, WholeNumberField
from core.api.problems import refused
from core.api.shapes import LinkField
from core.api.views import ApiView
from core.datetimes import NotAnInstant, read_instant_or_day
from core.db import one_snapshot, settled_instant
from core.models.audit_reader import BEGINNING, LAST, Position, as_seen, changes, with_sources
from core.personal import Sight, log_entries_read, sight_of

Row = dict[str, Any]
SALT = "core.api.changes"
LONGEST_WAIT = 30
PAUSE = 0.5
"""Seconds between two looks of who waits."""
SEATS = 2
"""How many may wait in a process: half of its threads (see ``core.config.gunicorn``)."""

seats = BoundedSemaphore(SEATS)


class ChangesQuery(Query):
    """Which part of the feed."""

    after = TextField(
        required=False,
        help_text="The place up to which you know the feed: `after` of the last answer. Or a "
        "system instant, such as the `known_at` of a list that was read with `known_at=settled`. "
        "Default: the beginning.",
    )
    limit = WholeNumberField(
        required=False,
        min_value=1,
        max_value=MAX_LIMIT,
        help_text=f"Changes in an answer. Default: {DEFAULT_LIMIT}.",
    )
    wait = WholeNumberField(
        required=False,
        min_value=0,
        max_value=LONGEST_WAIT,
        help_text="Seconds to wait for a change where there is none. Default: 0.",
    )


class ChangesShape(serializers.Serializer[Any]):
    """Changes in the order in which they were made."""

    results = ChangeShape(many=True)
    after = serializers.CharField(help_text="The place up to which these are all there are.")
    settled = serializers.DateTimeField(
        help_text="The system instant up to which the feed was complete."
    )
    left_out = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()),
        help_text="By model the codes of things whose changes are left out: they are personal "
        "data that you may not see.",
    )
    next = LinkField(help_text="The address of what comes after these.")


@dataclasses.dataclass(frozen=True, slots=True)
class Part:
    """A part of the feed as one reader sees it."""

    entries: Sequence[Row]
    shown: Sequence[Row]
    after: Position
    settled: datetime
    sight: Sight


@extend_schema_view(
    get=extend_schema(
        summary="The change feed",
        description=(
            "Every change, once, in the order in which they were recorded, and only when nothing "
            "can come before it any more; history that was backfilled comes when it was "
            "recorded. Keep `after` and ask again with it: nothing is missed, nothing comes "
            "twice, no thing goes backwards. With `wait` an answer without changes is held back "
            "for so long; where too many are waiting already it comes at once, with "
            "`Retry-After`."
        ),
        tags=["changes"],
        responses=ChangesShape,
        examples=[
            OpenApiExample(
                "Example",
                value={
                    "results": [CHANGE],
                    "after": "WyIyMDI0LTA1LTAyIl0:1s2YvE:c2lnbmF0dXJl",
                    "settled": INSTANT,
                    "left_out": {"entities.entitydetail": ["CONTACT"]},
                    "next": "https://entities.example/api/v1/changes?after=WyIyMDI0LTA1LTAyIl0",
                },
                response_only=True,
            )
        ],
    )
)
class ChangesView(ApiView):
    """The feed of an app's ``models``, by label. A reader needs the right to view ``model``."""

    models: ClassVar[Sequence[str]]
    queries: ClassVar[Mapping[str, type[Query]]] = {"GET": ChangesQuery}
    output = Output(ChangeShape)

    def get(self, request: Request) -> Response:
        place = position_of(self.query.get("after"))
        part = self.part(place)
        headers: dict[str, str] = {}
        if not part.entries and self.query.get("wait"):
            part, headers = self.awaited(part)
        log_entries_read(request.user, part.sight, part.entries)
        return Response(self.answer(part), headers=headers)

    def part(self, after: Position) -> Part:
        settled = settled_instant()
        limit = self.query.get("limit", DEFAULT_LIMIT)
        with one_snapshot():
            sight = sight_of(self.request.user)
            entries, reached = changes(
                self.models, after=after, settled=settled, sight=sight, limit=limit
            )
            shown = list(with_sources(as_seen(sight, entries)))
        return Part(entries, shown, reached, settled, sight)

    def awaited(self, part: Part) -> tuple[Part, dict[str, str]]:
        """The first part that is not empty, or the last one in time."""
        until = time.monotonic() + self.query["wait"]
        if not seats.acquire(blocking=False):
            return part, {"Retry-After": "1"}
        try:
            while not part.entries and (left := until - time.monotonic()) > 0:
                let_go_of_connection()
                time.sleep(min(PAUSE, left))
                part = self.part(part.after)
        finally:
            seats.release()
        return part, {}

    def answer(self, part: Part) -> Row:
        left_out: dict[str, list[str]] = {}
        for model, _, code in part.sight.hidden_keys():
            if model in self.models:
                left_out.setdefault(model, []).append(code)
        token = token_of(part.after)
        again: Row = {name: self.query[name] for name in ("limit", "wait") if name in self.query}
        address = f"{self.request.path}?{urlencode({'after': token, **again})}"
        return {
            "results": self.output.many(part.shown),
            "after": token,
            "settled": part.settled,
            "left_out": left_out,
            "next": self.request.build_absolute_uri(address),
        }


def let_go_of_connection() -> None:
    """Give the connection back while nothing is asked of it."""
    if not connection.in_atomic_block:
        connection.close()


# Places, as clients see them: they hold in any copy of the database


def token_of(place: Position) -> str:
    instant, txid, number = place
    return signing.dumps([instant.isoformat(), txid, number], salt=SALT)


def position_of(text: str | None) -> Position:
    """The place behind a token, or after an instant. Raises a 400 for what is neither."""
    if text is None:
        return BEGINNING
    try:
        instant, txid, number = signing.loads(text, salt=SALT)
    except signing.BadSignature:
        return after_instant(text)
    return datetime.fromisoformat(instant), txid, number


def after_instant(text: str) -> Position:
    try:
        instant = read_instant_or_day(text)
    except NotAnInstant:
        instant = None
    if isinstance(instant, datetime):
        return instant, LAST, LAST
    sentence = "This is no place of this feed: take it from an answer, or give a timestamp."
    raise refused("after", "invalid", sentence)
