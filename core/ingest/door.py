"""How an app's rows become instructions to the engine."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Self

from core.ingest.asked import Asked
from core.ingest.blocks import Block
from core.ingest.full import Full
from core.models.scd2.exceptions import Scd2Error
from core.models.scd2.instruction import Instruction
from core.models.scd2.sheet import Sheet
from core.models.scd2.staging import Load
from core.models.scd2.versioning import Shape

Items = Mapping[Shape, Sequence[Instruction]]
"""What one row asks for, by model; the ordinal of every Instruction is the row's line, or its
index among the items of a request."""


class Vouched(NamedTuple):
    """What can be said of a block at once: Changes that are right, and who has to be looked at.

    ``doubtful``: positions of rows of which nothing was staged, in order.
    """

    sheets: Sequence[tuple[Shape, Sheet]]
    doubtful: Sequence[int]


class Door(ABC):
    """What an app says about its files.

    ``shape`` is the container whose things the rows are about.
    """

    shape: Shape

    @classmethod
    @abstractmethod
    def asked(cls, asked: Asked) -> Self:
        """The door for a file; made on the connection of the load. Raises InvalidChange."""

    @classmethod
    @abstractmethod
    def full(cls, asked: Asked) -> Full | None:
        """What a file that is all of its source ends; None for a delta. Raises InvalidChange."""

    @abstractmethod
    def header(self, columns: Sequence[str]) -> None:
        """Take the columns of a CSV. Raises Unreadable for one that is not known."""

    def refuse_nameless(self, fields: Collection[str]) -> None:  # noqa: B027 - not every app has one
        """Raises InvalidChange where no row that has just these fields could name its thing."""

    @abstractmethod
    def from_cells(self, line: int, cells: Sequence[str]) -> Items:
        """A row of a CSV. Raises InvalidChange."""

    @abstractmethod
    def from_object(self, line: int, value: Mapping[str, Any]) -> Items:
        """A row of a JSONL, or an item of a request. Raises InvalidChange."""

    def new_sources(self) -> Sequence[str]:
        """The sources met so far of which nothing is known yet.

        Raises InvalidChange for one that looks like a slip of a known one. Asked before the rows
        are read, and after.
        """
        return ()

    def vouch(self, block: Block) -> Vouched:
        """Whatever is certainly right; the row door decides on the rest, and says why.

        It stages exactly what the row door would. Worth having for files of many rows.
        """
        return Vouched((), range(len(block.contents)))

    def roots(self, content: Sequence[str] | Mapping[str, Any]) -> Collection[Any]:
        """The things that a row which is no good may be about; none where that cannot be told."""
        return ()

    def misfits(self, rows: Sequence[Items]) -> Mapping[int, Scd2Error]:
        """What is wrong with rows that are better looked at many at a time, by position."""
        return {}

    def check(self, load: Load, instant: datetime) -> None:  # noqa: B027 - not every app has one
        """Called under the locks, before anything is written; may refuse the load.

        BatchRefused with errors that name ordinals takes those rows out, and the rest goes on.
        """
