"""What bodies and answers may look like, for the schema."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample

FORWARD = {"opened": 1, "closed": 1, "superseded": 0, "unchanged": 0, "overtaken": 0}
NEW = {"opened": 1, "closed": 0, "superseded": 0, "unchanged": 0, "overtaken": 0}
WRITTEN_AT = "2024-05-02T09:30:00.123456Z"
BASIS = {"as_of": WRITTEN_AT, "known_at": WRITTEN_AT}
NO_PAGES = {"next": None, "previous": None}
HASH = "5f0c1d0f5e8f4f0d9a3a4f7f1c5a1e0b7c9d2e3f4a5b6c7d8e9f0a1b2c3d4e5f"

PERIOD = {
    "valid_from": "2024-01-01T00:00:00Z",
    "valid_to": None,
    "is_current": True,
    "system_from": WRITTEN_AT,
    "hash_diff": HASH,
}
STORY = {
    "closed_at": None,
    "system_to": None,
    "actor": "ada",
    "reason": "Register of 2 May",
    "created_at": WRITTEN_AT,
    "updated_at": WRITTEN_AT,
}

ENTITY = {
    **PERIOD,
    "uuid": "0190a6f2-7c1e-5c39-9d5f-0d2f4f1b8a11",
    "entity_type": "BANK",
    "display_name": "Oldenburgische Landesbank",
    "source": "bank-register",
    "source_id": "DE:28020050",
}
DETAILED = {
    **ENTITY,
    "details": {"BIC": "OLBODEH2XXX", "EMPLOYEES": 1700, "EQUITY": "1834.5"},
    "masked": ["CONTACT"],
}
ENTITY_PAGE = {"results": [ENTITY], **NO_PAGES, "basis": BASIS}
DETAILED_PAGE = {"results": [DETAILED], **NO_PAGES, "basis": BASIS}
WRITTEN = {**DETAILED, "outcome": NEW, "basis": BASIS}
CREATE = {
    "entity_type": "BANK",
    "display_name": "Oldenburgische Landesbank",
    "source": "bank-register",
    "source_id": "DE:28020050",
    "details": DETAILED["details"],
    "valid_from": "2024-01-01",
    "reason": "Register of 2 May",
}
CHANGE = {"display_name": "OLB", "details": {"EMPLOYEES": None}, "valid_from": "2024-06-01"}
ITEM = {"op": "end", "uuid": "0190a6f2-7c1e-5c39-9d5f-0d2f4f1b8a12", "valid_from": "2024-06-30"}
BULK = {
    "results": [
        {"uuid": ENTITY["uuid"], "outcome": {**NEW, "opened": 4}},
        {"uuid": ITEM["uuid"], "outcome": {**NEW, "opened": 0, "closed": 1}},
    ],
    "outcome": {**NEW, "opened": 4, "closed": 1},
    "basis": BASIS,
}
HISTORY = {
    "uuid": ENTITY["uuid"],
    "entity": [
        {**PERIOD, **STORY, "entity_type": "BANK", "display_name": "Oldenburgische Landesbank"}
    ],
    "details": {"BIC": [{**PERIOD, **STORY, "value": "OLBODEH2XXX"}]},
    "masked": ["CONTACT"],
    "known_at": WRITTEN_AT,
    "next": None,
}
STEP = {"before": "Degussa Bank", "after": "Oldenburgische Landesbank"}
DIFF = {
    "from": "2024-01-01T00:00:00Z",
    "to": "2024-12-31T23:59:59.999999Z",
    "known_from": WRITTEN_AT,
    "known_to": WRITTEN_AT,
    "results": [
        {
            "uuid": ENTITY["uuid"],
            "source": ENTITY["source"],
            "source_id": ENTITY["source_id"],
            "entity_type": "BANK",
            "display_name": "Oldenburgische Landesbank",
            "change": "updated",
            "fields": {
                "display_name": {
                    **STEP,
                    "transitions": [{"at": "2024-08-31T00:00:00Z", **STEP, "correction": False}],
                }
            },
        }
    ],
    "masked": ["CONTACT"],
    **NO_PAGES,
}

ENTITY_TYPE_FIELDS = {"name": "Bank", "description": "A credit institution", "is_pii_name": False}
DETAIL_TYPE_FIELDS: dict[str, Any] = {
    "name": "BIC",
    "description": "Business identifier code",
    "data_type": "text",
    "pattern": "[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?",
    "is_pii": False,
}


def of_type(code: str, fields: dict[str, Any], **findings: Any) -> dict[str, Any]:
    """The examples of all calls on one kind of types."""
    thing = {**PERIOD, "code": code, **fields}
    version = {**PERIOD, **STORY, **fields}
    return {
        "list": {"results": [thing], **NO_PAGES, "basis": BASIS},
        "create": {"code": code, **fields},
        "snapshot": thing,
        "written": {**thing, "outcome": NEW, "basis": BASIS, **findings},
        "change": {"description": "As the law has it", "valid_from": "2024-06-01"},
        "history": {"code": code, "versions": [version], "known_at": WRITTEN_AT, "next": None},
    }


def asked(
    value: Any, media_type: str = "application/json", name: str = "Example"
) -> OpenApiExample:
    return OpenApiExample(name, value=value, request_only=True, media_type=media_type)


def answered(value: Any, *statuses: str) -> list[OpenApiExample]:
    return [
        OpenApiExample("Example", value=value, response_only=True, status_codes=[status])
        for status in statuses or ("200",)
    ]
