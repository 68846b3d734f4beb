"""The running service keeps what its own description promises, whatever it is sent by whom."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from auth.tests.conformance import ROLES, calls_of, examine, token_of
from core.tests.databases import CommittedDatabase
from core.tests.running import running
from entities import services
from entities.v1.examples import ENTITY
from entities.v1.tests.conftest import SYSTEM, make_types


@pytest.fixture
def address(committed_db: CommittedDatabase, tmp_path: Path) -> Iterator[str]:
    """The service, with the entity that its examples are about."""
    make_types()
    services.entity_create(
        uuid=UUID(str(ENTITY["uuid"])), entity_type="BANK", display_name="A bank", context=SYSTEM
    )
    with running("entities", tmp_path / "service.log") as address:
        yield address


@pytest.mark.parametrize("role", ["viewer", "steward"])
def test_every_call_answers_as_described(address: str, role: str) -> None:
    code, report = examine(
        address, token_of(role), "--phases=examples,fuzzing,stateful", "--max-examples=2"
    )
    assert code == 0, report
    assert calls_of(report) > 50


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES)
def test_every_corner_of_the_description(address: str, role: str) -> None:
    code, report = examine(address, token_of(role), "--max-examples=10")
    assert code == 0, report
    assert calls_of(report) > 1000
