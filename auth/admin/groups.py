"""Groups: the five roles, which the code defines, and whatever others an administrator makes."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from auth import selectors
from auth.admin.audited import AuditedAdmin
from auth.reach import groups_within, own
from auth.roles import Role

admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, AuditedAdmin):
    """A role is shown and cannot be changed: its permissions follow the table in the code."""

    describe = staticmethod(selectors.describe_group)
    list_display = ("name", "defined_by")
    filter_horizontal = ()

    @admin.display(description="defined by")
    def defined_by(self, group: Group) -> str:
        return "the code (a role)" if is_role(group) else "an administrator"

    def formfield_for_manytomany(self, db_field: Any, request: Any = None, **kwargs: Any) -> Any:
        kwargs["widget"] = UnfoldAdminCheckboxSelectMultipleWidget
        kwargs["queryset"] = own(request.user).select_related("content_type")
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_touch(request, obj) and bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_touch(request, obj) and bool(super().has_delete_permission(request, obj))


def may_touch(request: HttpRequest, group: Group | None) -> bool:
    """No role, and no group that gives more than the person has."""
    if group is None:
        return True
    within = groups_within(request.user).filter(pk=group.pk)
    return not is_role(group) and within.exists()


def is_role(group: Group | None) -> bool:
    return group is not None and group.name in set(Role)
