"""The registers of this app: entities, and the types of entities and of details."""

from core.registers.register import Attributes, Contains, Exact, Pii, Register
from entities.models import DetailType, Entity, EntityDetail, EntityType

ENTITIES = Register(
    model=Entity,
    attributes=Attributes(types=DetailType, details=EntityDetail),
    filters=(
        Contains("display_name", param="q"),
        Exact("entity_type", param="type"),
        Exact("source", param="source"),
        Exact("source_id", param="source_id"),
    ),
    orderings=("display_name", "valid_from"),
    pii=Pii("display_name", marked_by="entity_type", types=EntityType, mark="is_pii_name"),
)
ENTITY_TYPES = Register(model=EntityType, orderings=("code",))
DETAIL_TYPES = Register(model=DetailType, orderings=("code",))
