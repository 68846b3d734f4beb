"""An entity named by a feed has the same uuid everywhere and for ever."""

from uuid import UUID, uuid5

from hypothesis import given
from hypothesis import strategies as st

from entities.naming import NAMESPACE, entity_uuid

NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=20)


def test_the_namespace_is_published() -> None:
    assert UUID("e1fe47eb-94cc-42a1-a8be-de0be6b667c0") == NAMESPACE


def test_a_name_is_the_netstrings_of_source_and_identifier() -> None:
    named = entity_uuid("bank-register", "DE:50010700")
    assert named == uuid5(NAMESPACE, "13:bank-register11:DE:50010700")
    assert named == UUID("6a533368-45e4-56f4-9080-558df66f6f95")
    assert named.version == 5


def test_lengths_are_counted_in_octets() -> None:
    assert entity_uuid("ä", "b") == uuid5(NAMESPACE, "2:ä1:b")


@given(NAMES, NAMES, NAMES, NAMES)
def test_two_names_meet_only_if_they_are_equal(a: str, b: str, c: str, d: str) -> None:
    assert (entity_uuid(a, b) == entity_uuid(c, d)) == ((a, b) == (c, d))


def test_what_stands_left_and_right_is_not_run_together() -> None:
    assert entity_uuid("ab", "c") != entity_uuid("a", "bc")
