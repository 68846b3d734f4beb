"""The register in the admin: entities with their details, and the types of both."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.db.models import Case, F, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from unfold.contrib.filters.admin import DropdownFilter
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from core.admin.forms import ThingForm
from core.admin.timeline import MASKED, Timeline, timeline, value_of
from core.admin.versioned import ThingList, VersionedAdmin
from core.collation import search_key
from core.collation.expressions import by_octets
from core.db import clock
from core.models.scd2.history import Item
from core.models.scd2.model import VersionedModel
from core.names import normalized
from core.personal import may_view
from core.registers.attributes import values
from core.registers.attributes.values import DataType, json_of
from core.registers.read.fragments import data_types
from entities import services
from entities.abstract import SOURCE_LENGTH
from entities.catalog import Catalog, KnownType
from entities.models import DetailType, Entity, EntityAnchor, EntityDetail, EntityType
from entities.personal import APP, NOTHING, Hidden, log_shown, marked_now
from entities.register import ENTITIES
from entities.selectors import entity_snapshot, masked_details, masked_instants

DETAIL = "details."
MAY_BE_EMPTY = {
    "description": UnfoldAdminTextareaWidget({"rows": 3}),
    "pattern": UnfoldAdminTextInputWidget(),
}
"""Columns of types that may be left empty, with their widgets."""


class EntityTypeFilter(DropdownFilter):  # type: ignore[misc]
    """Entities of one type."""

    title = "type"
    parameter_name = "entity_type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(code, code) for code in sorted(Catalog.read(codes=()).entity_types)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(entity_type=self.value()) if self.value() else queryset


@admin.register(Entity)
class EntityAdmin(VersionedAdmin):
    """An entity and its details are one page, one form and one call."""

    create: ClassVar = staticmethod(services.entity_create)
    update: ClassVar = staticmethod(services.entity_update)

    icon = "corporate_fare"
    list_display = ("name", "entity_type", "valid_from", "valid_to", "uuid")
    list_filter = (EntityTypeFilter,)
    search_fields = ("display_name",)
    search_help_text = "A part of the name, a uuid, or the name that a feed gave it"

    @admin.display(description="display name", ordering="name_key", empty_value=MASKED)
    def name(self, entity: Entity) -> Any:
        return getattr(entity, "shown_name", None)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With the name as the user sees it; the list is ordered by it, as that of the API is."""
        names = hidden_in(request).names
        shown, key = (unless_hidden(column, names) for column in ("display_name", "sort_key"))
        rows: QuerySet[Any] = super().get_queryset(request).annotate(shown_name=shown)
        keyed: QuerySet[Any] = rows.alias(name_key=key, name_octets=by_octets(shown))
        return keyed

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        return ("name_key", "name_octets", "uuid")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ThingList]:
        return EntityList

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> VersionedModel | None:
        thing = super().get_object(request, object_id, from_field)
        if isinstance(thing, Entity) and thing.entity_type in hidden_in(request).names:
            thing.display_name = MASKED
        return thing

    def how(self, request: HttpRequest) -> dict[str, Any]:
        return {"hidden": hidden_in(request)}

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = normalized(search_term)
        if not term:
            return queryset, False
        try:
            return queryset.filter(uuid=UUID(term)), False
        except ValueError:
            named = EntityAnchor.objects.filter(source_id=term).values_list("uuid", flat=True)
            key = search_key(term)
            found = queryset.filter(search_key__contains=key) if key else queryset.none()
            found = found.exclude(entity_type__in=hidden_in(request).names)
            return found | queryset.filter(uuid__in=list(named)), False

    def thing_fields(
        self, request: HttpRequest, thing: VersionedModel | None
    ) -> dict[str, forms.Field]:
        hidden = hidden_in(request)
        fields: dict[str, forms.Field] = {}
        if not (isinstance(thing, Entity) and thing.entity_type in hidden.names):
            fields["entity_type"] = type_field(thing, hidden)
            fields["display_name"] = self.column_field(request, "display_name")
        if thing is None:
            fields["source"] = name_field("Source", "The feed that names it, if one does.")
            fields["source_id"] = name_field("Source id", "Its name in that feed.")
        known = Catalog.read(types=()).detail_types
        seen = sorted(known.keys() - hidden.details)
        return fields | {DETAIL + code: detail_field(code, known[code]) for code in seen}

    def initial(self, request: HttpRequest, thing: VersionedModel) -> dict[str, Any]:
        assert isinstance(thing, Entity)
        snapshot = partial(entity_snapshot, thing.uuid, hidden=hidden_in(request))
        now = snapshot() or snapshot(as_of=thing.valid_from)
        types = data_types(ENTITIES)
        return super().initial(request, thing) | {
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

    def timelines(
        self, request: HttpRequest, thing: VersionedModel, *, superseded: bool
    ) -> list[Timeline]:
        types, key, now, hidden = data_types(ENTITIES), self.key(thing), clock(), hidden_in(request)

        def show(item: Item, name: str) -> Any:
            value = value_of(item, name)
            if name == "display_name" and item.version["entity_type"] in hidden.names:
                return MASKED
            return json_of(types.get(item.key[1]), value) if name == "value" else value

        log_timelines_seen(request.user, key, superseded=superseded)
        table = partial(
            timeline,
            root=key,
            now=now,
            superseded=superseded,
            show=show,
            masked_at=masked_instants(key, hidden),
        )
        return [
            table(Entity.shape),
            table(EntityDetail.shape, left_out=hidden.details),
        ]


def unless_hidden(column: str, names: Collection[str]) -> Any:
    """A column of an entity; null where names of its type are hidden."""
    if not names:
        return F(column)
    return Case(When(entity_type__in=names, then=Value(None)), default=F(column))


class EntityList(ThingList):
    """What it shows of people leaves a trace."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        shown = [(entity.uuid, (entity.entity_type,), ()) for entity in self.result_list]
        log_shown(request.user, shown)


def hidden_in(request: Any) -> Hidden:
    """What is hidden from the user of a request: asked once."""
    if not hasattr(request, "hidden_data"):
        request.hidden_data = NOTHING if may_view(request.user, APP) else marked_now()
    hidden: Hidden = request.hidden_data
    return hidden


def log_timelines_seen(user: Any, uuid: Any, *, superseded: bool) -> None:
    """Leave an event where the page of an entity shows what is marked."""
    types = Entity.objects.filter(uuid=uuid).values_list("entity_type", flat=True).distinct()
    codes = masked_details(uuid, superseded=superseded, hidden=marked_now())
    log_shown(user, [(uuid, set(types), codes)])


class TypeAdmin(VersionedAdmin):
    """What the types of entities and of details have in common."""

    ordering = ("code",)
    search_fields = ("code", "name", "description")

    def how(self, request: HttpRequest) -> dict[str, Any]:
        return {"may_unmark": may_view(request.user, APP)}

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

    def written(
        self, request: HttpRequest, thing: VersionedModel | None, written: Any
    ) -> HttpResponse:
        """With how many held values do not match the pattern that was set."""
        if count := written.mismatches:
            self.message_user(
                request,
                f"{count:,} held values do not match the pattern; they stay as they are.",
                messages.WARNING,
            )
        return super().written(request, thing, written)


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


def detail_field(code: str, known: KnownType) -> forms.Field:
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


def type_field(thing: VersionedModel | None, hidden: Hidden) -> forms.Field:
    """The types that are not hidden, and that which the entity has."""
    own = {thing.entity_type} if isinstance(thing, Entity) else set()
    codes = set(Catalog.read(codes=()).entity_types) - hidden.names | own
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
