import pytest
from rest_framework.request import Request
from rest_framework.test import APIClient, APIRequestFactory

from core.api.idempotency import digest, key_of
from core.api.problems import Problem
from core.models import FirstAnswer
from core.tests.harbour.models import Flag


def request(**headers: str) -> Request:
    return Request(APIRequestFactory().post("/", headers=headers))


@pytest.mark.parametrize(
    ("given", "key"),
    [("abc", "abc"), ('"abc"', "abc"), (" a;b ", "a;b"), ("~" * 255, "~" * 255)],
)
def test_a_key_is_read(given: str, key: str) -> None:
    assert key_of(request(**{"Idempotency-Key": given})) == key


def test_no_key_is_none() -> None:
    assert key_of(request()) is None


@pytest.mark.parametrize("given", ["", '"', '"a', 'a"b', "a b", "é", "~" * 256])
def test_what_is_no_key_is_refused(given: str) -> None:
    with pytest.raises(Problem) as caught:
        key_of(request(**{"Idempotency-Key": given}))
    assert [(error.field, error.code) for error in caught.value.errors] == [
        ("Idempotency-Key", "invalid")
    ]


def test_a_digest_is_of_what_is_meant() -> None:
    assert digest({"a": [1, "ü"], "b": None}) == digest({"b": None, "a": [1, "ü"]})
    assert digest({"a": 2**80}) == digest({"a": 2**80})
    different = [{"a": 1}, {"a": "1"}, {"a": True}, {"a": [1]}, {"a": {}}, {"a": 2**80}, {}, [], ""]
    assert len({digest(said) for said in different}) == len(different)


def test_a_view_of_any_app_honours_it(client: APIClient, flags: list[str]) -> None:
    headers = {"Idempotency-Key": "once"}
    url = "/api/v1/flags/DE"
    first = client.patch(url, {"name": "new"}, headers=headers)
    client.patch(url, {"name": "newer"})
    again = client.patch(url, {"name": "new"}, headers=headers)
    assert (again.status_code, again.content, again["ETag"]) == (200, first.content, first["ETag"])
    assert Flag.objects.live().latest("valid_from").name == "newer"
    assert FirstAnswer.objects.count() == 1
