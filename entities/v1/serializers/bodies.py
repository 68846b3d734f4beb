"""What calls take in their bodies."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.fields import (
    AnyField,
    Body,
    FlagField,
    NormalTextField,
    TextField,
    WrittenInstantField,
)
from core.api.shapes import ChangeBody, CreateBody
from core.registers.attributes.values import VALUE_LENGTH, DataType
from entities.abstract import (
    CODE_LENGTH,
    NAME_LENGTH,
    SOURCE_LENGTH,
)
from entities.ingest import END, UPSERT
from entities.v1.serializers.answers import VALUES


class CodeField(NormalTextField):
    """A code: capital letters, digits and underscores."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=CODE_LENGTH, **kwargs)


class UuidField(serializers.UUIDField):
    """A UUID as text, and in no other notation."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid", value=data)
        return super().to_internal_value(data.strip())


@extend_schema_field(VALUES)
class GivenDetailsField(serializers.DictField):
    """Values by code. What fits a code is decided by its type."""

    child = AnyField(allow_null=True)

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and any("\0" in code for code in data):
            raise serializers.ValidationError("A code has no null characters.", code="invalid")
        return super().to_internal_value(data)


def display_name(**kwargs: Any) -> NormalTextField:
    return NormalTextField(max_length=NAME_LENGTH, **kwargs)


# Entities


class EntityCreate(CreateBody):
    """A new entity. Named by `uuid`, or by `source` and `source_id`, it can be sent again."""

    entity_type = CodeField(help_text="The code of an entity type.")
    display_name = display_name()
    uuid = UuidField(required=False, allow_null=True)
    source = NormalTextField(  # type: ignore[assignment]
        required=False, allow_null=True, max_length=SOURCE_LENGTH, help_text="With `source_id`."
    )
    source_id = NormalTextField(
        required=False, allow_null=True, max_length=SOURCE_LENGTH, help_text="With `source`."
    )
    details = GivenDetailsField(required=False, allow_null=True)


class EntityChange(ChangeBody):
    """What changes; all else stays as it is at every instant of the period."""

    entity_type = CodeField(required=False)
    display_name = display_name(required=False)
    details = GivenDetailsField(required=False, help_text="A null ends a detail.")


class EntityItem(ChangeBody):
    """One item of many: as a line of a JSONL file, and read as one."""

    op = serializers.ChoiceField(
        [UPSERT, END], required=False, help_text="Default: `upsert`; `end` takes no content."
    )
    uuid = UuidField(required=False, allow_null=True)
    source = NormalTextField(  # type: ignore[assignment]
        required=False, allow_null=True, max_length=SOURCE_LENGTH, help_text="With `source_id`."
    )
    source_id = NormalTextField(
        required=False, allow_null=True, max_length=SOURCE_LENGTH, help_text="With `source`."
    )
    entity_type = CodeField(required=False, help_text="Needed by an entity that is new.")
    display_name = display_name(required=False, help_text="Needed by an entity that is new.")
    details = GivenDetailsField(required=False, help_text="A null ends a detail.")


# Types


def type_start() -> WrittenInstantField:
    return WrittenInstantField(
        required=False,
        allow_null=True,
        help_text="First instant; a bare date begins with the day (UTC). Default: the beginning of "
        "time for a code that is new, now for one that exists and for who may not backdate.",
    )


class TypeFields(Body):
    """Tracked fields that both kinds of types have."""

    name = NormalTextField(max_length=NAME_LENGTH)
    description = TextField(required=False, allow_blank=True, max_length=VALUE_LENGTH)


class EntityTypeCreate(TypeFields, CreateBody):
    """A new type of entities."""

    code = CodeField()
    valid_from = type_start()
    is_pii_name = FlagField(required=False, help_text="Default: false.")


class DetailTypeCreate(TypeFields, CreateBody):
    """A new type of details."""

    code = CodeField()
    valid_from = type_start()
    data_type = serializers.ChoiceField(DataType.choices)
    pattern = TextField(required=False, allow_null=True, max_length=NAME_LENGTH)
    is_pii = FlagField(required=False, help_text="Default: false.")


class TypeChangeFields(TypeFields):
    """As TypeFields, none of them needed."""

    name = NormalTextField(max_length=NAME_LENGTH, required=False)


class EntityTypeChange(TypeChangeFields, ChangeBody):
    """What changes of an entity type."""

    is_pii_name = FlagField(required=False)


class DetailTypeChange(TypeChangeFields, ChangeBody):
    """What changes of a detail type. Its data type stays once a value exists."""

    data_type = serializers.ChoiceField(DataType.choices, required=False)
    pattern = TextField(required=False, allow_null=True, max_length=NAME_LENGTH)
    is_pii = FlagField(required=False)
