"""Keys by which texts of every script are searched and ordered.

``search_key`` and ``sort_key`` give, octet for octet, what ``core_search_key`` and
``core_sort_key`` give in the database. Each pair reads one frozen table, made from the Unicode
Collation Algorithm (see ``generator``), so keys depend on no locale and on no version of ICU.
"""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache

from core.sql import read_sql

PUNCTUATION = " _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$"
"""Space and the punctuation of ASCII in the order of the root collation."""
PUNCTUATION_CODES = "".join(map(chr, range(0x0F, 0x30)))
"""What stands for it in a sort key: below the digits, which are themselves."""
SORT_KEY_LENGTH = 100
"""Characters; the rest decides no order by name, so that an index entry has room for both."""

CONJOINING = re.compile("[\u1100-\u11ff]")
"""Parts of Korean syllables, which are keyed as syllables."""
TABLE = re.compile(r"\$table\$(\{.*?\})\$table\$", re.DOTALL)


def search_key(text: str) -> str:
    """A text without case, accents and differences of form.

    One text contains another, for a search, where its key contains the other's key.
    """
    return compose_syllables(text).translate(replacements("search_key"))


def sort_key(text: str) -> str:
    """What orders a text alphabetically, compared by code points."""
    return compose_syllables(text).translate(replacements("sort_key"))[:SORT_KEY_LENGTH]


def compose_syllables(text: str) -> str:
    return unicodedata.normalize("NFC", text) if CONJOINING.search(text) else text


@cache
def replacements(name: str) -> dict[int, str]:
    """What stands for a character, by code point, where it does not stand for itself."""
    match = TABLE.search(read_sql(f"{name}.sql"))
    assert match is not None
    table = {ord(char): key for char, key in json.loads(match[1]).items()}
    ascii_table = {code: chr(code).lower() for code in range(ord("A"), ord("Z") + 1)}
    if name == "sort_key":
        ascii_table |= dict(zip(map(ord, PUNCTUATION), PUNCTUATION_CODES, strict=True))
    return table | ascii_table
