"""A register of made-up entities: the files that feed it, and what must come of them.

Entity number ``i`` has a name and four details that follow from ``i`` and from its edition: a
changed entity is one of another edition, in all its values but its country.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

SOURCE = "bench"
COUNTRIES = ("AT", "BE", "CH", "DE", "ES", "FR", "IT", "NL", "PL", "SE")
TYPES = ("FUND", "ORGANISATION")
DETAIL_TYPES: dict[str, dict[str, Any]] = {
    "COUNTRY": {"data_type": "text", "pattern": "[A-Z]{2}"},
    "EMAIL": {"data_type": "text", "pattern": None},
    "EMPLOYEES": {"data_type": "integer", "pattern": None},
    "FOUNDED": {"data_type": "date", "pattern": None},
}
HEADER = ("source_id", "entity_type", "display_name", *(f"detail:{code}" for code in DETAIL_TYPES))

Edition = Callable[[int], int]
"""Which edition of entity ``i`` a file has."""


class Thing(NamedTuple):
    """An entity as a file has it; ``details`` are canonical texts in the order of their codes."""

    source_id: str
    entity_type: str
    display_name: str
    details: tuple[str, str, str, str]

    @property
    def uuid(self) -> UUID:
        from entities.naming import entity_uuid

        return entity_uuid(SOURCE, self.source_id)


def thing(i: int, edition: int) -> Thing:
    return Thing(
        f"E{i:09}",
        TYPES[i % len(TYPES)],
        f"Example {i * 7919 % 1_000_003} Trading and Holding {edition} GmbH",
        (
            COUNTRIES[i % len(COUNTRIES)],
            f"office-{i}-{edition}@example-{i % 977}.org",
            str(i % 5_000 + edition * 7),
            f"{1950 + (i + edition) % 70}-{i % 12 + 1:02}-{i % 28 + 1:02}",
        ),
    )


def always(edition: int) -> Edition:
    """Every entity in the same edition."""
    return lambda _: edition


@dataclass
class Workload:
    """The files of a register of ``n`` entities, made when they are first asked for."""

    folder: Path
    n: int
    options: tuple[str, ...] = ("--source", SOURCE)

    @cached_property
    def first(self) -> Path:
        """Every entity in its first edition."""
        return self.csv("first", range(self.n), always(0))

    @cached_property
    def first_jsonl(self) -> Path:
        return self.jsonl("first", range(self.n), always(0))

    def things(self, numbers: Iterable[int], edition: Edition) -> Iterator[Thing]:
        return (thing(i, edition(i)) for i in numbers)

    def csv(self, name: str, numbers: Iterable[int], edition: Edition) -> Path:
        path = self.folder / f"{name}.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(HEADER)
            writer.writerows((*one[:3], *one.details) for one in self.things(numbers, edition))
        return path

    def jsonl(self, name: str, numbers: Iterable[int], edition: Edition) -> Path:
        path = self.folder / f"{name}.jsonl"
        with path.open("w", encoding="utf-8") as file:
            for one in self.things(numbers, edition):
                details = dict(zip(DETAIL_TYPES, one.details, strict=True))
                row = {
                    "source_id": one.source_id,
                    "entity_type": one.entity_type,
                    "display_name": one.display_name,
                    "details": {**details, "EMPLOYEES": int(details["EMPLOYEES"])},
                }
                file.write(json.dumps(row) + "\n")
        return path

    def make_types(self) -> None:
        """In the database that Django is connected to."""
        from datetime import UTC, datetime

        from core.contexts import shell
        from entities.services import detail_type_create, entity_type_create

        begin, context = datetime(2000, 1, 1, tzinfo=UTC), shell("Benchmark")
        for code in TYPES:
            entity_type_create(code=code, name=code.title(), valid_from=begin, context=context)
        for code, known in DETAIL_TYPES.items():
            detail_type_create(
                code=code, name=code.title(), valid_from=begin, context=context, **known
            )
