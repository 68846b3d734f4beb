"""The form behind a page of the admin that writes through a service."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
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

    Only what was changed on the page counts, compared with what the page showed: who changed
    another field meanwhile is not undone.
    """

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
        widget=UnfoldAdminTextareaWidget({"rows": 2}),
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
            field.show_hidden_initial = not adding
            self.fields[name] = field
        for name in ("future", "everything") if adding else ():
            del self.fields[name]
        for name in PERIOD if read_only else ():
            self.fields.pop(name, None)
        for field in self.fields.values():
            field.disabled = read_only

    def said(self) -> dict[str, Any]:
        """The fields that the person said something about, cleaned."""
        named = self.payload if self.cleaned_data.get("everything", True) else self.changed_data
        return {name: self.cleaned_data[name] for name in self.payload if name in named}

    def period(self) -> dict[str, Any]:
        """The period, as a service takes it."""
        given = {name: self.cleaned_data[name] for name in ("valid_from", "valid_to")}
        if "future" in self.fields:
            given["future"] = Future(self.cleaned_data["future"])
        return given

    def refuse(self, error: Scd2Error) -> None:
        """Show what a service refused beside the fields it is about, else above the form."""
        for one in getattr(error, "errors", (error,)):
            field = getattr(one, "field", None)
            self.add_error(field if field in self.fields else None, one.message)
