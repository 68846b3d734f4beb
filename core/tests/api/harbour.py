"""An API over the flags of the example models: what an app writes to get one."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import Any, ClassVar

from django.urls import path, re_path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.audit import AuditView
from core.api.changes import ChangesView
from core.api.errors import unknown_path
from core.api.fields import TextField
from core.api.idempotency import repeatable
from core.api.output import Output
from core.api.params import AtQuery, PagedQuery
from core.api.resources import HistoryView, Resource, ThingView
from core.api.shapes import ChangeBody, CreateBody, PeriodShape, VersionShape, split
from core.api.views import ApiView, PagedView, Place, read_body
from core.models.scd2 import Change, Context, Outcome
from core.models.scd2.engine import apply_changes
from core.models.scd2.history import history, lifetimes
from core.tests.harbour.models import Flag
from core.transactions import atomic_write


class FlagShape(PeriodShape):
    code = serializers.CharField()
    name = serializers.CharField()


class FlagVersionShape(VersionShape):
    name = serializers.CharField()


class FlagQuery(AtQuery, PagedQuery):
    name = TextField(required=False)


class FlagCreate(CreateBody):
    code = TextField()
    name = TextField()


class FlagChange(ChangeBody):
    name = TextField(required=False)


@dataclasses.dataclass
class Written:
    outcome: Outcome
    created: bool
    instant: datetime | None


def select(as_of: datetime, known_at: datetime | None) -> Any:
    return Flag.objects.as_of(as_of, known_at)


def describe(flag: Flag) -> dict[str, Any]:
    fields = ("code", "name", "valid_from", "valid_to", "is_current", "system_from")
    return {name: getattr(flag, name) for name in fields} | {"hash_diff": flag.hash_diff.hex()}


def flag_snapshot(code: str, as_of: datetime, known_at: datetime | None) -> dict[str, Any] | None:
    flag = select(as_of, known_at).filter(code=code).first()
    return describe(flag) if flag else None


@atomic_write
def flag_write(change: Change, context: Context, if_match: Any = None) -> Written:
    def check(instant: datetime) -> None:
        if_match(flag_snapshot(change.key["code"], instant, None))

    result = apply_changes([(Flag, [change])], context, check=check if if_match else None)
    return Written(result.total, not change.partial, result.instant)


class FlagResource(Resource):
    model = Flag
    output = Output(FlagShape)

    def snapshot(self, key: Any, as_of: datetime | None, known_at: datetime | None) -> Any:
        assert as_of is not None
        return flag_snapshot(key, as_of, known_at)

    def periods(self, key: Any, known_at: datetime | None) -> Any:
        return lifetimes(Flag.shape, (key,), known_at)

    def link(self, request: Request, key: Any) -> str:
        return request.build_absolute_uri(f"/api/v1/flags/{key}")


class FlagsView(FlagResource, PagedView):
    queries: ClassVar[Any] = {"GET": FlagQuery}

    def rows(self, place: Place, **path: Any) -> list[Any]:
        found = select(place.basis["as_of"], place.believed_at)
        if "name" in place.query:
            found = found.filter(name=place.query["name"])
        if place.key:
            found = found.filter(**{"code__lt" if place.backward else "code__gt": place.key[0]})
        found = found.order_by("-code" if place.backward else "code")
        return [describe(flag) for flag in found[: place.limit + 1]]

    def row_key(self, row: Any, place: Place) -> tuple[Any, ...]:
        return (row["code"],)

    def answer(self, rows: list[Any], place: Place, **path: Any) -> dict[str, Any]:
        return {"results": self.output.many(rows), "basis": place.basis}

    @repeatable
    def post(self, request: Request) -> Response:
        said, how = split(read_body(FlagCreate, request))
        start, end = how.get("valid_from"), how.get("valid_to")
        change = Change({"code": said["code"]}, {"name": said["name"]}, start, end)
        written = flag_write(change, self.context(request, how))
        return self.answer_to_write(request, said["code"], written, start)


class FlagView(FlagResource, ThingView):
    change_body = FlagChange

    def key_of(self, **path: Any) -> Any:
        return path["code"]

    def update(self, key: Any, changes: dict[str, Any], **how: Any) -> Written:
        context, if_match = how.pop("context"), how.pop("if_match")
        return flag_write(Change({"code": key}, changes, partial=True, **how), context, if_match)


class FlagHistoryView(HistoryView):
    model = Flag

    def rows(self, place: Place, **path: Any) -> list[Any]:
        items = history([Flag.shape], path["code"], **self.wanted(place))
        return [{**item.version, "position": item.position} for item in items]

    def answer(self, rows: list[Any], place: Place, **path: Any) -> dict[str, Any]:
        output = Output(FlagVersionShape)
        return {"code": path["code"], "versions": output.many(rows), **place.basis}


class BrokenView(ApiView):
    """Raises what the test puts here."""

    model = Flag
    error: ClassVar[Exception] = RuntimeError("a secret")

    def get(self, request: Request) -> Response:
        raise self.error


class HarbourChangesView(ChangesView):
    model = Flag
    models = ("harbour.flag", "harbour.vessel", "harbour.cargo")


FIRST = datetime(2020, 1, 1, tzinfo=UTC)
TYPED = {
    "name": "Ada",
    "flag": "NO",
    "tonnage": "100.5",
    "in_service": True,
    "launched": "1999-12-31",
    "inspected_at": "2020-02-29T12:00:00.000001Z",
}
"""A vessel with a value of every type, as JSON tells it."""

urlpatterns = [
    path("api/v1/flags", FlagsView.as_view()),
    path("api/v1/flags/<str:code>", FlagView.as_view()),
    path("api/v1/flags/<str:code>/history", FlagHistoryView.as_view()),
    path("api/v1/broken", BrokenView.as_view()),
    path("api/v1/audit", AuditView.as_view()),
    path("api/v1/changes", HarbourChangesView.as_view()),
    re_path(r"^api/", unknown_path),
]
handler400 = "core.api.errors.bad_request"
handler403 = "core.api.errors.permission_denied"
handler404 = "core.api.errors.unknown_path"
handler500 = "core.api.errors.server_error"
