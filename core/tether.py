"""What an app says of itself to the cockpit, and where the cockpit finds it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.apps import AppConfig, apps
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from core.ingest.door import Door


class TetheredAppConfig(AppConfig):
    """An app of the cockpit. ``doors``: dotted paths of the doors for files, one a container."""

    default = False
    doors: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Django takes the one config of an app's module that is a default: not this one."""
        super().__init_subclass__(**kwargs)
        cls.default = cls.__dict__.get("default", True)


def tethered() -> list[TetheredAppConfig]:
    """Every tethered app that is installed here, in the order of the settings."""
    return [app for app in apps.get_app_configs() if isinstance(app, TetheredAppConfig)]


def doors() -> dict[str, type[Door]]:
    """The doors for files by the label of the model that they are about."""
    found = [import_string(path) for app in tethered() for path in app.doors]
    return {door.shape.label: door for door in found}
