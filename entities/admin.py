"""The register in the admin: entities with their details, and the types of both."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.db.models import Case, F, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from unfold.contrib.filters.admin import DropdownFilter
from unfold.widgets import UnfoldAdminTextareaWidget

from core.admin.forms import ThingForm
from core.admin.meanwhile import Basis
from core.admin.timeline import MASKED, Timeline, timeline, value_of
from core.admin.versioned import ThingList, VersionedAdmin
from core.collation import search_key
from core.collation.expressions import by_octets
from core.db import clock
from core.models.scd2.history import Item
from core.models.scd2.model import VersionedModel
from core.names import normalized
from core.personal import may_view
from core.registers.attributes.values import json_of
from core.registers.read.fragments import data_types
from entities import services
from entities.admin_forms import (
    DETAIL,
    MORE,
    SHOWN,
    EntityForm,
    cell_of,
    detail_field,
    name_field,
    rows_of,
    rows_section,
    type_field,
)
from entities.catalog import Catalog
from entities.models import DetailType, Entity, EntityAnchor, EntityDetail, EntityType
from entities.personal import APP, NOTHING, Hidden, log_shown, marked_now
from entities.register import ENTITIES
from entities.selectors import entity_snapshot, masked_details, masked_instants

MAY_BE_EMPTY = {
    "description": UnfoldAdminTextareaWidget({"rows": 3}),
    "pattern": UnfoldAdminTextareaWidget({"rows": 1}),
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
    form_class: ClassVar = EntityForm

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

    def wants_another_look(self, request: HttpRequest) -> bool:
        return MORE in request.POST

    def form_extras(self, request: HttpRequest) -> dict[str, Any]:
        hidden = hidden_in(request).details
        types = Catalog.read(types=()).detail_types
        known = {code: kind for code, kind in types.items() if code not in hidden}
        return {"known": known, "rows": rows_of(request.POST)}

    def thing_fields(
        self, request: HttpRequest, thing: VersionedModel | None, initial: Mapping[str, Any]
    ) -> dict[str, forms.Field]:
        hidden = hidden_in(request)
        fields: dict[str, forms.Field] = {}
        if not (isinstance(thing, Entity) and thing.entity_type in hidden.names):
            fields["entity_type"] = type_field(thing, hidden)
            fields["display_name"] = self.column_field(request, "display_name")
        if thing is None:
            fields["source"] = name_field("Source", "The feed that names it, if one does.")
            fields["source_id"] = name_field("Source id", "Its name in that feed.")
        held = [name for name in sorted(initial) if name.startswith(DETAIL)][:SHOWN]
        sent = [name for name in request.POST if name.startswith(DETAIL)]
        codes = [name.removeprefix(DETAIL) for name in (*held, *sent)]
        known = Catalog.read(types=(), codes=codes).detail_types
        shown = sorted(known.keys() - hidden.details)
        return fields | {DETAIL + code: detail_field(code, known[code]) for code in shown}

    def initial(self, request: HttpRequest, thing: VersionedModel, basis: Basis) -> dict[str, Any]:
        """What the form shows: the details that it had then, or when it last was."""
        assert isinstance(thing, Entity)
        at = partial(entity_snapshot, known_at=basis.known_at, hidden=hidden_in(request))
        last = self.version_at(thing, basis).valid_from
        held = at(thing.uuid, as_of=basis.as_of) or at(thing.uuid, as_of=last)
        types = data_types(ENTITIES)
        return super().initial(request, thing, basis) | {
            DETAIL + code: cell_of(types.get(code), value)
            for code, value in (held["details"] if held else {}).items()
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
        held = [("Details", {"fields": details})] if details else []
        assert isinstance(form, EntityForm)
        number = sum(name.startswith(DETAIL) for name in form.initial)
        return [own, *held, *([rows_section(form, number)] if form.rows else []), *rest]

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
