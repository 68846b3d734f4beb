"""Reading by two clocks, and every door to writing closed."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.core import serializers
from django.db import models
from django.db.models.fields.related_descriptors import create_reverse_many_to_one_manager
from django.test.utils import isolate_apps

from core.models import AuditEntry
from core.models.scd2.exceptions import DirectWriteError
from core.models.scd2.model import AnchorModel
from core.models.scd2.querysets import VersionedQuerySet
from core.tests.harbour.models import FlagAnchor, Vessel, VesselAnchor
from core.tests.models.scd2.port import Port, year

MESSAGES = {
    Vessel: "Vessel is versioned: call harbour.services.vessel_update instead.",
    VesselAnchor: "VesselAnchor is written by the engine together with the first version.",
    AuditEntry: "The audit log is written by the engine, and by record() for unversioned tables.",
}

INSTANCE_DOORS: dict[str, Callable[[Any], Any]] = {
    "save": lambda one: one.save(),
    "save(force_insert)": lambda one: one.save(force_insert=True, update_fields=None),
    "save_base": lambda one: one.save_base(raw=True),
    "delete": lambda one: one.delete(),
    "asave": lambda one: asyncio.run(one.asave()),
    "adelete": lambda one: asyncio.run(one.adelete()),
}

QUERYSET_DOORS: dict[str, Callable[[Any, Any], Any]] = {
    "create": lambda found, one: found.create(),
    "bulk_create": lambda found, one: found.bulk_create([one]),
    "bulk_update": lambda found, one: found.bulk_update([one], ["created_at"]),
    "get_or_create": lambda found, one: found.get_or_create(),
    "update_or_create": lambda found, one: found.update_or_create(),
    "update": lambda found, one: found.update(id=1),
    "delete": lambda found, one: found.delete(),
    "_update": lambda found, one: found._update([]),
    "_raw_delete": lambda found, one: found._raw_delete("default"),
    "_insert": lambda found, one: found._insert([one], []),
    "acreate": lambda found, one: asyncio.run(found.acreate()),
    "abulk_create": lambda found, one: asyncio.run(found.abulk_create([one])),
    "abulk_update": lambda found, one: asyncio.run(found.abulk_update([one], ["created_at"])),
    "aget_or_create": lambda found, one: asyncio.run(found.aget_or_create()),
    "aupdate_or_create": lambda found, one: asyncio.run(found.aupdate_or_create()),
    "aupdate": lambda found, one: asyncio.run(found.aupdate(id=1)),
    "adelete": lambda found, one: asyncio.run(found.adelete()),
}

WRITTEN = pytest.mark.parametrize("model", MESSAGES, ids=lambda model: model.__name__)


@WRITTEN
@pytest.mark.parametrize("door", INSTANCE_DOORS)
def test_no_instance_writes_itself(model: Any, door: str) -> None:
    with pytest.raises(DirectWriteError) as caught:
        INSTANCE_DOORS[door](model())
    assert str(caught.value) == MESSAGES[model]


@WRITTEN
@pytest.mark.parametrize("door", QUERYSET_DOORS)
def test_no_queryset_writes(model: Any, door: str) -> None:
    for found in (model.objects.all(), model.objects.filter(pk__isnull=False)):
        with pytest.raises(DirectWriteError) as caught:
            QUERYSET_DOORS[door](found, model())
        assert str(caught.value) == MESSAGES[model]


@WRITTEN
@pytest.mark.parametrize("door", sorted(set(QUERYSET_DOORS) - {"_raw_delete", "adelete"}))
def test_no_manager_writes(model: Any, door: str) -> None:
    with pytest.raises(DirectWriteError) as caught:
        QUERYSET_DOORS[door](model.objects, model())
    assert str(caught.value) == MESSAGES[model]


@pytest.mark.django_db
@pytest.mark.parametrize("pk", [None, 1])
def test_a_fixture_loads_no_versions(pk: int | None) -> None:
    document = json.dumps(
        [{"model": "harbour.flag", "pk": pk, "fields": {"code": "NO", "name": "Norway"}}]
    )
    (loaded,) = serializers.deserialize("json", document)
    with pytest.raises(DirectWriteError, match=r"call harbour\.services\.flag_update"):
        loaded.save()


@pytest.mark.django_db
@isolate_apps("core.tests.harbour")
def test_a_related_manager_writes_nothing() -> None:
    class Berth(AnchorModel):
        flag = models.ForeignKey(FlagAnchor, models.DO_NOTHING, related_name="berths")

        class Meta:
            app_label = "harbour"

    # As Django builds it for the flag, which knows nothing of a model outside its registry.
    berths: Any = Berth._meta.get_field("flag").remote_field
    made: Any = create_reverse_many_to_one_manager(type(Berth._default_manager), berths)
    manager = made(FlagAnchor(code="NO"))
    stored = Berth.from_db("default", ["id", "created_at", "flag_id"], [1, None, "NO"])
    for write in (
        manager.create,
        manager.get_or_create,
        manager.update_or_create,
        lambda: manager.add(Berth(), bulk=False),
        lambda: manager.add(stored),
        lambda: manager.update(created_at=None),
        lambda: manager.all().delete(),
    ):
        with pytest.raises(DirectWriteError, match="Berth is written by the engine"):
            write()


def test_templates_cannot_write_either() -> None:
    for name in ("create", "update", "delete", "bulk_create"):
        assert getattr(VersionedQuerySet, name).alters_data is True


# Reading


def names(found: Any) -> list[str]:
    return [row.name for row in found.order_by("valid_from", "system_from")]


@pytest.fixture
def told(port: Port) -> Port:
    """A from 2000 until it ended in 2020; B from 2010 was a correction of the second call."""
    port.apply(port.vessel("A NO", 2000))
    port.apply(port.vessel("B NO", 2010))
    port.apply(port.vessel(None, 2020))
    port.apply(port.vessel("C NO", 2005, 2010))
    return port


def test_live_is_what_is_believed_now(told: Port) -> None:
    live = names(Vessel.objects.live())
    assert live == names(Vessel.objects.believed(None)) == ["A", "C", "B"]


def test_believed_is_what_was_believed(told: Port) -> None:
    first, second, third, fourth = told.instants
    assert names(Vessel.objects.believed(first - (second - first))) == []
    assert names(Vessel.objects.believed(first)) == ["A"]
    assert names(Vessel.objects.believed(second)) == ["A", "B"]
    assert names(Vessel.objects.believed(third)) == ["A", "B"]
    assert names(Vessel.objects.believed(fourth)) == ["A", "C", "B"]


def test_as_of_is_half_open(told: Port) -> None:
    def at(number: int) -> list[str]:
        return names(Vessel.objects.as_of(year(number)))

    assert [at(number) for number in (1999, 2000, 2004, 2005, 2009, 2010, 2019, 2020)] == [
        [], ["A"], ["A"], ["C"], ["C"], ["B"], ["B"], [],
    ]  # fmt: skip


def test_an_end_is_not_known_before_it_was_filled_in(told: Port) -> None:
    first, second, third, _ = told.instants
    assert names(Vessel.objects.as_of(year(2030), first)) == ["A"]
    assert names(Vessel.objects.as_of(year(2030), second)) == ["B"]
    assert names(Vessel.objects.as_of(year(2030), third)) == []
    assert names(Vessel.objects.as_of(year(2005), third)) == ["A"]
    assert names(Vessel.objects.as_of(year(2005))) == ["C"]


def test_a_timeline_is_of_one_key_and_in_order(told: Port) -> None:
    other = {"uuid": uuid.uuid4()}
    assert [row.name for row in Vessel.objects.timeline(uuid=told.uuid)] == ["A", "C", "B"]
    assert list(Vessel.objects.timeline(**other)) == []
