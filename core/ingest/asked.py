"""How a file is asked to be loaded: what a command line, a call and a batch say of it."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from core.ingest.encodings import encoding_named
from core.ingest.full import Limit
from core.models.scd2.change import Future
from core.models.scd2.exceptions import InvalidChange
from core.names import identifier

TABS = {"tab": "\t", r"\t": "\t"}
"""Ways to say a tab."""
NO_DELIMITERS = '"\r\n \0'
FORMATS = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}


class Mode(enum.StrEnum):
    """Whether a file says what changes, or all there is of its source."""

    DELTA = "delta"
    FULL = "full"


@dataclasses.dataclass(frozen=True)
class Asked:
    """``source``: the feed whose ``source_id`` names the rows. ``new_source``: it may be one that
    was never seen, though it looks like one that was. ``effective``: ``valid_from`` of rows without
    one, None the instant of the load. ``system_time``: that of a backfill. ``initial``: into empty
    tables, as the owner role. ``delimiter``: of a CSV, None is the one that its header has.
    ``encoding``: of the text, None is UTF-8. ``whole_timelines``: the rows of a thing are all of
    its timeline. ``future``: how far a row without ``valid_to`` reaches, None is ``keep``; said, it
    contradicts a row with one. ``inclusive_ends``: a bare date in ``valid_to`` is the last day.
    ``last_wins``: of rows of a thing with one start the last counts.

    Raises InvalidChange for what contradicts itself.
    """

    format: str
    source: str | None = None
    new_source: bool = False
    effective: datetime | None = None
    mode: Mode = Mode.DELTA
    max_ended: Limit | None = None
    max_corrected: Limit | None = None
    future: Future | None = None
    dry_run: bool = False
    strict: bool = False
    system_time: datetime | None = None
    initial: bool = False
    reason: str = ""
    delimiter: str | None = None
    encoding: str | None = None
    whole_timelines: bool = False
    inclusive_ends: bool = False
    last_wins: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "source", in_one_form(self.source))
        if self.max_ended and self.mode is Mode.DELTA:
            raise InvalidChange(
                "--max-ended is for --mode full: a delta ends what it names.", field="max_ended"
            )
        if self.max_corrected and self.mode is Mode.DELTA:
            raise InvalidChange(
                "--max-corrected is for --mode full: a delta corrects what it names.",
                field="max_corrected",
            )
        self.check_timelines()
        if self.delimiter is not None:
            object.__setattr__(self, "delimiter", self.checked_delimiter(self.delimiter))
        if self.encoding is not None:
            check_encoding(self.encoding)

    def check_timelines(self) -> None:
        """Raises InvalidChange."""
        if not self.whole_timelines:
            return
        if self.mode is Mode.FULL:
            raise InvalidChange(
                "--whole-timelines leaves what the file does not name as it is, and --mode full "
                "ends it: load the file with one of them.",
                field="whole_timelines",
            )
        if self.future is not None:
            raise InvalidChange(
                "With --whole-timelines a row reaches to the next row of its thing, so --future "
                "has nothing to decide.",
                field="future",
            )

    def checked_delimiter(self, given: str) -> str:
        """The one character that is meant. Raises InvalidChange."""
        delimiter = TABS.get(given, given)
        if self.format != "csv":
            raise InvalidChange("A delimiter is that of a CSV.", field="delimiter")
        if len(delimiter) != 1 or delimiter in NO_DELIMITERS:
            raise InvalidChange(
                "A delimiter is one character, such as ; or tab, and no quotation mark, space or "
                "end of a line.",
                field="delimiter",
            )
        return delimiter

    def as_json(self) -> dict[str, Any]:
        """What a batch keeps of it."""
        return {
            field.name: as_json(getattr(self, field.name)) for field in dataclasses.fields(self)
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """As the batch has it; it may be from before an option was there."""
        names = [field.name for field in dataclasses.fields(cls)]
        given = {name: kept[name] for name in names if name in kept}
        for name in ("effective", "system_time"):
            given[name] = given[name] and datetime.fromisoformat(given[name])
        for name in ("max_ended", "max_corrected"):
            given[name] = Limit.parse(kept[name]) if kept.get(name) else None
        given["future"] = Future(kept["future"]) if kept.get("future") else None
        return cls(**given | {"mode": Mode(given["mode"])})


def check_encoding(name: str) -> None:
    """Raises InvalidChange for what is no encoding of text."""
    try:
        encoding_named(name)
    except ValueError as error:
        raise InvalidChange(str(error), field="encoding") from error


def in_one_form(source: str | None) -> str | None:
    """The name of a feed as it is stored. Raises InvalidChange."""
    try:
        return None if source is None else identifier(source)
    except ValueError as error:
        raise InvalidChange(str(error), field="source") from error


def as_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Limit | enum.StrEnum) else value


def format_of(name: str) -> str | None:
    """The format by the ending of a file's name; None where it ends in none that is known."""
    return FORMATS.get(Path(name.removesuffix(".gz")).suffix.lower())
