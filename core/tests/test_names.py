"""Identifiers and names: one form, and nothing that cannot be seen."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.names import (
    CONTROL,
    DOUBTFUL,
    INVISIBLE,
    JOINERS,
    SELECTORS,
    WHITE_SPACE,
    all_normalized,
    display_name,
    identifier,
    normalized,
)

CANNOT = "which cannot be seen."
PERSIAN = "می\u200cخواهم"
SINHALA = "\u0d9a\u0dca\u200d\u0dc2"


@pytest.mark.parametrize(
    ("given", "form"),
    [
        ("DE:50010700", "DE:50010700"),
        (" \t\u00a0A b\u3000\r\n", "A b"),
        ("Zoe\u0308", "Zoë"),
        ("\u212b", "Å"),
        ("", ""),
        ("  ", ""),
    ],
)
def test_an_identifier_has_one_form(given: str, form: str) -> None:
    assert identifier(given) == form


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("A\u200bB", f"Character 2 is U+200B (ZERO WIDTH SPACE), {CANNOT}"),
        ("  \ufeffA", f"Character 3 is U+FEFF (BYTE ORDER MARK), {CANNOT}"),
        ("A\u00ad", f"Character 2 is U+00AD (SOFT HYPHEN), {CANNOT}"),
        ("A\u202eB", f"Character 2 is U+202E (RIGHT-TO-LEFT OVERRIDE), {CANNOT}"),
        ("A\u034fB", f"Character 2 is U+034F (COMBINING GRAPHEME JOINER), {CANNOT}"),
        ("\U000e0041", f"Character 1 is U+E0041 (TAG LATIN CAPITAL LETTER A), {CANNOT}"),
        ("A\tB", "Character 2 is U+0009, a control character."),
        ("A\u2028B", "Character 2 is U+2028 (LINE SEPARATOR), a control character."),
        ("A\ud800", "Character 2 is U+D800, half of a surrogate pair."),
        ("A\uffff", "Character 2 is U+FFFF, which is no character."),
    ],
)
def test_what_cannot_be_seen_is_refused_with_its_place(given: str, told: str) -> None:
    for form in (identifier, display_name):
        with pytest.raises(ValueError) as caught:  # noqa: PT011 - the sentence is compared as a whole
            form(given)
        assert str(caught.value) == told


@pytest.mark.parametrize(
    "name",
    [
        PERSIAN,
        "م\u064e\u200c\u064eه",  # marks are transparent
        SINHALA,
        "क्\u200cष",
        "葛\U000e0100城",
        "I ❤\ufe0f NY",
        "ᠠ\u180b",
        "Ægir & Søn – 株式会社 🚢",
    ],
)
def test_a_name_keeps_what_its_script_needs(name: str) -> None:
    assert display_name(f" {name} ") == name
    if DOUBTFUL.search(name):
        with pytest.raises(ValueError, match="which cannot be seen"):
            identifier(name)


@pytest.mark.parametrize(
    "name",
    [
        "A\u200dB",
        "می\u200c",
        "\u200cمی",
        "کار\u200cها",  # the letter before does not join
        "م\u200dم",
        "👨\u200d👩",
        "\ufe0fA",
        "A \ufe0f",
        "क\u0301\u200d",
    ],
)
def test_a_joiner_where_no_script_needs_it_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="which cannot be seen"):
        display_name(name)


@pytest.mark.parametrize("name", ["\u0301", "\u2800", "\u2800\u2800", "\u0301\u2800"])
def test_a_name_without_anything_to_see_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="A name needs a character that can be seen"):
        display_name(name)
    with pytest.raises(ValueError, match="An identifier needs a character that can be seen"):
        identifier(name)


@pytest.mark.parametrize("name", ["", " ", "\u3000\n"])
def test_a_blank_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="A name cannot be blank"):
        display_name(name)


@given(st.text())
def test_the_form_of_a_form_is_itself(text: str) -> None:
    for form in (identifier, display_name):
        try:
            once = form(text)
        except ValueError:
            continue
        assert form(once) == once == normalized(text)
        assert unicodedata.is_normalized("NFC", once)
        assert once == once.strip(WHITE_SPACE)


@given(st.lists(st.text()))
def test_many_are_as_each(texts: list[str]) -> None:
    assert all_normalized(texts) == list(map(normalized, texts))


def test_the_characters_are_those_of_unicode() -> None:
    """All that this Python knows as control or format characters, and as White_Space."""
    told = {one for ranges in (CONTROL, INVISIBLE, JOINERS, SELECTORS) for one in ranges}
    listed = {code for first, last in told for code in range(first, last + 1)}
    for code in range(sys.maxunicode + 1):
        character = chr(code)
        if unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp"):
            assert code in listed, hex(code)
        if character.isspace():
            assert character in WHITE_SPACE or code in range(0x1C, 0x20), hex(code)
