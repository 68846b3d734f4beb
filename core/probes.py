"""Probes: whether the service of each tethered app answers, how fast, and what it holds."""

from __future__ import annotations

import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.utils import timezone

from core.checks import is_contained, versioned_models
from core.models import AppHealth, AppStatus
from core.tether import TetheredAppConfig, probe_address, tethered

PATIENCE = 2.0
"""Seconds that a service has to answer."""
PROBE_EVERY = timedelta(seconds=10)
COUNT_EVERY = timedelta(minutes=1)
MAX_BYTES = 10_000


class Probe(NamedTuple):
    """What a service answered; ``latency_ms`` is None if it did not."""

    status: AppStatus
    detail: str = ""
    version: str = ""
    latency_ms: float | None = None


def probe_apps() -> None:
    """Probe every tethered app at once, and store what each answered."""
    found = tethered()
    if not found:
        return
    with ThreadPoolExecutor(len(found)) as threads:
        answers = list(threads.map(probe, [base_address(app) for app in found]))
    for app, answer in zip(found, answers, strict=True):
        store(app.slug, answer)
        count(app)


def probe_if_due() -> None:
    """Probe unless somebody did a moment ago; the worker does so all the time."""
    known = AppHealth.objects.filter(checked_at__gt=timezone.now() - 2 * PROBE_EVERY)
    if known.filter(slug__in=[app.slug for app in tethered()]).count() < len(tethered()):
        probe_apps()


def base_address(app: TetheredAppConfig) -> str:
    return probe_address(app.slug, app.port, os.environ)


def probe(base: str) -> Probe:
    """Ask ``/health/ready`` of the service at ``base``."""
    started = time.perf_counter()
    try:
        # An operator's setting says where the service is; it is no input of a caller.
        with urllib.request.urlopen(f"{base}/health/ready", timeout=PATIENCE) as answer:  # noqa: S310
            return Probe(AppStatus.UP, "", version_in(answer.read(MAX_BYTES)), since(started))
    except urllib.error.HTTPError as error:
        with error:
            body = body_of(error.read(MAX_BYTES))
        detail = str(body.get("detail") or f"It answers with status {error.code}.")
        return Probe(AppStatus.UNREADY, detail, str(body.get("version", "")), since(started))
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        text = getattr(reason, "strerror", None) or reason
        return Probe(AppStatus.DOWN, f"No answer from {base}: {text}.")


def since(started: float) -> float:
    """Milliseconds, to the microsecond."""
    return round(1000 * (time.perf_counter() - started), 3)


def version_in(body: bytes) -> str:
    return str(body_of(body).get("version", ""))


def body_of(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def store(slug: str, answer: Probe) -> None:
    now = timezone.now()
    values: dict[str, Any] = {
        "status": answer.status,
        "detail": answer.detail,
        "checked_at": now,
    }
    if answer.latency_ms is not None:
        values |= {
            "version": answer.version,
            "latency_ms": answer.latency_ms,
            "last_seen": now,
        }
    AppHealth.objects.update_or_create(slug=slug, defaults=values)


def count(app: TetheredAppConfig) -> None:
    """Count what holds now, once in a while: on large registers it takes a moment."""
    now = timezone.now()
    due = AppHealth.objects.filter(slug=app.slug).exclude(counted_at__gt=now - COUNT_EVERY)
    if due.exists():
        due.update(counts=counts_at(app, now), counted_at=now)


def counts_at(app: TetheredAppConfig, instant: datetime) -> dict[str, int]:
    """How many things of each register hold at an instant, by what they are called."""
    return {
        str(model._meta.verbose_name_plural): model.objects.as_of(instant).count()
        for model in models_of(app)
    }


def models_of(app: TetheredAppConfig) -> Sequence[Any]:
    """The versioned models that stand by themselves."""
    return [
        model
        for model in versioned_models()
        if model._meta.app_label == app.label and not is_contained(model)
    ]
