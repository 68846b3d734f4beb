"""The form of an entity in the admin: the details that it has, and rows to add others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.template.loader import render_to_string
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from core.admin.forms import LinesWidget, ThingForm
from core.models.scd2.model import VersionedModel
from core.nearest import nearest
from core.registers.attributes import values
from core.registers.attributes.values import DataType, json_of
from entities.abstract import SOURCE_LENGTH
from entities.catalog import Catalog, KnownType
from entities.models import Entity
from entities.personal import Hidden

DETAIL = "details."
SHOWN = 300
"""How many details have fields of their own; Django takes no form of more than 1,000 fields."""
ROWS, MOST_ROWS = 3, 100
"""How many rows there are to add details, and at most."""
MORE = "_more_rows"
CODES = "detail-codes"


class DetailField(forms.CharField):
    """A value as text, of its data type; empty is no such detail."""

    def __init__(self, data_type: str, **kwargs: Any) -> None:
        super().__init__(required=False, strip=False, **kwargs)
        self.data_type = data_type

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        return None if text == "" else read_value(self.data_type, text)


def read_value(data_type: str, text: str) -> Any:
    """The value that a text says, as JSON of its type. Raises ValidationError."""
    try:
        return json_of(data_type, values.from_cell(data_type, text))
    except ValueError as error:
        raise forms.ValidationError(str(error), code="invalid") from error


class EntityForm(ThingForm):
    """As any thing's, and rows of a code and a value: details to add."""

    def __init__(
        self,
        data: Any = None,
        *args: Any,
        known: Mapping[str, KnownType],
        rows: int,
        read_only: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(data, *args, read_only=read_only, **kwargs)
        self.known = known
        self.rows = [] if read_only else [(code_of(n), value_of(n)) for n in range(rows)]
        for code, value in self.rows:
            self.fields[code] = code_field()
            self.fields[value] = value_field()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        self.added: dict[str, tuple[str, Any]] = {}
        for code_name, value_name in self.rows:
            code, text = cleaned.get(code_name, ""), cleaned.get(value_name, "")
            if not code and not text:
                continue
            if sentence := self.wrong_code(code):
                self.add_error(code_name, sentence)
            elif not text:
                self.add_error(value_name, "Give the value.")
            else:
                self.add(code, text, value_name)
        return cleaned

    def wrong_code(self, code: str) -> str | None:
        """What is wrong with a code of a row; None for one that can be added."""
        if not code:
            return "Give the code of this detail."
        if code in self.added:
            return f"{code} is in another row already."
        if DETAIL + code in self.fields:
            return f"The entity has {code}: change it above."
        if code not in self.known:
            near = nearest(code, self.known)
            hint = f" Did you mean {near}?" if near else ""
            return f"There is no detail type {code}.{hint}"
        return None

    def add(self, code: str, text: str, value_name: str) -> None:
        try:
            self.added[code] = (value_name, read_value(self.known[code].data_type, text))
        except forms.ValidationError as error:
            self.add_error(value_name, error)

    def said(self) -> dict[str, Any]:
        return {
            **super().said(),
            **{DETAIL + code: value for code, (_, value) in self.added.items()},
        }

    def place_of(self, field: str | None) -> str | None:
        added = self.added.get((field or "").removeprefix(DETAIL))
        return added[0] if added else field


def code_of(row: int) -> str:
    return f"add-{row}-code"


def value_of(row: int) -> str:
    return f"add-{row}-value"


def rows_of(sent: Mapping[str, Any]) -> int:
    """How many rows a form has: those that were sent, and more if that is asked for."""
    rows = ROWS
    while code_of(rows) in sent and rows < MOST_ROWS:
        rows += 1
    return min(rows + ROWS, MOST_ROWS) if MORE in sent else rows


def code_field() -> forms.Field:
    widget = UnfoldAdminTextInputWidget({"list": CODES, "autocomplete": "off"})
    return forms.CharField(label="Code", required=False, widget=widget)


def value_field() -> forms.Field:
    return forms.CharField(
        label="Value", required=False, strip=False, widget=LinesWidget({"rows": 1})
    )


def detail_field(code: str, known: KnownType) -> forms.Field:
    """The field of a detail, as wide as its type needs."""
    widget: forms.Widget = UnfoldAdminTextInputWidget()
    if known.data_type in (DataType.JSON, DataType.TEXT):
        widget = UnfoldAdminTextareaWidget({"rows": 3 if known.data_type == DataType.JSON else 1})
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


def rows_section(form: EntityForm, held: int) -> tuple[str, dict[str, Any]]:
    """The rows to add details, as one of Django's fieldsets, with the codes to pick from."""
    shown = sum(name.startswith(DETAIL) for name in form.payload)
    context = {
        "default": "_save",
        "more": MORE,
        "list": CODES,
        "codes": [
            (code, DataType(form.known[code].data_type).label) for code in sorted(form.known)
        ],
        "held": held,
        "shown": shown,
        "unshown": held > shown,
    }
    description = render_to_string("entities/admin/add_details.html", context)
    return "Add details", {"fields": form.rows, "description": description}
