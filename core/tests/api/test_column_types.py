"""Every type that a tracked column may have travels both ways through an app's API."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.urls import path
from rest_framework import serializers
from rest_framework.test import APIClient

from core.api.audit import AuditView
from core.api.cursors import pack, unpack
from core.api.fields import FlagField
from core.api.output import Output
from core.api.resources import HistoryView, ThingView
from core.api.shapes import ChangeBody, PeriodShape, VersionShape
from core.models.scd2 import Change
from core.models.scd2.history import history, lifetimes
from core.tests.api.conftest import SYSTEM
from core.tests.api.harbour import FIRST, TYPED, Written
from core.tests.doors import apply_changes
from core.tests.harbour.models import Vessel

UID = UUID(int=7)


class Typed(serializers.Serializer[Any]):
    tonnage = serializers.DecimalField(max_digits=12, decimal_places=2)
    in_service = FlagField()
    launched = serializers.DateField()
    inspected_at = serializers.DateTimeField()
    name = serializers.CharField()
    flag = serializers.CharField()


class VesselShape(PeriodShape, Typed):
    uuid = serializers.UUIDField()


class VesselVersion(VersionShape, Typed):
    pass


class VesselChange(ChangeBody):
    tonnage = serializers.DecimalField(max_digits=12, decimal_places=2, required=False)
    launched = serializers.DateField(required=False)


def snapshot(key: Any, as_of: datetime | None, known_at: datetime | None) -> Any:
    assert as_of is not None
    found = Vessel.objects.as_of(as_of, known_at).filter(uuid=key).values(*VESSEL).first()
    return found and {**found, "hash_diff": bytes(found["hash_diff"]).hex()}


VESSEL = ("uuid", *TYPED, "valid_from", "valid_to", "is_current", "system_from", "hash_diff")


class VesselView(ThingView):
    model = Vessel
    output = Output(VesselShape)
    change_body = VesselChange
    snapshot = staticmethod(snapshot)  # type: ignore[assignment]

    def periods(self, key: Any, known_at: datetime | None) -> Any:
        return lifetimes(Vessel.shape, (key,), known_at)

    def link(self, request: Any, key: Any) -> str:
        return f"/api/v1/vessels/{key}"

    def key_of(self, **path: Any) -> Any:
        return UID

    def update(self, key: Any, changes: dict[str, Any], **how: Any) -> Any:
        del how["if_match"]
        context = how.pop("context")
        change = Change({"uuid": key}, changes, partial=True, **how)
        result = apply_changes([(Vessel, [change])], context)
        return Written(result.total, False, result.instant)


class VesselHistory(HistoryView):
    model = Vessel

    def rows(self, place: Any, **path: Any) -> list[Any]:
        items = history([Vessel.shape], UID, **self.wanted(place))
        return [{**item.version, "position": item.position} for item in items]

    def answer(self, rows: list[Any], place: Any, **path: Any) -> dict[str, Any]:
        return {"versions": Output(VesselVersion).many(rows), **place.basis}


urlpatterns = [
    path("api/v1/vessels/1", VesselView.as_view()),
    path("api/v1/vessels/1/history", VesselHistory.as_view()),
    path("api/v1/audit", AuditView.as_view()),
]


def typed(row: Any) -> dict[str, Any]:
    return {name: row[name] for name in TYPED}


def test_all_types_travel(client: APIClient, flags: list[str], settings: Any) -> None:
    settings.ROOT_URLCONF = __name__
    payload = {
        **TYPED,
        "tonnage": Decimal("100.50"),
        "launched": datetime(1999, 12, 31).date(),  # noqa: DTZ001 - a day
        "inspected_at": datetime.fromisoformat("2020-02-29T13:00:00.000001+01:00"),
    }
    apply_changes([(Vessel, [Change({"uuid": UID}, payload, FIRST)])], SYSTEM)

    shown = client.get("/api/v1/vessels/1")
    change = {"tonnage": "7.25", "launched": "2000-01-01"}
    changed, again = (
        client.patch("/api/v1/vessels/1", change, headers={"Idempotency-Key": "v-1"}) for _ in "ab"
    )
    versions = client.get("/api/v1/vessels/1/history").json()["versions"]

    after = {**TYPED, "tonnage": "7.25", "launched": "2000-01-01"}
    assert (shown.status_code, typed(shown.json())) == (200, TYPED)
    assert (changed.status_code, typed(changed.json())) == (200, after)
    assert (again.status_code, again.content) == (200, changed.content)
    assert [typed(version) for version in versions] == [after, TYPED]
    entries = client.get("/api/v1/audit").json()["results"]
    told = [one["after"] for one in entries if one["model"] == "harbour.vessel"]
    assert {one["tonnage"] for one in told} == {"100.5", "7.25"}


def test_a_place_in_a_list_may_have_any_type() -> None:
    for value in (Decimal("1.50"), FIRST, FIRST.date(), UID, 7, "a", None, True):
        again = unpack(pack(value))
        assert (again, type(again)) == (value, type(value))
