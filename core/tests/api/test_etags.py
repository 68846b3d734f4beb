import re

import pytest
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from core.api.etags import Preconditions, etag_of, not_modified, wanted_tags
from core.api.problems import Problem


def request(**headers: str) -> Request:
    return Request(APIRequestFactory().get("/", headers=headers))


def test_a_tag_is_strong_and_follows_from_what_is_shown() -> None:
    tag = etag_of([["uuid", 1]])
    assert re.fullmatch(r'"[0-9a-f]{32}"', tag)
    assert etag_of([["uuid", 1]]) == tag
    assert etag_of([["uuid", 2]]) != tag


@pytest.mark.parametrize(
    ("given", "tags"),
    [
        ('"a"', ['"a"']),
        ('"a", W/"b"', ['"a"', 'W/"b"']),
        ('"a","b"', ['"a"', '"b"']),
        (', "a" ,,"b",', ['"a"', '"b"']),
        ('""', ['""']),
        ('"a,b"', ['"a,b"']),
        ("*", ["*"]),
        (" * ", ["*"]),
    ],
)
def test_tags_are_read(given: str, tags: list[str]) -> None:
    assert wanted_tags(request(**{"If-Match": given}), "If-Match") == tags


def test_no_condition_is_no_tag() -> None:
    assert wanted_tags(request(), "If-Match") == []


@pytest.mark.parametrize(
    "given", ["", ",", "a", "W/a", "'a'", '"a', '"a" "b"', '"a", b', '*, "a"', 'w/"a"', '"a b"']
)
def test_what_is_no_tag_is_refused(given: str) -> None:
    with pytest.raises(Problem) as caught:
        wanted_tags(request(**{"If-Match": given}), "If-Match")
    assert [(error.field, error.code) for error in caught.value.errors] == [("If-Match", "invalid")]


def test_not_modified_compares_weakly() -> None:
    assert not_modified(request(**{"If-None-Match": '"b", W/"a"'}), '"a"')
    assert not_modified(request(**{"If-None-Match": "*"}), '"a"')
    assert not not_modified(request(**{"If-None-Match": '"b"'}), '"a"')
    assert not not_modified(request(), '"a"')


def asked(etag: str | None, **headers: str) -> Problem | None:
    """What the conditions of a write raise."""
    try:
        Preconditions(request(**headers)).require(etag)
    except Problem as problem:
        return problem
    return None


@pytest.mark.parametrize("given", ['"a"', '"b", "a"', "*"])
def test_what_is_wanted_is_there(given: str) -> None:
    assert asked('"a"', **{"If-Match": given}) is None


@pytest.mark.parametrize("given", ['"b"', 'W/"a"', '"A"'])
def test_a_match_compares_strongly(given: str) -> None:
    problem = asked('"a"', **{"If-Match": given})
    assert problem is not None
    assert (problem.status_code, problem.code) == (412, "precondition_failed")
    assert problem.headers == {"ETag": '"a"'}


def test_nothing_matches_where_nothing_is_valid() -> None:
    problem = asked(None, **{"If-Match": "*"})
    assert problem is not None
    assert problem.headers == {}


@pytest.mark.parametrize("given", ['"a"', 'W/"a"', "*"])
def test_what_is_not_wanted_is_there(given: str) -> None:
    problem = asked('"a"', **{"If-None-Match": given})
    assert problem is not None
    assert problem.headers == {"ETag": '"a"'}


def test_what_is_not_wanted_is_not_there() -> None:
    assert asked('"b"', **{"If-None-Match": '"a"'}) is None
    assert asked(None, **{"If-None-Match": "*"}) is None


def test_both_conditions_are_asked() -> None:
    assert asked('"a"', **{"If-Match": '"a"', "If-None-Match": '"b"'}) is None
    assert asked('"a"', **{"If-Match": '"a"', "If-None-Match": '"a"'}) is not None


def test_without_conditions_there_is_nothing_to_ask() -> None:
    assert not Preconditions(request())
    assert Preconditions(request(**{"If-Match": "*"}))
    assert Preconditions(request(**{"If-None-Match": "*"}))
