"""Identifiers, codes and names in one form, and made of what can be seen.

Both are in Unicode's normalization form C (UAX #15) and without outer white space; what was
given otherwise is made so. Two of them that look the same should be the same, so characters that
cannot be seen are refused: control characters, format characters (general category Cf), other
default ignorable code points (UAX #44), and what is no character at all.

A name, which identifies nothing, may have what its script needs: a zero width joiner or non-joiner
where the rules of RFC 5892 for contextual joiners (appendix A.1 and A.2, which UAX #31 shares)
allow it, and a variation selector behind the letter, digit or symbol whose shape it chooses. It has
at least one character that can be seen.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import partial
from unicodedata import normalize

from core.joining import JOINS_NEXT, JOINS_PREVIOUS

Ranges = tuple[tuple[int, int], ...]

CONTROL: Ranges = ((0x00, 0x1F), (0x7F, 0x9F), (0x2028, 0x2029))
"""Control characters, and what breaks a line elsewhere."""
JOINERS: Ranges = ((0x200C, 0x200D),)
SELECTORS: Ranges = ((0x180B, 0x180D), (0x180F, 0x180F), (0xFE00, 0xFE0F), (0xE0100, 0xE01EF))
"""Variation selectors."""
INVISIBLE: Ranges = (
    (0xAD, 0xAD), (0x34F, 0x34F), (0x600, 0x605), (0x61C, 0x61C), (0x6DD, 0x6DD), (0x70F, 0x70F),
    (0x890, 0x891), (0x8E2, 0x8E2), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180E, 0x180E),
    (0x200B, 0x200B), (0x200E, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164),
    (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFFB), (0x110BD, 0x110BD), (0x110CD, 0x110CD),
    (0x13430, 0x1343F), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE00FF),
    (0xE01F0, 0xE0FFF),
)  # fmt: skip
"""Format characters and default ignorable code points but the joiners and variation selectors."""
SURROGATES: Ranges = ((0xD800, 0xDFFF),)
NO_CHARACTERS: Ranges = (
    (0xFDD0, 0xFDEF),
    *((plane * 0x10000 + 0xFFFE, plane * 0x10000 + 0xFFFF) for plane in range(17)),
)
WHITE_SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680"
    + "".join(map(chr, range(0x2000, 0x200B)))
    + ("\u2028\u2029\u202f\u205f\u3000")
)
"""Unicode's property White_Space. Of the rest that ``str.strip`` takes off nothing is stored."""

ZWNJ = "\u200c"
VIRAMA = 9
"""The combining class of the signs behind which a joiner may stand."""
ALIASES = {0xFEFF: "BYTE ORDER MARK", 0xAD: "SOFT HYPHEN"}


def pattern(*ranges: Ranges) -> str:
    """The inside of a regular expression's brackets, for Python and PostgreSQL alike."""
    return "".join(
        f"{escaped(first)}-{escaped(last)}" if first < last else escaped(first)
        for first, last in sorted(one for given in ranges for one in given)
    )


def escaped(code_point: int) -> str:
    return f"\\u{code_point:04x}" if code_point <= 0xFFFF else f"\\U{code_point:08x}"  # noqa: PLR2004 - the last that fits


DOUBTFUL = re.compile(
    f"[{pattern(CONTROL, INVISIBLE, JOINERS, SELECTORS, SURROGATES, NO_CHARACTERS)}]"
)
"""What an identifier never has, and a name only where its script needs it."""
IN_NAMES = re.compile(f"[{pattern(JOINERS, SELECTORS)}]")
UNSEEN = re.compile(f"[{pattern(INVISIBLE, JOINERS, SELECTORS)}]")
VISIBLE = re.compile(r"[^\W_]|[!-~]")
"""A character that is certainly seen; others are looked up."""


def normalized(text: str) -> str:
    """The text in normalization form C, without outer white space."""
    text = text.strip()
    return text if text.isascii() else normalize("NFC", text)


def all_normalized(texts: Iterable[str]) -> list[str]:
    """``normalized`` of many, at the speed of C."""
    inner = list(map(str.strip, texts))
    return inner if "".join(inner).isascii() else list(map(partial(normalize, "NFC"), inner))


def identifier(text: str) -> str:
    """The one form of an identifier or a code; it may be empty. Raises ValueError."""
    if found := DOUBTFUL.search(text.strip()):
        raise ValueError(sentence(text, found.start()))
    if text.strip() and not can_be_seen(text):
        raise ValueError("An identifier needs a character that can be seen.")
    return normalized(text)


def display_name(text: str) -> str:
    """The one form of a name. Raises ValueError for what is blank or cannot be seen."""
    inner = text.strip()
    if not inner:
        raise ValueError("A name cannot be blank.")
    for found in DOUBTFUL.finditer(inner):
        if not (IN_NAMES.match(found[0]) and is_needed(inner, found.start())):
            raise ValueError(sentence(text, found.start()))
    if not can_be_seen(inner):
        raise ValueError("A name needs a character that can be seen.")
    return normalized(inner)


def can_be_seen(text: str) -> bool:
    """Whether anything but marks and blank patterns is left of a text without doubtful ones."""
    return VISIBLE.search(text) is not None or any(
        unicodedata.category(one)[0] not in "MZ" and one != "\u2800" and not UNSEEN.match(one)
        for one in text
    )


def is_needed(text: str, position: int) -> bool:
    """Whether a script needs the joiner or the variation selector there."""
    before, one = text[:position], text[position]
    if one not in "\u200c\u200d":
        return before != "" and unicodedata.category(before[-1])[0] in "LNS"
    if before and unicodedata.combining(before[-1]) == VIRAMA:
        return True
    joins = one == ZWNJ and next_letter(reversed(before)) in JOINS_NEXT
    return joins and next_letter(text[position + 1 :]) in JOINS_PREVIOUS


def next_letter(characters: Iterable[str]) -> str:
    """The first character that is no mark: marks are transparent to joining."""
    return next((one for one in characters if unicodedata.category(one) not in ("Mn", "Me")), "")


def sentence(text: str, position: int) -> str:
    """What is wrong with the character at a position of the text without outer white space."""
    position += len(text) - len(text.lstrip())
    code_point = ord(text[position])
    known = ALIASES.get(code_point) or unicodedata.name(chr(code_point), "")
    shown = f"U+{code_point:04X} ({known})" if known else f"U+{code_point:04X}"
    return f"Character {position + 1} is {shown}, {fault(text[position])}."


def fault(character: str) -> str:
    if UNSEEN.match(character):
        return "which cannot be seen"
    category = unicodedata.category(character)
    return {"Cs": "half of a surrogate pair", "Cn": "which is no character"}.get(
        category, "a control character"
    )
