"""The shared package: the versioned model, its engine, the audit log, and what every app uses."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Registers the system checks and the gauges of the batches when Django is ready."""

    name = "core"
    chores = (
        "core.answers.answers_kept_for_retries",
        "core.throttle.idle_callers",
        "core.ingest.housekeeping.uploaded_files_and_rejects",
    )

    def ready(self) -> None:
        from prometheus_client import REGISTRY

        from core import checks  # noqa: F401  (registers the checks)
        from core.ingest.metrics import BatchGauges

        REGISTRY.register(BatchGauges())
