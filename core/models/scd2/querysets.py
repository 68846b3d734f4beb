"""Reading versions by their two clocks; writing is the engine's alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NoReturn, Self

from django.db import models
from django.db.models import Q

from core.models.scd2.exceptions import DirectWriteError


def believed(known_at: datetime | None = None) -> Q:
    """Rows believed at ``known_at`` (aware); without it, rows believed now."""
    if known_at is None:
        return Q(system_to__isnull=True)
    superseded_later = Q(system_to__isnull=True) | Q(system_to__gt=known_at)
    return Q(system_from__lte=known_at) & superseded_later


def valid(as_of: datetime, known_at: datetime | None = None) -> Q:
    """Rows that hold at ``as_of``, their ends taken as known at ``known_at`` (both aware)."""
    not_ended = Q(valid_to__isnull=True) | Q(valid_to__gt=as_of)
    if known_at is not None:
        not_ended |= Q(closed_at__gt=known_at)
    return Q(valid_from__lte=as_of) & not_ended


class ReadOnlyQuerySet(models.QuerySet[Any]):
    """Refuses every write, and says which service to call."""

    def _refuse(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise DirectWriteError(self.model.direct_write_message())

    create = bulk_create = bulk_update = get_or_create = update_or_create = _refuse
    update = delete = _update = _raw_delete = _insert = _refuse
    _refuse.alters_data = True  # type: ignore[attr-defined]


class VersionedQuerySet(ReadOnlyQuerySet):
    """Versions of many things. Chain as any queryset."""

    def live(self) -> Self:
        """What is believed now: all of the timelines, past and scheduled."""
        return self.filter(believed())

    def believed(self, known_at: datetime | None) -> Self:
        """What was believed at ``known_at``; None means now."""
        return self.filter(believed(known_at))

    def as_of(self, as_of: datetime, known_at: datetime | None = None) -> Self:
        """What was true at ``as_of`` as known at ``known_at``: at most one version a key."""
        return self.filter(believed(known_at), valid(as_of, known_at))

    def timeline(self, **key: Any) -> Self:
        """One key's live versions in order of ``valid_from``."""
        return self.live().filter(**key).order_by("valid_from")
