"""The types of entities and of details as they are believed now, over all of valid time."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Self

from core.rows import fetch
from entities.abstract import BEGINNING
from entities.sql import statement

End = datetime | None
Period = tuple[datetime, End]


@dataclasses.dataclass(frozen=True, slots=True)
class KnownType:
    """A type: its lifetimes and, of details, the data type and the patterns with their periods.

    Two that are equal admit the same facts, whatever else was changed about them.
    """

    periods: tuple[Period, ...]
    data_type: str
    rules: tuple[tuple[datetime, End, str | None], ...]

    @property
    def patterns(self) -> frozenset[str]:
        """All that the type ever has."""
        return frozenset(pattern for _, _, pattern in self.rules if pattern is not None)

    @property
    def pattern(self) -> str | None:
        """The last one."""
        return self.rules[-1][2]

    @property
    def since(self) -> datetime | None:
        """From when on it is valid without an end; None if it has gaps or an end."""
        (start, end), *more = self.periods
        return start if end is None and not more else None

    def surely_holds(self, start: datetime) -> bool:
        """Whether the type is valid over any period that begins then."""
        return self.since is not None and self.since <= start


@dataclasses.dataclass(frozen=True)
class Catalog:
    """Types by code, and the instant (UTC) at which they were read."""

    instant: datetime
    entity_types: Mapping[str, KnownType]
    detail_types: Mapping[str, KnownType]

    @classmethod
    def read(
        cls, types: Collection[str] | None = None, codes: Collection[str] | None = None
    ) -> Self:
        """All types, or those of entities and of details with some codes. One statement."""
        wanted = {
            "types": None if types is None else list(types),
            "codes": None if codes is None else list(codes),
        }
        rows = fetch(statement("catalog"), wanted)
        found: dict[bool, dict[str, list[tuple[datetime, End, str, str | None]]]]
        found = {False: {}, True: {}}
        for _, of_details, code, start, end, data_type, pattern in rows:
            if code is not None:
                versions = found[of_details].setdefault(code, [])
                versions.append((start, end, data_type or "", pattern))
        entity_types, detail_types = (
            {code: known_type(versions) for code, versions in found[of_details].items()}
            for of_details in (False, True)
        )
        return cls(rows[0][0].astimezone(UTC), entity_types, detail_types)


def known_type(versions: Sequence[tuple[datetime, End, str, str | None]]) -> KnownType:
    """Of live versions in order."""
    rules = merged((start, end, pattern) for start, end, _, pattern in versions)
    periods = merged((start, end, None) for start, end, _, _ in versions)
    return KnownType(tuple((start, end) for start, end, _ in periods), versions[0][2], tuple(rules))


def merged(
    pieces: Iterable[tuple[datetime, End, str | None]],
) -> list[tuple[datetime, End, str | None]]:
    """Pieces in order, those that touch and say the same as one."""
    found: list[tuple[datetime, End, str | None]] = []
    for start, end, said in pieces:
        touches = found and found[-1][1:] == (start, said)
        found.append((found.pop()[0] if touches else start, end, said))
    return found


def periods_text(periods: Iterable[Period]) -> str:
    """Periods in words, as in ``from 2000-01-01 to 2010-01-01 and from 2030-01-01 on``."""
    return " and ".join(period_text(*period) for period in periods)


def period_text(start: datetime, end: End) -> str:
    if start == BEGINNING:
        return "at any time" if end is None else f"until {instant_text(end)}"
    began = f"from {instant_text(start)}"
    return f"{began} on" if end is None else f"{began} to {instant_text(end)}"


def instant_text(instant: datetime) -> str:
    """A date if it is the beginning of one (UTC), else a timestamp."""
    text = instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return text.removesuffix("T00:00:00Z")
