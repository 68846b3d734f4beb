"""What the engine refuses, each with a code for machines and a sentence for people."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar


class Scd2Error(Exception):
    """Base of everything the engine and the database refuse.

    ``code`` is stable and meant for machines; ``str(error)`` is a sentence a person can
    act on; ``key`` names the thing by its natural key where there is one.
    """

    code: ClassVar[str] = "refused"

    def __init__(self, message: str, *, key: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.key = dict(key) if key is not None else None


class DirectWriteError(Scd2Error):
    """Raised by save(), delete(), update() and bulk writes on a versioned model."""

    code = "direct_write"


class InvalidChange(Scd2Error, ValueError):
    """A Change that contradicts itself, whatever the timeline says."""

    code = "invalid_change"

    def __init__(self, message: str, *, field: str = "", key: Mapping[str, Any] | None = None):
        super().__init__(message, key=key)
        self.field = field


class Conflict(Scd2Error):
    """A Change that the timeline as it stands does not admit; nothing was written.

    ``ordinal`` is the position in its batch of the Change that was refused.
    """

    code = "conflict"

    def __init__(
        self,
        message: str,
        *,
        key: Mapping[str, Any] | None = None,
        ordinal: int | None = None,
    ) -> None:
        super().__init__(message, key=key)
        self.ordinal = ordinal


class TwoPayloads(Conflict):
    """Two different payloads with one start in one batch."""

    code = "two_payloads"


class CoversStart(Conflict):
    """A bounded Change of a batch covers the start of an open-ended one of the same key."""

    code = "covers_start"


class NothingToAmend(Conflict):
    """A partial Change where, at some instant of its period, nothing holds."""

    code = "nothing_to_amend"


class LaterChange(Conflict):
    """``future=reject`` and the timeline has a change after the start."""

    code = "later_change"


class OutsideLifetime(Conflict):
    """A contained thing asserted where its container is not valid."""

    code = "outside_lifetime"


class UnknownReference(Conflict):
    """A payload or key that names an anchor which does not exist."""

    code = "unknown_reference"

    def __init__(
        self,
        message: str,
        *,
        field: str,
        value: Any,
        key: Mapping[str, Any] | None = None,
        ordinal: int | None = None,
    ) -> None:
        super().__init__(message, key=key, ordinal=ordinal)
        self.field = field
        self.value = value


class NamedOtherwise(Conflict):
    """A thing exists whose anchor carries another identity than is said."""

    code = "named_otherwise"


class NotInitial(Scd2Error):
    """An initial load into tables that are not empty, or by a role that does not own them."""

    code = "not_initial"


class InstantRefused(Scd2Error):
    """A system instant that may not be used (a backfill later than now, or not after the rest)."""

    code = "instant_refused"


class NotAllowed(Scd2Error):
    """A Change that reaches further into the past than its actor may, or ends something."""

    code = "permission_denied"


class NotSettled(Scd2Error):
    """No settled instant can be named at the moment; try again."""

    code = "not_settled"


class RowsMoved(Scd2Error):
    """A row was not as planned when it was to be written; the whole transaction is retried."""

    code = "rows_moved"


class IntegrityRefused(Scd2Error):
    """The database refused a row that the engine let through."""

    code = "integrity"


class AppNotActive(Scd2Error):
    """A call that the mode of the app does not admit; nothing was written."""

    code = "not_active"


class AppReadOnly(AppNotActive):
    """A write to an app that is read-only."""

    code = "read_only"


class AppOffline(AppNotActive):
    """Any call to an app that is offline."""

    code = "offline"


def not_active(slug: str, mode: str, reason: str) -> AppNotActive:
    """The refusal that goes with the mode ``read_only`` or ``offline``."""
    if mode == AppOffline.code:
        return AppOffline(f"The app {slug} is offline: {reason}")
    return AppReadOnly(f"The app {slug} is read-only: {reason}")


class DatabaseBusy(Scd2Error):
    """A statement was cancelled because it took too long; nothing was written."""

    code = "busy"


class DatabaseUnavailable(Scd2Error):
    """The database cannot be reached, or cannot take more; nothing is known to be written."""

    code = "unavailable"


class BatchRefused(Scd2Error):
    """A load in which some Changes cannot be carried out; nothing of it was written.

    ``errors`` pairs the model of each with its error; a Conflict names the ordinal.
    """

    code = "batch_refused"

    def __init__(self, errors: Sequence[tuple[type[Any], Scd2Error]]) -> None:
        super().__init__(f"{len(errors)} changes were refused, the first: {errors[0][1]}")
        self.errors = errors


class ItemsRefused(Scd2Error):
    """Items of a request that cannot be carried out; nothing of it was written.

    ``errors`` pairs the index of each with its error, in order.
    """

    code = "items_refused"

    def __init__(self, errors: Sequence[tuple[int, Scd2Error]]) -> None:
        self.errors = sorted(errors, key=lambda error: error[0])
        super().__init__(f"{len(errors)} items are refused, the first: {self.errors[0][1]}")
