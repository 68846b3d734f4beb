"""Whom the rows of a file are about."""

from entities import services
from entities.models import EntityAnchor
from entities.naming import entity_uuid
from entities.tests.conftest import ADA
from entities.tests.feed import Feed


def test_a_name_that_an_entity_does_not_have(feed: Feed) -> None:
    """Its uuid is the one that follows from the name, and it was made without that name."""
    taken, other = entity_uuid("feed", "A"), entity_uuid("feed", "B")
    services.entity_create(uuid=taken, entity_type="BANK", display_name="Alpha", context=ADA)
    rows = ["source_id,uuid,entity_type,display_name", "A,,BANK,Alpha", f",{other},BANK,Beta"]
    path = feed.write("feed.csv", "\n".join([*rows, "B,,BANK,Beta", "C,,BANK,Gamma", ""]))

    rejects = feed.rejects(path, "--source", "feed", "--effective", "2024-01-01")

    assert sorted(rejects) == [
        (2, f"{taken} exists, without this source and source_id."),
        (4, f"{other} exists, without this source and source_id."),
    ]
    assert EntityAnchor.objects.filter(source=None).count() == 2
    assert EntityAnchor.objects.filter(source="feed", source_id="C").count() == 1
