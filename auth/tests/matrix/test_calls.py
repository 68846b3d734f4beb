"""Every call with every caller: what the table of ``docs/security.md`` says, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from auth.tests.matrix import table
from auth.tests.matrix.conftest import Cast
from auth.tests.matrix.paths import METHODS, Path, paths
from auth.tests.matrix.samples import filled
from auth.tests.matrix.table import Row

CALLS = {(row.service, row.path) for row in table.calls()}
PATHS = [path for path in paths() if path[:2] in CALLS]
SAMPLES = {path[:2]: path.samples for path in PATHS}


def call(client: Client, service: str, method: str, address: str, settings: Any) -> Any:
    settings.ROOT_URLCONF = f"{service}.config.urls"
    body = b"{}" if method in ("POST", "PUT", "PATCH") else b""
    return client.generic(method, address, body, content_type="application/json")


@pytest.mark.parametrize("row", table.calls(), ids=str)
def test_a_call_is_open_to_whom_the_table_names(row: Row, cast: Cast, settings: Any) -> None:
    address = filled(row.address, SAMPLES[row.service, row.path] | cast.values)
    methods = ("GET", "HEAD") if row.method == "GET" else (row.method,)
    for who, client in cast.tokens.items():
        for method in methods:
            status = call(client, row.service, method, address, settings).status_code
            if who in row.allowed:
                assert status < 500, f"{who}: {status}"
                assert status not in (401, 403, 405), f"{who}: {status}"
            else:
                assert status == (401 if who == "anonymous" else 403), f"{who}: {status}"


@pytest.mark.parametrize("row", table.calls(), ids=str)
def test_a_bad_token_opens_nothing(row: Row, cast: Cast, settings: Any) -> None:
    address = filled(row.address, SAMPLES[row.service, row.path] | cast.values)
    for why, client in cast.bad_tokens.items():
        answer = call(client, row.service, row.method, address, settings)
        if "anonymous" in row.allowed:
            assert answer.status_code not in (401, 403), why
        else:
            assert answer.status_code == 401, why
            assert answer["WWW-Authenticate"] == "Token", why


@pytest.mark.parametrize("path", PATHS, ids=str)
def test_a_method_without_a_row_is_refused(path: Path, cast: Cast, settings: Any) -> None:
    address = filled(path.template, path.samples | cast.values)
    known = {row.method for row in table.calls() if (row.service, row.path) == path[:2]}
    for method in (method for method in METHODS if method not in known):
        for who in ("anonymous", "admin"):
            answer = call(cast.tokens[who], path.service, method, address, settings)
            assert answer.status_code in (401, 403, 405), f"{who} {method}: {answer.status_code}"


@pytest.mark.parametrize("path", PATHS, ids=str)
def test_options_tell_methods_and_nothing_else(path: Path, cast: Cast, settings: Any) -> None:
    address = filled(path.template, path.samples | cast.values)
    for client in cast.tokens.values():
        answer = call(client, path.service, "OPTIONS", address, settings)
        assert answer.status_code in (204, 401, 405)
        assert not any(header.startswith("Access-Control-") for header in answer.headers)
