"""Every path of a service, as its URLs have it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.admindocs.views import simplify_regex
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.converters import IntConverter, UUIDConverter

from core.api.errors import unknown_path

SERVICES = ("cockpit", "entities")
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
# Every method that there is, and one that there is not.
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "MOVE")


class Path(NamedTuple):
    """A path of a service. ``methods``: None where the view does not name them itself."""

    service: str
    template: str
    methods: frozenset[str] | None
    samples: dict[str, str]

    def __str__(self) -> str:
        return f"{self.service} {self.template}"


def paths() -> list[Path]:
    """Every path of every service, once."""
    found = (path for service in SERVICES for path in paths_of(service))
    return list({(path.service, path.template): path for path in found}.values())


def paths_of(service: str) -> Iterator[Path]:
    for route, samples, view in walk(get_resolver(f"{service}.config.urls").url_patterns):
        if view is not unknown_path:
            yield Path(service, template(route), methods_of(view), samples)


def walk(
    patterns: list[URLPattern | URLResolver], before: str = "", known: dict[str, str] | None = None
) -> Iterator[tuple[str, dict[str, str], Callable[..., Any]]]:
    for pattern in patterns:
        own = pattern.pattern
        route = before + (simplify_regex(str(own)) if "(?P" in str(own) else str(own)).lstrip("^")
        samples = (known or {}) | {name: sample(how) for name, how in own.converters.items()}
        if isinstance(pattern, URLResolver):
            yield from walk(pattern.url_patterns, route, samples)
        else:
            assert pattern.callback is not None
            yield route, samples, pattern.callback


def template(route: str) -> str:
    """``api/v1/things/<uuid:thing_id>`` is ``/api/v1/things/{thing_id}``."""
    return "/" + PARAMETER.sub(r"{\1}", route).lstrip("/")


def sample(converter: Any) -> str:
    """A value that gets as far as the view."""
    if isinstance(converter, UUIDConverter):
        return str(UUID(int=0))
    return "1" if isinstance(converter, IntConverter) else "SAMPLE"


def methods_of(view: Any) -> frozenset[str] | None:
    """What a class-based view answers to, but OPTIONS and HEAD; None for a function."""
    cls = getattr(view, "cls", None)
    if cls is None:
        return None
    named = (name for name in cls.http_method_names if hasattr(cls, name))
    return frozenset(name.upper() for name in named) - {"OPTIONS", "HEAD"}
