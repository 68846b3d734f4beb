"""What a run did, as a table for people and as one line for machines."""

from __future__ import annotations

import io

import orjson
from rich.console import Console
from rich.table import Table

from core.ingest.batches import Counts
from core.ingest.run import Report
from core.models import BatchState

COLUMNS = ("opened", "closed", "superseded", "unchanged")
HEADLINES = {
    BatchState.DONE: (
        "Batch {batch}: {read:,} rows read, {rejected:,} rejected, in {seconds:.1f} s."
    ),
    BatchState.DRY_RUN: (
        "Batch {batch}, dry run, nothing was written: {read:,} rows read, {rejected:,} rejected, "
        "in {seconds:.1f} s."
    ),
    BatchState.REFUSED: (
        "Batch {batch}: nothing was loaded, because {rejected:,} of {read:,} rows were rejected."
    ),
}


def line(report: Report) -> str:
    return orjson.dumps(report.as_json()).decode()


def table(report: Report) -> str:
    """The headline and, where anything was done, a row of counts for each model."""
    values = {"batch": report.batch, "read": report.read, "rejected": report.rejected}
    headline = HEADLINES[report.state].format(**values, seconds=report.seconds)
    if report.error:
        return f"Batch {report.batch}: nothing was loaded."
    if report.state == BatchState.REFUSED:
        return headline
    if report.sentence:
        headline = f"{headline}\n{report.sentence}"
    return f"{headline}\n{counts_table(report.counts)}"


def counts_table(counts: Counts) -> str:
    """A row of counts for each model."""
    shown = Table("", *COLUMNS)
    for column in shown.columns[1:]:
        column.justify = "right"
    for name, outcome in counts.items():
        shown.add_row(name, *(f"{outcome[column]:,}" for column in COLUMNS))
    console = Console(file=io.StringIO(), width=100, color_system=None)
    console.print(shown)
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return text.rstrip()
