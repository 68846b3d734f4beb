"""The running service keeps what its own description promises, whatever it is sent by whom."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from auth.tests.conformance import ROLES, calls_of, examine, token_of
from core.tests.databases import CommittedDatabase
from core.tests.running import running


@pytest.fixture
def address(committed_db: CommittedDatabase, tmp_path: Path) -> Iterator[str]:
    with running("cockpit", tmp_path / "service.log") as address:
        yield address


def test_every_call_answers_as_described(address: str) -> None:
    code, report = examine(
        address, token_of("admin"), "--phases=examples,fuzzing,stateful", "--max-examples=2"
    )
    assert code == 0, report
    assert calls_of(report) > 5


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES)
def test_every_corner_of_the_description(address: str, role: str) -> None:
    code, report = examine(address, token_of(role), "--max-examples=10")
    assert code == 0, report
    assert calls_of(report) > 100
