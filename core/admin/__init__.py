"""What the admin pages of all apps share. Importing it registers the audit log."""

from core.admin.audit import AuditEntryAdmin

__all__ = ["AuditEntryAdmin"]
