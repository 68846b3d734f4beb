"""The register that the read rows look at, loaded through the product's own door.

- ``n`` companies, one version each, with four details (``BASE``);
- on each of ten days, 5 % of them change one field (what the diff looks at);
- ``n / 40`` funds whose every field changed 20 times (``DEEP``);
- one fund with 1,000 versions (``LONG``) and one with a single one (``SHORT``).

Every load has the system instant of its day, as a feed that was loaded night by night.
"""

from __future__ import annotations

import csv
import io
import itertools
import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.management import call_command

SOURCE = "bench"
BASE = datetime(2024, 1, 1, tzinfo=UTC)
DEEP_FROM = datetime(2024, 2, 1, tzinfo=UTC)
DIFF_FROM = datetime(2024, 6, 1, tzinfo=UTC)
DEEP_VERSIONS = 20
DIFF_DAYS = 10
LONG_VERSIONS = 1000
LONG, SHORT = "LONG", "SHORT"
ENTITY_TYPES = ("COMPANY", "FUND")
DETAIL_TYPES = {"EMAIL": "text", "CITY": "text", "EMPLOYEES": "integer", "EQUITY": "decimal"}
HEADER = ["source_id", "entity_type", "display_name", *(f"detail:{code}" for code in DETAIL_TYPES)]

SYLLABLES = ("bar", "kel", "dan", "mor", "tis", "ven", "lu", "ora", "pim", "sol", "gra", "zen")
ENDINGS = ("AG", "GmbH", "S.A.", "plc", "Sparkasse Köln", "Банк", "株式会社", "Oyj")
CITIES = ("München", "Kraków", "Москва", "東京", "Zürich", "Lyon", "Øresund", "Leeds")


def path_of(source_id: str) -> str:
    """Where an entity is, below the beginning of every path."""
    from entities.naming import entity_uuid

    return f"/entities/{entity_uuid(SOURCE, source_id)}"


def company(number: int) -> str:
    """A name that is always the same for its number; one in eight in each script."""
    chance = random.Random(number)
    words = ["".join(chance.choices(SYLLABLES, k=2)).title() for _ in range(2)]
    return f"{' '.join(words)} {ENDINGS[number % len(ENDINGS)]}"


def row(name: str, entity_type: str, number: int, turn: int = 0) -> list[Any]:
    label = f"{company(number)} {turn}" if turn else company(number)
    details = (f"{name.lower()}.{turn}@example.org", CITIES[(number + turn) % len(CITIES)])
    return [name, entity_type, label, *details, number % 9000 + turn, f"{number}.{turn + 1}"]


def companies(n: int) -> Iterator[list[Any]]:
    return (row(f"C{number}", "COMPANY", number) for number in range(n))


def changed(n: int, day: int) -> Iterator[list[Any]]:
    """5 % of the companies, each with another name or another number of employees."""
    for number in random.Random(day).sample(range(n), n // 20):
        name = f"{company(number)} {day}" if number % 2 else ""
        employees = "" if number % 2 else number % 9000 + day
        yield [f"C{number}", "", name, "", "", employees, ""]


def funds(n: int, turn: int) -> Iterator[list[Any]]:
    return (row(f"F{number}", "FUND", number, turn) for number in range(n // 40))


def load(folder: Path, n: int) -> None:
    """Types, companies, funds and the ten days. The database must be empty."""
    make_types()
    ingest(folder, BASE + timedelta(hours=1), companies(n), effective=BASE)
    for turn in range(DEEP_VERSIONS):
        at = DEEP_FROM + timedelta(days=turn)
        ingest(folder, at + timedelta(hours=1), funds(n, turn), effective=at)
    at = DEEP_FROM + timedelta(days=DEEP_VERSIONS)
    ingest(folder, at, [row(SHORT, "FUND", 1)], effective=BASE)
    ingest(folder, at + timedelta(hours=1), long_life(), "valid_from")
    for day in range(1, DIFF_DAYS + 1):
        at = DIFF_FROM + timedelta(days=day - 1)
        ingest(folder, at + timedelta(hours=1), changed(n, day), effective=at)


def long_life() -> Iterator[list[Any]]:
    """A fund that changes its name and its details every hour."""
    for turn in range(LONG_VERSIONS):
        at = BASE + timedelta(hours=turn)
        yield [*row(LONG, "FUND", 1, turn), at.isoformat()]


def make_types() -> None:
    """The types, known since before the first load."""
    from core.db import as_owner
    from core.models.scd2 import Channel, Context
    from entities import services

    seconds = itertools.count(1)

    def how() -> dict[str, Any]:
        at = BASE + timedelta(seconds=next(seconds))
        context = Context(actor="bench", channel=Channel.SYSTEM, system_instant=at)
        return {"valid_from": BASE, "context": context}

    with as_owner():
        for code in ENTITY_TYPES:
            services.entity_type_create(code=code, name=code.title(), **how())
        for code, data_type in DETAIL_TYPES.items():
            name = code.title()
            services.detail_type_create(code=code, name=name, data_type=data_type, **how())


def ingest(
    folder: Path,
    known: datetime,
    rows: Iterable[list[Any]],
    *more_columns: str,
    effective: datetime | None = None,
) -> None:
    """One file, loaded as if at ``known``."""
    path = folder / "register.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*HEADER, *more_columns])
        writer.writerows(rows)
    options = ["--source", SOURCE, "--strict", "--system-time", known.isoformat()]
    if effective is not None:
        options += ["--effective", effective.isoformat()]
    call_command("ingest_entities", str(path), *options, stdout=io.StringIO())
