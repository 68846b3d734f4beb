"""What an operator asks of any service: does it live, is it ready."""

from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe


@require_safe
def live(_: HttpRequest) -> JsonResponse:
    """200 as long as the process answers; the database is not asked."""
    return answer(200, "live")


@require_safe
def ready(_: HttpRequest) -> JsonResponse:
    """200 if the database answers and every migration is applied, else 503 and the reason."""
    try:
        pending = pending_migrations()
    except (DatabaseError, InterfaceError):
        return answer(503, "unavailable", detail="The database does not answer.")
    if pending:
        return answer(503, "unavailable", detail=f"Migrations not yet applied: {pending}.")
    return answer(200, "ready")


def pending_migrations() -> int:
    """How many migrations of this service the database lacks."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def answer(status: int, word: str, **more: str) -> JsonResponse:
    return JsonResponse(
        {"status": word, **more}, status=status, headers={"Cache-Control": "no-store"}
    )
