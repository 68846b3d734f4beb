"""Filters beside the lists."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.apps import apps
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import DropdownFilter, RangeDateFilter
from unfold.utils import parse_date_str

from core.models import AuditEntry
from core.models.scd2.model import AnchorModel


class DayRangeFilter(RangeDateFilter):  # type: ignore[misc]
    """From a day to a day of UTC, both whole; what is no day is passed over."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        first = self.midnight("from")
        last = self.midnight("to")
        if first:
            queryset = queryset.filter(**{f"{self.parameter_name}__gte": first})
        if last:
            queryset = queryset.filter(**{f"{self.parameter_name}__lt": day_after(last)})
        return queryset

    def midnight(self, end: str) -> datetime | None:
        text = self.used_parameters.get(f"{self.parameter_name}_{end}") or ""
        day = parse_date_str(text)
        return datetime.combine(day, time(), UTC) if day else None


def is_logged(model: type[Model]) -> bool:
    return not issubclass(model, (AnchorModel, AuditEntry))


def day_after(midnight: datetime) -> datetime:
    """The next midnight; the last instant there is, on the last day of all."""
    try:
        return midnight + timedelta(days=1)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


class ModelLabelFilter(DropdownFilter):  # type: ignore[misc]
    """The model of an entry, of the apps that the admin shows: no search through the whole log."""

    title = "model"
    parameter_name = "model"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        shown = {model._meta.app_label for model in model_admin.admin_site._registry}
        logged = (m._meta for m in apps.get_models() if m._meta.app_label in shown and is_logged(m))
        named = ((meta.label_lower, str(meta.verbose_name).capitalize()) for meta in logged)
        return sorted(named, key=lambda pair: pair[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(model=self.value()) if self.value() else queryset
