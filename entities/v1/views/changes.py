"""What was done to the register, in order."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema, extend_schema_view

from core.api.changes import ChangesView
from entities.models import DetailType, Entity, EntityDetail, EntityType


@extend_schema_view(get=extend_schema(operation_id="changes_list"))
class RegisterChangesView(ChangesView):
    """The feed of entities, their details, and the types of both."""

    model = Entity
    models = tuple(model.shape.label for model in (Entity, EntityDetail, EntityType, DetailType))
