"""Things with two clocks over HTTP: an app names its model, its fields and its calls."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from datetime import datetime
from typing import Any, ClassVar, Protocol

from rest_framework.request import Request
from rest_framework.response import Response

from core.api.etags import Preconditions, etag_of, not_modified
from core.api.fields import Body
from core.api.idempotency import repeatable
from core.api.output import Output
from core.api.params import AtQuery, EndQuery, HistoryQuery, Query
from core.api.problems import Problem, refused
from core.api.reading import Moment, reading
from core.api.shapes import split
from core.api.views import ApiView, PagedView, Place, read_body
from core.contexts import caller
from core.models.scd2.change import Channel, Context, Future, Outcome

Row = dict[str, Any]
Lifetime = tuple[datetime, datetime | None]
IfMatch = Callable[[Row | None], None]


class Written(Protocol):
    """What a service says about a write: ``instant`` is None if nothing was written."""

    @property
    def outcome(self) -> Outcome: ...
    @property
    def created(self) -> bool: ...
    @property
    def instant(self) -> datetime | None: ...


class Resource(ApiView):
    """What the path of one thing and that of all of them know about a thing.

    ``output`` shapes a snapshot. A snapshot may carry more than its shape; all of it makes
    the ETag.
    """

    output: ClassVar[Output]

    def snapshot(self, key: Any, as_of: datetime | None, known_at: datetime | None) -> Row | None:
        """The thing as it is at an instant of both clocks (None: now); None where not valid."""
        raise NotImplementedError

    def periods(self, key: Any, known_at: datetime | None) -> Iterable[Lifetime]:
        """The lifetimes of the thing; none if it is not known, or no more."""
        raise NotImplementedError

    def is_recorded(self, key: Any, known_at: datetime | None) -> bool:
        """Whether a version of the thing was ever believed, up to ``known_at`` (None: now)."""
        rows = self.model.objects.filter(**{self.model.shape.root: key})
        if known_at is not None:
            rows = rows.filter(system_from__lte=known_at)
        return bool(rows.exists())

    def link(self, request: Request, key: Any) -> str:
        """The address of the thing; that of its history is below it."""
        raise NotImplementedError

    def absent(self, request: Request, key: Any, as_of: datetime, known_at: Any) -> Problem:
        """The 404 about a thing that is not valid then, with the periods in which it is."""
        if not self.is_recorded(key, known_at):
            return no_such(self.model, key)
        periods = self.periods(key, known_at)
        return Problem(
            404,
            "not_valid_then",
            f"The {self.model._meta.verbose_name} {key} is not valid at {as_of.isoformat()}.",
            valid_periods=[{"valid_from": start, "valid_to": end} for start, end in periods],
            history=f"{self.link(request, key)}/history",
        )

    def context(self, request: Request, how: Mapping[str, Any]) -> Context:
        return caller(request, Channel.API, reason=how.get("reason", ""))

    def findings(self, written: Any) -> Row:
        """What an answer to a write says besides."""
        return {}

    def answer_to_write(
        self, request: Request, key: Any, written: Written, starts_at: datetime | None
    ) -> Response:
        """The thing at the start of what was said, as known right after it was written.

        What was known at the instant of a write stays as it is: that needs no snapshot around it.
        """
        at = written.instant
        with nullcontext(Moment(at, None)) if at else reading({}) as moment:
            known_at, as_of = moment.now, starts_at or moment.now
            shown = self.snapshot(key, as_of, known_at)
            if shown is None:
                raise self.absent(request, key, as_of, known_at)
            now = shown if as_of == known_at else self.snapshot(key, known_at, known_at)
        answer = self.output.one(shown) | {
            "outcome": written.outcome.as_dict(),
            "basis": {"as_of": as_of, "known_at": known_at},
            **self.findings(written),
        }
        response = Response(answer, headers={"ETag": etag_of(now or shown)})
        if written.created:
            response.status_code = 201
            response["Location"] = self.link(request, key)
        return response


class ThingView(Resource):
    """One thing: its snapshot, and changes of it over a period."""

    queries: ClassVar[Mapping[str, type[Query]]] = {"GET": AtQuery}
    change_body: ClassVar[type[Body]]

    def key_of(self, **path: Any) -> Any:
        """The thing's key by its path. Raises a 404 for one that cannot be."""
        raise NotImplementedError

    def update(self, key: Any, changes: Row, **how: Any) -> Written:
        """The service that changes the thing."""
        raise NotImplementedError

    def reads_once(self) -> bool:
        """Whether a snapshot takes one statement, which reads the clock itself."""
        return False

    def look(self, request: Request, key: Any) -> Row:
        """The thing as it is asked for. Raises a 404 where it is not valid."""
        if self.reads_once() and (shown := self.snapshot(key, self.query.get("as_of"), None)):
            return shown
        with reading(self.query) as moment:
            basis = moment.basis(self.query)
            shown = self.snapshot(key, basis.as_of, basis.believed_at)
            if shown is None:
                raise self.absent(request, key, basis.as_of, basis.believed_at)
            return shown

    def get(self, request: Request, **path: Any) -> Response:
        shown = self.look(request, self.key_of(**path))
        etag = etag_of(shown)
        Preconditions(request).require_match(etag)
        if not_modified(request, etag):
            return Response(status=304, headers={"ETag": etag})
        return Response(self.output.one(shown), headers={"ETag": etag})

    @repeatable
    def patch(self, request: Request, **path: Any) -> Response:
        key = self.key_of(**path)
        changes, how = split(read_body(self.change_body, request))
        if how and not any(value != {} for value in changes.values()):
            raise nothing_set(next(iter(how)))
        written = self.update(
            key,
            changes,
            valid_from=how.get("valid_from"),
            valid_to=how.get("valid_to"),
            future=Future(how.get("future", Future.KEEP)),
            if_match=condition(request),
            context=self.context(request, how),
        )
        return self.answer_to_write(request, key, written, how.get("valid_from"))


class EndableThingView(ThingView):
    """One thing, which can also be ended."""

    queries: ClassVar[Mapping[str, type[Query]]] = {"GET": AtQuery, "DELETE": EndQuery}

    def end(self, key: Any, **how: Any) -> Written:
        """The service that ends the thing; where it is not valid it does nothing."""
        raise NotImplementedError

    def delete(self, request: Request, **path: Any) -> Response:
        self.end(
            self.key_of(**path),
            valid_from=self.query.get("valid_from"),
            if_match=condition(request),
            context=self.context(request, self.query),
        )
        return Response(status=204)


def nothing_set(field: str) -> Problem:
    """The 400 about a change that names a period or a reason, and no field to set."""
    return refused(
        field,
        "nothing_set",
        f"The change has {field} and sets no field, so it would do nothing: name a field to set.",
    )


def no_such(model: Any, key: Any) -> Problem:
    """The 404 about a thing that is not known."""
    return Problem(404, "not_found", f"There is no {model._meta.verbose_name} {key}.")


def condition(request: Request) -> IfMatch | None:
    """What a service calls with the thing as it is now, under its locks."""
    asked = Preconditions(request)
    if not asked:
        return None
    return lambda now: asked.require(etag_of(now) if now is not None else None)


class HistoryView(PagedView):
    """All versions of a thing, newest first."""

    queries: ClassVar[Mapping[str, type[Query]]] = {"GET": HistoryQuery}

    def basis(self, moment: Moment) -> Mapping[str, datetime]:
        return {"known_at": moment.knowledge(self.query.get("known_at"), "known_at")}

    def row_key(self, row: Row, place: Place) -> tuple[Any, ...]:
        position: tuple[Any, ...] = row["position"]
        return position

    def links(self, *args: Any) -> dict[str, str | None]:
        """A history is read one way."""
        return {"next": super().links(*args)["next"]}

    @staticmethod
    def wanted(place: Place) -> dict[str, Any]:
        """What a selector of histories takes."""
        return {
            "known_at": place.believed_at,
            "superseded": place.query.get("superseded") == "true",
            "after": place.key,
            "limit": place.limit + 1,
        }
