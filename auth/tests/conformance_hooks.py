"""What schemathesis has to be told besides: see ``conformance``."""

from __future__ import annotations

import json
from typing import Any

import schemathesis


@schemathesis.serializer("application/x-ndjson")
def one_a_line(_context: Any, value: Any) -> bytes:
    return json.dumps(value).encode()
