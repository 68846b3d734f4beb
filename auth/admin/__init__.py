"""Users, groups and tokens in the admin; every change of them is in the audit log."""

from auth.admin.groups import GroupAdmin
from auth.admin.tokens import TokenAdmin
from auth.admin.users import UserAdmin

__all__ = ["GroupAdmin", "TokenAdmin", "UserAdmin"]
