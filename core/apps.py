"""The shared package: the versioned model, its engine, the audit log, and what every app uses."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Registers the system checks when Django is ready."""

    name = "core"
    chores = (
        "core.answers.answers_kept_for_retries",
        "core.throttle.idle_callers",
    )

    def ready(self) -> None:
        from core import checks  # noqa: F401  (registers the checks)
