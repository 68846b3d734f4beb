"""Vessels with cargo: every column type, a reference, and something contained."""

from typing import ClassVar

from django.db import models

from core.models.scd2.model import AnchorModel, VersionedModel
from core.models.scd2.versioning import Versioning


class FlagAnchor(AnchorModel):
    code = models.TextField(primary_key=True)


class Flag(VersionedModel):
    code = models.TextField()
    name = models.TextField()

    versioning: ClassVar = Versioning(
        key=("code",), tracked=("name",), anchor=FlagAnchor, service="harbour.services.flag_update"
    )


class VesselAnchor(AnchorModel):
    uuid = models.UUIDField(primary_key=True)


class Vessel(VersionedModel):
    uuid = models.UUIDField()
    name = models.TextField()
    flag = models.TextField()
    tonnage = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    in_service = models.BooleanField(null=True)
    launched = models.DateField(null=True)
    inspected_at = models.DateTimeField(null=True)

    versioning: ClassVar = Versioning(
        key=("uuid",),
        tracked=("name", "flag", "tonnage", "in_service", "launched", "inspected_at"),
        anchor=VesselAnchor,
        references={"flag": FlagAnchor},
        service="harbour.services.vessel_update",
    )


class Cargo(VersionedModel):
    vessel_uuid = models.UUIDField()
    hold_code = models.TextField()
    goods = models.TextField()
    weight = models.DecimalField(max_digits=12, decimal_places=3, null=True)

    versioning: ClassVar = Versioning(
        key=("vessel_uuid", "hold_code"),
        tracked=("goods", "weight"),
        contained_in=Vessel,
        service="harbour.services.vessel_update",
    )
