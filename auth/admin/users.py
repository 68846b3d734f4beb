"""Users. They are deactivated, never deleted: the log goes on naming them."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from auth import selectors
from auth.admin.audited import AuditedAdmin, context_of
from auth.models import User
from auth.reach import groups_within, users_within
from auth.recording import recorded

SET_PASSWORD = format_html(
    '<a class="underline" href="{}">Set another password</a>', "../password/"
)


class UserForm(UserChangeForm):  # type: ignore[misc]
    """Says where a password is set, by a link that can be told from text."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "password" in self.fields:
            self.fields["password"].help_text = SET_PASSWORD


@admin.register(User)
class UserAdmin(DjangoUserAdmin, AuditedAdmin):  # type: ignore[type-arg]
    """Nobody changes who has more rights, or gives rights they lack.

    Rights come from roles and groups alone.

    Django's class comes first: its forms for a new user would be lost behind Unfold's defaults.
    """

    form = UserForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    describe = staticmethod(selectors.describe_user)
    list_display = ("username", "roles", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff", "groups")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email")}),
        ("Access", {"fields": ("is_active", "is_staff", "is_superuser", "groups")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    filter_horizontal = ()
    search_fields = ("username", "first_name", "last_name", "email")

    @admin.display(description="roles and groups")
    def roles(self, user: User) -> str:
        return ", ".join(group.name for group in user.groups.all()) or "–"

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("groups")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fixed = (*super().get_readonly_fields(request, obj), "last_login", "date_joined")
        return fixed if is_superuser(request) else (*fixed, "is_superuser")

    def formfield_for_manytomany(self, db_field: Any, request: Any = None, **kwargs: Any) -> Any:
        kwargs["widget"] = UnfoldAdminCheckboxSelectMultipleWidget
        if db_field.name == "groups":
            kwargs["queryset"] = groups_within(request.user)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is not None and not users_within(request.user).filter(pk=obj.pk).exists():
            return False
        return bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def user_change_password(
        self,
        request: HttpRequest,
        id: str,  # noqa: A002 (Django's name for it)
        form_url: str = "",
    ) -> HttpResponse:
        user = self.get_object(request, id)
        named = User.objects.filter(pk=user.pk) if user else User.objects.none()
        with recorded(context_of(request), named):
            return super().user_change_password(request, id, form_url)


def is_superuser(request: Any) -> bool:
    return bool(request.user.is_superuser)
