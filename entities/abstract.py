"""The abstract models of a register: things, their details, and the types of both.

An app inherits them under names of its own, whether or not ``entities`` is installed:

    class Desk(AbstractEntity):
        versioning: ClassVar = AbstractEntity.versioned_by(
            anchor=DeskAnchor, types=DeskTypeAnchor, service="desks.services.desk_update"
        )
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from core import names, personal
from core.collation.expressions import SearchKey, SortKey, by_octets
from core.models.scd2.constraints import INSTANTS, LIVE
from core.models.scd2.model import AnchorModel, VersionedModel
from core.models.scd2.texts import IsIdentifier, IsName, NormalDigest
from core.models.scd2.versioning import Versioning
from core.registers.attributes.values import VALUE_LENGTH, DataType

CODE_LENGTH = 50
NAME_LENGTH = 500
SOURCE_LENGTH = 200
BEGINNING = datetime(1, 1, 1, tzinfo=UTC)
"""Since when a type is valid if nobody says otherwise."""

CODE_PATTERN = r"^[A-Z][A-Z0-9_]*$"

is_code = RegexValidator(
    CODE_PATTERN.replace("$", r"\Z"), "A code is made of A to Z, 0 to 9 and _, a letter first."
)


def validate_name(text: str) -> None:
    """Raises ValidationError for what is no name."""
    validated(names.display_name, text)


def validate_identifier(text: str) -> None:
    """Raises ValidationError for what is no identifier."""
    validated(names.identifier, text)


def validated(form: Callable[[str], str], text: str) -> None:
    try:
        form(text)
    except ValueError as error:
        raise ValidationError(str(error)) from error


# Types


class AbstractTypeAnchor(AnchorModel):
    """A code, once given, for ever."""

    code = models.CharField(max_length=CODE_LENGTH, primary_key=True, validators=[is_code])

    class Meta(AnchorModel.Meta):
        abstract = True
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *AnchorModel.Meta.constraints,
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_code", condition=Q(code__regex=CODE_PATTERN)
            ),
        ]

    def __str__(self) -> str:
        return self.code


class AbstractEntityTypeAnchor(AbstractTypeAnchor):
    """What an entity may name as its type."""

    class Meta(AbstractTypeAnchor.Meta):
        abstract = True


class AbstractDetailTypeAnchor(AbstractTypeAnchor):
    """What a detail may be a detail of."""

    class Meta(AbstractTypeAnchor.Meta):
        abstract = True


class AbstractType(VersionedModel):
    """What kinds of things, or of details, there are."""

    code = models.CharField(max_length=CODE_LENGTH, validators=[is_code])
    name = models.CharField(max_length=NAME_LENGTH, validators=[validate_name])
    description = models.TextField()

    class Meta(VersionedModel.Meta):
        abstract = True
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_name",
                condition=Q(IsName("name")),
            ),
        ]

    def __str__(self) -> str:
        return self.code


class AbstractEntityType(AbstractType):
    """``is_pii_name``: the names of such things are personal data."""

    is_pii_name = models.BooleanField("name is personal data")

    class Meta(AbstractType.Meta):
        abstract = True

    @classmethod
    def versioned_by(cls, *, anchor: type[AnchorModel], service: str) -> Versioning:
        tracked = ("name", "description", "is_pii_name")
        return Versioning(key=("code",), tracked=tracked, anchor=anchor, service=service)


class AbstractDetailType(AbstractType):
    """``pattern``: what the canonical text of a value must match as a whole; null is anything."""

    data_type = models.CharField(max_length=20, choices=DataType.choices)
    pattern = models.TextField(null=True)
    is_pii = models.BooleanField("personal data")

    class Meta(AbstractType.Meta):
        abstract = True
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *AbstractType.Meta.constraints,
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_data_type",
                condition=Q(data_type__in=DataType.values),
            ),
        ]

    @classmethod
    def versioned_by(cls, *, anchor: type[AnchorModel], service: str) -> Versioning:
        tracked = ("name", "description", "data_type", "pattern", "is_pii")
        return Versioning(key=("code",), tracked=tracked, anchor=anchor, service=service)


# Things and their details


class AbstractEntityAnchor(AnchorModel):
    """A thing's identity: its uuid and, where a feed named it, the feed and its name there."""

    uuid = models.UUIDField(primary_key=True)
    source = models.CharField(max_length=SOURCE_LENGTH, null=True, validators=[validate_identifier])
    source_id = models.CharField(
        max_length=SOURCE_LENGTH, null=True, validators=[validate_identifier]
    )

    class Meta(AnchorModel.Meta):
        abstract = True
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *AnchorModel.Meta.constraints,
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_source",
                condition=Q(source__isnull=True, source_id__isnull=True)
                | Q(
                    IsIdentifier("source"),
                    IsIdentifier("source_id"),
                    source__isnull=False,
                    source_id__isnull=False,
                ),
            ),
            # Serves the filters source and source_id, too.
            models.UniqueConstraint(
                name="%(app_label)s_%(class)s_source_id", fields=("source", "source_id")
            ),
        ]

    def __str__(self) -> str:
        return str(self.uuid)


class AbstractEntity(VersionedModel):
    """One version of a thing: of which type it is and what it is called."""

    uuid = models.UUIDField()
    entity_type = models.CharField(max_length=CODE_LENGTH, validators=[is_code])
    display_name = models.CharField(max_length=NAME_LENGTH, validators=[validate_name])
    search_key = models.GeneratedField(
        expression=SearchKey("display_name"),
        output_field=models.TextField(db_collation="C"),
        db_persist=True,
        help_text="The name without case, accents and differences of form.",
    )
    sort_key = models.GeneratedField(
        expression=SortKey("display_name"),
        output_field=models.TextField(db_collation="C"),
        db_persist=True,
        help_text="What orders names alphabetically.",
    )

    class Meta(VersionedModel.Meta):
        abstract = True
        permissions = ((personal.VIEW, "Can see personal data"),)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_display_name",
                condition=Q(IsName("display_name")),
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            # Pages by name, at any instant of either clock: the periods are in the index, so
            # that versions which do not hold then are passed over without a look at the table.
            models.Index(
                "sort_key",
                by_octets("display_name"),
                "uuid",
                name="%(app_label)s_%(class)s_by_name",
                include=("id", *INSTANTS),
            ),
            # The same of one type.
            models.Index(
                "entity_type",
                "sort_key",
                by_octets("display_name"),
                "uuid",
                name="%(app_label)s_%(class)s_by_type",
                include=("id", *INSTANTS),
            ),
            # Pages by start; and a diff: what began between two instants.
            models.Index(
                name="%(app_label)s_%(class)s_by_start",
                fields=("valid_from", "uuid"),
                include=("id", *INSTANTS[1:]),
            ),
            # A diff: what ended between two instants.
            models.Index(
                name="%(app_label)s_%(class)s_by_end",
                fields=("valid_to",),
                condition=Q(valid_to__isnull=False),
            ),
            # Search for a part of a name that is believed now, in any script, without case and
            # accents. One or two characters are looked for in all names, see ADR 59.
            GinIndex(
                name="%(app_label)s_%(class)s_search",
                fields=("search_key",),
                opclasses=("gin_trgm_ops",),
                condition=LIVE,
            ),
            # The rest of a search as known at an instant: what has been superseded since.
            models.Index(
                name="%(app_label)s_%(class)s_superseded",
                fields=("system_to",),
                condition=Q(system_to__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.display_name

    @classmethod
    def versioned_by(
        cls, *, anchor: type[AnchorModel], types: type[AnchorModel], service: str
    ) -> Versioning:
        return Versioning(
            key=("uuid",),
            tracked=("entity_type", "display_name"),
            anchor=anchor,
            references={"entity_type": types},
            service=service,
        )


class AbstractEntityDetail(VersionedModel):
    """One version of one detail of a thing; ``value`` is canonical text of its data type."""

    entity_uuid = models.UUIDField()
    detail_code = models.CharField(max_length=CODE_LENGTH, validators=[is_code])
    value = models.TextField()

    class Meta(VersionedModel.Meta):
        abstract = True
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_value",
                condition=models.lookups.LessThanOrEqual(
                    models.functions.Length("value"), VALUE_LENGTH
                ),
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            # Who holds a detail, and who holds it with this value: by its digest, because a
            # value may be longer than an index takes, and in normalization form C.
            models.Index(
                "detail_code",
                NormalDigest("value", "hash_diff"),
                "entity_uuid",
                name="%(app_label)s_%(class)s_by_value",
                include=("valid_from", "valid_to"),
                condition=LIVE,
            ),
            # A diff: what began, and what ended, between two instants.
            models.Index(name="%(app_label)s_%(class)s_by_start", fields=("valid_from",)),
            models.Index(
                name="%(app_label)s_%(class)s_by_end",
                fields=("valid_to",),
                condition=Q(valid_to__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.detail_code} {self.value}"

    @classmethod
    def versioned_by(
        cls, *, entity: type[VersionedModel], types: type[AnchorModel], service: str
    ) -> Versioning:
        return Versioning(
            key=("entity_uuid", "detail_code"),
            tracked=("value",),
            contained_in=entity,
            references={"detail_code": types},
            service=service,
        )
