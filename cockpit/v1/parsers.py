"""Forms with a file, of bounded size."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from rest_framework.parsers import MultiPartParser

from core.api.problems import Problem

FIELDS_BYTES = 1024 * 1024
"""What the fields of the form and its boundaries may have beside the file."""


class UploadParser(MultiPartParser):
    """A form whose file goes to disk while it comes. One that is too large is refused unread."""

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        length = int(stream.META.get("CONTENT_LENGTH") or 0)
        if length > settings.UPLOAD_MAX_BYTES + FIELDS_BYTES:
            raise too_large()
        return super().parse(stream, media_type, parser_context)


def too_large() -> Problem:
    return Problem(
        413,
        "body_too_large",
        f"A file has at most {settings.UPLOAD_MAX_BYTES:,} bytes: pack it with gzip, or split it.",
    )
