"""Settings of the API's libraries; ``core.settings`` takes them in."""

from typing import Any

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["auth.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["auth.permissions.ModelRights"],
    "DEFAULT_THROTTLE_CLASSES": ["core.api.throttling.WriteThrottle"],
    "DEFAULT_PARSER_CLASSES": ["core.api.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["core.api.renderers.FastJSONRenderer"],
    # OPTIONS says which methods there are and describes nothing: that is what /schema is for.
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "core.api.schema.ApiSchema",
    "EXCEPTION_HANDLER": "core.api.errors.handle",
    # The address says what is asked for, and the header Accept how.
    "URL_FORMAT_OVERRIDE": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "TEST_REQUEST_RENDERER_CLASSES": [
        "rest_framework.renderers.JSONRenderer",
        "rest_framework.renderers.MultiPartRenderer",
    ],
}

SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Cockpit CRM Core",
    "VERSION": "1",
    "DESCRIPTION": (
        "A system of record with two clocks: when something was true (valid time, `as_of`), and "
        "when it was believed (system time, `known_at`).\n\n"
        "**Tokens.** `POST /api/v1/auth/tokens` with a username and a password answers with a "
        "token, which is shown this once and good for every service until it expires; every other "
        "call sends it as `Authorization: Token …`. What a user may do follows from their roles."
        "\n\n"
        "**Dates.** A timestamp carries its time zone. A bare date is a day of UTC: asked for, it "
        "means the whole day; written, its first instant.\n\n"
        "**Errors** are problems as in RFC 9457, `application/problem+json`; `errors` names every "
        "field or parameter at fault. Unknown parameters and fields are refused.\n\n"
        "**Lists** come in pages: follow `next` until it is null. All pages of a list answer for "
        "the `basis` of the first.\n\n"
        "**Writing safely.** `If-Match` with the ETag of what was read refuses to write over what "
        "somebody else wrote since; `Idempotency-Key` makes a POST or PATCH that is sent again, "
        "after a lost answer, the same one. After a 429 or 503 wait as `Retry-After` says."
    ),
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "COMPONENT_SPLIT_PATCH": False,
    "SORT_OPERATION_PARAMETERS": False,
    "ENFORCE_NON_BLANK_FIELDS": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "core.api.schema.add_problems",
        "core.api.schema.place_links",
    ],
    # Nothing is fetched from outside.
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {
        "deepLinking": True,
        "persistAuthorization": True,
        "displayRequestDuration": True,
        "validatorUrl": None,
    },
}
