"""What the admin pages of all apps share. Importing it registers the audit log and the batches."""

from django.contrib import admin
from procrastinate.contrib.django import admin as queue  # noqa: F401  (registers what goes below)
from procrastinate.contrib.django.models import ProcrastinateJob

from core.admin.audit import AuditEntryAdmin
from core.admin.batches import IngestBatchAdmin

__all__ = ["AuditEntryAdmin", "IngestBatchAdmin"]

# A job says no more than the number of its batch, and the batches have a page of their own.
admin.site.unregister(ProcrastinateJob)
