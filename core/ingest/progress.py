"""How far a load is, on a terminal."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from core.ingest.source import Source


class Progress:
    """A bar on standard error: stage, rows, rows per second, time left. Or nothing at all."""

    def __init__(self, source: Source, shown: bool) -> None:
        self.source = source
        self.started = time.monotonic()
        self.bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[rows]:,} rows"),
            TextColumn("{task.fields[rate]:,.0f} rows/s"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
            disable=not shown,
        )
        self.task = self.bar.add_task("Reading", total=source.size, rows=0, rate=0.0)

    def __enter__(self) -> Self:
        self.bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.bar.stop()

    def reading(self, rows: int) -> None:
        """So many rows have been read; how much of the file that is, the source knows."""
        seconds = max(time.monotonic() - self.started, 0.001)
        self.bar.update(self.task, completed=self.source.read, rows=rows, rate=rows / seconds)

    def loading(self) -> None:
        """Everything is read; how long the database takes cannot be foretold."""
        self.bar.update(self.task, description="Loading", total=None)
