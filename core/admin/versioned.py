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
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from unfold.admin import ModelAdmin
from unfold.forms import AdminForm
from unfold.views import ChangeList

from core.admin.forms import MADE_FROM, PERIOD, ThingForm
from core.admin.meanwhile import Basis, ChangedMeanwhile, basis_of, require_unchanged
from core.admin.timeline import Timeline, timeline
from core.contexts import caller
from core.db import clock
from core.models import AuditEntry
from core.models.scd2 import Channel, Outcome
from core.models.scd2.exceptions import Scd2Error
from core.models.scd2.model import VersionedModel

AUDIT = AuditEntry._meta
LINE_BREAK = mark_safe("<br>")


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
    ``update(*, <key>, changes, valid_from, valid_to, future, if_match, context)``, as static
    methods. Both are also given what ``how`` says of the user. What they refuse is shown in the
    form. ``if_match`` is called under the locks, as for the API; it refuses where somebody changed
    the thing after the form was made. Nothing is deleted here.
    """

    form_class: ClassVar[type[ThingForm]] = ThingForm

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
        basis = self.basis(request, thing)
        if request.method != "POST":
            form = self.thing_form(request, thing, basis, read_only=not may_write)
            return self.page(request, thing, form)
        if not may_write:
            raise PermissionDenied
        given = Basis.read(request.POST.get(MADE_FROM, ""))
        form = self.thing_form(request, thing, given or basis, data=request.POST)
        if self.wants_another_look(request):
            return self.page(request, thing, self.as_typed(request, thing, form, given or basis))
        if thing is not None and given is None:
            form.add_error(None, "The form does not say what it was made from: open it again.")
        try:
            written = self.write(request, form, thing, given) if form.is_valid() else None
        except ChangedMeanwhile as refused:
            form = self.made_anew(request, thing, form, refused)
            written = None
        return self.written(request, thing, written) if written else self.page(request, thing, form)

    def basis(self, request: HttpRequest, thing: VersionedModel | None) -> Basis | None:
        return basis_of(request, self.model, self.key(thing)) if thing is not None else None

    def wants_another_look(self, request: HttpRequest) -> bool:
        """Whether the form is to be shown again as it was filled in, and nothing is saved."""
        return False

    def as_typed(
        self,
        request: HttpRequest,
        thing: VersionedModel | None,
        form: ThingForm,
        basis: Basis | None,
    ) -> ThingForm:
        """The form as it was filled in, not judged."""
        again = self.thing_form(request, thing, basis)
        again.initial = {**again.initial, **{name: form[name].data for name in form.fields}}
        return again

    def made_anew(
        self,
        request: HttpRequest,
        thing: VersionedModel | None,
        form: ThingForm,
        refused: ChangedMeanwhile,
    ) -> ThingForm:
        """The form made from what holds now, with what the person changed in it, and what others
        changed above it.
        """
        basis = self.basis(request, thing)
        data = request.POST.copy()
        again = self.thing_form(request, thing, basis)
        for name in again.payload:
            if name not in form.changed_data:
                data.pop(name, None)
                if (value := again[name].value()) not in (None, False):
                    data[name] = value
        data[MADE_FROM] = str(basis)
        again = self.thing_form(request, thing, basis, data=data)
        again.full_clean()
        told = ((line,) for line in (refused.message, *refused.changes))
        again.add_error(None, format_html_join(LINE_BREAK, "{}", told))
        return again

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
        self,
        request: HttpRequest,
        form: ThingForm,
        thing: VersionedModel | None,
        basis: Basis | None,
    ) -> Written | None:
        """Call the service. None if it refuses, with its reasons in the form.

        Raises ChangedMeanwhile.
        """
        context = caller(request, Channel.ADMIN, reason=form.cleaned_data["reason"])
        how = {**form.period(), **self.how(request)}
        said = self.said(form)
        if thing is not None and not said and form.refuse_nothing():
            return None

        def if_match(_now: Any) -> None:
            if thing is not None and basis is not None:
                require_unchanged(request, self.model, self.key(thing), basis)

        try:
            if thing is None:
                return self.create(**said, **how, context=context)  # type: ignore[no-any-return]
            named = {self.root: self.key(thing), "changes": said}
            return self.update(**named, **how, if_match=if_match, context=context)  # type: ignore[no-any-return]
        except ChangedMeanwhile:
            raise
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
        self,
        request: HttpRequest,
        thing: VersionedModel | None,
        basis: Basis | None,
        *,
        data: Any = None,
        read_only: bool = False,
    ) -> ThingForm:
        """The form of a thing as it was at a basis, filled in with ``data`` where there are any."""
        initial: dict[str, Any] = {}
        if thing is not None and basis is not None:
            initial = {**self.initial(request, thing, basis), MADE_FROM: str(basis)}
        return self.form_class(
            data,
            initial=initial,
            fields=self.thing_fields(request, thing, initial),
            adding=thing is None,
            read_only=read_only,
            **self.form_extras(request),
        )

    def form_extras(self, request: HttpRequest) -> dict[str, Any]:
        """What else ``form_class`` takes."""
        return {}

    def thing_fields(
        self, request: HttpRequest, thing: VersionedModel | None, initial: Mapping[str, Any]
    ) -> dict[str, forms.Field]:
        """The fields of a thing by name: its tracked columns, of a new one its key before."""
        shape = self.model.shape
        names = shape.tracked if thing else (*shape.key, *shape.tracked)
        return {name: self.column_field(request, name) for name in names}

    def column_field(self, request: HttpRequest, name: str) -> forms.Field:
        column = self.model._meta.get_field(name)
        field: forms.Field = self.formfield_for_dbfield(column, request)
        return field

    def initial(self, request: HttpRequest, thing: VersionedModel, basis: Basis) -> dict[str, Any]:
        """What the form shows of a thing."""
        shown = self.version_at(thing, basis)
        return {name: getattr(shown, name) for name in self.model.shape.tracked}

    def version_at(self, thing: VersionedModel, basis: Basis) -> VersionedModel:
        """The version that held at a basis, else the last one that was known."""
        rows = self.model.objects.filter(**{self.root: self.key(thing)})
        held: VersionedModel | None = rows.as_of(basis.as_of, basis.known_at).first()
        known = rows.believed(basis.known_at).order_by("-valid_from")
        return held or known.first() or thing

    def said(self, form: ThingForm) -> dict[str, Any]:
        """What the service is told: nothing at all for an empty field that may be null."""
        return {name: self.null_if_empty(name, value) for name, value in form.said().items()}

    def null_if_empty(self, name: str, value: Any) -> Any:
        nullable = name in self.model.shape.types and self.model._meta.get_field(name).null
        return None if value == "" and nullable else value

    def form_sections(self, form: ThingForm) -> list[tuple[str | None, dict[str, Any]]]:
        """The parts of the form, as Django's fieldsets."""
        period = [name for name in (*PERIOD, MADE_FROM) if name in form.fields]
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
