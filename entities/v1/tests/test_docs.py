import re
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from rest_framework.test import APIClient

from core import csp

OUTSIDE = re.compile(r"""(?:src|href|url)\s*[=(]\s*["']?(?:https?:)?//""")


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/docs?script="])
def test_the_pages_ask_no_other_host(db: None, path: str) -> None:
    response = APIClient().get(path)
    page = response.content.decode()
    assert response.status_code == 200
    assert not OUTSIDE.search(page)
    assert "googleapis" not in page


def policy_of(path: str) -> set[str]:
    policy: str = APIClient().get(path)["Content-Security-Policy"]
    return set(policy.split("; "))


def test_a_browser_would_not_let_them(db: None) -> None:
    allowed = {
        "default-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
    }
    assert policy_of("/docs") == allowed
    assert policy_of("/redoc") == {*allowed, "worker-src blob:"}


@pytest.mark.parametrize("path", ["/api/v1/entities", "/health/live", "/nowhere", "/schema"])
def test_an_answer_that_is_no_page_may_do_nothing_in_a_browser(
    db: None, settings: Any, path: str
) -> None:
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": csp.NOTHING}
    assert policy_of(path) == {
        "default-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'none'",
    }


@pytest.mark.parametrize(
    ("path", "scripts"),
    [
        (
            "/docs",
            [
                "swagger-ui-dist/swagger-ui-bundle.js",
                "swagger-ui-dist/swagger-ui-standalone-preset.js",
            ],
        ),
        ("/redoc", ["redoc/bundles/redoc.standalone.js"]),
    ],
)
def test_their_scripts_are_ours_to_serve(db: None, path: str, scripts: list[str]) -> None:
    page = APIClient().get(path).content.decode()
    for script in scripts:
        assert f'src="/static/drf_spectacular_sidecar/{script}"' in page
        assert finders.find(f"drf_spectacular_sidecar/{script}")


def test_redoc_is_kept_from_the_logo_of_its_maker(db: None) -> None:
    page = APIClient().get("/redoc").content.decode()
    assert finders.find("core/redoc.js")
    assert page.index('src="/static/core/redoc.js"') < page.index("redoc.standalone.js")


def test_no_script_stands_in_the_pages(db: None) -> None:
    for path in ("/docs", "/redoc"):
        page = APIClient().get(path).content.decode()
        assert re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", page) == []


def test_they_show_the_schema(db: None) -> None:
    assert 'spec-url="/schema"' in APIClient().get("/redoc").content.decode()
    script = APIClient().get("/docs?script=")
    assert script["Content-Type"] == "application/javascript"
    assert 'url: "/schema"' in script.content.decode()
