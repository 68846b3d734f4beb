"""What somebody called a thing is text, wherever a browser shows it."""

import pytest
from django.contrib.auth import get_user_model

from auth.services import token_create
from cockpit.tests.browser.conftest import NAME, Visit
from core.models.scd2 import Channel, Context

pytestmark = pytest.mark.browser

HOSTILE = [
    "<img src=/x onerror=\"document.title='broken in'\">",
    "<script>document.title='broken in'</script>",
    "'\"><svg onload=\"document.title='broken in'\">",
    "{{ 7*7 }}{% debug %}<b>bold</b>",
    "javascript:document.title='broken in'",
]


def is_text(visit: Visit, text: str) -> None:
    """It is on the page as it was written, and nothing of it ran or was asked for."""
    assert text in visit.page.locator("body").inner_text()
    assert visit.page.title() != "broken in"
    assert visit.outside == []
    assert visit.failed == []


def fill(visit: Visit, **fields: str) -> None:
    for name, text in fields.items():
        visit.page.locator(f"[name='{name}']").fill(text)
    visit.page.locator("[name='_save']").first.click()
    visit.page.wait_for_load_state("networkidle")


@pytest.fixture
def secret(service: str) -> str:
    """A token, made before the browser has a loop of its own."""
    user = get_user_model().objects.get(username=NAME)
    tester = Context(actor="tester", channel=Channel.SYSTEM)
    return token_create(user=user, context=tester)[1]


def test_names_are_text_in_the_cockpit_and_in_swagger(secret: str, visit: Visit) -> None:
    visit.log_in()
    for number, text in enumerate(HOSTILE):
        visit.open("/entities/entitytype/add/")
        fill(visit, code=f"HOSTILE{number}", name=text, description=text, reason=text)
        visit.open("/entities/entitytype/")
        is_text(visit, text)
        visit.open(f"/entities/entitytype/HOSTILE{number}/change/")
        is_text(visit, text)
        visit.open("/core/auditentry/?q=HOSTILE")
        is_text(visit, text)
    visit.page.locator("table a[href*='/core/auditentry/']").first.click()
    visit.page.wait_for_load_state("networkidle")
    is_text(visit, HOSTILE[-1])
    show_in_swagger(visit, secret)
    for text in HOSTILE:
        assert text.replace('"', '\\"') in visit.page.locator("body").inner_text()
    assert visit.page.title() != "broken in"
    assert visit.failed == []


def show_in_swagger(visit: Visit, secret: str) -> None:
    """Call the audit log from the page that describes it, with a token."""
    visit.open("/docs")
    page = visit.page
    page.get_by_role("button", name="Authorize").first.click()
    page.locator(".auth-container input").first.fill(f"Token {secret}")
    page.locator(".auth-container button[type=submit]").first.click()
    page.locator(".btn-done").first.click()
    page.locator("#operations-audit-audit_list .opblock-summary").click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    page.locator(".live-responses-table tbody .response-col_description").wait_for()
