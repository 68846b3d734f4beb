"""The versioned register of people and institutions."""

from collections.abc import Mapping

from django.apps import AppConfig

from core.personal import Mask


class EntitiesConfig(AppConfig):
    """The app behind ``/api/v1/entities``."""

    name = "entities"

    def personal_data(self) -> Mapping[str, Mask]:
        """Names of entities by their type, values of details by theirs, as marked now."""
        from entities.personal import marked_now

        marked = marked_now()
        return {
            "entities.entity": Mask("entity_type", marked.names, "display_name"),
            "entities.entitydetail": Mask("detail_code", marked.details, "value"),
        }
