from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.core import signing

from core.api.cursors import SALT, Cursor, read_cursor
from core.api.problems import Problem

AT = datetime(2024, 1, 1, 12, 0, 0, 123456, tzinfo=UTC)
CURSOR = Cursor(
    path="/api/v1/things",
    query={"q": "ü&=", "type": "PERSON"},
    basis={"as_of": AT, "known_at": AT},
    key=("Ada", AT, UUID(int=7), None, 3),
    limit=50,
    backward=True,
)


def refusal(token: str, path: str = CURSOR.path) -> list[tuple[str, str]]:
    with pytest.raises(Problem) as caught:
        read_cursor(token, path)
    assert caught.value.status_code == 400
    return [(error.field, error.code) for error in caught.value.errors]


def test_a_cursor_comes_back_as_it_was() -> None:
    assert read_cursor(CURSOR.token(), CURSOR.path) == CURSOR


def test_a_cursor_belongs_to_its_path() -> None:
    assert refusal(CURSOR.token(), "/api/v1/others") == [("cursor", "invalid")]


def test_no_character_of_a_cursor_can_be_changed() -> None:
    token = CURSOR.token()
    for position, character in enumerate(token):
        other = "A" if character != "A" else "B"
        changed = token[:position] + other + token[position + 1 :]
        assert refusal(changed) == [("cursor", "invalid")], position


@pytest.mark.parametrize("token", ["", "x", "a:b:c", "é", "\0", "a" * 100_000])
def test_what_is_no_cursor_is_refused(token: str) -> None:
    assert refusal(token) == [("cursor", "invalid")]


def test_what_was_signed_for_another_purpose_is_refused() -> None:
    token = signing.dumps({"path": CURSOR.path}, salt="another purpose")
    assert refusal(token) == [("cursor", "invalid")]
    assert SALT != "another purpose"
