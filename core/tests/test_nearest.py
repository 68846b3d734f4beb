"""The same name in other letters comes before a similar one."""

from __future__ import annotations

import pytest

from core.nearest import in_other_letters, nearest

KNOWN = ["COUNTY", "COUNTRY", "Note", "straße"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("country", "COUNTRY"),
        (" Country ", "COUNTRY"),
        ("STRASSE", "straße"),
        ("CUONTRY", "COUNTRY"),
        ("NOTES", "Note"),
        ("PHONE", None),
    ],
)
def test_the_one_that_was_meant(wanted: str, found: str | None) -> None:
    assert nearest(wanted, KNOWN) == found


def test_other_letters_alone() -> None:
    assert in_other_letters("NOTE", KNOWN) == "Note"
    assert in_other_letters("NOTES", KNOWN) is None
    assert nearest("x", []) is None
