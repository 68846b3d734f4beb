import re

import pytest
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from core.api.etags import etag_of, not_modified, require_match, wanted_tags
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
    [('"a"', ['"a"']), ('"a", W/"b"', ['"a"', 'W/"b"']), ("*", ["*"]), (" * ", ["*"])],
)
def test_tags_are_read(given: str, tags: list[str]) -> None:
    assert wanted_tags(request(**{"If-Match": given}), "If-Match") == tags


def test_no_condition_is_no_tag() -> None:
    assert wanted_tags(request(), "If-Match") == []


@pytest.mark.parametrize("given", ["", "a", "W/a", "'a'"])
def test_what_is_no_tag_is_refused(given: str) -> None:
    with pytest.raises(Problem) as caught:
        wanted_tags(request(**{"If-Match": given}), "If-Match")
    assert [(error.field, error.code) for error in caught.value.errors] == [("If-Match", "invalid")]


def test_not_modified_compares_weakly() -> None:
    assert not_modified(request(**{"If-None-Match": '"b", W/"a"'}), '"a"')
    assert not_modified(request(**{"If-None-Match": "*"}), '"a"')
    assert not not_modified(request(**{"If-None-Match": '"b"'}), '"a"')
    assert not not_modified(request(), '"a"')


def test_a_match_compares_strongly() -> None:
    require_match(['"b"', '"a"'], '"a"')
    require_match(["*"], '"a"')
    with pytest.raises(Problem) as caught:
        require_match(['W/"a"'], '"a"')
    assert caught.value.status_code == 412
    assert caught.value.headers == {"ETag": '"a"'}


def test_nothing_matches_where_nothing_is_valid() -> None:
    with pytest.raises(Problem) as caught:
        require_match(["*"], None)
    assert caught.value.status_code == 412
    assert caught.value.headers == {}
