"""What every call has in common; an app's views name their model, their fields and one call."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.conf import settings
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api.cursors import Cursor, Key, read_cursor
from core.api.fields import Body
from core.api.params import DEFAULT_LIMIT, Query, refuse_undecodable, single_values
from core.api.problems import Problem, refused
from core.api.reading import Moment, reading
from core.control import refuse_offline
from core.db import one_snapshot

BODILESS = {"GET", "HEAD", "DELETE"}


class ApiView(APIView):
    """A path of the API. ``queries`` names the parameters of each method; default: none.

    ``model`` is what the caller needs a right on.
    """

    model: ClassVar[Any] = None
    queries: ClassVar[Mapping[str, type[Query]]] = {}
    query: dict[str, Any]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        refuse_offline(settings.SERVICE)
        refuse_unmeasured(request)
        if hasattr(self, str(request.method).lower()):
            refuse_unread(request)
            refuse_undecodable(request.META.get("QUERY_STRING", ""))
            self.query = self.read_query(request)

    @classmethod
    def query_class(cls, method: str) -> type[Query]:
        return cls.queries.get("GET" if method == "HEAD" else method, Query)

    def read_query(self, request: Request) -> dict[str, Any]:
        query_class = self.query_class(str(request.method))
        return query_class.read(single_values(request.query_params))

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Which methods there are, in the header Allow."""
        return Response(status=204)


def refuse_unmeasured(request: Request) -> None:
    """Raises a 411 for a body in chunks: it would be read as an empty one."""
    if "Transfer-Encoding" in request.headers and "Content-Length" not in request.headers:
        raise Problem(411, "length_required", "Send the body with a Content-Length.")


def refuse_unread(request: Request) -> None:
    """Raises a 400 for a body that nobody would read: what it says would be lost."""
    if request.method in BODILESS and request.headers.get("Content-Length") not in (None, "", "0"):
        raise refused("body", "unexpected", f"A {request.method} takes no body.")


def read_body(body_class: type[Body], request: Request) -> dict[str, Any]:
    """The body's values. Raises ValidationError that names every field at fault."""
    body = body_class(data=request.data)
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """Where in a list a page lies. ``latest``: nobody asked for another belief than today's."""

    query: Mapping[str, Any]
    basis: dict[str, datetime]
    limit: int
    latest: bool
    key: Key | None = None
    backward: bool = False

    @property
    def believed_at(self) -> datetime | None:
        """What selectors take as ``known_at``: None reads what is believed now."""
        return None if self.latest else self.basis["known_at"]

    def settle(self, now: datetime | None) -> None:
        """Complete the basis by the clock that a page brought with it."""
        if now is not None:
            self.basis.setdefault("as_of", now)
            self.basis.setdefault("known_at", now)


class PagedView(ApiView):
    """A list in pages, by keyset: page 1,000 costs what page 1 costs."""

    cursor: Cursor | None = None

    def rows(self, place: Place, **path: Any) -> list[Any]:
        """The rows of the page in reading direction, and one more if there is more."""
        raise NotImplementedError

    def row_key(self, row: Any, place: Place) -> Key:
        """What the list is ordered by, unique per row."""
        raise NotImplementedError

    def answer(self, rows: list[Any], place: Place, **path: Any) -> dict[str, Any]:
        """The page without its links."""
        raise NotImplementedError

    def reads_once(self) -> bool:
        """Whether a page takes one statement, which reads the clock itself: it needs no snapshot
        around it.
        """
        return False

    def basis(self, moment: Moment) -> Mapping[str, datetime]:
        """The instants that the parameters of a first page mean."""
        return moment.basis(self.query).as_dict()

    def get(self, request: Request, **path: Any) -> Response:
        with self.place() as place:
            rows = self.rows(place, **path)
            more = len(rows) > place.limit
            rows = rows[: place.limit]
            if place.backward:
                rows.reverse()
            answer = self.answer(rows, place, **path)
        return Response({**answer, **self.links(request, rows, place, more)})

    def read_query(self, request: Request) -> dict[str, Any]:
        """As pinned by the cursor where there is one; else as given."""
        given = single_values(request.query_params)
        token = given.pop("cursor", None)
        if request.method not in ("GET", "HEAD") or token is None:
            return super().read_query(request)
        self.cursor = read_cursor(token, request.path)
        limit = given.pop("limit", str(self.cursor.limit))
        refuse_other_filters(given, self.cursor.query)
        return self.query_class("GET").read({**self.cursor.query, "limit": limit})

    @contextmanager
    def place(self) -> Iterator[Place]:
        limit, at = self.query.get("limit", DEFAULT_LIMIT), self.cursor
        if at is not None:
            with nullcontext() if self.reads_once() else one_snapshot():
                yield Place(self.query, dict(at.basis), limit, False, at.key, at.backward)
        elif self.reads_once():
            asked = {name: self.query[name] for name in ("as_of",) if name in self.query}
            yield Place(self.query, asked, limit, latest=True)
        else:
            with reading(self.query) as moment:
                latest = "known_at" not in self.query
                yield Place(self.query, dict(self.basis(moment)), limit, latest)

    def links(
        self, request: Request, rows: list[Any], place: Place, more: bool
    ) -> dict[str, str | None]:
        """Addresses of the pages beside this one, null where there is none."""
        following = more or place.backward
        preceding = more if place.backward else place.key is not None
        return {
            "next": self.page_link(request, rows[-1], place) if rows and following else None,
            "previous": self.page_link(request, rows[0], place, backward=True)
            if rows and preceding
            else None,
        }

    def page_link(self, request: Request, row: Any, place: Place, backward: bool = False) -> str:
        query = self.cursor.query if self.cursor else single_values(request.query_params)
        pinned = {name: value for name, value in query.items() if name != "limit"}
        key = self.row_key(row, place)
        cursor = Cursor(request.path, pinned, place.basis, key, place.limit, backward)
        return request.build_absolute_uri(f"{request.path}?{urlencode({'cursor': cursor.token()})}")


def refuse_other_filters(given: Mapping[str, str], pinned: Mapping[str, str]) -> None:
    for name, value in given.items():
        if pinned.get(name) != value:
            raise refused(
                name, "pinned", "The cursor was made with other parameters, and brings its own."
            )
