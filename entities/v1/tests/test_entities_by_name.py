"""Search and order by name against a naive model, through the pages of the API."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIClient

from core.collation import search_key, sort_key

URL = "/api/v1/entities"
NAMES = [
    *["Müller AG", "Muller AG", "MÜLLER AG", "Mu\u0308ller ag", "müller ag", "Muller AG"],
    *["Straße 1", "STRASSE 1", "Øre", "Ort", "Łódź", "Lodz", "İnci", "inci", "Æ", "ae", "ß"],
    *["三菱", "三菱銀行", "㈱三菱", "ハナ", "バナ", "한국은행", "Σίσυφος", "ΣΙΣΥΦΟΣ"],
    *["Ёлка", "Елка", "ﬁn", "fin", "مُحَمَّد", "محمد", "a-b", "a b", "ab", "🏦"],
    *["100 %", "100 _", "100 \\", "１００ ％"],
]
QUERIES = st.one_of(
    st.none(),
    st.builds(
        lambda name, start, length: name[start : start + length] or name,
        st.sampled_from(NAMES),
        st.integers(0, 6),
        st.integers(1, 4),
    ),
    st.sampled_from(["%", "_", "\\", "％", "strasse", "MULLER", "zz", "三", "ss", "s", "σ", "ｍ"]),
)

Names = dict[tuple[str, bool], dict[UUID, str]]
"""Of every entity, by the instant asked for and whether it is asked what was known first."""


@pytest.fixture
def register(client: APIClient, types: None) -> tuple[Names, str]:
    """Entities that are renamed, some of them in hindsight; and the instant before that."""
    uuids = [UUID(int=number * 7919 % 101) for number in range(len(NAMES))]
    first = dict(zip(uuids, NAMES, strict=True))
    second = dict(zip(uuids[::2], NAMES[::-2], strict=False))
    third = dict(zip(uuids[::3], NAMES[1:], strict=False))
    load(client, first, "2020-01-01")
    load(client, second, "2022-01-01")
    known_at = client.get(f"{URL}?limit=1").json()["basis"]["known_at"]
    load(client, third, "2020-01-01", valid_to="2021-01-01")
    return {
        ("2020-06-01", True): first,
        ("2022-06-01", True): first | second,
        ("2020-06-01", False): first | third,
        ("2022-06-01", False): first | second,
    }, known_at


def load(client: APIClient, names: dict[UUID, str], start: str, **period: str) -> None:
    items = [
        {
            "uuid": str(uuid),
            "entity_type": "BANK" if uuid.int % 2 else "PERSON",
            "display_name": name,
            "valid_from": start,
            **period,
        }
        for uuid, name in names.items()
    ]
    answer = client.post(f"{URL}/bulk", items, format="json")
    assert answer.status_code == 200, answer.json()


def pages(client: APIClient, query: dict[str, str], link: str) -> Iterator[list[Any]]:
    answer = client.get(URL, query).json()
    while True:
        yield [(item["display_name"], UUID(item["uuid"])) for item in answer["results"]]
        if not answer[link]:
            return
        answer = client.get(answer[link]).json()


def test_lists_are_those_of_a_naive_model(client: APIClient, register: tuple[Names, str]) -> None:
    names, first_known = register

    @given(
        q=QUERIES,
        as_of=st.sampled_from(["2020-06-01", "2022-06-01"]),
        known_first=st.booleans(),
        kind=st.sampled_from([None, "BANK", "PERSON"]),
        downwards=st.booleans(),
        limit=st.sampled_from([3, 10, 100]),
    )
    def check(  # noqa: PLR0917
        q: str | None, as_of: str, known_first: bool, kind: str | None, downwards: bool, limit: int
    ) -> None:
        expected = [
            (unicodedata.normalize("NFC", name), uuid)
            for uuid, name in names[as_of, known_first].items()
            if (q is None or search_key(q) in search_key(name))
            and (kind is None or (kind == "BANK") == uuid.int % 2)
        ]
        expected.sort(key=lambda item: (sort_key(item[0]), *item), reverse=downwards)
        query = {
            "as_of": as_of,
            "limit": str(limit),
            "ordering": "-display_name" if downwards else "display_name",
            **({"q": q} if q else {}),
            **({"type": kind} if kind else {}),
            **({"known_at": first_known} if known_first else {}),
        }
        found = list(pages(client, query, "next"))
        assert [item for page in found for item in page] == expected
        assert all(len(page) == limit for page in found[:-1])

    check()


def test_backwards_through_ties(client: APIClient, register: tuple[Names, str]) -> None:
    forwards, answer = [], client.get(f"{URL}?q=muller&limit=2").json()
    while True:
        forwards.append(answer["results"])
        if not answer["next"]:
            break
        answer = client.get(answer["next"]).json()
    backwards = [answer["results"]]
    while answer["previous"]:
        answer = client.get(answer["previous"]).json()
        backwards.append(answer["results"])
    assert len(forwards) == 3
    assert backwards[::-1] == forwards


@pytest.mark.parametrize("q", ["\u0301", "\u200d", "\u064e\u0651"])
def test_only_accents_are_nothing_to_search_for(client: APIClient, types: None, q: str) -> None:
    answer = client.get(URL, {"q": q})
    assert answer.status_code == 400
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [
        ("q", "blank")
    ]
