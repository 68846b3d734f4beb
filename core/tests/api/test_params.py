from typing import Any

import pytest
from django.http import QueryDict
from rest_framework.exceptions import ValidationError

from core.api.params import AtQuery, PagedQuery, Query, single_values


class Example(AtQuery, PagedQuery):
    """Both."""


def read(text: str, query: type[Query] = Example) -> dict[str, Any]:
    return query.read(single_values(QueryDict(text)))


def codes(text: str, query: type[Query] = Example) -> Any:
    with pytest.raises(ValidationError) as caught:
        read(text, query)
    return caught.value.get_codes()


def test_nothing_asked_is_nothing_set() -> None:
    assert read("") == {}


@pytest.mark.parametrize(("text", "limit"), [("1", 1), ("1000", 1000), ("007", 7)])
def test_a_limit(text: str, limit: int) -> None:
    assert read(f"limit={text}") == {"limit": limit}


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("limit=0", {"limit": ["min_value"]}),
        ("limit=1001", {"limit": ["max_value"]}),
        ("limit=-1", {"limit": ["invalid"]}),
        ("limit=+1", {"limit": ["invalid"]}),
        ("limit=1.0", {"limit": ["invalid"]}),
        ("limit=ten", {"limit": ["invalid"]}),
        ("limit=", {"limit": ["invalid"]}),
        ("limit=%D9%A1", {"limit": ["invalid"]}),
        ("limit=" + "9" * 2000, {"limit": ["max_string_length"]}),
        ("limit=1&limit=2", {"limit": ["repeated"]}),
        ("as_of=yesterday", {"as_of": ["invalid"]}),
        ("as_of=", {"as_of": ["invalid"]}),
        ("as_of=settled", {"as_of": ["invalid"]}),
        ("known_at=Settled", {"known_at": ["invalid"]}),
        ("as_of=2024-03-31T00:00:00+01:00", {"as_of": ["invalid"]}),
        ("colour=red", {"colour": ["unknown"]}),
        ("colour=red&limit=0", {"limit": ["min_value"], "colour": ["unknown"]}),
        ("AS_OF=2024-03-31", {"AS_OF": ["unknown"]}),
        ("format=json", {"format": ["unknown"]}),
    ],
)
def test_what_is_wrong_is_named(text: str, wrong: Any) -> None:
    assert codes(text) == wrong


def test_a_call_without_parameters_takes_none() -> None:
    assert read("", Query) == {}
    assert codes("limit=1", Query) == {"limit": ["unknown"]}
