"""JSON without loss: the one way in which JSON texts are read, and the canonical text of a value.

Numbers keep all their digits: whole ones are ``int``, all others ``Number``. Refused is what is
ambiguous (a name twice in one object), no JSON (NaN, Infinity), no text (half of a surrogate
pair), and what would not come back as it is (a number beyond a double, or with too many digits).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any, NoReturn

MAX_DEPTH = 64
MAX_DIGITS = 1_000
"""Of a number that is written out without an exponent."""
ALWAYS_FINITE = 300
"""Numbers with no more digits than that are within a double."""
SHOWN = 40
"""How many characters of a number or a name are repeated in a sentence."""

SURROGATE = re.compile("[\ud800-\udfff]")
ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
"""Without such an escape a text that was decoded from UTF-8 has no halves of surrogate pairs."""


class Number(Decimal):
    """A number of a JSON text, by its digits; a plain Decimal is a column's and travels as text."""


class TooDeep(ValueError):
    """Nested more than MAX_DEPTH levels."""


def read(text: str) -> Any:
    """The value of a JSON text. Raises JSONDecodeError, or another ValueError with a sentence."""
    try:
        value = json.loads(
            text,
            object_pairs_hook=unique_members,
            parse_constant=refuse_constant,
            parse_float=read_number,
            parse_int=read_integer,
        )
    except RecursionError:
        raise TooDeep(f"It is nested more than {MAX_DEPTH} levels deep.") from None
    refuse_deep(value)
    if ESCAPED_SURROGATE.search(text):
        refuse_surrogates(value)
    return value


def unique_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object's members. Raises ValueError if a name is given twice."""
    named = dict(pairs)
    if len(named) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{shortened(repr(twice))} is given twice in one object.")
    return named


def refuse_constant(text: str) -> NoReturn:
    """For NaN and Infinity, which Python would read. Raises ValueError."""
    raise ValueError(f"{text} is not a number in JSON.")


def read_integer(text: str) -> int:
    """A whole number. Raises ValueError for one that is too great."""
    refuse_inexact(text, len(text))
    return int(text)


def read_number(text: str) -> Number:
    """A number with a fraction or an exponent. Raises ValueError for one that cannot be kept."""
    if "e" in text or "E" in text:
        mantissa, _, exponent = text.lower().partition("e")
        expanded = len(mantissa) + min(abs(int(exponent[:9])), 10**6)
    else:
        expanded = len(text)
    refuse_inexact(text, expanded)
    return Number(text)


def refuse_inexact(text: str, expanded: int) -> None:
    """``expanded``: about how long the number is without an exponent. Raises ValueError."""
    if expanded > ALWAYS_FINITE and math.isinf(float(text)):
        raise ValueError(f"{shortened(text)} is too great a number; send it as a string.")
    if expanded > MAX_DIGITS:
        raise ValueError(
            f"{shortened(text)} has more than {MAX_DIGITS:,} digits when it is written out; "
            "send it as a string."
        )


def refuse_deep(value: Any) -> None:
    """Raises TooDeep."""
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [inner for item in level for inner in children(item)]
        if not level:
            return
    raise TooDeep(f"It is nested more than {MAX_DEPTH} levels deep.")


def children(item: Any) -> Any:
    if isinstance(item, dict):
        return item.values()
    return item if isinstance(item, list) else ()


def refuse_surrogates(value: Any) -> None:
    """Raises ValueError that says where half of a surrogate pair is."""
    for path, text in texts(value, ""):
        if found := SURROGATE.search(text):
            raise ValueError(
                f"{path or 'It'} has half of a surrogate pair (\\u{ord(found[0]):04x}), "
                "which is not a character."
            )


def texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Every text with its path, the names of members among them."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from texts(item, f"{path}[{index}]")
    elif isinstance(value, dict):
        for name, item in value.items():
            shown = name if name.isidentifier() and name.isascii() else shortened(repr(name))
            inner = f"{path}.{shown}" if path else shown
            yield f"The name {inner}", name
            yield from texts(item, inner)


def shortened(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


# Writing


def canonical(value: Any) -> str:
    """The one text of a value: no blanks, names in order of their code points, plain numbers.

    Raises ValueError for a number that is none, TypeError for what is no JSON.
    """
    if isinstance(value, dict):
        members = (f"{name_text(name)}:{canonical(value[name])}" for name in sorted(value))
        return f"{{{','.join(members)}}}"
    if isinstance(value, list):
        return f"[{','.join(map(canonical, value))}]"
    for kind, write in SCALARS:
        if isinstance(value, kind):
            return write(value)
    raise TypeError(f"{type(value).__name__} is no JSON.")


def name_text(name: Any) -> str:
    if not isinstance(name, str):
        raise TypeError("The names of members are strings.")
    return encode_basestring(name)


def number_text(value: Decimal) -> str:
    """Raises ValueError for what is no number, or has too many digits."""
    if not value.is_finite():
        raise ValueError(f"{value} is not a number in JSON.")
    if abs(value.adjusted()) > MAX_DIGITS:
        raise ValueError(f"{shortened(str(value))} has more than {MAX_DIGITS:,} digits.")
    return canonical_number(value)


def canonical_number(value: Decimal) -> str:
    """Plain notation without superfluous zeros; 1, 1.0 and 1e0 are ``1``, zero has no sign."""
    # Not normalize(): it rounds to the digits of the current decimal context.
    text = format(value, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) if value else "0"


# In this order, because a bool is an int.
SCALARS: tuple[tuple[type, Callable[[Any], str]], ...] = (
    (str, encode_basestring),
    (bool, lambda value: "true" if value else "false"),
    (type(None), lambda _: "null"),
    (int, str),
    (Decimal, number_text),
    (float, lambda value: number_text(Decimal(repr(value)))),
)
