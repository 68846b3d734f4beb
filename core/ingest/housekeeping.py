"""What is only kept for a while: see ``core.housekeeping``."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from core.models import OPEN_STATES, KeptFile

COMING = timedelta(days=1)
"""The time after which a file that is not whole is not coming any more."""


def uploaded_files_and_rejects(*, dry_run: bool) -> int:
    """Those older than the settings say; a batch that is not over keeps its file."""
    now = timezone.now()
    old = Q(created_at__lte=now - timedelta(days=settings.UPLOADS_KEPT_DAYS))
    torn = Q(size=None, created_at__lte=now - COMING)
    found = KeptFile.objects.filter(old | torn).exclude(batches__state__in=OPEN_STATES)
    count = found.count()
    if not dry_run:
        found.delete()
    return count
