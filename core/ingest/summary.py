"""What a run did, as a table for people and as one line for machines."""

from __future__ import annotations

import io
from collections.abc import Iterator

import orjson
from rich.console import Console
from rich.table import Table

from core.ingest.affected import Entry
from core.ingest.batches import Counts
from core.ingest.run import Report
from core.models import BatchState
from core.models.scd2.affected import Effect

TITLES = {
    Effect.ENDED: "Ended",
    Effect.CORRECTED: "Corrected",
    Effect.OVERTAKEN: "Overtaken",
    Effect.NOT_ENDED: "Missing in the file and not ended",
}
COLUMNS = ("opened", "closed", "superseded", "unchanged", "overtaken")
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
        return "\n".join((f"Batch {report.batch}: nothing was loaded.", *names(report)))
    if report.state == BatchState.REFUSED:
        return headline
    if report.new_source:
        headline = f"{headline}\nThe source {report.new_source} is new: nothing of it was known."
    if report.sentence:
        headline = f"{headline}\n{report.sentence}"
    return "\n".join((headline, counts_table(report.counts), *names(report)))


def names(report: Report) -> Iterator[str]:
    """The first of the things that the load affects, by what it does to them."""
    for effect, entries in report.named.items():
        if not entries:
            continue
        number = report.not_ended if effect is Effect.NOT_ENDED else report.affected[effect]
        first = f", the first {len(entries)}" if number > len(entries) else ""
        yield f"{TITLES[effect]}: {number:,}{first}"
        for entry in entries:
            yield f"  {named(entry)}"


def named(entry: Entry) -> str:
    """One thing on a line: its names without its key, unless that is all it has."""
    key, *others = [name for name in entry if name not in ("what", "from", "line")]
    values = [str(entry[name]) for name in others if entry[name] is not None]
    line = f", line {entry['line']}" if entry["line"] else ""
    return f"{', '.join(values or [str(entry[key])])}: from {entry['from']}{line}"


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
