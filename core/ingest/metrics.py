"""What Prometheus reads of the batches and of those who run them."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import Error, connection
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from core.sql import read_sql

STALLED = 30.0
"""Seconds without a sign of life after which a worker is taken for gone."""


class BatchGauges(Collector):
    """Asked at every scrape; while the database does not answer there are none."""

    def describe(self) -> Iterable[Metric]:
        """Nothing is read before the first scrape."""
        return ()

    def collect(self) -> Iterable[Metric]:
        try:
            queued, running, waiting, workers = gauges()
        except Error:
            return
        batches = GaugeMetricFamily("cockpit_batches", "Batches not yet over.", labels=["state"])
        batches.add_metric(["queued"], queued)
        batches.add_metric(["running"], running)
        yield batches
        yield GaugeMetricFamily(
            "cockpit_batch_waiting_seconds", "Since when the oldest batch is queued.", waiting
        )
        yield GaugeMetricFamily("cockpit_workers", "Workers with a sign of life.", workers)


def gauges() -> tuple[float, ...]:
    with connection.cursor() as cursor:
        cursor.execute(read_sql("batch_gauges.sql"), {"seconds": STALLED})
        return tuple(map(float, cursor.fetchone()))
