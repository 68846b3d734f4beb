"""One JSON object a line, with the request's id and without its secrets."""

import json
import logging
import logging.config
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
import structlog
from django.test import Client

from core import logging as logs


@pytest.fixture
def lines() -> Iterator[StringIO]:
    """What a handler set up as in production writes."""
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    given = logs.formatter(readable=False)
    handler.setFormatter(given.pop("()")(**given))
    root = logging.getLogger()
    root.addHandler(handler)
    yield stream
    root.removeHandler(handler)


def written(stream: StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_an_event_is_one_json_object(lines: StringIO) -> None:
    structlog.get_logger("tug").warning("line_parted", berth=5, text='a\n"b"')
    (event,) = written(lines)
    assert event.pop("timestamp").endswith("Z")
    assert event == {
        "event": "line_parted",
        "berth": 5,
        "text": 'a\n"b"',
        "logger": "tug",
        "level": "warning",
    }


def test_the_standard_library_s_records_look_the_same(lines: StringIO) -> None:
    logging.getLogger("tug").error("Berth %s is taken", 5, extra={"token": "ccrm_1"})
    (event,) = written(lines)
    assert event["event"] == "Berth 5 is taken"
    assert (event["level"], event["logger"]) == ("error", "tug")
    assert "ccrm_1" not in lines.getvalue()


def test_an_exception_is_part_of_its_line(lines: StringIO) -> None:
    try:
        raise ValueError("adrift")
    except ValueError:
        structlog.get_logger("tug").exception("lost")
    (event,) = written(lines)
    assert "ValueError: adrift" in event["exception"]


@pytest.mark.parametrize("name", ["password", "Authorization", "api_token", "client_secret"])
def test_a_value_that_is_a_secret_is_blanked(lines: StringIO, name: str) -> None:
    structlog.get_logger("tug").warning("seen", **{name: "hush"})
    (event,) = written(lines)
    assert event[name] == "(not logged)"
    assert "hush" not in lines.getvalue()


@pytest.mark.django_db
def test_a_request_is_logged_by_method_path_and_id_alone(lines: StringIO) -> None:
    answer = Client().post(
        "/api/v1/auth/tokens?q=Lovelace",
        {"username": "lovelace", "password": "hush-hush"},
        content_type="application/json",
        HTTP_AUTHORIZATION="Token ccrm_hush",
        HTTP_X_REQUEST_ID="r-1",
    )
    (event,) = [e for e in written(lines) if e["event"] == "request_finished"]
    assert answer["X-Request-ID"] == event["request_id"] == "r-1"
    assert event["request"] == "POST /api/v1/auth/tokens"
    assert event["code"] == answer.status_code
    assert not [word for word in ("Lovelace", "lovelace", "hush") if word in lines.getvalue()]


@pytest.mark.django_db
def test_a_request_without_an_id_gets_one_and_logs_it(lines: StringIO) -> None:
    answer = Client().get("/health/live")
    (event,) = [e for e in written(lines) if e["event"] == "request_finished"]
    assert len(answer["X-Request-ID"]) == 36
    assert event["request_id"] == answer["X-Request-ID"]


def test_settings_send_everything_from_a_level_upwards() -> None:
    given = logs.settings("WARNING", readable=False)
    assert given["root"] == {"handlers": ["stderr"], "level": "WARNING"}
    assert (
        logs.settings("INFO", readable=True)["formatters"]["line"]["processors"][-1:]
        != (given["formatters"]["line"]["processors"][-1:])
    )
