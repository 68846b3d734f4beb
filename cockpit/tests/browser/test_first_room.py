"""Somebody logs in, looks into every list, and makes themselves a token."""

import re

import pytest
from django.contrib import admin

from cockpit.tests.browser.conftest import Visit

pytestmark = pytest.mark.browser

SECRET = re.compile(r"ccrm_[0-9a-f]{64}")


ADDED = {"entities", "cockpit_auth", "auth"}
"""Apps whose things are made here; the log is not."""


def addresses() -> list[str]:
    admin.autodiscover()
    metas = [model._meta for model in admin.site._registry]
    return [f"/{meta.app_label}/{meta.model_name}/" for meta in metas]


def forms() -> list[str]:
    empty = [f"{address}add/" for address in addresses() if address.split("/")[1] in ADDED]
    return [*empty, "/cockpit_auth/user/1/change/", "/cockpit_auth/user/1/password/"]


@pytest.mark.parametrize("scheme", ["light", "dark"], indirect=True)
def test_every_list_and_form_is_usable_and_asks_nobody_else(visit: Visit) -> None:
    visit.open("/")
    barriers = {"login": visit.barriers()}
    visit.log_in()
    barriers["/"] = visit.barriers()
    for address in [*addresses(), *forms()]:
        visit.open(address)
        assert visit.page.locator("#nav-sidebar-apps a").count() >= 5
        barriers[address] = visit.barriers()
    assert {page: found for page, found in barriers.items() if found} == {}
    assert visit.outside == []
    assert visit.failed == []


def test_every_link_of_the_overview_leads_to_a_list(visit: Visit) -> None:
    visit.log_in()
    links = visit.page.locator("main a, section a").evaluate_all("all => all.map(a => a.pathname)")
    assert set(links) == set(addresses())


def test_a_token_is_made_shown_once_and_found_in_the_log(visit: Visit) -> None:
    visit.log_in()
    visit.open("/cockpit_auth/token/add/")
    visit.page.locator("#id_user").select_option(label="root")
    visit.page.get_by_label("Name").fill("laptop")
    barriers = visit.barriers()
    visit.page.get_by_role("button", name="Save", exact=True).click()
    visit.page.wait_for_load_state("networkidle")
    barriers += visit.barriers()
    assert len(set(SECRET.findall(visit.page.content()))) == 1
    visit.page.reload()
    assert SECRET.search(visit.page.content()) is None
    visit.open("/core/auditentry/")
    visit.page.locator("#result_list .field-at a").first.click()
    visit.page.wait_for_load_state("networkidle")
    change = visit.page.get_by_role("table", name="Before and after")
    assert change.get_by_role("row", name="name – laptop").count() == 1
    barriers += visit.barriers()
    assert barriers == []
    assert visit.outside == []
    assert visit.failed == []
