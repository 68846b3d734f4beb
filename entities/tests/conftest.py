"""A register with a few types, and words for its tests."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core.models.scd2 import Channel, Context
from core.tests.databases import CommittedDatabase
from entities import services
from entities.tests.feed import Feed

ADA = Context(actor="ada", actor_id=1, channel=Channel.SYSTEM, reason="by hand")

DETAIL_TYPES: Mapping[str, Mapping[str, Any]] = {
    "EMAIL": {"data_type": "text", "pattern": r"[^@\s]+@[^@\s]+"},
    "NOTE": {"data_type": "text"},
    "EMPLOYEES": {"data_type": "integer"},
    "EQUITY": {"data_type": "decimal"},
    "EXTRA": {"data_type": "json"},
}


def day(year: int, month: int = 1, of_month: int = 1) -> datetime:
    return datetime(year, month, of_month, tzinfo=UTC)


@pytest.fixture
def types(db: None) -> None:
    make_types()


@pytest.fixture
def feed(committed_db: CommittedDatabase, tmp_path: Path) -> Feed:
    make_types()
    return Feed(tmp_path)


def make_types() -> None:
    for code in ("BANK", "PERSON"):
        services.entity_type_create(code=code, name=code.title(), context=ADA)
    for code, columns in DETAIL_TYPES.items():
        services.detail_type_create(code=code, name=code.title(), context=ADA, **columns)


def create(name: str = "Alpha", **given: Any) -> services.EntityWritten:
    """An entity that holds from 2020 on, unless it is said otherwise."""
    said = {"entity_type": "BANK", "valid_from": day(2020), "context": ADA, **given}
    return services.entity_create(display_name=name, **said)


def update(uuid: Any, valid_from: datetime | None = None, **given: Any) -> services.EntityWritten:
    """Change columns, details among them, from an instant on."""
    how = {name: given.pop(name) for name in ("valid_to", "future", "if_match") if name in given}
    return services.entity_update(
        uuid=uuid, changes=given, valid_from=valid_from, context=ADA, **how
    )
