"""For the tests of core: a crew, which takes seconds to hire, serves all that ask for one.

Who asks for it belongs to the group ``crew``, so that it is hired once.
"""

from collections.abc import Iterator

import pytest

from core.tests.crew import SIZE, Crew, Sailor
from core.tests.databases import CommittedDatabase
from core.tests.models.scd2.port import hoist_flags


@pytest.fixture(scope="session")
def whole_crew() -> Iterator[Crew]:
    made = Crew(SIZE)
    yield made
    made.dismiss()


@pytest.fixture
def crew(whole_crew: Crew, committed_db: CommittedDatabase) -> Iterator[list[Sailor]]:
    """Processes that are connected to a database of the test's own."""
    hoist_flags()
    with whole_crew.aboard(committed_db) as sailors:
        yield sailors
