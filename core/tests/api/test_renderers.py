from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest

from core.api.renderers import FastJSONRenderer, to_json
from core.strict_json import Number


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
        b'{"n":1180591620717411303424,"at":"2024-01-01T01:00:00Z",'
        b'"id":"00000000-0000-0000-0000-000000000001"}'
    )


def test_decimals_of_columns_are_strings_and_numbers_of_json_are_numbers() -> None:
    row = {
        "limit": Decimal("100.50"),
        "value": [Number("100000000000000000000.75"), Number("1E+2")],
    }
    assert to_json(row) == b'{"limit":"100.5","value":[100000000000000000000.75,100]}'


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(TypeError):
        to_json({"value": {1, 2}})


def test_no_data_is_no_body() -> None:
    assert FastJSONRenderer().render(None) == b""
