"""Tokens: made here for anybody, shown once, revoked by deleting them."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from auth import selectors, services
from auth.admin.audited import AuditedAdmin, context_of
from auth.conf import LONGEST_DAYS, TOKEN_LIFETIME
from auth.models import Token, User
from auth.reach import users_within


class TokenForm(forms.ModelForm):  # type: ignore[type-arg]
    """Whose token, what for, and how long it is good for."""

    days = forms.IntegerField(
        min_value=1,
        max_value=LONGEST_DAYS,
        initial=TOKEN_LIFETIME.days,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="How many days it is good for.",
    )

    class Meta:
        model = Token
        fields = ("user", "name")


@admin.register(Token)
class TokenAdmin(AuditedAdmin):
    """A token is never changed. Who has more rights makes and revokes their own alone."""

    form = TokenForm
    fields = ("user", "name", "days")
    describe = staticmethod(selectors.describe_token)
    list_display = ("name", "user", "created", "expiry", "last_used_at")
    list_display_links = ("name", "user")
    list_filter = ("user__groups",)
    list_select_related = ("user",)
    search_fields = ("name", "user__username")
    ordering = ("-created",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        shown = ("id", "user", "name", "created", "expiry", "last_used_at")
        return shown if obj else super().get_fields(request, obj)

    def save_model(self, request: Any, obj: Token, form: Any, change: bool) -> None:
        """Through the service, which makes the secret and writes the log."""
        lifetime = timedelta(days=form.cleaned_data["days"])
        made, secret = services.token_create(
            user=obj.user, name=obj.name, lifetime=lifetime, context=context_of(request)
        )
        obj.__dict__.update(made.__dict__)
        messages.warning(request, f"The token, shown this once: {secret}")

    def save_related(self, request: Any, form: Any, formsets: Any, change: bool) -> None:
        """A token has nothing beside it."""

    def delete_model(self, request: HttpRequest, obj: Token) -> None:
        services.token_delete(token=obj, context=context_of(request))

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "user":
            kwargs["queryset"] = may_sign_for(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        within = users_within(request.user)
        theirs = obj is not None and not within.filter(pk=obj.user_id).exists()
        return not theirs and bool(super().has_delete_permission(request, obj))


def may_sign_for(user: Any) -> QuerySet[User]:
    """The users for whom somebody may make a token."""
    return users_within(user).filter(is_active=True)
