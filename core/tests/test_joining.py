"""The letters that join are those of the Unicode Character Database."""

from idna import idnadata

from core.joining import JOINS_NEXT, JOINS_PREVIOUS


def of_type(*types: str) -> set[str]:
    """By the tables of a library that has them: a range is start and end in one number."""
    ranges = (packed for kind in types for packed in idnadata.joining_types[kind])
    spans = ((packed >> 32, packed & 0xFFFFFFFF) for packed in ranges)
    return {chr(code) for first, end in spans for code in range(first, end)}


def test_the_letters_are_those_of_the_database() -> None:
    assert of_type("D", "L") == JOINS_NEXT
    assert of_type("D", "R") == JOINS_PREVIOUS
