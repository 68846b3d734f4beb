"""The uuid of an entity that a feed names by an identifier of its own.

It follows from the name alone, so a feed needs no look-up and meets the same entity on every
run, in every installation.
"""

from collections.abc import Iterable
from hashlib import sha1
from typing import Any
from uuid import UUID, uuid5

from core.models.scd2.hash_diff import netstring
from core.names import normalized

NAMESPACE = UUID("e1fe47eb-94cc-42a1-a8be-de0be6b667c0")
"""The published namespace; it never changes."""

SIZE = 20
"""Of a digest, in bytes."""
VERSION = bytes(0x50 | byte & 0x0F for byte in range(256))
VARIANT = bytes(0x80 | byte & 0x3F for byte in range(256))
"""What RFC 9562 makes of the bytes of the digest that have room for them."""


def entity_uuid(source: str, source_id: str) -> UUID:
    """UUIDv5, in ``NAMESPACE``, of the netstrings of both: ``13:bank-register11:DE:50010700``.

    Both in normalization form C and without outer white space, whatever form they are given in.
    """
    names = netstring(normalized(source)) + netstring(normalized(source_id))
    return uuid5(NAMESPACE, names.decode())


def hash_of(source: str) -> Any:
    """Where the digest of every name of a source begins; for ``entity_uuids``.

    It and they take names in their one form (see ``core.names``).
    """
    return sha1(NAMESPACE.bytes + netstring(source), usedforsecurity=False)


def entity_uuids(names: Iterable[tuple[Any, str]]) -> list[bytes]:
    """``entity_uuid`` as 16 bytes, of many: where the digest of each begins, and its identifier."""
    digests = bytearray().join(digest(begun.copy(), name.encode()) for begun, name in names)
    digests[6::SIZE] = digests[6::SIZE].translate(VERSION)
    digests[8::SIZE] = digests[8::SIZE].translate(VARIANT)
    made = bytes(digests)
    return [made[start : start + 16] for start in range(0, len(made), SIZE)]


def digest(begun: Any, name: bytes) -> bytes:
    begun.update(b"%d:%b" % (len(name), name))
    return begun.digest()  # type: ignore[no-any-return]
