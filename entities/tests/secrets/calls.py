"""Every path of every service, asked for in every way that might bring a secret out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from django.core import signing
from django.test import Client

from auth.tests.matrix.paths import METHODS, Path, paths
from auth.tests.matrix.samples import PLACEHOLDER, page_values

ANY = ("", "display_name__startswith=a", "expand=details&superseded=true")
"""What is tried on paths that nothing special is known about."""
LISTS = (
    "as_of=2021-06-01",
    "as_of=2019-06-01&limit=2",
    "as_of=2950-01-01&ordering=-display_name&limit=3",
    "as_of=2021-06-01&ordering=valid_from",
    "as_of=2021-06-01&type=PERSON&limit=1",
    "as_of=2021-06-01&q=e",
    "as_of=2021-06-01&q=a&type=PERSON",
    "as_of=2021-06-01&detail_code=EMAIL",
    "as_of=2021-06-01&detail_code=NOTE",
    "as_of=2021-06-01&detail[NOTE]=seen by all",
    "as_of=2021-06-01&detail[EMAIL]=nobody@example.org",
    "as_of=2021-06-01&detail[VIP]=true",
)
QUERIES: Mapping[str, Sequence[str]] = {
    "/api/v1/entities": ["", *LISTS, *(f"{query}&expand=details" for query in LISTS[:4])],
    "/api/v1/entities-asof": LISTS,
    "/api/v1/entities/{entity_uid}": [
        "",
        "as_of=2019-06-01",
        "as_of=2950-01-01",
        "as_of=1999-01-01",
    ],
    "/api/v1/entities/{entity_uid}/history": ["", "superseded=true&limit=3"],
    "/api/v1/diff": [
        "from=2018-01-01&to=2023-01-01",
        "from=2018-01-01&to=2950-01-01&type=PERSON&limit=2",
        "at=2021-06-01",
        "from=2018-01-01&to=2950-01-01&entity={entity_uid}",
    ],
    "/api/v1/changes": ["", "limit=3"],
    "/api/v1/audit": ["limit=1000", "limit=7", "entity={entity_uid}", "actor=the steward"],
    "/entities/entity/": ["", "o=1", "o=-1.2", "q=a", "entity_type=PERSON", "display_name=a"],
    "/entities/entity/{object_id}/change/": ["", "superseded=1"],
    "/core/auditentry/": ["", "q=example", "q=another", "o=2", "before__value=a"],
}


OWN_NUMBERS = {"/core/auditentry/": "audit_id", "/core/ingestbatch/": "batch_id"}
"""Pages whose things have other names than those of the register."""


class Asked(NamedTuple):
    """A request."""

    service: str
    method: str
    address: str
    body: str = ""

    def of(self, client: Client, settings: Any) -> Any:
        urls = f"{self.service}.config.urls"
        if urls != settings.ROOT_URLCONF:
            settings.ROOT_URLCONF = urls
        headers = {"X-Request-ID": "the-request", "Accept": "*/*"}
        return client.generic(
            self.method, self.address, self.body, "application/json", headers=headers
        )


def addresses(path: Path, values: Mapping[str, list[str]]) -> Iterator[str]:
    """The path with every value that is known for its last placeholder."""
    names = PLACEHOLDER.findall(path.template)
    fallback = page_values(path.template) | path.samples
    choices = values.get(names[-1] if names else "", [])
    for page, kind in OWN_NUMBERS.items():
        if path.template.startswith(page):
            choices = values[kind]
    for choice in choices or [""]:
        chosen = {name: choice or fallback.get(name, "1") for name in names}
        yield PLACEHOLDER.sub(lambda name, chosen=chosen: chosen[name.group(1)], path.template)


def reads(values: Mapping[str, list[str]]) -> Iterator[Asked]:
    for path in paths():
        for address in addresses(path, values):
            for query in QUERIES.get(path.template, ANY):
                asked = query.replace("{entity_uid}", values["entity_uid"][0])
                yield Asked(path.service, "GET", f"{address}?{asked}".rstrip("?"))


TAKE_BODIES = ("/api/v1/entit", "/api/v1/detail-types")


def writes(values: Mapping[str, list[str]], bodies: list[Any]) -> Iterator[Asked]:
    for path in paths():
        for address in addresses(path, values):
            for method in METHODS:
                if method not in ("GET", "CONNECT", "TRACE", "MOVE"):
                    taken = path.template.startswith(TAKE_BODIES) and method != "PUT"
                    for body in bodies if taken else [{}]:
                        yield Asked(path.service, method, address, json.dumps(body))


def bytes_of(answer: Any) -> bytes:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return body + repr(sorted(answer.headers.items())).encode()


# Two answers are the same if they differ in nothing but the time of asking

INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d+)?(Z|\+00:00)?")
TOKEN = re.compile(r"(?:cursor|after)(?:=|\"\s*:\s*\")([\w%:.-]+)")
PER_REQUEST = re.compile(r'(csrfmiddlewaretoken" value="|nonce="|nonce-)[\w+/=-]+')


def normal(answer: Any) -> str:
    """The answer without what differs between two times of asking; cursors are opened."""
    text = bytes_of(answer).decode("utf-8", "replace")
    text = PER_REQUEST.sub("", TOKEN.sub(opened, text))
    # A cursor is packed: its length follows the instants in it.
    changing = ("Set-Cookie", "Expires", *(("Content-Length",) if "'basis'" in text else ()))
    for header in changing:
        text = re.sub(rf"\('{header}'[^)]*\)", "", text)
    return INSTANT.sub("T", text)


def opened(found: re.Match[str]) -> str:
    token = parse_qs(f"t={found.group(1)}")["t"][0]
    for salt in ("core.api.cursor", "core.api.changes"):
        try:
            return repr(signing.loads(token, salt=salt))
        except signing.BadSignature:
            continue
    return found.group(0)


def links(answer: Any) -> dict[str, str]:
    """The addresses of further pages in an answer, by the way they lead."""
    try:
        document = json.loads(answer.content)
    except ValueError:
        return {}
    found = document if isinstance(document, dict) else {}
    parts = {way: urlsplit(found[way]) for way in ("next", "previous") if found.get(way)}
    return {way: f"{part.path}?{part.query}" for way, part in parts.items()}
