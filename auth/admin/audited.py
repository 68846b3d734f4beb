"""What the admins of unversioned tables share: the log is written beside every change."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from unfold.admin import ModelAdmin

from auth import services
from core.contexts import caller
from core.models.audit_log import Record, thing_uuid
from core.models.scd2.change import Channel, Context


class AuditedAdmin(ModelAdmin):  # type: ignore[misc]
    """Writes what becomes of a thing, as ``describe`` shows it, in the same transaction.

    Django's own form views run in one; the history of a thing is its part of the audit log.
    """

    describe: Callable[[Any], Record]

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        stored = type(obj)._default_manager.get(pk=obj.pk) if change else None
        request.described_before = type(self).describe(stored) if stored else None
        super().save_model(request, obj, form, change)

    def save_related(self, request: Any, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        services.record_thing(
            context_of(request),
            form.instance,
            request.described_before,
            type(self).describe(form.instance),
        )

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        services.record_thing(context_of(request), obj, type(self).describe(obj), None)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for obj in queryset:
            self.delete_model(request, obj)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """The log of the thing. Raises PermissionDenied."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        thing = self.get_object(request, object_id)
        log = reverse("admin:core_auditentry_changelist")
        if thing is None:
            return redirect(log)
        uuid = thing_uuid(thing._meta.label_lower, {"id": thing.pk})
        return redirect(f"{log}?{urlencode({'uuid': str(uuid)})}")


def context_of(request: HttpRequest) -> Context:
    return caller(request, Channel.ADMIN)
