"""The form behind a page of the admin that writes through a service."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from core.datetimes import NotAnInstant, read_end, read_start
from core.models.scd2 import Future
from core.models.scd2.exceptions import Scd2Error

FUTURES = [
    (Future.KEEP.value, "Keep what is already scheduled"),
    (Future.OVERWRITE.value, "Overwrite what is already scheduled"),
    (Future.REJECT.value, "Refuse this if anything is scheduled"),
]
PERIOD = ("valid_from", "valid_to", "future", "everything", "reason")
MADE_FROM = "made_from"
LONGEST_SHOWN = 12
"""Lines of a text that are shown at once."""


def with_plain_ends(text: Any) -> Any:
    """A text whose lines end as they are stored; a browser sends other ends than it was given."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if isinstance(text, str) else text


class LinesWidget(UnfoldAdminTextareaWidget):  # type: ignore[misc]
    """A text of one or more lines, which come back as they were. Unfold's own template would lose
    an empty line at the beginning.
    """

    template_name = "core/admin/textarea.html"

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return with_plain_ends(super().value_from_datadict(data, files, name))

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        shown = context["widget"]
        lines = str(shown["value"] or "").count("\n") + 1
        shown["attrs"]["rows"] = min(max(lines, int(shown["attrs"]["rows"])), LONGEST_SHOWN)
        return context


class InstantField(forms.CharField):
    """A day, which is its first instant, or a timestamp with its time zone; in UTC."""

    def __init__(self, **kwargs: Any) -> None:
        widget = UnfoldAdminTextInputWidget({"placeholder": "2024-03-31 or 2024-03-31T09:30:00Z"})
        super().__init__(**{"required": False, "widget": widget, **kwargs})

    def clean(self, value: Any) -> datetime | None:
        text = str(super().clean(value) or "").strip()
        try:
            return self.read(text) if text else None
        except NotAnInstant as error:
            raise forms.ValidationError(str(error), code=error.code) from error

    def read(self, text: str) -> datetime | None:
        return read_start(text)


class EndField(InstantField):
    """As an InstantField; None for 9999-12-31 and later, which means that there is no end."""

    def read(self, text: str) -> datetime | None:
        return read_end(text)


class ThingForm(forms.Form):
    """The fields of a thing, then the period over which they hold, and why.

    Only what was changed on the page counts, compared with what the page showed. The form of a
    thing carries the basis that it was made from.
    """

    made_from = forms.CharField(required=False, widget=forms.HiddenInput)

    valid_from = InstantField(
        label="Valid from", help_text="First instant at which this holds (UTC). Empty is now."
    )
    valid_to = EndField(
        label="Valid to", help_text="First instant at which it no longer does. Empty is open."
    )
    future = forms.ChoiceField(
        label="Later changes",
        choices=FUTURES,
        initial=Future.KEEP.value,
        widget=UnfoldAdminSelectWidget,
        help_text="What an open end does to them.",
    )
    everything = forms.BooleanField(
        label="Say it of every field",
        required=False,
        widget=UnfoldBooleanWidget,
        help_text="Not only of those changed here: all that is shown holds over this period.",
    )
    reason = forms.CharField(
        label="Reason",
        required=False,
        max_length=1000,
        widget=LinesWidget({"rows": 2}),
        help_text="Kept with the versions and in the audit log.",
    )

    def __init__(
        self,
        *args: Any,
        fields: Mapping[str, forms.Field],
        adding: bool,
        read_only: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.payload = tuple(fields)
        for name, field in fields.items():
            self.fields[name] = keeping_lines(field)
        for name in ("future", "everything", MADE_FROM) if adding else ():
            del self.fields[name]
        for name in (*PERIOD, MADE_FROM) if read_only else ():
            self.fields.pop(name, None)
        for field in self.fields.values():
            field.disabled = read_only

    @cached_property
    def changed_data(self) -> list[str]:
        """The fields that are not as the page showed them."""
        return [
            name
            for name, field in self.fields.items()
            if field.has_changed(with_plain_ends(self[name].initial), self[name].data)
        ]

    def said(self) -> dict[str, Any]:
        """The fields that the person said something about, cleaned."""
        named = self.payload if self.cleaned_data.get("everything", True) else self.changed_data
        return {name: self.value_of(name) for name in self.payload if name in named}

    def value_of(self, name: str) -> Any:
        """What is said of a field; of one that was left alone exactly what is stored."""
        shown = self[name].initial
        if name not in self.changed_data and with_plain_ends(shown) != shown:
            return self.fields[name].clean(shown)
        return self.cleaned_data[name]

    def refuse_nothing(self) -> bool:
        """Whether a period or a reason is given of nothing; the form says so then."""
        given = [name for name in ("valid_from", "valid_to", "reason") if self.cleaned_data[name]]
        if self.cleaned_data["future"] != Future.KEEP:
            given.append("future")
        for name in given[:1]:
            self.add_error(name, "No field is changed, so this would do nothing: change a field.")
        return bool(given)

    def period(self) -> dict[str, Any]:
        """The period, as a service takes it."""
        given = {name: self.cleaned_data[name] for name in ("valid_from", "valid_to")}
        if "future" in self.fields:
            given["future"] = Future(self.cleaned_data["future"])
        return given

    def refuse(self, error: Scd2Error) -> None:
        """Show what a service refused beside the fields it is about, else above the form."""
        for one in getattr(error, "errors", (error,)):
            field = self.place_of(getattr(one, "field", None))
            self.add_error(field if field in self.fields else None, one.message)

    def place_of(self, field: str | None) -> str | None:
        """The field of the form where a service's field is written."""
        return field


def keeping_lines(field: forms.Field) -> forms.Field:
    """The field, with all lines and blanks of its text if it may have several lines."""
    if isinstance(field.widget, forms.Textarea):
        attributes = {name: text for name, text in field.widget.attrs.items() if name != "class"}
        field.widget = LinesWidget(attributes)
        if isinstance(field, forms.CharField):
            field.strip = False
    return field
