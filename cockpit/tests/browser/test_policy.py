"""The pages work under the Content-Security-Policy that they are sent with."""

import pytest

from cockpit.tests.browser.conftest import Visit

pytestmark = pytest.mark.browser


def test_swagger_and_redoc_show_the_description(visit: Visit) -> None:
    visit.open("/docs")
    visit.page.get_by_text("/api/v1/auth/tokens", exact=True).first.click()
    assert visit.page.get_by_role("button", name="Try it out").count() >= 1
    assert visit.outside == []
    assert visit.failed == []
    visit.open("/redoc")
    assert visit.page.get_by_role("heading", name="Cockpit (1)").count() >= 1
    assert visit.page.get_by_text("/api/v1/auth/tokens").count() >= 1
    assert visit.outside == []
    assert visit.failed == []


def test_menus_of_the_cockpit_open(visit: Visit) -> None:
    visit.log_in()
    visit.page.locator("nav, header").get_by_text("root").first.click()
    visit.page.get_by_text("Log out").first.wait_for(state="visible")
    assert visit.failed == []


def test_a_script_that_gets_into_a_page_does_not_run(visit: Visit) -> None:
    visit.log_in()
    run = """() => {
        const script = document.createElement('script');
        script.textContent = 'window.broken_in = true';
        document.body.append(script);
        document.body.insertAdjacentHTML('beforeend', '<img src="/x" onerror="broken_in = true">');
        return new Promise(done => setTimeout(() => done(window.broken_in === true), 300));
    }"""
    assert visit.page.evaluate(run) is False
    refused = [text for text in visit.failed if "Content Security Policy" in text]
    assert len(refused) >= 2
