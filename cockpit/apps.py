"""The cockpit as a Django app."""

from django.apps import AppConfig


class CockpitConfig(AppConfig):
    """The app manager."""

    name = "cockpit"
