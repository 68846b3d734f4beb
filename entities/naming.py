"""The uuid of an entity that a feed names by an identifier of its own.

It follows from the name alone, so a feed needs no look-up and meets the same entity on every
run, in every installation.
"""

from uuid import UUID, uuid5

from core.models.scd2.hash_diff import netstring

NAMESPACE = UUID("e1fe47eb-94cc-42a1-a8be-de0be6b667c0")
"""The published namespace; it never changes."""


def entity_uuid(source: str, source_id: str) -> UUID:
    """UUIDv5, in ``NAMESPACE``, of the netstrings of both: ``13:bank-register11:DE:50010700``."""
    return uuid5(NAMESPACE, (netstring(source) + netstring(source_id)).decode())
