"""One file into the register: read and staged piece by piece, then applied as a whole."""

from __future__ import annotations

import gc
import itertools
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import Any, NamedTuple

from django.db import transaction

from core.db import clock
from core.ingest.affected import Affected
from core.ingest.blocks import Block, csv_blocks, jsonl_blocks
from core.ingest.delimited import Dialect, read_csv, separator_of
from core.ingest.door import Door, Items
from core.ingest.full import Full
from core.ingest.jsonl import read_jsonl
from core.ingest.lines import Lines
from core.ingest.rejects import Rejects
from core.ingest.rows import Empty, Reject, Row
from core.ingest.source import Source
from core.ingest.timelines import Timelines
from core.models.scd2.bulk import apply_load
from core.models.scd2.change import Context, Result
from core.models.scd2.exceptions import BatchRefused, Conflict, InvalidChange, Scd2Error
from core.models.scd2.full import MISSING
from core.models.scd2.staging import Load
from core.models.scd2.whole import complete_timelines, keep_last
from core.transactions import atomic_write

PATIENCE = 5
"""Attempts after which a conflict takes all rows of its thing out, not only the one it names."""

Done = Callable[[Result], None]


class Said(NamedTuple):
    """A row and what it asks for."""

    row: Row
    items: Items


class Loading:
    """``done`` is called inside the transaction with what the load did. ``separator``: of the cells
    of a CSV; None is the one that its header has.
    """

    def __init__(
        self,
        door: Door,
        source: Source,
        form: str,
        rejects: Rejects,
        full: Full | None = None,
        *,
        affected: Affected | None = None,
        separator: str | None = None,
        timelines: Timelines | None = None,
        last_wins: bool = False,
    ) -> None:
        self.door = door
        self.source = source
        self.form = form
        self.rejects = rejects
        self.full = full
        self.affected = affected or Affected(None)
        self.separator = separator
        self.timelines = timelines
        self.last_wins = last_wins
        self.left_out: list[Collection[Any]] = []
        self.read = 0

    # Reading

    @contextmanager
    def rows(self) -> Iterator[Iterator[Row | Reject]]:
        with self.source.lines() as lines:
            if self.form == "csv":
                dialect = self.dialect(lines)
                yield read_csv(self.source.name, lines, self.door.header, dialect)
            else:
                yield read_jsonl(self.source.name, lines)

    def dialect(self, lines: Lines) -> Dialect:
        """How the CSV is written; without a word about it, the header says how it is separated."""
        separator = self.separator or separator_of(lines.first())
        return Dialect(separator, self.source.encoding or "UTF-8")

    @contextmanager
    def blocks(self) -> Iterator[Iterator[Block | list[Row | Reject]]]:
        with self.source.lines() as lines:
            if self.form == "csv":
                dialect = self.dialect(lines)
                yield csv_blocks(self.source.name, lines, self.door.header, dialect)
            else:
                yield jsonl_blocks(self.source.name, lines)

    def stage(self, load: Load, tell: Callable[[int], None]) -> None:
        """Copy all rows that can be understood into the staging tables; reject the others.

        An empty file that is full says that there is nothing; raises Empty for any other.
        """
        try:
            with self.blocks() as blocks, load.copying(), gc_at_rest():
                for block in blocks:
                    self.stage_block(load, block)
                    tell(self.read)
        except Empty:
            if self.full is None:
                raise

    def stage_block(self, load: Load, block: Block | list[Row | Reject]) -> None:
        if isinstance(block, Block):
            vouched = self.door.vouch(block)
            load.stage_sheets(vouched.sheets)
            self.read += len(block.contents) - len(vouched.doubtful)
            block = [row for position in vouched.doubtful if (row := block.row(position))]
        if block:
            self.stage_piece(load, block)

    def stage_piece(self, load: Load, piece: Sequence[Row | Reject]) -> None:
        said = self.fitting([good for row in piece if (good := self.understood(row))])
        for shape in load.models:
            load.stage(shape, (item for one in said for item in one.items.get(shape, ())))
        self.read += len(piece)
        if self.full and self.left_out:
            self.full.left_out(load, self.left_out)
        if self.timelines and self.left_out:
            self.timelines.left_out(load, self.left_out)
        self.left_out.clear()

    def understood(self, row: Row | Reject) -> Said | None:
        """What the row asks for; None if it is rejected."""
        if isinstance(row, Reject):
            self.reject(row, ())
            return None
        try:
            return Said(row, self.items(row))
        except InvalidChange as error:
            reject = Reject(row.line, row.text, reason_of(error))
            self.reject(reject, self.door.roots(row.content) if self.names_rejects else ())
            return None

    def reject(self, row: Reject, roots: Collection[Any]) -> None:
        """Leave out a row that was not staged; ``roots`` are what it may be about."""
        self.rejects.add(row)
        if self.names_rejects:
            self.left_out.append(roots)

    @property
    def names_rejects(self) -> bool:
        """Whether it matters what a rejected row is about."""
        return bool(self.full or self.timelines)

    def items(self, row: Row) -> Items:
        if isinstance(row.content, Mapping):
            return self.door.from_object(row.line, row.content)
        return self.door.from_cells(row.line, row.content)

    def fitting(self, said: Sequence[Said]) -> list[Said]:
        """Without those that are found wrong only when looked at together."""
        wrong = self.door.misfits([one.items for one in said])
        for position, error in sorted(wrong.items()):
            row, items = said[position]
            roots = {item.key[0] for told in items.values() for item in told}
            self.reject(Reject(row.line, row.text, reason_of(error)), roots)
        return [one for position, one in enumerate(said) if position not in wrong]

    # Applying

    def apply(
        self, load: Load, context: Context, *, strict: bool, dry_run: bool, done: Done
    ) -> Result | None:
        """Apply what was staged, without what is refused; None if ``strict`` and anything was.

        Raises TooMany.
        """
        with self.full.alone(load) if self.full else nullcontext():
            return self.apply_alone(load, context, strict=strict, dry_run=dry_run, done=done)

    def apply_alone(
        self, load: Load, context: Context, *, strict: bool, dry_run: bool, done: Done
    ) -> Result | None:
        if self.last_wins:
            keep_last(load, rows=self.names_rejects)
        if self.full:
            self.full.complete(load, context.system_instant or clock(), self.affected)
        load.prepare()
        wrong = contradictions(load)
        if self.timelines:
            wrong = self.timelines.refused(load, wrong)
        self.refuse(load, wrong)
        if self.timelines:
            complete_timelines(load)
            load.prepare()
        for attempt in itertools.count(1):
            if strict and self.rejects.count:
                return None
            try:
                return self.attempt(load, context, dry_run, done)
            except BatchRefused as refused:
                widely = attempt > PATIENCE or self.timelines is not None
                self.refuse(load, refused_lines(load, refused, widely=widely))
        raise AssertionError("unreachable")

    @atomic_write
    def attempt(self, load: Load, context: Context, dry_run: bool, done: Done) -> Result:
        result = apply_load(load, context, check=partial(self.door.check, load))
        self.affected.written(load, result)
        if self.full:
            self.full.refuse_corrections(load, result)
        if dry_run:
            transaction.set_rollback(True)
        else:
            done(result)
        return result

    def refuse(self, load: Load, reasons: Mapping[int, str]) -> None:
        """Take rows out again. They are read a second time, for the rejects show them as given."""
        if not reasons:
            return
        with self.rows() as rows:
            for row in rows:
                if row.line in reasons:
                    self.rejects.add(Reject(row.line, row.text, reasons[row.line]))
        load.remove(reasons)


@contextmanager
def gc_at_rest() -> Iterator[None]:
    """Collect only what is made meanwhile: looking through all else takes a fifth of the time."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def contradictions(load: Load) -> dict[int, str]:
    """Reasons by line."""
    return {
        line: f"Line {first} says something else of the same thing from the same instant on."
        for line, first in load.contradictions().items()
    }


def refused_lines(load: Load, refused: BatchRefused, *, widely: bool) -> dict[int, str]:
    """Reasons by line. Raises the error itself where it concerns no line."""
    reasons: dict[int, str] = {}
    for model, error in refused.errors:
        ordinal = getattr(error, "ordinal", None)
        if ordinal == MISSING:
            raise cannot_end(error)
        if ordinal is not None:
            reasons.setdefault(ordinal, str(error))
        if error.key and (widely or ordinal is None):
            root = error.key[model.shape.root]
            reasons = dict.fromkeys(load.ordinals_of([root]), str(error)) | reasons
    if not reasons:
        raise refused
    return reasons


def cannot_end(error: Scd2Error) -> Scd2Error:
    """Of a thing that the file lacks: there is no row that could be rejected."""
    named = ", ".join(str(value) for value in (error.key or {}).values())
    return Conflict(f"The file lacks {named}, which cannot be ended: {error.message}")


def reason_of(error: Scd2Error) -> str:
    """What is wrong with a row: all of it, each with the name of its field."""
    return " ".join(map(named, getattr(error, "errors", [error])))


def named(error: Any) -> str:
    field = error.field.removeprefix("details.")
    known = not field or field in error.message
    return error.message if known else f"{field}: {error.message}"
