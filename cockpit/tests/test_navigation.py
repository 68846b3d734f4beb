"""The sidebar and the overview show what somebody may see."""

from typing import Any

import pytest
from django.test import Client

from cockpit.navigation import package_of

pytestmark = pytest.mark.django_db


def shown(client: Client) -> dict[str, list[str]]:
    navigation: Any = client.get("/").context["sidebar_navigation"]
    return {
        section.get("title", ""): [item["title"] for item in section["items"]]
        for section in navigation
        if section["items"]
    }


def test_a_superuser_sees_every_section(root: Client) -> None:
    sections = shown(root)
    assert sections[""] == ["Overview"]
    assert sections["Log"] == ["Audit entries", "Ingest batches"]
    assert sections["Access"] == ["Users", "Groups", "Tokens"]


def test_a_viewer_sees_no_log_and_no_access(viewer: Client) -> None:
    assert not {"Log", "Access"} & set(shown(viewer))


def test_every_link_leads_somewhere(root: Client) -> None:
    navigation: Any = root.get("/").context["sidebar_navigation"]
    links = [item["link"] for section in navigation for item in section["items"]]
    assert [link for link in links if root.get(link).status_code != 200] == []


@pytest.mark.parametrize("name", ["entities", "entities.apps.EntitiesConfig"])
def test_an_app_is_found_by_its_package_or_its_config(name: str) -> None:
    assert package_of(name) == "entities"
