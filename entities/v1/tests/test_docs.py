import re

import pytest
from django.contrib.staticfiles import finders
from rest_framework.test import APIClient

OUTSIDE = re.compile(r"""(?:src|href|url)\s*[=(]\s*["']?(?:https?:)?//""")


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/docs?script="])
def test_the_pages_ask_no_other_host(db: None, path: str) -> None:
    response = APIClient().get(path)
    page = response.content.decode()
    assert response.status_code == 200
    assert not OUTSIDE.search(page)
    assert "googleapis" not in page


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
def test_a_browser_would_not_let_them(db: None, path: str) -> None:
    policy = APIClient().get(path)["Content-Security-Policy"]
    assert policy == (
        "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
        "font-src 'self' data:; worker-src 'self' blob:; object-src 'none'; "
        "frame-ancestors 'none'"
    )


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


def test_no_script_stands_in_the_pages(db: None) -> None:
    for path in ("/docs", "/redoc"):
        page = APIClient().get(path).content.decode()
        assert re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", page) == []


def test_they_show_the_schema(db: None) -> None:
    assert 'spec-url="/schema"' in APIClient().get("/redoc").content.decode()
    script = APIClient().get("/docs?script=")
    assert script["Content-Type"] == "application/javascript"
    assert 'url: "/schema"' in script.content.decode()
