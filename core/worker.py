"""The process that runs what is queued, for as long as it is not told to end.

It takes up what other workers left behind, and waits for a database that is away.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import psycopg
import structlog
from asgiref.sync import sync_to_async
from django.db import Error as DjangoError
from django.db import close_old_connections
from procrastinate import PsycopgConnector
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status

from core.ingest.background import batches_waiting
from core.ingest.metrics import STALLED
from core.ingest.queue import QUEUE, wake_again
from core.probes import PROBE_EVERY, probe_apps

log = structlog.get_logger(__name__)

T = TypeVar("T")

LOOK = 5.0
"""Seconds between two looks for batches that nobody runs."""
GRACE = 5.0
"""Seconds that a load has to end by itself once the process has to; then it is interrupted."""
HEARTBEAT = 5.0
PAUSE = 1.0
"""Seconds before the database is tried again."""
PATIENCE = 3.0
"""Seconds to wait for a connection. Who has to end while the database is away waits as long."""
LOST = (ConnectorException, psycopg.Error, DjangoError, OSError)


async def work(alive: Path | None = None) -> None:
    """Run batches until SIGTERM or SIGINT. ``alive`` is touched at every sign of life."""
    ending = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ending.set)
    log.info("worker_started")
    await first_of(work_without_end(alive), ending.wait())
    log.info("worker_ended")


async def work_without_end(alive: Path | None) -> None:
    """Connect again whenever the database was lost."""
    while True:
        try:
            await work_while_connected(alive)
        except LOST as error:
            log.warning("worker_lost_the_database", reason=str(error).strip())
        await asyncio.sleep(PAUSE)


async def work_while_connected(alive: Path | None) -> None:
    """Until the database is lost."""
    connector = PsycopgConnector(
        kwargs=connector_params(), min_size=1, max_size=4, timeout=PATIENCE
    )
    with app.replace_connector(connector):
        async with app.open_async():
            await first_of(run_jobs(), look_after(alive), watch_apps())


async def first_of(*works: Coroutine[Any, Any, object]) -> None:
    """Until one of them ends: then the others are told, and have ended too when this returns."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def run_jobs() -> None:
    """Take one job after the other. No job is kept: what became of a batch, the batch says."""
    await app.run_worker_async(
        queues=[QUEUE],
        delete_jobs="always",
        install_signal_handlers=False,
        shutdown_graceful_timeout=GRACE,
        update_heartbeat_interval=HEARTBEAT,
        stalled_worker_timeout=STALLED,
    )


async def look_after(alive: Path | None) -> None:
    """Wake up for batches that nobody runs, and forget the jobs of workers that are gone."""
    while True:
        await wake_again(await sync_to_async(connected)(batches_waiting))
        await forget_stalled()
        if alive:
            alive.touch()
        await asyncio.sleep(LOOK)


async def watch_apps() -> None:
    """Probe the service of every tethered app."""
    while True:
        await sync_to_async(connected)(probe_apps)
        await asyncio.sleep(PROBE_EVERY.total_seconds())


def connected(work: Callable[[], T]) -> T:
    """What ``work`` returns, on a connection that lives no longer than its settings allow."""
    close_old_connections()
    try:
        return work()
    finally:
        close_old_connections()


async def forget_stalled() -> None:
    """Their batches are found by themselves."""
    manager = app.job_manager
    await manager.prune_stalled_workers(STALLED)
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED):
        with suppress(ConnectorException):  # another worker was first
            await manager.finish_job(job, status=Status.FAILED, delete_job=True)
