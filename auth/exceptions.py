"""What the services of this app refuse."""

from core.models.scd2.exceptions import InvalidChange, Scd2Error


class NotFound(Scd2Error):
    """There is no such thing, or it is somebody else's."""

    code = "not_found"


class Deactivated(Scd2Error):
    """The user may not sign in any more, so gets no token."""

    code = "deactivated"


class InvalidUser(InvalidChange):
    """A name that no user can have."""

    code = "invalid_user"
