"""A register as its app wrote it yesterday, and what was asked of it then.

Imported in the environment of that app alone. ``first`` makes the calls; ``again`` repeats them
when the model has two columns more.
"""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.core.management import call_command
from fleet.models import Ship  # type: ignore[import-not-found]

from core.models.scd2 import Change, Channel, Context
from core.models.scd2.diff import Window
from core.registers.export.snapshot import snapshot as export
from core.registers.read.diff import diff
from core.registers.read.history import history
from core.registers.read.page import Criteria, page
from core.registers.read.snapshot import snapshot
from core.registers.register import Contains, Register
from core.tests.doors import apply_changes

WHO = Context(actor="ada", channel=Channel.INGEST)
SHIPS = Register(model=Ship, filters=(Contains("name", param="q"),), orderings=("name",))
ARGO, BEAGLE, CUTTY, NEW = (UUID(int=number) for number in range(1, 5))
BUILT = date(1850, 5, 1)
PATHS = (None, True, False)


def day(year: int) -> datetime:
    return datetime(year, 1, 1, tzinfo=UTC)


def whole(uuid: UUID, name: str, year: int, **more: Any) -> Change:
    """Every column by name: those that are new are said as they are."""
    added = {"region": None, "grade": 1} if "grade" in Ship.shape.tracked else {}
    return Change({"uuid": uuid}, {"name": name, "built": BUILT} | added | more, day(year))


CALLS = [
    [whole(ARGO, "Argo", 2020), whole(BEAGLE, "Beagle", 2020), whole(CUTTY, "Cutty", 2020)],
    [whole(ARGO, "Argo II", 2022)],
    [Change({"uuid": BEAGLE}, {"name": "Beagle II"}, day(2021), partial=True)],
    [Change({"uuid": CUTTY}, None, day(2023))],
]


def tell(changes: list[Change], *, fast_paths: bool | None = None) -> dict[str, int]:
    return apply_changes([(Ship, changes)], WHO, fast_paths=fast_paths).total.as_dict()


def seen() -> dict[str, Any]:
    """What the register answers, by the ways in which it is read."""
    first = page(SHIPS, Criteria(), as_of=day(2022), ordering="name", limit=2)
    with export(SHIPS, as_of=day(2022)) as taken:
        exported = list(taken.rows())
    return {
        "page": [item.thing for item in first.items],
        "history": history(SHIPS, ARGO, superseded=True, limit=10),
        "snapshots": [thing_of(uuid, year) for uuid in (ARGO, BEAGLE) for year in (2020, 2022)],
        "export": [str(row) for row in exported],
    }


def thing_of(uuid: UUID, year: int) -> Any:
    found = snapshot(SHIPS, uuid, as_of=day(year))
    return found and found.thing


def after(name: str, uuid: UUID) -> list[str]:
    """The names of the next page."""
    found = page(SHIPS, Criteria(), as_of=day(2022), ordering="name", after=(name, uuid), limit=9)
    return [item.thing["name"] for item in found.items]


def again() -> dict[str, Any]:
    """The same calls with two columns more, filled in by somebody in between."""
    call_command("verify", no_progress=True, stdout=io.StringIO())
    found: dict[str, Any] = {"before": seen(), "next": after("Beagle II", BEAGLE)}
    found["repeated"] = [tell(call, fast_paths=fast) for call in CALLS for fast in PATHS]
    tell([Change({"uuid": ARGO}, {"region": "north", "grade": 5}, day(2021), partial=True)])
    found["filled"] = [thing_of(ARGO, year) for year in (2020, 2021, 2022)]
    now = datetime.now(UTC)
    found["diff"] = diff(
        SHIPS, Window(datetime(2020, 6, 1, tzinfo=UTC), day(2026), now, now), only=ARGO, limit=9
    )
    call_command("verify", no_progress=True, stdout=io.StringIO())
    return found


def first() -> dict[str, Any]:
    """The calls, and what the register answers to them."""
    for call in CALLS:
        tell(call)
    return seen()
