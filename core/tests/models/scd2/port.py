"""A harbour with one vessel and its holds, for tests that spell a timeline out.

Instants of valid time are years; system instants are the numbers of the calls that wrote,
counted from 1. So a row reads ``("A", "NO", 2000, 2010, 1, 2, None)``: name and flag, the years
from and to, opened by call 1, closed by call 2, not superseded.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from core.models import AuditEntry
from core.models.scd2.change import Change, Channel, Context, Future, Result
from core.tests.doors import apply_changes
from core.tests.harbour.models import Cargo, Flag, Vessel

PLAIN = {"tonnage": None, "in_service": None, "launched": None, "inspected_at": None}
FLAGS = ("NO", "PL", "SE")
# An Outcome for each Change is what a call gives back; a load counts.
call_by_call = pytest.mark.parametrize("port", [None], indirect=True, ids=["call"])
TESTER = Context(actor="tester", channel=Channel.SYSTEM)


def year(number: int | None) -> Any:
    return None if number is None else datetime(number, 1, 1, tzinfo=UTC)


def number_of(instant: datetime | None) -> int | None:
    """The year, where an instant is the first of one; anything else was not asked for."""
    if instant is None:
        return None
    assert instant == year(instant.year)
    return instant.year


def hoist_flags() -> None:
    """Let the flags exist, so that vessels may fly them."""
    flags = [Change({"code": flag}, {"name": flag}, year(1990)) for flag in FLAGS]
    apply_changes([(Flag, flags)], TESTER)


class Port:
    """One vessel, told things call by call."""

    def __init__(self, *, fast_paths: bool | None) -> None:
        self.fast_paths = fast_paths
        self.uuid = uuid.uuid4()
        self.instants: list[datetime] = []
        hoist_flags()

    def vessel(
        self,
        payload: str | Mapping[str, Any] | None,
        valid_from: int | None,
        valid_to: int | None = None,
        future: Future = Future.KEEP,
    ) -> tuple[type[Vessel], Change]:
        """``"A NO"`` is a whole payload, a mapping a partial one, None a retraction."""
        if isinstance(payload, str):
            name, flag = payload.split()
            payload, partial = {"name": name, "flag": flag, **PLAIN}, False
        else:
            partial = payload is not None
        key = {"uuid": self.uuid}
        return Vessel, Change(key, payload, year(valid_from), year(valid_to), future, partial)

    def cargo(
        self,
        payload: str | Mapping[str, Any] | None,
        valid_from: int | None,
        valid_to: int | None = None,
        future: Future = Future.KEEP,
        hold: str = "AFT",
    ) -> tuple[type[Cargo], Change]:
        """``"grain"`` is a whole payload, a mapping a partial one, None a retraction."""
        if isinstance(payload, str):
            payload, partial = {"goods": payload, "weight": None}, False
        else:
            partial = payload is not None
        key = {"vessel_uuid": self.uuid, "hold_code": hold}
        return Cargo, Change(key, payload, year(valid_from), year(valid_to), future, partial)

    def apply(self, *said: tuple[Any, Change], context: Context = TESTER) -> Result:
        """One call of the engine."""
        batch = [
            (model, [change for other, change in said if other is model])
            for model in (Vessel, Cargo)
            if any(other is model for other, _ in said)
        ]
        result = apply_changes(batch, context, fast_paths=self.fast_paths)
        if result.instant is not None:
            self.instants.append(result.instant)
        return result

    def tell(self, *said: tuple[Any, Change]) -> None:
        """One call of the engine for each Change."""
        for one in said:
            self.apply(one)

    def call(self, instant: datetime | None) -> int | None:
        """The number of the call that had a system instant."""
        return None if instant is None else self.instants.index(instant) + 1

    def timeline(self) -> list[tuple[Any, ...]]:
        """The vessel's live versions: name, flag, from, to."""
        live = Vessel.objects.timeline(uuid=self.uuid)
        return [
            (row.name, row.flag, number_of(row.valid_from), number_of(row.valid_to)) for row in live
        ]

    def hold(self, hold: str = "AFT") -> list[tuple[Any, ...]]:
        """A hold's live versions: goods, from, to."""
        live = Cargo.objects.timeline(vessel_uuid=self.uuid, hold_code=hold)
        return [(row.goods, number_of(row.valid_from), number_of(row.valid_to)) for row in live]

    def rows(self) -> list[tuple[Any, ...]]:
        """All the vessel's rows in the order of their opening."""
        found = Vessel.objects.filter(uuid=self.uuid).order_by("system_from", "valid_from")
        return [(row.name, row.flag, *self.instants_of(row)) for row in found]

    def hold_rows(self, hold: str = "AFT") -> list[tuple[Any, ...]]:
        """All a hold's rows in the order of their opening."""
        found = Cargo.objects.filter(vessel_uuid=self.uuid, hold_code=hold)
        ordered = found.order_by("system_from", "valid_from")
        return [(row.goods, *self.instants_of(row)) for row in ordered]

    def instants_of(self, row: Any) -> tuple[int | None, ...]:
        valid = (number_of(row.valid_from), number_of(row.valid_to))
        system = (row.system_from, row.closed_at, row.system_to)
        return (*valid, *(self.call(instant) for instant in system))

    def names_known_at(self, known_at: datetime, *years: int) -> list[str | None]:
        """The vessel's name in each year, as it was known at a system instant."""
        vessels = Vessel.objects.filter(uuid=self.uuid)
        found = [vessels.as_of(year(number), known_at).first() for number in years]
        return [row.name if row else None for row in found]

    def audit(self, model: type[Any] = Vessel) -> list[tuple[Any, ...]]:
        """The last call's entries: action, from, to, the values before and after."""
        entries = AuditEntry.objects.filter(
            uuid=self.uuid, instant=self.instants[-1], model=model._meta.label_lower
        ).order_by("valid_from", "valid_to")
        return [
            (
                entry.action,
                number_of(entry.valid_from),
                number_of(entry.valid_to),
                spelt(entry.before),
                spelt(entry.after),
            )
            for entry in entries
        ]


def spelt(payload: Mapping[str, Any] | None) -> str | None:
    """A payload as the tests write it."""
    if payload is None:
        return None
    return payload["goods"] if "goods" in payload else f"{payload['name']} {payload['flag']}"
