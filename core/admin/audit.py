"""The audit log to read: who did what to which thing, before and after side by side."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.text import Truncator
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.views import ChangeList

from core.admin.filters import DayRangeFilter, ModelLabelFilter
from core.admin.timeline import exact_text
from core.models import AuditAction, AuditEntry
from core.models.audit_reader import as_seen
from core.personal import SIDES, Sight, log_entries_read, sight_of

NOTHING = "–"
NAMES = ("display_name", "username", "name")
"""Fields that name a thing better than its key does, where it has them."""
PERSONAL = ("reason", *SIDES)
"""Columns that may hold personal data."""
COLOURS = {
    AuditAction.OPENED.value: "success",
    AuditAction.ENDED.value: "danger",
    AuditAction.CORRECTED.value: "warning",
    AuditAction.CHANGED.value: "info",
}


@admin.register(AuditEntry)
class AuditEntryAdmin(ModelAdmin):  # type: ignore[misc]
    """Read-only for everybody: nothing about it can be added, changed or deleted."""

    list_display = ("at", "what", "thing", "summary", "actor", "channel", "reason")
    list_display_links = ("at",)
    list_filter = (
        ("instant", DayRangeFilter),
        ("action", ChoicesDropdownFilter),
        ("channel", ChoicesDropdownFilter),
        ModelLabelFilter,
    )
    list_filter_submit = True
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("actor", "request_id", "batch", "natural_key", *PERSONAL)
    search_help_text = "A name, a value, an actor, a reason, a request id or a thing's uuid"
    ordering = ("-instant", "-txid", "-id")
    fieldsets = (
        ("What", {"fields": ("model", "thing", "what", "period", "change")}),
        ("Who", {"fields": ("actor", "actor_id", "channel", "client_address", "reason")}),
        ("Where from", {"fields": ("at", "written_at", "request_id", "batch", "txid", "uuid")}),
    )
    readonly_fields = ("at", "written_at", "what", "thing", "summary", "period", "change")

    @admin.display(description="instant", ordering="instant")
    def at(self, entry: AuditEntry) -> str:
        return exact_text(entry.instant)

    @admin.display(description="recorded at")
    def written_at(self, entry: AuditEntry) -> str:
        return exact_text(entry.recorded_at)

    @display(description="action", ordering="action", label=COLOURS)  # type: ignore[untyped-decorator]
    def what(self, entry: AuditEntry) -> str:
        return str(entry.action)

    @admin.display(description="thing")
    def thing(self, entry: AuditEntry) -> str:
        kind = entry.model.rpartition(".")[2]
        known = {**(entry.before or {}), **(entry.after or {})}
        name = next((known[field] for field in NAMES if known.get(field)), None)
        return f"{kind} {name or ' · '.join(map(str, entry.natural_key.values()))}"

    @admin.display(description="change")
    def summary(self, entry: AuditEntry) -> str:
        changes = (sentence(entry, row) for row in rows(entry) if row["differs"])
        return Truncator("; ".join(changes) or NOTHING).chars(160)

    @admin.display(description="period")
    def period(self, entry: AuditEntry) -> str:
        end = exact_text(entry.valid_to) if entry.valid_to else "without end"
        return f"{exact_text(entry.valid_from)} to {end}"

    @admin.display(description="before and after")
    def change(self, entry: AuditEntry) -> str:
        return render_to_string("core/admin/change.html", {"rows": list(rows(entry))})

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[EntryList]:
        return EntryList

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> AuditEntry | None:
        entry: AuditEntry | None = super().get_object(request, object_id, from_field)
        for one in masked(request, [entry] if entry else []):
            return one
        return None

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """Values are searched by who may see all of them."""
        sees_all = not sight_in(request).hides_any
        return self.search_fields if sees_all else self.search_fields[: -len(PERSONAL)]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditEntry], search_term: str
    ) -> tuple[QuerySet[AuditEntry], bool]:
        """A uuid is looked up by its index; anything else is searched for."""
        try:
            return queryset.filter(uuid=UUID(search_term.strip())), False
        except ValueError:
            found: tuple[QuerySet[AuditEntry], bool] = super().get_search_results(
                request, queryset, search_term
            )
            return found

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """All entries about the same thing. Raises PermissionDenied."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        entry: Any = self.get_object(request, object_id)
        log = reverse("admin:core_auditentry_changelist")
        return redirect(f"{log}?uuid={entry.uuid}" if entry else log)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class EntryList(ChangeList):  # type: ignore[misc]
    """Entries as the user sees them."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list: list[AuditEntry] = masked(request, self.result_list)


def sight_in(request: Any) -> Sight:
    """What the user of a request sees of the log: asked once."""
    if not hasattr(request, "sight"):
        request.sight = sight_of(request.user)
    sight: Sight = request.sight
    return sight


def masked(request: HttpRequest, entries: Iterable[AuditEntry]) -> list[AuditEntry]:
    """Take from entries what is hidden from the user; what is shown of the rest is logged."""
    sight, shown = sight_in(request), list(entries)
    log_entries_read(request.user, sight, [vars(entry) for entry in shown])
    seen = as_seen(sight, map(vars, shown))
    for entry, row in zip(shown, seen, strict=True):
        entry.before, entry.after, entry.reason = row["before"], row["after"], row["reason"]
    return shown


def rows(entry: AuditEntry) -> Iterator[dict[str, Any]]:
    """Every field of the thing, as it was and as it became."""
    before, after = entry.before or {}, entry.after or {}
    for field in dict.fromkeys((*before, *after)):
        old, new = readable(before.get(field)), readable(after.get(field))
        yield {"field": field, "before": old, "after": new, "differs": old != new}


def sentence(entry: AuditEntry, row: dict[str, Any]) -> str:
    if entry.before is None or entry.after is None:
        return f"{row['field']}: {row['before'] if entry.after is None else row['after']}"
    return f"{row['field']}: {row['before']} → {row['after']}"


def readable(value: Any) -> str:
    if value in (None, "", [], {}):
        return NOTHING
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
