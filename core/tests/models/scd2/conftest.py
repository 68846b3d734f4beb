"""The harbour, by each of the ways into the engine."""

import pytest

from core.tests.models.scd2.port import Port


@pytest.fixture(params=[None, True, False], ids=["call", "fast", "staged"])
def port(db: None, request: pytest.FixtureRequest) -> Port:
    return Port(fast_paths=request.param)
