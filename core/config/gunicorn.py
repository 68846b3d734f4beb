"""How gunicorn serves either service; the address and the application stand on its command line."""

from __future__ import annotations

import gc
import os
from typing import Any

SERVER = "cockpit"
"""What the header ``Server`` of every answer says instead of a product and its version."""
workers = 2
threads = 4
preload_app = True
# As long as the server can take: a cursor brings all filters of its list with it.
limit_request_line = 8190
# No access log: ours has every request, without what was asked for, and cannot be forged by a path.
graceful_timeout = 5
# It would be one and the same for every service of this user.
control_socket_disable = True
# Where there is memory to write to, a full disk cannot make a worker look dead.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108


def post_worker_init(worker: Any) -> None:
    """Let also what gunicorn itself refuses be told as every other error is, and no answer name
    the product that serves it.
    """
    from gunicorn import util
    from gunicorn.http import wsgi

    from core.api.unparsed import write_problem

    util.write_error = write_problem
    wsgi.SERVER = SERVER


def when_ready(server: Any) -> None:
    """What was loaded before the workers part is there to stay: no search for garbage looks at it,
    and so none of them gets a copy of it.
    """
    gc.collect()
    gc.freeze()


def worker_exit(server: Any, worker: Any) -> None:
    """Close the connections to PostgreSQL; else the interpreter waits for their pool at its end."""
    from django.db import connections

    for connection in connections.all(initialized_only=True):
        connection.close()
        if hasattr(connection, "close_pool"):
            connection.close_pool()
