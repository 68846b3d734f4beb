"""The register in the admin: entities with their details, and the types of both."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import admin
from django.db.models import F, Lookup, QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import DropdownFilter
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from core.admin.forms import ThingForm
from core.admin.timeline import Timeline, timeline, value_of
from core.admin.versioned import VersionedAdmin
from core.db import clock
from core.models.scd2.history import Item
from core.models.scd2.model import VersionedModel
from entities import services, values
from entities.abstract import SOURCE_LENGTH, DataType
from entities.models import DetailType, Entity, EntityAnchor, EntityDetail, EntityType
from entities.reading import data_types, json_of
from entities.selectors import entity_snapshot, escaped
from entities.validation import KnownDetail, detail_types_now, entity_types_now

DETAIL = "details."
MAY_BE_EMPTY = {
    "description": UnfoldAdminTextareaWidget({"rows": 3}),
    "pattern": UnfoldAdminTextInputWidget(),
}
"""Columns of types that may be left empty, with their widgets."""


class ILike(Lookup):
    """ILIKE as it is, so that the index for searches serves it; Django's own folds case first."""

    lookup_name = "ilike"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        left, left_parameters = self.process_lhs(compiler, connection)
        right, right_parameters = self.process_rhs(compiler, connection)
        return f"{left}::text ILIKE {right}", (*left_parameters, *right_parameters)


class EntityTypeFilter(DropdownFilter):  # type: ignore[misc]
    """Entities of one type, of those that are valid now."""

    title = "type"
    parameter_name = "entity_type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(code, code) for code in sorted(entity_types_now())]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(entity_type=self.value()) if self.value() else queryset


@admin.register(Entity)
class EntityAdmin(VersionedAdmin):
    """An entity and its details are one page, one form and one call."""

    create: ClassVar = staticmethod(services.entity_create)
    update: ClassVar = staticmethod(services.entity_update)

    icon = "corporate_fare"
    list_display = ("display_name", "entity_type", "valid_from", "valid_to", "uuid")
    list_filter = (EntityTypeFilter,)
    ordering = ("display_name", "uuid")
    search_fields = ("display_name",)
    search_help_text = "A part of the name, a uuid, or the name that a feed gave it"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        try:
            return queryset.filter(uuid=UUID(term)), False
        except ValueError:
            named = EntityAnchor.objects.filter(source_id=term).values_list("uuid", flat=True)
            found = queryset.filter(ILike(F("display_name"), f"%{escaped(term)}%"))
            return found | queryset.filter(uuid__in=list(named)), False

    def thing_fields(
        self, request: HttpRequest, thing: VersionedModel | None
    ) -> dict[str, forms.Field]:
        fields: dict[str, forms.Field] = {
            "entity_type": type_field(thing),
            "display_name": self.column_field(request, "display_name"),
        }
        if thing is None:
            fields["source"] = name_field("Source", "The feed that names it, if one does.")
            fields["source_id"] = name_field("Source id", "Its name in that feed.")
        known = detail_types_now()
        return fields | {DETAIL + code: detail_field(code, known[code]) for code in sorted(known)}

    def initial(self, thing: VersionedModel) -> dict[str, Any]:
        assert isinstance(thing, Entity)
        now = entity_snapshot(thing.uuid) or entity_snapshot(thing.uuid, as_of=thing.valid_from)
        types = data_types()
        return super().initial(thing) | {
            DETAIL + code: cell_of(types.get(code), value)
            for code, value in (now["details"] if now else {}).items()
        }

    def said(self, form: ThingForm) -> dict[str, Any]:
        """The details by code, an empty one as null; a feed that is not named as none."""
        given = form.said()
        details = {
            name.removeprefix(DETAIL): value
            for name, value in given.items()
            if name.startswith(DETAIL)
        }
        rest = {name: value for name, value in given.items() if not name.startswith(DETAIL)}
        for name in ("source", "source_id"):
            if name in rest:
                rest[name] = rest[name] or None
        return {**rest, "details": details} if details else rest

    def form_sections(self, form: ThingForm) -> list[tuple[str | None, dict[str, Any]]]:
        own, *rest = super().form_sections(form)
        names = own[1]["fields"]
        details = [name for name in names if name.startswith(DETAIL)]
        own[1]["fields"] = [name for name in names if not name.startswith(DETAIL)]
        return [own, ("Details", {"fields": details}), *rest] if details else [own, *rest]

    def timelines(self, thing: VersionedModel, *, superseded: bool) -> list[Timeline]:
        types, key, now = data_types(), self.key(thing), clock()

        def show(item: Item, name: str) -> Any:
            value = value_of(item, name)
            return json_of(types.get(item.key[1]), value) if name == "value" else value

        return [
            timeline(Entity.shape, key, now, superseded=superseded),
            timeline(EntityDetail.shape, key, now, superseded=superseded, show=show),
        ]


class TypeAdmin(VersionedAdmin):
    """What the types of entities and of details have in common."""

    ordering = ("code",)
    search_fields = ("code", "name", "description")

    def column_field(self, request: HttpRequest, name: str) -> forms.Field:
        if name not in MAY_BE_EMPTY:
            return super().column_field(request, name)
        widget = MAY_BE_EMPTY[name]
        return forms.CharField(label=name.capitalize(), required=False, strip=False, widget=widget)


@admin.register(EntityType)
class EntityTypeAdmin(TypeAdmin):
    """Kinds of entities."""

    create: ClassVar = staticmethod(services.entity_type_create)
    update: ClassVar = staticmethod(services.entity_type_update)
    icon = "category"
    list_display = ("code", "name", "description", "is_pii_name")


@admin.register(DetailType)
class DetailTypeAdmin(TypeAdmin):
    """Kinds of details."""

    create: ClassVar = staticmethod(services.detail_type_create)
    update: ClassVar = staticmethod(services.detail_type_update)
    icon = "label"
    list_display = ("code", "name", "data_type", "pattern", "is_pii")


# Fields


class DetailField(forms.CharField):
    """A value as text, of its data type; empty is no such detail."""

    def __init__(self, data_type: str, **kwargs: Any) -> None:
        super().__init__(required=False, strip=False, **kwargs)
        self.data_type = data_type

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if text == "":
            return None
        try:
            return json_of(self.data_type, values.from_cell(self.data_type, text))
        except ValueError as error:
            raise forms.ValidationError(str(error), code="invalid") from error


def detail_field(code: str, known: KnownDetail) -> forms.Field:
    """The field of a detail, as wide as its type needs."""
    widget: forms.Widget = UnfoldAdminTextInputWidget()
    if known.data_type == DataType.JSON:
        widget = UnfoldAdminTextareaWidget({"rows": 3})
    if known.data_type == DataType.BOOLEAN:
        answers = [("", "–"), ("true", "true"), ("false", "false")]
        widget = UnfoldAdminSelectWidget(choices=answers)
    help_text = f"{DataType(known.data_type).label}; empty is none."
    if known.pattern:
        help_text = f"{help_text} Pattern: {known.pattern}"
    return DetailField(known.data_type, label=code, widget=widget, help_text=help_text)


def type_field(thing: VersionedModel | None) -> forms.Field:
    """The types that are valid now, and that which the entity has."""
    codes = entity_types_now() | ({thing.entity_type} if isinstance(thing, Entity) else set())
    choices = [("", "–"), *((code, code) for code in sorted(codes))]
    return forms.ChoiceField(label="Type", choices=choices, widget=UnfoldAdminSelectWidget)


def name_field(label: str, help_text: str) -> forms.Field:
    return forms.CharField(
        label=label,
        required=False,
        max_length=SOURCE_LENGTH,
        widget=UnfoldAdminTextInputWidget,
        help_text=help_text,
    )


def cell_of(data_type: str | None, value: Any) -> str:
    """A value as the form shows it and reads it back."""
    return values.to_text(data_type, value) if data_type else str(value)
