"""Changes of a thing since a form about it was made: shown before they are written over."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.apps import apps
from django.db.models import QuerySet
from django.http import HttpRequest

from core.admin.audit import masked, rows, sentence, sight_in
from core.admin.timeline import instant_text, second_text
from core.db import clock
from core.models import AuditEntry
from core.models.scd2.exceptions import Scd2Error
from core.models.scd2.model import VersionedModel
from core.models.scd2.writer import thing_uuid

LISTED = 20
"""How many changes of others are told."""
BEGINNING = datetime.min.replace(tzinfo=UTC)


class ChangedMeanwhile(Scd2Error):
    """The thing was changed after the form was made; nothing was written."""

    code = "changed_meanwhile"

    def __init__(self, changes: Sequence[str]) -> None:
        super().__init__(
            "Somebody changed this after you opened it, so nothing was written. What changed is "
            "shown here; look at it, then save again or leave it."
        )
        self.changes = changes


@dataclasses.dataclass(frozen=True, slots=True)
class Basis:
    """What a form shows: the instant of valid time, and the latest change that was known."""

    as_of: datetime
    known_at: datetime

    def __str__(self) -> str:
        return f"{self.as_of.isoformat()} {self.known_at.isoformat()}"

    @classmethod
    def read(cls, text: str) -> Basis | None:
        """The basis that a form carries; None for what is none."""
        try:
            as_of, known_at = map(datetime.fromisoformat, text.split(" "))
        except ValueError:
            return None
        return cls(as_of, known_at) if as_of.tzinfo and known_at.tzinfo else None


def basis_of(request: HttpRequest, model: type[VersionedModel], key: Any) -> Basis:
    """That of a form that is made now. Read before what it shows, so that nothing slips between."""
    latest = visible(request, model, key).order_by("-instant").values_list("instant", flat=True)
    return Basis(known_at=latest.first() or BEGINNING, as_of=clock())


def require_unchanged(
    request: HttpRequest, model: type[VersionedModel], key: Any, basis: Basis
) -> None:
    """Raises ChangedMeanwhile for a change since. To be asked under the locks of a write.

    A change of what is hidden from the user does not count: it would tell that there was one.
    """
    later = visible(request, model, key).filter(instant__gt=basis.known_at)
    found = list(later.order_by("instant", "txid", "id")[:LISTED])
    if found:
        raise ChangedMeanwhile([told(entry) for entry in masked(request, found)])


def visible(
    request: HttpRequest, model: type[VersionedModel], key: Any
) -> QuerySet[AuditEntry, AuditEntry]:
    """The log of a thing and what belongs to it, without things that are hidden as a whole."""
    entries = AuditEntry.objects.filter(uuid=thing_uuid(model.shape, (key,)))
    hidden: dict[tuple[str, str], list[str]] = defaultdict(list)
    for label, column, code in sight_in(request).hidden_keys():
        hidden[label, column].append(code)
    for (label, column), codes in hidden.items():
        entries = entries.exclude(model=label, **{f"natural_key__{column}__in": codes})
    return entries


def told(entry: AuditEntry) -> str:
    """Who changed what and when, with before and after."""
    changes = "; ".join(sentence(entry, row) for row in rows(entry) if row["differs"])
    root = apps.get_model(entry.model).shape.root
    within = " ".join(str(name) for column, name in entry.natural_key.items() if column != root)
    end = f" to {instant_text(entry.valid_to)}" if entry.valid_to else ""
    period = f"{entry.action} from {instant_text(entry.valid_from)}{end}"
    said = ": ".join(filter(None, (within, changes)))
    return f"{second_text(entry.instant)} by {entry.actor}: {said} ({period})"
