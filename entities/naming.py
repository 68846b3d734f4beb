"""The uuid of an entity that a feed names by an identifier of its own.

It follows from the name alone, so a feed needs no look-up and meets the same entity on every
run, in every installation.
"""

from hashlib import sha1
from typing import Any
from uuid import UUID, uuid5

from core.models.scd2.hash_diff import netstring

NAMESPACE = UUID("e1fe47eb-94cc-42a1-a8be-de0be6b667c0")
"""The published namespace; it never changes."""

VARIANT = {digit: "89ab"[int(digit, 16) % 4] for digit in "0123456789abcdef"}
"""Of RFC 9562, by the digit of the digest that makes room for it."""


def entity_uuid(source: str, source_id: str) -> UUID:
    """UUIDv5, in ``NAMESPACE``, of the netstrings of both: ``13:bank-register11:DE:50010700``."""
    return uuid5(NAMESPACE, (netstring(source) + netstring(source_id)).decode())


def hash_of(source: str) -> Any:
    """Where the digest of every name of a source begins; for ``entity_hex``."""
    return sha1(NAMESPACE.bytes + netstring(source), usedforsecurity=False)


def entity_hex(begun: Any, source_id: str) -> str:
    """``entity_uuid`` as 32 hex digits, for many of one source."""
    name = source_id.encode()
    digest = begun.copy()
    digest.update(b"%d:%b" % (len(name), name))
    text = digest.hexdigest()
    return f"{text[:12]}5{text[13:16]}{VARIANT[text[16]]}{text[17:32]}"
