"""The models that every app shares."""

from core.models.answers import FirstAnswer
from core.models.audit import AuditAction, AuditEntry
from core.models.control import AppControl, AppHealth, AppMode, AppStatus
from core.models.ingest import OPEN_STATES, BatchStage, BatchState, IngestBatch
from core.models.kept import KeptFile, KeptPiece

__all__ = [
    "OPEN_STATES",
    "AppControl",
    "AppHealth",
    "AppMode",
    "AppStatus",
    "AuditAction",
    "AuditEntry",
    "BatchStage",
    "BatchState",
    "FirstAnswer",
    "IngestBatch",
    "KeptFile",
    "KeptPiece",
]
