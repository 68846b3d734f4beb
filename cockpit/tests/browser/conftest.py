"""A real browser on a real service with a database of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import get_user_model
from pytest_django.live_server_helper import LiveServer

from core.tests.databases import CommittedDatabase

if TYPE_CHECKING:
    from playwright.sync_api import Page

NAME, PASSWORD = "root", "correct horse battery 1"


@pytest.fixture
def service(committed_db: CommittedDatabase) -> Iterator[str]:
    """The address of the cockpit, whose superuser is NAME."""
    get_user_model().objects.create_superuser(NAME, password=PASSWORD)
    server = LiveServer("127.0.0.1")
    yield server.url
    server.stop()


class Visit:
    """A page that remembers what a careful visitor would complain about."""

    def __init__(self, page: Page, service: str) -> None:
        self.page = page
        self.service = service
        self.outside: list[str] = []
        self.failed: list[str] = []
        page.on("request", lambda request: self.note_request(request.url))
        page.on("response", self.note_response)
        page.on("console", self.note_console)
        page.on("pageerror", lambda error: self.failed.append(str(error)))

    def note_request(self, url: str) -> None:
        if not url.startswith((f"{self.service}/", "data:", "blob:")):
            self.outside.append(url)

    def note_response(self, response: Any) -> None:
        if response.status >= 400:
            self.failed.append(f"{response.status} {response.url}")

    def note_console(self, message: Any) -> None:
        """What the policy forbids is said there, and nowhere else."""
        if message.type == "error":
            self.failed.append(message.text)

    def open(self, address: str) -> None:
        self.page.goto(f"{self.service}{address}")
        self.page.wait_for_load_state("networkidle")

    def log_in(self) -> None:
        self.open("/")
        self.page.get_by_label("Username").fill(NAME)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Log in").click()
        # The login page is idle as well: wait for the page behind it, until its scripts are bound.
        self.page.wait_for_url(f"{self.service}/", wait_until="networkidle")

    def barriers(self) -> list[str]:
        """What axe calls serious or critical on the page as it is."""
        from axe_playwright_python.sync_playwright import Axe

        found = Axe().run(self.page).response["violations"]
        return [
            f"{violation['id']}: {node['html']}"
            for violation in found
            if violation["impact"] in ("serious", "critical")
            for node in violation["nodes"]
        ]


@pytest.fixture
def scheme(request: pytest.FixtureRequest) -> str:
    """The colours that the visitor's system asks for: light, unless a test says otherwise."""
    return str(getattr(request, "param", "light"))


@pytest.fixture
def visit(service: str, scheme: str) -> Iterator[Visit]:
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium")
    assert chromium, "These tests drive chromium: install it (apt-get install chromium)."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        size: Any = {"width": 1400, "height": 900}
        page = browser.new_page(viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
        yield Visit(page, service)
        browser.close()
