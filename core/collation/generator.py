"""Generator of ``core/sql/search_key.sql`` and ``core/sql/sort_key.sql``.

    python -m core.collation.generator allkeys.txt search_key|sort_key > FILE

``allkeys.txt`` is the Default Unicode Collation Element Table (https://unicode.org/Public/UCA/).
The files in the repository come from version 13.0.0, under the Unicode licence, and from the
character database of Python 3.11 (Unicode 14.0). Both are frozen: indexes are built on them.
"""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from core.collation import PUNCTUATION, PUNCTUATION_CODES, compose_syllables

Elements = Mapping[str, list[int]]
HERE = Path(__file__).parent
ENTRY = re.compile(r"([0-9A-F]+)\s*; ((?:\[[^\]]+\])+)")
IMPLICIT = 0xFB00
"""Primary weights from here on are derived from the code point, which keeps their order."""
WITH = re.compile(r"LATIN SMALL LETTER ([A-Z]) WITH ")
DOTLESS = {"\u0131": "i", "\u0237": "j"}
YPOGEGRAMMENI = "\u0345"
"""An accent, though its capital is a letter."""
HANGUL = range(0xAC00, 0xD7A4)
BMP = 0x10000
PRIVATE = 0xE000
LINE = 100
COMMON = [
    *[(0x3B1, 0x3C9), (0x430, 0x44F), (0x561, 0x587), (0x5D0, 0x5EA), (0x621, 0x64A)],
    *[(0x904, 0x939), (0x985, 0x9B9), (0xE01, 0xE2E), (0x10D0, 0x10F0), (0x3042, 0x3093)],
]
"""Letters that had better sort as themselves: the more do, the shorter the keys."""


def read_elements(path: Path) -> Elements:
    """The primary weights, other than zero, of every character by itself."""
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if match := ENTRY.match(line):
            weights = [int(weight, 16) for weight in re.findall(r"\[.([0-9A-F]+)", match[2])]
            if all(weight < IMPLICIT for weight in weights):
                found[chr(int(match[1], 16))] = [weight for weight in weights if weight]
    return found


def is_stable(char: str) -> bool:
    return unicodedata.normalize("NFKD", char) == char and char.casefold() == char


def representatives(elements: Elements) -> dict[int, str]:
    """The plainest character of every primary weight: lower case, hiragana, not small."""
    having = defaultdict(list)
    for char, weights in elements.items():
        if len(weights) == 1:
            having[weights[0]].append(char)
    return {weight: min(chars, key=plainness) for weight, chars in having.items()}


def plainness(char: str) -> tuple[bool, bool, bool, int]:
    name = unicodedata.name(char, "")
    kana = "HIRAGANA" in name or "KATAKANA" in name
    return not is_stable(char), kana and "SMALL" in name, "KATAKANA" in name, ord(char)


def assigned() -> Iterable[str]:
    chars = map(chr, range(sys.maxunicode + 1))
    return (char for char in chars if unicodedata.category(char) not in ("Cn", "Cs", "Co"))


# Searching


def search_table(elements: Elements) -> dict[str, str]:
    plain = representatives(elements)
    keys = {char: search_key_of(char, elements, plain) for char in assigned()}
    return {char: key for char, key in keys.items() if key != char and ord(char) not in HANGUL}


def search_key_of(char: str, elements: Elements, plain: Mapping[int, str]) -> str:
    """Decomposed, without case, and of each part what carries a primary weight, repeatedly."""
    before, key = "", char
    while key != before:
        before = key
        parts = unicodedata.normalize("NFKD", key).replace(YPOGEGRAMMENI, "").casefold()
        parts = unicodedata.normalize("NFKD", parts)
        key = "".join(plain_part(part, elements, plain) for part in parts)
    return compose_syllables(key)


def plain_part(part: str, elements: Elements, plain: Mapping[int, str]) -> str:
    if match := WITH.match(unicodedata.name(part, "")):
        return match[1].lower()
    if part in DOTLESS:
        return DOTLESS[part]
    if part not in elements:
        return "" if unicodedata.category(part) in ("Mn", "Cf") else part
    found = (plain.get(weight, part) for weight in elements[part])
    return "".join(char if is_stable(char) else part for char in found)


# Sorting


def sort_table(elements: Elements) -> dict[str, str]:
    codes = sort_codes(elements)
    keys = {char: sort_key_of(char, elements, codes) for char in assigned()}
    return {char: key for char, key in keys.items() if key != char}


def sort_key_of(char: str, elements: Elements, codes: Mapping[int, str]) -> str:
    weights = elements.get(char)
    if ord(char) in HANGUL or (ord(char) >= BMP and is_stable(char) and weights != []):
        return char
    if weights is not None:
        return "".join(codes[weight] for weight in weights)
    parts = unicodedata.normalize("NFKD", char)
    if parts == char:
        parts = char.casefold()
    if parts == char:
        return "" if unicodedata.category(char) in ("Mn", "Cf") else char
    parts = compose_syllables(parts)
    return "".join(sort_key_of(part, elements, codes) for part in parts)


def sort_codes(elements: Elements) -> dict[int, str]:
    """A text for every primary weight; compared octet by octet they are in the weights' order.

    Punctuation of ASCII has one octet each below the digits; digits and letters of ASCII are
    themselves, and so is every other letter that can be, in the order of code points. What is in
    between is its predecessor and a private character. Scripts beyond the BMP come last.
    """
    plain = representatives(elements)
    weights = sorted({weight for char in elements for weight in elements[char]})
    codes = {elements[char][0]: char for char in "0123456789abcdefghijklmnopqrstuvwxyz"}
    for char, code in zip(PUNCTUATION, PUNCTUATION_CODES, strict=True):
        codes[elements[char][0]] = code
    letters = [
        weight
        for weight in weights
        if weight > elements["z"][0] and is_letter_of_bmp(plain.get(weight, ""))
    ]
    kept = longest_rising([ord(plain[weight]) for weight in letters])
    last, count = "\x0e", 0
    for weight in weights:
        char = plain.get(weight, "")
        if weight in codes:
            last, count = codes[weight], 0
        elif weight > elements["z"][0] and is_letter_of_bmp(char) and ord(char) in kept:
            codes[weight], last, count = char, char, 0
        elif char and ord(char) >= BMP:
            codes[weight] = char
        else:
            codes[weight], count = last + chr(PRIVATE + count), count + 1
    return codes


def is_letter_of_bmp(char: str) -> bool:
    return bool(char) and not char.isascii() and ord(char) < BMP and is_stable(char)


def longest_rising(points: list[int]) -> set[int]:
    """The heaviest rising subsequence (a Fenwick tree of maxima over the code points)."""
    best: dict[int, tuple[int, int]] = {}
    weights, previous = [0] * len(points), [-1] * len(points)
    for index, point in enumerate(points):
        heaviest, at, place = 0, -1, point - 1
        while place > 0:
            heaviest, at = max((heaviest, at), best.get(place, (0, -1)))
            place -= place & -place
        common = any(first <= point <= last for first, last in COMMON)
        weights[index], previous[index] = heaviest + (1000 if common else 1), at
        place = point
        while place < BMP:
            best[place] = max(best.get(place, (0, -1)), (weights[index], index))
            place += place & -place
    at, kept = max(range(len(points)), key=weights.__getitem__), set()
    while at >= 0:
        kept.add(points[at])
        at = previous[at]
    return kept


# Writing


def as_json(table: Mapping[str, str]) -> str:
    """In ASCII, in lines of bearable length."""
    lines, line = [], ""
    for char in sorted(char for char in table if not char.isascii()):
        entry = f"{json.dumps(char)}:{json.dumps(table[char])},"
        if len(line) + len(entry) >= LINE:
            lines.append(line)
            line = ""
        line += entry
    return "\n".join([*lines, line.rstrip(",")])


def main(path: str, name: str) -> None:
    elements = read_elements(Path(path))
    table = search_table(elements) if name == "search_key" else sort_table(elements)
    template = (HERE / f"{name}.sql.in").read_text(encoding="utf-8")
    punctuation = {"@PUNCTUATION@": PUNCTUATION, "@CODES@": PUNCTUATION_CODES}
    for mark, chars in punctuation.items():
        octets = "".join(f"\\x{ord(char):02x}" for char in chars)
        template = template.replace(mark, f"E'{octets}'")
    sys.stdout.write(template.replace("@TABLE@", as_json(table)))


if __name__ == "__main__":
    main(*sys.argv[1:])
