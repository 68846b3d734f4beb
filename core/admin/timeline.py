"""The versions of a thing as a table, newest first."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from django.template.loader import render_to_string

from core.models.scd2.history import Item, history
from core.models.scd2.versioning import Shape
from core.strict_json import canonical

LONGEST = 200
"""How many versions of a thing its page shows."""
NOTHING = "–"
MASKED = "masked"
"""What stands where something may not be seen."""
STATES = {
    "holds": "success",
    "scheduled": "info",
    "past": "default",
    "superseded": "warning",
}
ABOUT = ("", "Valid from", "Valid to")
AFTER = ("Believed from", "Believed to", "By", "Reason")

Show = Callable[[Item, str], Any]


@dataclasses.dataclass(frozen=True, slots=True)
class Timeline:
    """A table: a title, its headers and rows, and whether there are more rows than it shows."""

    title: str
    headers: Sequence[str]
    rows: Sequence[Sequence[str]]
    cut: bool

    @property
    def table(self) -> dict[str, Any]:
        """What Unfold's table component takes."""
        return {"headers": self.headers, "rows": self.rows}


def timeline(
    shape: Shape,
    root: Any,
    now: datetime,
    *,
    superseded: bool,
    show: Show | None = None,
    left_out: Collection[str] = (),
    masked_at: Collection[datetime] = (),
) -> Timeline:
    """The versions of one model that hang on the anchor ``root``; ``show`` finds a value's text.

    ``left_out`` is that of a history; ``masked_at`` are the system instants of the calls whose
    reasons are hidden.
    """
    items = history([shape], root, superseded=superseded, limit=LONGEST + 1, left_out=left_out)
    for item in items:
        if item.version["system_from"] in masked_at:
            item.version["reason"] = MASKED
    named = (*shape.key[1:], *shape.tracked)
    headers = (*ABOUT, *(title_of(shape, name) for name in named), *AFTER)
    rows = [row_of(item, named, now, show or value_of) for item in items[:LONGEST]]
    title = str(shape.model._meta.verbose_name_plural)
    if not superseded:
        headers, rows = drop(headers, rows, headers.index("Believed to"))
    return Timeline(title, headers, rows, len(items) > LONGEST)


def drop(
    headers: Sequence[str], rows: Iterable[Sequence[str]], at: int
) -> tuple[tuple[str, ...], list[list[str]]]:
    kept = [[cell for position, cell in enumerate(row) if position != at] for row in rows]
    return tuple(title for position, title in enumerate(headers) if position != at), kept


def title_of(shape: Shape, name: str) -> str:
    field: Any = shape.model._meta.get_field(name)
    return str(field.verbose_name).capitalize()


def value_of(item: Item, name: str) -> Any:
    """A tracked column or, of a contained thing, a column of its key."""
    if name in item.version:
        return item.version[name]
    return item.key[item.shape.key.index(name)]


def row_of(item: Item, named: Sequence[str], now: datetime, show: Show) -> list[str]:
    version = item.version
    return [
        state_label(state_of(version, now)),
        instant_text(version["valid_from"]),
        instant_text(version["valid_to"], open_end="open"),
        *(text_of(show(item, name)) for name in named),
        second_text(version["system_from"]),
        second_text(version["system_to"]),
        version["actor"],
        version["reason"],
    ]


def state_of(version: dict[str, Any], now: datetime) -> str:
    if version["system_to"] is not None:
        return "superseded"
    if version["valid_from"] > now:
        return "scheduled"
    ended = version["valid_to"] is not None and version["valid_to"] <= now
    return "past" if ended else "holds"


def state_label(state: str) -> str:
    context = {"text": state, "type": STATES[state]}
    return render_to_string("unfold/helpers/label.html", context)


def instant_text(instant: datetime | None, open_end: str = NOTHING) -> str:
    """A day if it begins with the instant, else all of it; in UTC."""
    if instant is None:
        return open_end
    text = instant.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")
    return text.removesuffix(" 00:00:00")


def exact_text(instant: datetime, timespec: str = "microseconds") -> str:
    """All digits, in UTC. Not by strftime(), which leaves out the zeros of early years."""
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(" ", timespec)


def second_text(instant: datetime | None) -> str:
    return NOTHING if instant is None else exact_text(instant, "seconds")


def text_of(value: Any) -> str:
    """A value for people to read."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict | list):
        return canonical(value)
    return str(value)
