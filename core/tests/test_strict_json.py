"""JSON without loss: what is read, what is refused, and the one text of a value."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.strict_json import MAX_DIGITS, Number, TooDeep, canonical, read

NUMERALS = st.from_regex(
    r"-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,2})?", fullmatch=True
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("1", "1"),
        ("1.0", "1"),
        ("1e0", "1"),
        ("-0.00", "0"),
        ("1E+05", "100000"),
        ("9.999e-07", "0.0000009999"),
        ("100000000000000000000.75", "100000000000000000000.75"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("5e-324", f"0.{'0' * 323}5"),
        ('{"b": [1.50, null], "a": "\\u00e4\\n"}', '{"a":"ä\\n","b":[1.5,null]}'),
        ('"\\ud83d\\ude00"', '"😀"'),
    ],
)
def test_values_have_one_text(text: str, written: str) -> None:
    assert canonical(read(text)) == written
    assert canonical(read(written)) == written


@given(NUMERALS)
def test_a_number_keeps_its_value_to_the_last_digit(numeral: str) -> None:
    written = canonical(read(numeral))
    assert Fraction(written) == Fraction(numeral)
    assert "e" not in written
    assert written == canonical(Number(written))


@given(VALUES)
def test_the_text_of_a_value_reads_back(value: Any) -> None:
    assert read(canonical(value)) == value


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("NaN", "NaN is not a number in JSON."),
        ("[-Infinity]", "-Infinity is not a number in JSON."),
        ("1e999999999999", "1e999999999999 is too great a number; send it as a string."),
        ("9" * 400, f"{'9' * 40}… is too great a number; send it as a string."),
        (
            "1e-2000",
            "1e-2000 has more than 1,000 digits when it is written out; send it as a string.",
        ),
        (
            f"0.{'1' * MAX_DIGITS}",
            (
                f"0.{'1' * 38}… has more than 1,000 digits when it is written out; "
                "send it as a string."
            ),
        ),
        ('{"a": 1, "b": {"c": 1, "c": 1}}', "'c' is given twice in one object."),
        ('{"\\u0061": 1, "a": 2}', "'a' is given twice in one object."),
        (
            '{"details": {"EMAIL": ["x", "\\ud800"]}}',
            "details.EMAIL[1] has half of a surrogate pair (\\ud800), which is not a character.",
        ),
        (
            '{"a b": {"\\udfff": 1}}',
            (
                "The name 'a b'.'\\udfff' has half of a surrogate pair (\\udfff), which is not a "
                "character."
            ),
        ),
        (
            '"\\ude00\\ud83d"',
            "It has half of a surrogate pair (\\ude00), which is not a character.",
        ),
    ],
)
def test_what_would_not_come_back_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the sentence is compared as a whole
        read(text)
    assert str(caught.value) == sentence


def test_depth_has_an_end() -> None:
    assert read("[" * 65 + "]" * 65)
    for levels in (66, 100_000):
        with pytest.raises(TooDeep, match="It is nested more than 64 levels deep"):
            read("[" * levels + "]" * levels)


@pytest.mark.parametrize("value", [float("nan"), Decimal("Infinity"), Decimal("1e2000")])
def test_a_number_that_cannot_be_written_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match=r"not a number|more than 1,000 digits"):
        canonical([value])
