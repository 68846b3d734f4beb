"""A PostgreSQL that serves one cluster on a free port of 127.0.0.1."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg

from core.local.cluster import SUPERUSER, Cluster, environment
from core.local.errors import LocalError
from core.local.lifeline import Child
from core.local.server_log import reason_in

HOST = "127.0.0.1"
ATTEMPTS = 50
PAUSE = 0.02
# A start after a crash replays what was not yet in the tables.
PATIENCE = 120.0
SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_prepared_transactions": "0",
    "track_activities": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
}
MB = 2**20
CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")
LARGEST_BUFFERS, LARGEST_MAINTENANCE = 2048 * MB, 512 * MB
# Passing reasons not to start: the port went to somebody else, or the server before is not quite
# gone.
_PASSING = ("Address already in use", "shared memory block", '"postmaster.pid" already exists')


@dataclass
class Server:
    """A server that answers; ``child`` is None where another process of this checkout runs it."""

    port: int
    password: str
    pid: int
    child: Child | None = None

    def url(self, database: str, user: str = SUPERUSER, password: str | None = None) -> str:
        """The address of ``database``, as the superuser unless told otherwise."""
        return f"postgresql://{user}:{password or self.password}@{HOST}:{self.port}/{database}"

    def stop(self) -> None:
        """End the server and its sessions, if this process runs it."""
        if self.child:
            self.child.stop()


def fitted(memory: int) -> dict[str, str]:
    """Settings for a machine of ``memory`` bytes on which other things run as well.

    A register grows out of PostgreSQL's own 128 MB of buffers at about a million versions, and
    from then on a load reads and writes its indexes over and over again. With rare checkpoints a
    page is logged as a whole rarely, too.
    """
    buffers = min(max(memory // 8, 128 * MB), LARGEST_BUFFERS)
    maintenance = min(max(memory // 32, 64 * MB), LARGEST_MAINTENANCE)
    return {
        "shared_buffers": f"{buffers // MB}MB",
        "effective_cache_size": f"{max(memory // 2, 256 * MB) // MB}MB",
        "maintenance_work_mem": f"{maintenance // MB}MB",
        "max_wal_size": "4GB",
        "checkpoint_timeout": "15min",
    }


def machine_memory() -> int:
    """The bytes of memory that this machine has, or that the container may use."""
    physical = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    try:
        return min(physical, int(CGROUP_LIMIT.read_text()))
    except (OSError, ValueError):  # there is no file, or it says max
        return physical


def running(cluster: Cluster) -> Server | None:
    """The server that some process runs on ``cluster``, once it answers; None if there is none.

    Raises LocalError if there is one that does not answer within ``PATIENCE`` seconds.
    """
    deadline = time.monotonic() + PATIENCE
    while (found := _in_pid_file(cluster)) and _alive(found.pid):
        if _answers(found, cluster):
            return found
        if time.monotonic() > deadline:
            raise LocalError(
                f"PostgreSQL (process {found.pid}) holds {cluster.data} and does not answer: "
                f"see {cluster.log}, and end that process."
            )
        time.sleep(PAUSE)
    return None


def start(cluster: Cluster, settings: Mapping[str, str] | None = None) -> Server:
    """Start a server that ends with this process. Raises LocalError with PostgreSQL's reason."""
    reason = ""
    for _ in range(ATTEMPTS):
        begin = cluster.log.stat().st_size if cluster.log.exists() else 0
        server = _launch(cluster, {**SETTINGS, **(settings or {})})
        if _comes_up(server, cluster):
            return server
        server.stop()
        reason = _reason(cluster.log, begin)
        if not any(passing in reason for passing in _PASSING):
            break
        time.sleep(PAUSE)
    raise LocalError(f"PostgreSQL did not start: {reason} Its log is {cluster.log}.")


def _launch(cluster: Cluster, settings: Mapping[str, str]) -> Server:
    port = _free_port()
    command = [str(cluster.binaries.directory / "postgres"), "-D", str(cluster.data)]
    for name, value in {**settings, "port": str(port)}.items():
        command += ["-c", f"{name}={value}"]
    with cluster.log.open("ab") as log:
        child = Child(
            command,
            ending=signal.SIGINT,
            stdout=log,
            stderr=log,
            env=environment(),
            cwd=cluster.directory,
            **cluster.account.subprocess_options(),
        )
    return Server(port, cluster.password, child.pid, child)


def _comes_up(server: Server, cluster: Cluster) -> bool:
    assert server.child is not None
    deadline = time.monotonic() + PATIENCE
    while not server.child.ended() and time.monotonic() < deadline:
        if _answers(server, cluster):
            return True
        time.sleep(PAUSE)
    return False


def _answers(server: Server, cluster: Cluster) -> bool:
    with (
        suppress(psycopg.OperationalError),
        psycopg.connect(server.url("postgres"), connect_timeout=5) as connection,
    ):
        row = connection.execute("SHOW data_directory").fetchone()
        return row is not None and Path(row[0]) == cluster.data
    return False


def _in_pid_file(cluster: Cluster) -> Server | None:
    try:
        lines = (cluster.data / "postmaster.pid").read_text().splitlines()
        return Server(int(lines[3]), cluster.password, int(lines[0]))
    except (FileNotFoundError, IndexError, ValueError):
        return None


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _reason(log: Path, begin: int) -> str:
    with log.open("rb") as file:
        file.seek(begin)
        lines = file.read().decode(errors="replace").splitlines()
    return reason_in(lines)
