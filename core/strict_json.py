"""What JSON leaves open, decided: hooks for ``json.loads`` that take nothing ambiguous."""

import math
from typing import Any, NoReturn


def distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object's members. Raises ValueError if a name is given twice."""
    named = dict(pairs)
    if len(named) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice!r} is given twice in one object.")
    return named


def no_number(text: str) -> NoReturn:
    """For NaN and Infinity, which Python would read. Raises ValueError."""
    raise ValueError(f"{text} is not a number in JSON.")


def finite(text: str) -> float:
    """A number with a fraction or an exponent. Raises ValueError for one beyond a double."""
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text} is too great a number; send it as a string.")
    return number


def is_unicode(text: str) -> bool:
    """Whether the text is without halves of surrogate pairs, which cannot be stored."""
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)
