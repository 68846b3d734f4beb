"""The versioned register of people and institutions."""

from collections.abc import Mapping

from core.personal import Mask
from core.tether import TetheredAppConfig


class EntitiesConfig(TetheredAppConfig):
    """The app behind ``/api/v1/entities``."""

    name = "entities"
    title = "Entities"
    port = 8001
    doors = ("entities.vouching.EntityFeed",)

    def personal_data(self) -> Mapping[str, Mask]:
        """Names of entities by their type, values of details by theirs, as marked now."""
        from core.registers.masking import masks
        from entities.register import ENTITIES

        return masks(ENTITIES)
