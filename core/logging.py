"""Logs as one JSON object a line, or as readable lines where ``DEBUG`` is on.

No secret gets there: of a request the method and the path are logged, never the query string
(people search for names), never a header but the user agent, never a body.
"""

from logging import DEBUG
from typing import Any

import orjson
import structlog
from django.http import HttpRequest
from structlog.typing import EventDict, Processor, WrappedLogger

__all__ = ["DEBUG", "LEVELS", "configure", "settings"]

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
SECRET = ("authorization", "cookie", "password", "secret", "token")


def without_query(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Cut the query string from ``request``, as in ``GET /api/v1/entities?q=Ada``.

    Django puts the request itself there, whose text has the query string too.
    """
    request = event.get("request")
    if isinstance(request, HttpRequest):
        event["request"] = f"{request.method} {request.path}"
    elif isinstance(request, str):
        event["request"] = request.partition("?")[0]
    return event


def without_client_tracebacks(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Keep one line of what Django refuses as suspicious, such as a host that is not allowed.

    It is the client's fault, and a traceback for each of its requests would fill the log.
    """
    if str(event.get("logger", "")).startswith("django.security."):
        event.pop("exc_info", None)
    return event


def without_secrets(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Blank every value whose name says that it is a secret."""
    for name in event:
        if any(word in name.lower() for word in SECRET):
            event[name] = "(not logged)"
    return event


def to_json(event: EventDict, **_: Any) -> str:
    return orjson.dumps(event, default=str).decode()


SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    without_query,
    without_secrets,
    without_client_tracebacks,
]


def configure() -> None:
    """Send structlog's events through the standard library, where Django's own go."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def formatter(readable: bool) -> dict[str, Any]:
    last: list[Processor] = (
        [structlog.dev.ConsoleRenderer()]
        if readable
        else [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=to_json),
        ]
    )
    return {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": [structlog.stdlib.ExtraAdder(), *SHARED],
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
    }


def settings(level: str, *, readable: bool) -> dict[str, Any]:
    """Django's ``LOGGING``: everything from ``level`` upwards to standard error."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": formatter(readable)},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Django's own handlers would say everything a second time.
            "django": {"handlers": [], "propagate": True},
            "django.server": {"handlers": [], "propagate": False},
            # Lockouts are logged by us, and names that were tried by nobody: one may be a password.
            "axes": {"level": "ERROR"},
            # The request logger says what happened, with the request's id.
            "django.request": {"level": "CRITICAL"},
            # What is queued and run, the batches tell.
            "procrastinate": {"level": "WARNING"},
        },
    }
