from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

from core.api.renderers import FastJSONRenderer, to_json


def test_instants_end_with_z_and_have_the_digits_they_need() -> None:
    whole = datetime(2024, 1, 1, tzinfo=UTC)
    assert to_json([whole, whole + timedelta(microseconds=123456)]) == (
        b'["2024-01-01T00:00:00Z","2024-01-01T00:00:00.123456Z"]'
    )


def test_text_is_written_as_it_is() -> None:
    assert to_json({"name": "Müller 日本"}) == '{"name":"Müller 日本"}'.encode()


def test_whole_numbers_keep_all_their_digits() -> None:
    row = {
        "n": 2**70,
        "at": datetime(2024, 1, 1, 1, tzinfo=timezone(timedelta(0))),
        "id": UUID(int=1),
    }
    assert to_json(row) == (
        b'{"n": 1180591620717411303424, "at": "2024-01-01T01:00:00Z", '
        b'"id": "00000000-0000-0000-0000-000000000001"}'
    )


def test_no_data_is_no_body() -> None:
    assert FastJSONRenderer().render(None) == b""
