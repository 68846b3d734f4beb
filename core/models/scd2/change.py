"""One instruction to the engine, who gives it, and what became of it."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from core.models.scd2.limits import Limits
    from core.models.scd2.model import VersionedModel


class Future(enum.StrEnum):
    """How far a Change without ``valid_to`` reaches over what is already scheduled.

    ``KEEP``: up to the next instant after its horizon at which what it sets changes (a
    retraction: to the end of the lifetime). ``OVERWRITE``: over all later changes (a partial
    payload: to the end of the lifetime). ``REJECT``: as ``OVERWRITE``, refused if there is any
    later change.
    """

    KEEP = "keep"
    OVERWRITE = "overwrite"
    REJECT = "reject"


class Stretch(NamedTuple):
    """Valid time that a load speaks for: the bounds of its Changes without ``valid_to``.

    ``horizon``: what changes at or before it is overwritten under ``KEEP``; a Change that starts
    later, or None, has its own start as its horizon. ``limit``: none of them reaches any further,
    whatever its ``future``; None is no limit. Both aware.
    """

    horizon: datetime | None = None
    limit: datetime | None = None


EVERYTHING = Stretch()


class Channel(enum.StrEnum):
    """The door a change came through."""

    API = "api"
    ADMIN = "admin"
    INGEST = "ingest"
    SYSTEM = "system"


@dataclasses.dataclass(frozen=True, slots=True)
class Change:
    """Set a thing's timeline over a period, and nowhere else.

    ``key``: values of the model's natural key, by column. ``payload``: tracked columns by
    name; None retracts. ``partial``: the payload names some columns and leaves the others as
    they are at every instant of the period. ``valid_from``: aware; None is the instant of the
    engine call. ``valid_to``: aware and exclusive; None lets ``future`` decide the reach.
    ``reason``: why, where it differs from that of the call. ``identity``: further columns of
    the anchor, written when the thing is first seen.
    """

    key: Mapping[str, Any]
    payload: Mapping[str, Any] | None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    future: Future = Future.KEEP
    partial: bool = False
    reason: str | None = None
    identity: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def retracts(self) -> bool:
        return self.payload is None


@dataclasses.dataclass(frozen=True, slots=True)
class Context:
    """Who changes something, through which door and why; written to rows and audit alike.

    ``actor`` is a frozen name and never empty: a shell is an actor too. ``system_instant``
    sets the instant of a backfill (owner role only); None takes it from the clock. ``limits``
    are those of a person; None is whoever has a shell.
    """

    actor: str
    channel: Channel
    actor_id: int | None = None
    client_address: str | None = None
    request_id: str | None = None
    reason: str = ""
    batch: str | None = None
    system_instant: datetime | None = None
    limits: Limits | None = dataclasses.field(default=None, compare=False)

    def __post_init__(self) -> None:
        if not self.actor.strip():
            raise ValueError("A change needs an actor: name the person or the process.")
        if self.system_instant is not None and self.system_instant.utcoffset() is None:
            raise ValueError("A system instant needs a time zone.")


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """What the engine did to one key: rows opened, closed, superseded; 1 if unchanged.

    ``overtaken``: how many assertions without ``valid_to`` do not hold at the instant of the call,
    because a later change stands in their way. It is counted besides all else.
    """

    opened: int = 0
    closed: int = 0
    superseded: int = 0
    unchanged: int = 0
    overtaken: int = 0

    def __add__(self, other: Outcome) -> Outcome:
        return Outcome(
            self.opened + other.opened,
            self.closed + other.closed,
            self.superseded + other.superseded,
            self.unchanged + other.unchanged,
            self.overtaken + other.overtaken,
        )

    @property
    def wrote(self) -> bool:
        return bool(self.opened or self.closed or self.superseded)

    def as_dict(self) -> dict[str, int]:
        return dataclasses.asdict(self)


UNCHANGED = Outcome(unchanged=1)


@dataclasses.dataclass(frozen=True, slots=True)
class Result:
    """What one engine call did.

    ``instant``: its system instant (UTC, microseconds), None if nothing was written.
    ``outcomes``: per model, one Outcome per Change in the order given; the Changes of one key
    share one outcome, but each says for itself whether it was overtaken. ``totals``: per model,
    each key counted once, details that a retraction of their container took along included, and
    every Change that was overtaken.
    """

    instant: datetime | None
    outcomes: Mapping[type[VersionedModel], list[Outcome]]
    totals: Mapping[type[VersionedModel], Outcome]

    @property
    def total(self) -> Outcome:
        return sum(self.totals.values(), Outcome())
