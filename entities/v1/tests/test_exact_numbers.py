"""Numbers keep their digits on every way in and out, and one number has one form."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

URL = "/api/v1/entities"
EXACT = "100000000000000000000.75"
NEXT = "100000000000000000000.76"


def body(extra: str, equity: str = '"1"', **fields: str) -> str:
    """A body whose numbers stand as they are written here."""
    said = {"source": "feed", "source_id": "A", "entity_type": "BANK", "display_name": "Alpha"}
    text = json.dumps(said | fields)
    return f'{text[:-1]}, "details": {{"EXTRA": {extra}, "EQUITY": {equity}}}}}'


def send(client: APIClient, path: str, text: str, form: str = "application/json") -> Any:
    return client.generic("POST", path, text, content_type=form)


def patch(client: APIClient, path: str, text: str) -> Any:
    return client.generic("PATCH", path, text, content_type="application/json")


@pytest.fixture
def alpha(client: APIClient, types: None) -> str:
    """The address of an entity with the exact number, valid from 2020 on."""
    answer = send(client, URL, body(f'{{"n": {EXACT}}}', valid_from="2020-01-01"))
    assert answer.status_code == 201, answer.content
    return str(answer["Location"])


def test_all_digits_come_back_in_every_answer(client: APIClient, alpha: str) -> None:
    answers = [
        client.get(alpha),
        client.get(alpha, {"as_of": "2021-01-01", "known_at": "settled"}),
        client.get(URL, {"expand": "details"}),
        client.get("/api/v1/entities-asof", {"as_of": "2020-01-01"}),
        client.get(f"{alpha}/history"),
        client.get("/api/v1/diff", {"from": "2019-01-01", "to": "2020-02-01"}),
    ]
    for answer in answers:
        assert answer.status_code == 200
        assert f'"n":{EXACT}}}'.encode() in answer.content
    steward_sees = client.get("/api/v1/changes")
    assert f'{{\\"n\\":{EXACT}}}'.encode() in steward_sees.content


def test_what_differs_in_the_last_digit_is_a_change(client: APIClient, alpha: str) -> None:
    changed = patch(client, alpha, f'{{"details": {{"EXTRA": {{"n": {NEXT}}}}}}}')
    again = patch(client, alpha, f'{{"details": {{"EXTRA": {{"n": {NEXT}0}}}}}}')

    assert changed.json()["outcome"]["opened"] == 1
    assert again.json()["outcome"] == {
        "opened": 0,
        "closed": 0,
        "superseded": 0,
        "unchanged": 1,
        "overtaken": 0,
    }
    assert f'"n":{NEXT}}}'.encode() in again.content


@pytest.mark.parametrize("same", ["1", "1.0", "1e0", "10E-1", "1.000"])
def test_one_number_is_one_value(client: APIClient, types: None, same: str) -> None:
    first = send(client, URL, body(f"[{same}]", same))
    again = send(client, URL, body("[1]"))

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["details"] == {"EQUITY": "1", "EXTRA": [1]}
    assert b'"EXTRA":[1]' in first.content


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("1.5", "1.5"),
        ("9.999e-07", "0.0000009999"),
        ("1E+05", "100000"),
        ("-7", "-7"),
        (EXACT,) * 2,
    ],
)
def test_decimals_are_taken_by_their_digits(
    client: APIClient, types: None, written: str, text: str
) -> None:
    item = body("1", written)
    created = send(client, URL, item)
    at_once = send(client, f"{URL}/bulk", f"[{item}]")
    by_line = send(client, f"{URL}/bulk", f"{item}\n", "application/x-ndjson")

    assert created.json()["details"]["EQUITY"] == text
    for answer in (at_once, by_line):
        assert answer.status_code == 200
        assert answer.json()["outcome"]["unchanged"] == 3


@pytest.mark.parametrize(
    ("extra", "sentence"),
    [
        ("1e999999999", "1e999999999 is too great a number; send it as a string."),
        ("NaN", "NaN is not a number in JSON."),
        ('{"a": 1, "a": 2}', "'a' is given twice in one object."),
        (
            '"\\udc00"',
            "{}details.EXTRA has half of a surrogate pair (\\udc00), which is not a character.",
        ),
    ],
)
def test_what_cannot_be_kept_is_refused_by_name(
    client: APIClient, types: None, extra: str, sentence: str
) -> None:
    refused = send(client, URL, body(extra))
    at_once = send(client, f"{URL}/bulk", f"[{body('1')}, {body(extra)}]")
    by_line = send(client, f"{URL}/bulk", f"{body('1')}\n{body(extra)}", "application/x-ndjson")

    told = "The body is not acceptable JSON: "
    assert [answer.status_code for answer in (refused, at_once, by_line)] == [400] * 3
    assert refused.json()["detail"] == told + sentence.format("")
    assert at_once.json()["detail"] == told + sentence.format("[1].")
    assert by_line.json()["detail"] == f"Line 2: {told}{sentence.format('')}"


def test_a_repeated_call_may_write_its_numbers_otherwise(client: APIClient, types: None) -> None:
    def call(extra: str) -> Any:
        return client.generic(
            "POST",
            URL,
            body(extra),
            content_type="application/json",
            headers={"Idempotency-Key": "k"},
        )

    assert [call(extra).status_code for extra in ("1.50", "1.5", "1.51")] == [201, 201, 422]
