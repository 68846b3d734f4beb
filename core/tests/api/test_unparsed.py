"""What gunicorn refuses by itself, and what it is given to say."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.api.unparsed import write_problem
from core.tests.databases import CommittedDatabase
from core.tests.running import running


@pytest.fixture
def address(committed_db: CommittedDatabase, tmp_path: Path) -> Iterator[tuple[str, int]]:
    with running("entities", tmp_path / "service.log") as address:
        host, _, port = address.removeprefix("http://").partition(":")
        yield host, int(port)


def sent(address: tuple[str, int], request: bytes) -> tuple[str, str, dict[str, object]]:
    """Status line, content type and document of the answer to raw bytes."""
    with socket.create_connection(address, timeout=30) as client:
        client.sendall(request)
        head, _, body = b"".join(iter(lambda: client.recv(65536), b"")).partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    [kind] = [line.partition(": ")[2] for line in lines if line.startswith("Content-Type")]
    return lines[0], kind, json.loads(body)


def test_a_problem_is_written() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        write_problem(ours, 400, "Bad Request", "")
        ours.close()
        head, _, body = theirs.recv(65536).partition(b"\r\n\r\n")
    assert f"Content-Length: {len(body)}".encode() in head
    assert json.loads(body)["detail"] == "The request cannot be read."


def test_what_cannot_be_read_is_told_as_a_problem(address: tuple[str, int]) -> None:
    long = b"a" * 9000
    requests = {
        b"GET /?q=%s HTTP/1.1\r\nHost: localhost\r\n\r\n" % long: (414, "URI Too Long"),
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: %s\r\n\r\n" % long: (
            431,
            "Request Header Fields Too Large",
        ),
        b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n": (400, "Bad Request"),
        b"nonsense\r\n\r\n": (400, "Bad Request"),
    }
    for request, (status, reason) in requests.items():
        line, kind, document = sent(address, request)
        assert line == f"HTTP/1.1 {status} {reason}"
        assert kind == "application/problem+json"
        assert document["type"] == "urn:cockpit:problem:unreadable_request"
        assert document["status"] == status
