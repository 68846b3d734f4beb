"""Reading at the two clocks' instants, all statements of an answer from one snapshot."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from core.api.fields import Settled
from core.api.problems import refused
from core.datetimes import asked_knowledge
from core.db import clock, one_snapshot, settled_instant


@dataclasses.dataclass(frozen=True, slots=True)
class Basis:
    """The instants (UTC) that an answer holds for: valid time, and system time.

    ``latest`` is true where nobody asked for a ``known_at``: then the live rows are read.
    """

    as_of: datetime
    known_at: datetime
    latest: bool = False

    @property
    def believed_at(self) -> datetime | None:
        """What selectors take: None for what is believed now."""
        return None if self.latest else self.known_at

    def as_dict(self) -> dict[str, datetime]:
        return {"as_of": self.as_of, "known_at": self.known_at}


class Moment:
    """The clock as one request sees it, and what the request asks of it.

    ``now`` is the database's clock (UTC), read once as the first statement of the snapshot.
    """

    def __init__(self, now: datetime, settled: datetime | None) -> None:
        self.now = now
        self.settled = settled

    def knowledge(self, asked: datetime | date | Settled | None, field: str) -> datetime:
        """The instant of system time meant by a parameter. Refuses one that is not yet."""
        if asked is None:
            return self.now
        if isinstance(asked, Settled):
            assert self.settled is not None
            return self.settled
        instant = asked_knowledge(asked, self.now)
        if instant > self.now:
            raise refused(field, "in_the_future", "What will be known later is not known yet.")
        return instant

    def basis(self, query: Mapping[str, Any]) -> Basis:
        """The basis of a read by ``as_of`` and ``known_at``."""
        asked = query.get("known_at")
        known_at = self.knowledge(asked, "known_at")
        return Basis(query.get("as_of") or self.now, known_at, latest=asked is None)


@contextmanager
def reading(query: Mapping[str, Any]) -> Iterator[Moment]:
    """One snapshot and its clock. Raises NotSettled where a settled instant cannot be named.

    The settled instant is read before the snapshot is taken: what is read later as known at
    that instant is the same for ever.
    """
    settled = settled_instant() if Settled.INSTANT in query.values() else None
    with one_snapshot():
        yield Moment(clock(), settled)
