"""What a batch affects, as a reader of its report sees it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from core.ingest.affected import masked
from core.ingest.kept import pieces
from core.models import IngestBatch, KeptFile
from core.personal import Mask, log_read, may_view, sight_of


def read_report(user: Any, kept: KeptFile, batch: IngestBatch) -> Iterator[bytes]:
    """The report of a batch as a user sees it: names that are hidden from them are null.

    Leaves an event where the user may see what is personal data.
    """
    if may_view(user, batch.model.partition(".")[0]):
        log_read(user, IngestBatch._meta.label_lower, [batch.pk], ["report"])
        return pieces(kept)
    mask = sight_of(user).marked.get(batch.model)
    return masked_lines(lines(pieces(kept)), mask) if mask else pieces(kept)


def masked_lines(given: Iterable[bytes], mask: Mask) -> Iterator[bytes]:
    for line in given:
        yield orjson.dumps(masked(orjson.loads(line), mask), option=orjson.OPT_APPEND_NEWLINE)


def lines(content: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of bytes that come in pieces of any size."""
    rest = b""
    for piece in content:
        *whole, rest = (rest + piece).split(b"\n")
        yield from whole
    if rest:
        yield rest
