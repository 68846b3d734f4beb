"""What the schema says of every call of the cockpit."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

from cockpit.v1 import serializers

Described = dict[str, Any]

BATCH_PATH = OpenApiParameter(
    "batch_id", OpenApiTypes.INT64, OpenApiParameter.PATH, description="The batch's number."
)
LOCATION = OpenApiParameter(
    "Location",
    OpenApiTypes.URI,
    OpenApiParameter.HEADER,
    response=[202],
    description="The address of the batch, to ask what becomes of it.",
)

NOTHING = {"opened": 0, "closed": 0, "superseded": 0, "unchanged": 0, "overtaken": 0}
BATCH: Described = {
    "id": 42,
    "model": "entities.entity",
    "file": "register-2024-05.csv.gz",
    "size": 1_048_576,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "options": {
        "format": "csv",
        "source": "bank-register",
        "new_source": False,
        "effective": "2024-05-02T00:00:00+00:00",
        "mode": "full",
        "max_ended": "5%",
        "max_corrected": None,
        "future": None,
        "dry_run": True,
        "strict": False,
        "system_time": None,
        "delimiter": None,
        "encoding": None,
        "reason": "Register of 2 May",
    },
    "state": "dry_run",
    "stage": "",
    "percent": 100,
    "read": 16_000,
    "rejected": 2,
    "missing": 9,
    "not_ended": 0,
    "new_source": "",
    "affected": {"ended": 9, "corrected": 0, "overtaken": 0},
    "counts": {
        "entities": {**NOTHING, "opened": 12, "closed": 9, "unchanged": 15_977},
        "details": {**NOTHING, "opened": 40, "closed": 31, "unchanged": 63_921},
    },
    "system_instant": None,
    "actor": "ada",
    "queued_at": "2024-05-02T09:29:57.301000Z",
    "started_at": "2024-05-02T09:29:57.512000Z",
    "finished_at": "2024-05-02T09:29:59.806000Z",
    "cancel_requested_at": None,
    "attempts": 1,
    "error": "",
    "preview": None,
    "rejects": "https://cockpit.example.org/api/v1/batches/42/rejects",
    "report": "https://cockpit.example.org/api/v1/batches/42/report",
}
QUEUED: Described = {
    **BATCH,
    "state": "queued",
    "percent": 0,
    "read": 0,
    "rejected": 0,
    "missing": 0,
    "affected": {"ended": 0, "corrected": 0, "overtaken": 0},
    "counts": {},
    "started_at": None,
    "finished_at": None,
    "attempts": 0,
    "rejects": None,
    "report": None,
}
APPLYING: Described = {**QUEUED, "id": 43, "options": BATCH["options"] | {"dry_run": False}}
CANCELLED: Described = {
    **QUEUED,
    "state": "cancelled",
    "finished_at": "2024-05-02T09:30:10.000000Z",
    "cancel_requested_at": "2024-05-02T09:30:10.000000Z",
    "error": "It was cancelled; nothing of it was written.",
}


def example(value: Any, status: str = "200") -> list[OpenApiExample]:
    return [OpenApiExample("Example", value=value, response_only=True, status_codes=[status])]


LIST: Described = {
    "operation_id": "batches_list",
    "summary": "Batches",
    "description": "Every run over a file, from a shell or uploaded, the newest first, in pages.",
    "tags": ["batches"],
    "responses": serializers.BatchPageShape,
    "examples": example({"results": [BATCH], "next": None, "previous": None}),
}
UPLOAD: Described = {
    "operation_id": "batches_upload",
    "summary": "Load a file",
    "description": (
        "Takes a file and queues it; a worker loads it with your rights as they are then. Ask its "
        "address what becomes of it. With `dry_run` it shows what would be done, and "
        "`POST …/apply` does it. Sending a file again does no harm: what is so already is not "
        "written."
    ),
    "tags": ["batches"],
    "request": {"multipart/form-data": serializers.BatchUpload},
    "parameters": [LOCATION],
    "responses": {202: serializers.BatchShape},
    "examples": [
        *example(QUEUED, "202"),
        OpenApiExample(
            "Form",
            value={
                "file": "register-2024-05.csv.gz",
                "source": "bank-register",
                "effective": "2024-05-02",
                "mode": "full",
                "max_ended": "5%",
                "dry_run": "true",
                "reason": "Register of 2 May",
            },
            request_only=True,
            media_type="multipart/form-data",
        ),
    ],
}
RETRIEVE: Described = {
    "operation_id": "batches_retrieve",
    "summary": "A batch",
    "description": "How far a batch is, and what became of it.",
    "tags": ["batches"],
    "parameters": [BATCH_PATH],
    "responses": serializers.BatchShape,
    "examples": example(BATCH),
}
APPLY: Described = {
    "operation_id": "batches_apply",
    "summary": "Apply a dry run",
    "description": (
        "Queues what a dry run has shown as a batch of its own, with the same file and options. "
        "It is applied to the register as it is then. 409 unless it is a dry run that has ended "
        "and has not been applied."
    ),
    "tags": ["batches"],
    "request": None,
    "parameters": [BATCH_PATH, LOCATION],
    "responses": {202: serializers.BatchShape},
    "examples": example(APPLYING, "202"),
}
CANCEL: Described = {
    "operation_id": "batches_cancel",
    "summary": "Cancel a batch",
    "description": (
        "A batch in the queue is cancelled at once; one that runs ends within moments, and "
        "nothing of it is written from now on. 409 for one that is over."
    ),
    "tags": ["batches"],
    "request": None,
    "parameters": [BATCH_PATH],
    "responses": {202: serializers.BatchShape},
    "examples": example(CANCELLED, "202"),
}
REJECTS: Described = {
    "operation_id": "batches_rejects",
    "summary": "The rejected rows of a batch",
    "description": (
        'JSON Lines of `{"line", "row", "reason"}`: where a row stands, as given, and why it was '
        "not loaded. They may hold personal data."
    ),
    "tags": ["batches"],
    "parameters": [BATCH_PATH],
    "responses": {
        (200, "application/x-ndjson"): OpenApiResponse(
            OpenApiTypes.STR,
            examples=example('{"line": 4, "row": "C,FIRM,Gamma,", "reason": "…"}\n'),
        )
    },
}

APP_PATH = OpenApiParameter(
    "slug", OpenApiTypes.STR, OpenApiParameter.PATH, description="Its slug."
)
APP_EXAMPLE: Described = {
    "slug": "entities",
    "title": "Entities",
    "url": "https://entities.example.org",
    "version": "0.1.0",
    "mode": "read_only",
    "reason": "The register is moved to another server until 18:00 UTC.",
    "since": "2024-05-02T16:00:00.104000Z",
    "changed_by": "ada",
    "status": "up",
    "detail": "",
    "last_seen": "2024-05-02T16:04:50.120000Z",
    "latency_ms": 2.318,
    "pending_migrations": 0,
    "counts": {"entities": 200_000, "entity types": 4, "detail types": 12},
}
APPS: Described = {
    "operation_id": "apps_list",
    "summary": "Apps",
    "description": (
        "Every tethered app with its mode, its health and what it holds, then the apps that are "
        "built but not tethered."
    ),
    "tags": ["apps"],
    "responses": serializers.AppListShape,
    "examples": example({"results": [APP_EXAMPLE]}),
}
APP: Described = {
    "operation_id": "apps_retrieve",
    "summary": "An app",
    "description": "The mode of an app, its health and what it holds.",
    "tags": ["apps"],
    "parameters": [APP_PATH],
    "responses": serializers.AppShape,
    "examples": example(APP_EXAMPLE),
}
APP_CHANGE: Described = {
    "operation_id": "apps_update",
    "summary": "Switch an app",
    "description": (
        "Sets the mode of an app. Within two seconds it is in force in every process: writes to "
        "a read-only app and every call to an offline one are answered with a 503 that tells the "
        "reason; health stays up. A load that is running ends, and nothing of it is written."
    ),
    "tags": ["apps"],
    "request": serializers.AppChange,
    "parameters": [APP_PATH],
    "responses": serializers.AppShape,
    "examples": [
        *example(APP_EXAMPLE),
        OpenApiExample(
            "Change",
            value={"mode": APP_EXAMPLE["mode"], "reason": APP_EXAMPLE["reason"]},
            request_only=True,
        ),
    ],
}
REPORT: Described = {
    "operation_id": "batches_report",
    "summary": "What a batch affects",
    "description": (
        "JSON Lines, one thing each: `what` the batch does to it, or would do after a dry run or "
        "a refusal (`ended`, `corrected`, `overtaken`, `not_ended`), the thing by its key, source "
        "and name, the `detail_code` where it is a detail, `from` when, and the `line` of the "
        "file that says so, null where it follows from what the file lacks. A name that is "
        "personal data is null for whoever may not see it."
    ),
    "tags": ["batches"],
    "parameters": [BATCH_PATH],
    "responses": {
        (200, "application/x-ndjson"): OpenApiResponse(
            OpenApiTypes.STR,
            examples=example(
                '{"what": "ended", "uuid": "6f2d3c8e-0f2e-4a52-9b1d-0c3f6f4bb1a1", "source": '
                '"bank-register", "source_id": "DE:17", "entity_type": "BANK", "display_name": '
                '"Alpha", "detail_code": null, "from": "2024-05-02T00:00:00Z", "line": null}\n'
            ),
        )
    },
}
