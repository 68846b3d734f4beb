"""The register of people and institutions."""

from typing import ClassVar

from entities.abstract import (
    AbstractDetailType,
    AbstractDetailTypeAnchor,
    AbstractEntity,
    AbstractEntityAnchor,
    AbstractEntityDetail,
    AbstractEntityType,
    AbstractEntityTypeAnchor,
)


class EntityTypeAnchor(AbstractEntityTypeAnchor):
    """A kind of entity."""


class EntityType(AbstractEntityType):
    """One version of what a kind of entity is called and means."""

    versioning: ClassVar = AbstractEntityType.versioned_by(
        anchor=EntityTypeAnchor, service="entities.services.entity_type_update"
    )


class DetailTypeAnchor(AbstractDetailTypeAnchor):
    """A kind of detail."""


class DetailType(AbstractDetailType):
    """One version of what a kind of detail is called and means, and of what its values must be."""

    versioning: ClassVar = AbstractDetailType.versioned_by(
        anchor=DetailTypeAnchor, service="entities.services.detail_type_update"
    )


class EntityAnchor(AbstractEntityAnchor):
    """A person or an institution."""


class Entity(AbstractEntity):
    """One version of a person or an institution."""

    versioning: ClassVar = AbstractEntity.versioned_by(
        anchor=EntityAnchor,
        types=EntityTypeAnchor,
        service="entities.services.entity_update",
    )

    class Meta(AbstractEntity.Meta):
        verbose_name_plural = "entities"


class EntityDetail(AbstractEntityDetail):
    """One version of a detail of an entity."""

    versioning: ClassVar = AbstractEntityDetail.versioned_by(
        entity=Entity,
        types=DetailTypeAnchor,
        service="entities.services.entity_update",
    )

    class Meta(AbstractEntityDetail.Meta):
        verbose_name = "detail"
