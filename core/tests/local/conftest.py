"""A home of its own for every test of the local database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.tests.local.helpers import open_home


@pytest.fixture
def home() -> Iterator[Path]:
    """A directory that does not exist yet, where every user may enter."""
    with open_home() as path:
        yield path
