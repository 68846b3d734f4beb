"""The versioned register of people and institutions."""

from django.apps import AppConfig


class EntitiesConfig(AppConfig):
    """The app behind ``/api/v1/entities``."""

    name = "entities"
