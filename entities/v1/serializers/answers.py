"""What answers look like: one description for the output and for the schema."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.shapes import (
    BulkShape,
    LinkField,
    OutcomeShape,
    PeriodShape,
    VersionShape,
    WrittenShape,
    page_of,
)
from core.registers.attributes.values import DataType

VALUES = {
    "type": "object",
    "additionalProperties": {},
    "description": "The details by code, each value as JSON of its type (a decimal is a string; "
    "a number is taken as well).",
    "example": {"EMAIL": "ada@example.org", "EMPLOYEES": 12},
}


@extend_schema_field(VALUES)
class DetailsField(serializers.JSONField):
    """Values of details by code."""


# Entities


class EntityFields(serializers.Serializer[Any]):
    """What is tracked of an entity."""

    entity_type = serializers.CharField()
    display_name = serializers.CharField(
        allow_null=True, help_text="Null where it is personal data that you may not see."
    )


class EntityIdentity(serializers.Serializer[Any]):
    """What an entity is for ever."""

    uuid = serializers.UUIDField()
    source = serializers.CharField(  # type: ignore[assignment]
        allow_null=True, help_text="The feed that named it."
    )
    source_id = serializers.CharField(allow_null=True, help_text="Its name in that feed.")


class SlimEntityShape(EntityIdentity, EntityFields, PeriodShape):
    """An entity at one instant of both clocks, without its details."""


def masked_field(help_text: str, **kwargs: Any) -> serializers.ListField:
    return serializers.ListField(child=serializers.CharField(), help_text=help_text, **kwargs)


MASKED = "Codes of the details that are personal data and that you may not see."


class EntityShape(SlimEntityShape):
    """An entity at one instant of both clocks."""

    details = DetailsField()
    masked = masked_field(MASKED)


class ListedEntityShape(SlimEntityShape):
    """An entity in a list, with its details if they were asked for."""

    details = DetailsField(required=False)
    masked = masked_field(MASKED, required=False)


class WrittenEntityShape(EntityShape, WrittenShape):
    """The entity after a write, and what the write did."""


class EntityVersionShape(EntityFields, VersionShape):
    """A version of an entity."""


class DetailFields(serializers.Serializer[Any]):
    """What is tracked of a detail."""

    value = serializers.JSONField()


class DetailVersionShape(DetailFields, VersionShape):
    """A version of a detail."""


class EntityHistoryShape(serializers.Serializer[Any]):
    """Versions of an entity and of its details, newest first, a page of them."""

    uuid = serializers.UUIDField()
    entity = EntityVersionShape(many=True)
    details = serializers.DictField(
        child=DetailVersionShape(many=True), help_text="Versions by detail code."
    )
    masked = masked_field(MASKED)
    known_at = serializers.DateTimeField(help_text="What was believed then is shown.")
    next = LinkField(allow_null=True, help_text="The page after this one.")


class EntityItemResultShape(serializers.Serializer[Any]):
    """What became of one item. Items about one entity share what was done to it."""

    uuid = serializers.UUIDField()
    outcome = OutcomeShape(help_text="Of the entity and its details.")


class EntityBulkShape(BulkShape):
    """What became of many items, in their order."""

    results = EntityItemResultShape(many=True)


EntityPage = page_of(ListedEntityShape(many=True), "EntityPage")
DetailedEntityPage = page_of(EntityShape(many=True), "DetailedEntityPage")


# Differences


class TransitionShape(serializers.Serializer[Any]):
    """A step from one value to another. Null is no value."""

    at = serializers.DateTimeField(help_text="The instant of valid time.")
    before = serializers.JSONField(allow_null=True)
    after = serializers.JSONField(allow_null=True)
    correction = serializers.BooleanField(
        help_text="Whether something else was believed about `at` at some time since. If not, it "
        "is a new fact: told in time, or the first that was told."
    )


class FieldDifferenceShape(serializers.Serializer[Any]):
    """What became of a field: net, and step by step. Null is no value."""

    before = serializers.JSONField(
        allow_null=True, help_text="The value just before `from`, as known at `known_from`."
    )
    after = serializers.JSONField(
        allow_null=True, help_text="The value at the end of `to`, as known at `known_to`."
    )
    transitions = TransitionShape(many=True, help_text="Every step, as known at `known_to`.")


class EntityDifferenceShape(serializers.Serializer[Any]):
    """What became of an entity between two instants."""

    uuid = serializers.UUIDField()
    source = serializers.CharField(  # type: ignore[assignment]
        allow_null=True, help_text="The feed that named it."
    )
    source_id = serializers.CharField(allow_null=True, help_text="Its name in that feed.")
    entity_type = serializers.CharField()
    display_name = serializers.CharField(allow_null=True)
    change = serializers.ChoiceField(["created", "updated", "ended"])
    fields = serializers.DictField(  # type: ignore[assignment]
        child=FieldDifferenceShape(), help_text="By field; a detail is `details.CODE`."
    )


class DiffShape(serializers.Serializer[Any]):
    """A page of what changed between two instants."""

    to = serializers.DateTimeField()
    known_from = serializers.DateTimeField()
    known_to = serializers.DateTimeField()
    results = EntityDifferenceShape(many=True)
    masked = masked_field("Codes of the details that are left out: you may not see them.")
    next = LinkField(allow_null=True)
    previous = LinkField(allow_null=True)

    def get_fields(self) -> dict[str, Any]:
        """``from`` is a word of Python."""
        return {"from": serializers.DateTimeField(), **super().get_fields()}


# Types


class TypeIdentity(serializers.Serializer[Any]):
    """What a type is for ever."""

    code = serializers.CharField()


class TypeFields(serializers.Serializer[Any]):
    """What is tracked of types of both kinds."""

    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)


class EntityTypeFields(TypeFields):
    """What is tracked of a type of entities."""

    is_pii_name = serializers.BooleanField(help_text="The names of such entities are personal.")


class DetailTypeFields(TypeFields):
    """What is tracked of a type of details."""

    data_type = serializers.ChoiceField(DataType.choices)
    pattern = serializers.CharField(allow_null=True, help_text="What a value must match whole.")
    is_pii = serializers.BooleanField(help_text="The values are personal.")


class EntityTypeShape(TypeIdentity, EntityTypeFields, PeriodShape):
    """A type of entities at one instant of both clocks."""


class DetailTypeShape(TypeIdentity, DetailTypeFields, PeriodShape):
    """A type of details at one instant of both clocks."""


class WrittenEntityTypeShape(EntityTypeShape, WrittenShape):
    """The type after a write, and what the write did."""


class WrittenDetailTypeShape(DetailTypeShape, WrittenShape):
    """The type after a write, and what the write did."""

    values_not_matching = serializers.IntegerField(
        allow_null=True,
        min_value=0,
        help_text="Held values that do not match the pattern that was set; they stay as they are. "
        "Null where none was set.",
    )


class EntityTypeVersionShape(EntityTypeFields, VersionShape):
    """A version of a type of entities."""


class DetailTypeVersionShape(DetailTypeFields, VersionShape):
    """A version of a type of details."""


class TypeHistoryShape(serializers.Serializer[Any]):
    """Versions of a type, newest first, a page of them."""

    code = serializers.CharField()
    known_at = serializers.DateTimeField(help_text="What was believed then is shown.")
    next = LinkField(allow_null=True, help_text="The page after this one.")


class EntityTypeHistoryShape(TypeHistoryShape):
    """Versions of a type of entities."""

    versions = EntityTypeVersionShape(many=True)


class DetailTypeHistoryShape(TypeHistoryShape):
    """Versions of a type of details."""

    versions = DetailTypeVersionShape(many=True)


EntityTypePage = page_of(EntityTypeShape(many=True), "EntityTypePage")
DetailTypePage = page_of(DetailTypeShape(many=True), "DetailTypePage")
