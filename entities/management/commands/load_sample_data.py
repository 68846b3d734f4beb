"""Loads the bank registers under ``sample_data/``, one dated release after the other."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.contexts import shell
from core.db import as_owner
from core.env import ROOT
from core.ingest.rows import Unreadable
from core.ingest.run import Job, Report, ingest
from core.models import AuditEntry, BatchState, IngestBatch
from core.models.scd2.change import Channel, Context
from core.models.scd2.exceptions import Scd2Error
from entities.models import DetailType, Entity, EntityDetail, EntityType
from entities.services import detail_type_create, entity_type_create
from entities.vouching import EntityFeed

HERE = ROOT / "sample_data"
SOURCE = "bank-register"
ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
"""Since when the types are valid: before the first release."""

ENTITY_TYPES = {"BANK": {"name": "Bank", "description": "A bank, by its national bank code."}}
DETAIL_TYPES: dict[str, dict[str, Any]] = {
    "BANK_CODE": {
        "name": "Bank code",
        "data_type": "text",
        "description": "The national code by which payments find the bank.",
    },
    "BIC": {
        "name": "BIC",
        "data_type": "text",
        "description": "The business identifier code of ISO 9362.",
        "pattern": "[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?",
    },
    "SHORT_NAME": {
        "name": "Short name",
        "data_type": "text",
        "description": "The name as forms have room for it.",
    },
    "COUNTRY": {
        "name": "Country",
        "data_type": "text",
        "description": "The country of the register, by its code in ISO 3166.",
        "pattern": "[A-Z]{2}",
    },
}


@dataclasses.dataclass(frozen=True)
class Release:
    """One state of the registers and the instant at which it became known and true."""

    file: str
    date: datetime
    sha256: str

    @property
    def is_loaded(self) -> bool:
        return IngestBatch.objects.filter(
            model=EntityFeed.shape.label,
            state=BatchState.DONE,
            sha256=self.sha256,
            options__system_time=self.date.isoformat(),
        ).exists()


class Command(BaseCommand):
    """``load_sample_data``: takes up where it was interrupted, and does nothing if it is done."""

    help = "Load the sample data: three bank registers from 2021 to 2026, release by release."

    def handle(self, *args: Any, **options: Any) -> None:
        missing = [release for release in releases(HERE) if not release.is_loaded]
        if not missing:
            self.stdout.write("The sample data is loaded already.")
            return
        if later := stored_after(missing[0].date):
            self.stdout.write(
                f"The sample data is not loaded: it is history from {missing[0].date:%Y-%m-%d} "
                f"on, and there are later entries already, the last of {later:%Y-%m-%d}."
            )
            return
        try:
            create_types(missing[0].date)
            for release in missing:
                self.stdout.write(line(release, load(release)))
        except Scd2Error as error:
            raise CommandError(str(error)) from error


def releases(folder: Path) -> list[Release]:
    """The releases in order. Raises CommandError where there are none."""
    try:
        listed = json.loads((folder / "releases.json").read_text(encoding="utf-8"))
    except OSError as error:
        raise CommandError(f"There is no sample data in {folder}.") from error
    return [
        Release(one["file"], datetime.fromisoformat(one["date"]), one["sha256"]) for one in listed
    ]


def stored_after(instant: datetime) -> datetime | None:
    """The greatest instant of the register, where a backfill at ``instant`` could not follow it."""
    labels = [model.shape.label for model in (Entity, EntityDetail, EntityType, DetailType)]
    entries = AuditEntry.objects.filter(model__in=labels).order_by("-instant")
    latest = entries.values_list("instant", flat=True).first()
    return latest if latest is not None and latest >= instant else None


def context_at(instant: datetime) -> Context:
    return dataclasses.replace(shell("Sample data"), channel=Channel.INGEST, system_instant=instant)


def create_types(first: datetime) -> None:
    """The types that are not there yet, known since the seconds before the first release."""
    wanted: list[tuple[Any, Any, str, dict[str, Any]]] = [
        *((EntityType, entity_type_create, code, said) for code, said in ENTITY_TYPES.items()),
        *((DetailType, detail_type_create, code, said) for code, said in DETAIL_TYPES.items()),
    ]
    with as_owner():
        for before, (model, create, code, said) in zip(
            range(len(wanted), 0, -1), wanted, strict=True
        ):
            if not model.objects.filter(code=code).exists():
                context = context_at(first - timedelta(seconds=before))
                create(code=code, valid_from=ALWAYS, context=context, **said)


def load(release: Release) -> Report:
    """Raises CommandError for a file that is not as it should be, and what the engine refuses."""
    options = {"source": SOURCE, "system_time": release.date.isoformat()}
    job = Job(
        path=str(HERE / release.file),
        form="csv",
        context=context_at(release.date),
        options=options,
        strict=True,
    )
    door = partial(EntityFeed, source=SOURCE, effective=release.date)
    try:
        report = ingest(job, door)
    except Unreadable as error:
        raise CommandError(str(error)) from error
    if report.rejected:
        raise CommandError(f"{report.rejected} rows of {release.file} were rejected.")
    return report


def line(release: Release, report: Report) -> str:
    """What a release did."""
    done = "; ".join(f"{name}: {said(counts)}" for name, counts in report.counts.items())
    return f"{release.date:%Y-%m-%d}  {done}; {report.seconds:.1f} s"


def said(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {what}" for what, count in counts.items())
