"""The database and ``core.names`` let the same texts in."""

import hashlib
import unicodedata
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from core.models.scd2.hash_diff import hash_diff
from core.names import (
    CONTROL,
    INVISIBLE,
    JOINERS,
    SELECTORS,
    WHITE_SPACE,
    display_name,
    identifier,
    normalized,
)
from core.strict_json import canonical

pytestmark = pytest.mark.django_db

ASSIGNED = st.characters(exclude_categories=["Cs", "Cn"], exclude_characters="\0")
LAST = {plane * 0x10000 - step for plane in range(1, 18) for step in (1, 2)}
"""No characters, which the database stores all the same."""
TEXTS = st.text(
    st.one_of(ASSIGNED, st.sampled_from("Aé\u0301 \u00a0\u200b\u200c\ufe0f\ufeffم\u3000")),
    max_size=5,
)


def ask(query: str, *parameters: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall()


def is_form(form: Any, text: str) -> bool:
    try:
        return bool(form(text) == text != "")
    except ValueError:
        return False


def test_the_same_characters_are_refused() -> None:
    ranges = [*CONTROL, *INVISIBLE, *JOINERS, *SELECTORS]
    edges = {code + step for bounds in ranges for code in bounds for step in (-1, 0, 1)}
    texts = [f"A{chr(code)}A" for code in sorted(edges - LAST) if code > 0]
    texts += [form for space in WHITE_SPACE for form in (f"{space}A", f"A{space}", "A")]

    found = ask(
        "SELECT text, core_is_identifier(text), core_is_name(text) FROM unnest(%s::text[]) AS text",
        texts,
    )

    for text, as_identifier, as_name in found:
        without = "".join(one for one in text if not is_in(one, (*JOINERS, *SELECTORS)))
        assert as_identifier == is_form(identifier, text), ascii(text)
        assert as_name == is_form(display_name, without), ascii(text)


def is_in(character: str, ranges: Any) -> bool:
    return any(first <= ord(character) <= last for first, last in ranges)


@given(st.lists(TEXTS, min_size=10, max_size=10))
def test_what_is_let_in_is_stored(texts: list[str]) -> None:
    texts = [text for text in texts if "\u2800" not in text]
    forms = [(is_form(identifier, text), is_form(display_name, text)) for text in texts]

    found = ask(
        "SELECT core_is_identifier(text), core_is_name(text) "
        "FROM unnest(%s::text[]) WITH ORDINALITY AS given (text, place) ORDER BY place",
        texts,
    )

    for text, told, (as_identifier, as_name) in zip(texts, found, forms, strict=True):
        assert (not as_identifier or told[0]) and (not as_name or told[1]), ascii(text)  # noqa: PT018
        if unicodedata.normalize("NFC", text) != text or normalized(text) != text:
            assert told == (False, False), ascii(text)


@given(st.text(ASSIGNED))
def test_a_value_is_found_by_its_digest_in_one_form(text: str) -> None:
    ((found,),) = ask("SELECT core_normal_digest(%s, %s)", text, hash_diff([text]))

    assert bytes(found) == hash_diff([unicodedata.normalize("NFC", text)])


@given(st.text(ASSIGNED, max_size=20), st.integers(-(10**40), 10**40), st.integers(0, 30))
def test_canonical_texts_have_one_digest(text: str, digits: int, places: int) -> None:
    """JSON of any size goes into a hash as its canonical text, here and there."""
    value = canonical({"n": Decimal(digits).scaleb(-places), "text": text})
    ((found,),) = ask("SELECT core_digest(core_netstring(%s::text))", value)

    assert bytes(found) == hash_diff([value])
    assert bytes(found) == hashlib.sha256(f"{len(value.encode())}:{value}".encode()).digest()
