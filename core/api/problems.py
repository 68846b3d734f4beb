"""What went wrong, as RFC 9457 has it: one shape for every error of every call."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from rest_framework.exceptions import APIException

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:cockpit:problem:"

TITLES = {
    "invalid_request": "The request is not valid",
    "malformed_body": "The body cannot be read",
    "unreadable_request": "The request cannot be read",
    "body_too_large": "The body is too large",
    "length_required": "The body does not say how long it is",
    "not_authenticated": "Authentication is needed",
    "authentication_failed": "The token is not accepted",
    "permission_denied": "This is not allowed to you",
    "personal_data": "This is personal data that you may not see",
    "not_found": "There is no such thing",
    "not_valid_then": "The thing is not valid at that instant",
    "unknown_path": "There is no such path",
    "method_not_allowed": "The path does not have this method",
    "not_acceptable": "The answer is available as JSON only",
    "unsupported_media_type": "The body must be JSON",
    "precondition_failed": "The thing has changed meanwhile",
    "in_progress": "The first call with this key is still being carried out",
    "key_reused": "The key belongs to another call",
    "throttled": "Too many requests",
    "locked_out": "Too many attempts to sign in",
    "conflict": "The timeline does not admit this",
    "exists": "It is there already, and otherwise",
    "named_otherwise": "The thing has another name",
    "data_type_in_use": "There are values of the data type",
    "batch_refused": "Some of the changes cannot be carried out",
    "unknown_reference": "Something that is referred to does not exist",
    "two_payloads": "Two payloads start at the same instant",
    "covers_start": "A bounded change covers the start of an open-ended one",
    "nothing_to_amend": "Nothing holds there that could be amended",
    "batch_conflict": "The batch is not in a state for this",
    "later_change": "There is a later change",
    "outside_lifetime": "The thing it belongs to is not valid there",
    "instant_refused": "The instant cannot be used",
    "integrity": "The database refuses this",
    "not_settled": "No settled instant can be named at the moment",
    "items_refused": "Some of the items cannot be carried out",
    "rows_moved": "Others are writing the same things",
    "busy": "The database is busy",
    "unavailable": "The database does not answer",
    "read_only": "The app is read-only",
    "offline": "The app is offline",
    "unexpected": "Something unexpected went wrong",
}


@dataclasses.dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field or parameter (``details.EMAIL`` for one inside another)."""

    field: str
    code: str
    detail: str


class Problem(APIException):
    """An error on its way to the client.

    ``code`` ends the problem's type and is stable; ``detail`` is a sentence about this
    occurrence; ``members`` are further members of the document.
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(detail, code)
        self.status_code = status
        self.code = code
        self.sentence = detail
        self.errors = errors
        self.headers = dict(headers or {})
        self.members = members

    def document(self, instance: str) -> dict[str, Any]:
        """The problem as JSON; ``instance`` is the path that was asked for."""
        return {
            "type": TYPE_PREFIX + self.code,
            "title": TITLES.get(self.code) or HTTPStatus(self.status_code).phrase,
            "status": self.status_code,
            "detail": self.sentence,
            "instance": instance,
            "errors": [dataclasses.asdict(error) for error in self.errors],
            **self.members,
        }


def invalid(errors: Sequence[FieldError]) -> Problem:
    """A 400 that names every field or parameter at fault."""
    first = errors[0]
    named = first.detail.startswith(first.field)
    sentence = first.detail if named else f"{first.field}: {first.detail}"
    if len(errors) > 1:
        sentence += f" ({len(errors) - 1} more under errors.)"
    return Problem(400, "invalid_request", sentence, errors=errors)


def refused(field: str, code: str, detail: str) -> Problem:
    """A 400 about one field or parameter."""
    return invalid([FieldError(field, code, detail)])
