"""Reading JSON bodies: nothing ambiguous, nothing too large, nothing too deep."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.utils.http import parse_header_parameters
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from core import strict_json
from core.api.problems import Problem

MAX_BYTES = 10 * 1024 * 1024


class StrictJSONParser(BaseParser):
    """JSON in UTF-8 of at most 10 MiB and 64 levels, as ``strict_json`` reads it."""

    media_type = "application/json"

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        refuse_charset(media_type)
        return self.value(read_whole(stream))

    def value(self, raw: bytes) -> Any:
        return parse_json(raw)


class JSONLinesParser(StrictJSONParser):
    """One JSON value a line, blank lines left out; each as ``StrictJSONParser`` takes it."""

    media_type = "application/x-ndjson"

    def value(self, raw: bytes) -> Any:
        return [
            line_value(number, line)
            for number, line in enumerate(raw.split(b"\n"), 1)
            if line.strip()
        ]


def refuse_charset(media_type: str | None) -> None:
    """Raises a 415 for a charset that is not UTF-8; JSON has no other."""
    charset = parse_header_parameters(media_type or "")[1].get("charset", "utf-8")
    if charset.lower() not in ("utf-8", "utf8"):
        raise Problem(
            415, "unsupported_media_type", f"The body is read as UTF-8, not as {charset}."
        )


def read_whole(stream: Any) -> bytes:
    """The body. Raises a 413 for more than MAX_BYTES."""
    raw: bytes = stream.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise Problem(
            413, "body_too_large", f"A body has at most {MAX_BYTES} bytes; send less at once."
        )
    return raw


def line_value(number: int, line: bytes) -> Any:
    try:
        return parse_json(line)
    except ParseError as error:
        raise ParseError(f"Line {number}: {error.detail}") from error


def parse_json(raw: bytes) -> Any:
    """The value of a JSON text. Raises ParseError that says where it ends to be one."""
    try:
        return strict_json.read(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ParseError(f"The body is not UTF-8 at byte {error.start}.") from error
    except json.JSONDecodeError as error:
        raise ParseError(
            f"The body is not JSON at line {error.lineno}, column {error.colno}: {error.msg}."
        ) from error
    except strict_json.TooDeep as error:
        raise ParseError(
            f"The body is nested more than {strict_json.MAX_DEPTH} levels deep."
        ) from error
    except ValueError as error:
        raise ParseError(f"The body is not acceptable JSON: {error}") from error
