"""Pages of the admin for versioned things: a list of what holds now, the timeline of each, and
a form that goes through the service, never through ``save()``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Protocol
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.contrib.admin import helpers
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from unfold.admin import ModelAdmin
from unfold.forms import AdminForm
from unfold.views import ChangeList

from core.admin.forms import PERIOD, ThingForm
from core.admin.timeline import Timeline, timeline
from core.contexts import caller
from core.db import clock
from core.models import AuditEntry
from core.models.scd2 import Channel, Outcome
from core.models.scd2.exceptions import Scd2Error
from core.models.scd2.model import VersionedModel

AUDIT = AuditEntry._meta


class Written(Protocol):
    """What a service answers."""

    @property
    def outcome(self) -> Outcome: ...


class ThingList(ChangeList):  # type: ignore[misc]
    """A row leads to the thing, by its natural key, not to the version that holds now."""

    def url_for_result(self, result: VersionedModel) -> str:
        return self.model_admin.url("change", result)  # type: ignore[no-any-return]


class VersionedAdmin(ModelAdmin):  # type: ignore[misc]
    """What an app's admin inherits for a thing with a natural key of one column.

    A subclass gives the services: ``create(*, <fields>, valid_from, valid_to, context)`` and
    ``update(*, <key>, changes, valid_from, valid_to, future, context)``, as static methods. Both
    are also given what ``how`` says of the user. What they refuse is shown in the form. Nothing
    is deleted here.
    """

    create: ClassVar[Callable[..., Any]]
    update: ClassVar[Callable[..., Any]]

    actions = None
    show_full_result_count = False
    list_per_page = 50
    change_form_outer_after_template = "core/admin/timelines.html"

    # What holds now, one row a thing

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = self.model.objects.as_of(clock())
        return rows.order_by(*self.get_ordering(request)) if self.ordering else rows

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ThingList]:
        return ThingList

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> VersionedModel | None:
        """The version that holds now, else the last one there is; None for no such thing."""
        field = self.model._meta.get_field(self.root)
        try:
            key = field.to_python(unquote(object_id))
        except ValidationError:
            return None
        rows = self.model.objects.live().filter(**{self.root: key})
        now: VersionedModel | None = rows.as_of(clock()).first()
        last: VersionedModel | None = rows.order_by("-valid_from").first()
        return now or last

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @property
    def root(self) -> str:
        return str(self.model.shape.root)

    def key(self, thing: VersionedModel) -> Any:
        return getattr(thing, self.root)

    def url(self, page: str, thing: Any = None) -> str:
        """The address of a page of the admin, about a thing if there is one."""
        name = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_{page}"
        return reverse(name, args=[] if thing is None else [quote(self.key(thing))])

    # The page of one thing

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Without a transaction around it: the service has its own, and retries it."""
        thing = None if object_id is None else self.get_object(request, object_id)
        if object_id is not None and thing is None:
            return self.unknown(request, object_id)
        may_write = self.may(request, thing)
        form = self.thing_form(request, thing, read_only=not may_write)
        if request.method == "POST":
            if not may_write:
                raise PermissionDenied
            written = self.write(request, form, thing) if form.is_valid() else None
            if written is not None:
                return self.written(request, thing, written)
        return self.page(request, thing, form)

    def unknown(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Whoever may not look is not told either that it is missing. Raises PermissionDenied."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        message = f"There is no {self.opts.verbose_name} {unquote(object_id)}."
        self.message_user(request, message, messages.WARNING)
        return HttpResponseRedirect(self.url("changelist"))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The audit log of the thing. Raises PermissionDenied."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        return HttpResponseRedirect(self.log_url(object_id))

    def may(self, request: HttpRequest, thing: VersionedModel | None) -> bool:
        """Whether the user may write here. Raises PermissionDenied if not even look."""
        if thing is None:
            if not self.has_add_permission(request):
                raise PermissionDenied
            return True
        if not self.has_view_or_change_permission(request, thing):
            raise PermissionDenied
        return bool(self.has_change_permission(request, thing))

    def write(
        self, request: HttpRequest, form: ThingForm, thing: VersionedModel | None
    ) -> Written | None:
        """Call the service. None if it refuses, with its reasons in the form."""
        context = caller(request, Channel.ADMIN, reason=form.cleaned_data["reason"])
        how = {**form.period(), **self.how(request)}
        try:
            if thing is None:
                return self.create(**self.said(form), **how, context=context)  # type: ignore[no-any-return]
            named = {self.root: self.key(thing), "changes": self.said(form)}
            return self.update(**named, **how, context=context)  # type: ignore[no-any-return]
        except Scd2Error as error:
            form.refuse(error)
            return None

    def how(self, request: HttpRequest) -> dict[str, Any]:
        """What the services are told about the user besides who they are."""
        return {}

    def written(
        self, request: HttpRequest, thing: VersionedModel | None, written: Written
    ) -> HttpResponse:
        """Say what was done, and go where the person wanted to go."""
        self.message_user(request, sentence(written.outcome), messages.SUCCESS)
        if "_addanother" in request.POST:
            return HttpResponseRedirect(self.url("add"))
        if "_continue" in request.POST:
            return HttpResponseRedirect(self.url("change", thing or written))
        return HttpResponseRedirect(self.url("changelist"))

    # The form

    def thing_form(
        self, request: HttpRequest, thing: VersionedModel | None, *, read_only: bool
    ) -> ThingForm:
        return ThingForm(
            request.POST if request.method == "POST" else None,
            initial=self.initial(request, thing) if thing else None,
            fields=self.thing_fields(request, thing),
            adding=thing is None,
            read_only=read_only,
        )

    def thing_fields(
        self, request: HttpRequest, thing: VersionedModel | None
    ) -> dict[str, forms.Field]:
        """The fields of a thing by name: its tracked columns, of a new one its key before."""
        shape = self.model.shape
        names = shape.tracked if thing else (*shape.key, *shape.tracked)
        return {name: self.column_field(request, name) for name in names}

    def column_field(self, request: HttpRequest, name: str) -> forms.Field:
        column = self.model._meta.get_field(name)
        field: forms.Field = self.formfield_for_dbfield(column, request)
        return field

    def initial(self, request: HttpRequest, thing: VersionedModel) -> dict[str, Any]:
        """What the form shows of a thing."""
        return {name: getattr(thing, name) for name in self.model.shape.tracked}

    def said(self, form: ThingForm) -> dict[str, Any]:
        """What the service is told: nothing at all for an empty field that may be null."""
        return {name: self.null_if_empty(name, value) for name, value in form.said().items()}

    def null_if_empty(self, name: str, value: Any) -> Any:
        nullable = name in self.model.shape.types and self.model._meta.get_field(name).null
        return None if value == "" and nullable else value

    def form_sections(self, form: ThingForm) -> list[tuple[str | None, dict[str, Any]]]:
        """The parts of the form, as Django's fieldsets."""
        period = [name for name in PERIOD if name in form.fields]
        sections: list[tuple[str | None, dict[str, Any]]] = [(None, {"fields": form.payload})]
        return (
            [*sections, ("Over which period, and why", {"fields": period})] if period else sections
        )

    # What is shown

    def timelines(
        self, request: HttpRequest, thing: VersionedModel, *, superseded: bool
    ) -> list[Timeline]:
        """The tables below the form."""
        return [timeline(self.model.shape, self.key(thing), clock(), superseded=superseded)]

    def page(
        self, request: HttpRequest, thing: VersionedModel | None, form: ThingForm
    ) -> HttpResponse:
        sections = self.form_sections(form)
        shown = AdminForm(form, sections, {}, (), model_admin=self)
        context = {
            **self.admin_site.each_context(request),
            **self.about(request, thing),
            "adminform": shown,
            "errors": helpers.AdminErrorList(form, []),  # type: ignore[arg-type]
            "media": self.media + shown.media,
            "inline_admin_formsets": [],
            "is_popup": False,
            "to_field": None,
            "preserved_filters": self.get_preserved_filters(request),
        }
        adding = thing is None
        answer: HttpResponse = self.render_change_form(
            request, context, add=adding, change=not adding, obj=thing
        )
        return answer

    def about(self, request: HttpRequest, thing: VersionedModel | None) -> Mapping[str, Any]:
        """The title and, of a thing that there is, its timelines."""
        if thing is None:
            return {"title": f"New {self.opts.verbose_name}", "original": None}
        superseded = request.GET.get("superseded") == "1"
        log = AUDIT.app_label + ".view_" + str(AUDIT.model_name)
        return {
            "title": str(thing),
            "subtitle": None,
            "original": thing,
            "object_id": str(self.key(thing)),
            "show_history": False,
            "timelines": self.timelines(request, thing, superseded=superseded),
            "superseded": superseded,
            "log_url": self.log_url(self.key(thing)) if request.user.has_perm(log) else None,
        }

    def log_url(self, key: Any) -> str:
        page = f"{self.admin_site.name}:{AUDIT.app_label}_{AUDIT.model_name}_changelist"
        return f"{reverse(page)}?{urlencode({'q': str(key)})}"


def sentence(outcome: Outcome) -> str:
    """What a write did, for people."""
    held_back = " It does not hold now, because a later change stands." * bool(outcome.overtaken)
    if not outcome.wrote:
        return f"It is so already: nothing was written.{held_back}"
    counts = [(outcome.opened, "opened"), (outcome.closed, "closed")]
    counts.append((outcome.superseded, "superseded"))
    words = ", ".join(f"{word} {count}" for count, word in counts if count)
    return f"Versions {words}.{held_back}"
