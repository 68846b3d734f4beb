"""Keys of texts: Python and PostgreSQL agree, and the keys are those of the Unicode collation."""

from __future__ import annotations

import random
import unicodedata

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from core.collation import SORT_KEY_LENGTH, search_key, sort_key

ASSIGNED = [
    char
    for code in range(1, 0x110000)
    if unicodedata.category(char := chr(code)) not in {"Cn", "Cs", "Co"}
]
PARTS_OF_SYLLABLES = {
    char for char in ASSIGNED if "\u1100" <= unicodedata.normalize("NFKD", char) < "\u1200"
}
"""Of Korean; what stands next to one decides about its key."""
TEXTS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))
LETTERS = "abcxyzABC -.'&(0129äöüßøłéñçæœþđ абгдеёжзийклщьюяґєіїў αβγςσωάέ あかがはぱアガ אבג ابتثم"


def database_keys(texts: list[str]) -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT core_search_key(item), core_sort_key(item) "
            "FROM unnest(%s::text[]) WITH ORDINALITY AS given (item, place) ORDER BY place",
            [texts],
        )
        return list(cursor.fetchall())


@pytest.mark.django_db
def test_python_and_the_database_agree_about_every_character() -> None:
    texts = ["".join(ASSIGNED[start : start + 8]) for start in range(0, len(ASSIGNED), 8)]
    found = zip(texts, database_keys(texts), strict=True)
    assert [text for text, keys in found if keys != (search_key(text), sort_key(text))] == []


@pytest.mark.django_db
@given(st.lists(TEXTS, min_size=10, max_size=50))
def test_python_and_the_database_agree_about_texts(texts: list[str]) -> None:
    assert database_keys(texts) == [(search_key(text), sort_key(text)) for text in texts]


@pytest.mark.parametrize(
    "same",
    [
        ["Straße", "STRASSE", "STRAẞE", "strasse"],
        ["Müller", "Muller", "Mu\u0308ller", "MÜLLER"],
        ["Łódź", "LODZ", "Ło\u0301dz\u0301"],
        ["Øre Đorđević Ħal Ŧ", "ore dordevic hal t"],
        ["İstanbul", "istanbul", "ISTANBUL", "ıstanbul"],
        ["Οδυσσεύς", "ΟΔΥΣΣΕΥΣ", "οδυσσευσ"],
        ["ᾳ ΐ", "α ι"],
        ["Наталья Фёдорова", "НАТАЛЬЯ ФЕДОРОВА"],
        ["ＡＢ％＿＼", "ab%_\\"],
        ["ﬁnance ﬆ Æsir Œuvre ĳ", "finance st aesir oeuvre ij"],
        ["㈱三菱 ㍿", "(株)三菱 株式会社"],
        ["ﾊﾞﾅﾅ", "バナナ", "ばなな", "ハナナ", "ハ\u3099ナナ"],
        ["キャノン", "キヤノン"],
        ["مُحَمَّد", "محمد", "ﻣﺤﻤﺪ"],
        ["أحمد", "احمد"],
        ["שָׁלוֹם", "שלום"],
        ["한국", "\u1112\u1161\u11ab\u1100\u116e\u11a8"],
        ["x\u00ady\u200dz\ufe0f", "xyz"],
        ["№ Ⅷ ½", "no viii 1\u20442"],
    ],
)
def test_what_differs_by_case_accents_and_form_has_one_search_key(same: list[str]) -> None:
    assert {search_key(text) for text in same} == {search_key(same[-1])}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ハナ", "ハン"),
        ("한국", "하국"),
        ("กา", "กี"),
        ("कि", "की"),
        ("ة", "ه"),
        ("þ", "th"),
        ("三", "二"),
        ("a-b", "ab"),
        ("ы", "и"),
    ],
)
def test_letters_and_vowels_are_no_accents(one: str, other: str) -> None:
    assert search_key(one) != search_key(other)


def test_a_search_key_is_the_same_in_every_case_and_normal_form() -> None:
    for char in ASSIGNED:
        key = search_key(char)
        forms = [unicodedata.normalize(form, char) for form in ("NFC", "NFD", "NFKC", "NFKD")]
        if "\u0345" not in forms[1]:  # an accent, whose capital is a letter
            forms.append(char.casefold())
        if char not in PARTS_OF_SYLLABLES:
            assert {search_key(form) for form in [*forms, key]} == {key}, char


def test_a_search_key_of_a_part_is_part_of_the_search_key() -> None:
    text = "Überprüfung der Łódź-Straße, Οδυσσεύς ＡＢ ㈱三菱 Ёлкин"
    for start in range(len(text)):
        for end in range(start, len(text) + 1):
            assert search_key(text[start:end]) in search_key(text)


def test_names_are_alphabetical() -> None:
    ordered = [
        *["_a", "-a", "(a)", "&a", "$a", "1 a", "10 a", "2 a", "A B", "a-b", "A.B.", "ab", "Äb c"],
        *["abd", "Adam", "Ädam Z", "Bär", "Łan", "Los", "Muller", "Müller", "Nero", "Øre", "Ort"],
        *["Zebra", "Þór", "Αθήνα", "Ωμέγα", "Ёлка", "Елки", "Ива", "Йод", "Київ", "Яна"],
        *["აბა", "אבג", "محمد", "あい", "アウ", "三菱"],
    ]
    assert sorted(ordered, key=lambda name: (sort_key(name), name)) == ordered


def test_a_sort_key_has_a_hundred_characters_at_most() -> None:
    assert SORT_KEY_LENGTH == 100
    assert sort_key("\ufdfa" * 500) == sort_key("\ufdfa" * 6)
    assert len(sort_key("\ufdfa" * 500)) == 100


@pytest.mark.django_db
def test_the_order_is_that_of_icu() -> None:
    """Where the server has ICU: that of its root collation, letters before accents and case."""
    chance = random.Random(1)
    words = ["".join(chance.choices(LETTERS, k=chance.randint(1, 6))) for _ in range(2000)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM pg_collation WHERE collname = 'und-x-icu'")
        if not cursor.rowcount:
            pytest.skip("this PostgreSQL was built without ICU")
        cursor.execute(
            "CREATE COLLATION pg_temp.letters "
            "(provider = icu, locale = 'und-u-ks-level1', deterministic = false)"
        )
        cursor.execute(
            "SELECT one < other COLLATE pg_temp.letters "
            "FROM unnest(%s::text[], %s::text[]) WITH ORDINALITY AS pair (one, other, place) "
            "ORDER BY place",
            [words[:1000], words[1000:]],
        )
        theirs = [before for (before,) in cursor.fetchall()]
    ours = [sort_key(a) < sort_key(b) for a, b in zip(words[:1000], words[1000:], strict=True)]
    assert ours == theirs
