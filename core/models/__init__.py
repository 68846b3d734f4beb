"""The models that every app shares."""

from core.models.audit import AuditAction, AuditEntry
from core.models.ingest import BatchState, IngestBatch

__all__ = ["AuditAction", "AuditEntry", "BatchState", "IngestBatch"]
