"""What cannot even be read as HTTP: answered by the server before Django sees it."""

from __future__ import annotations

import socket

import orjson

from core.api.problems import MEDIA_TYPE, Problem


def write_problem(client: socket.socket, status: int, reason: str, sentence: str) -> None:
    """A problem instead of gunicorn's page, as the last bytes of a connection."""
    told = sentence or "The request cannot be read."
    body = orjson.dumps(Problem(status, "unreadable_request", told).document(""))
    head = (
        f"HTTP/1.1 {status} {reason}\r\n"
        f"Connection: close\r\n"
        f"Content-Type: {MEDIA_TYPE}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    client.setblocking(True)
    client.sendall(head.encode("latin-1") + body)
