"""Each promise of ``docs/security.md`` names the test that keeps it."""

import pytest

from auth.tests.matrix.table import DOCUMENT, SPAN, tables
from core.local.home import ROOT

PROMISES = [(cells[0], SPAN.findall(cells[1])) for cells in tables("promise")]


def test_there_are_promises() -> None:
    assert len(PROMISES) > 20
    assert len({promise for promise, _ in PROMISES}) == len(PROMISES)


@pytest.mark.parametrize(("promise", "tests"), PROMISES, ids=[one for one, _ in PROMISES])
def test_a_promise_is_kept_by_tests_that_there_are(promise: str, tests: list[str]) -> None:
    assert tests, f"{DOCUMENT.name}: no test keeps this: {promise}"
    for test in tests:
        file, _, name = test.partition("::")
        assert f"def {name}(" in (ROOT / file).read_text(), f"{DOCUMENT.name} names {test}"
