"""What the tables refuse, whoever writes; as the owner, who may write rows by hand."""

import random
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connections, models, transaction
from django.db.utils import DataError
from psycopg import sql

from core.models.scd2.exceptions import DirectWriteError
from core.models.scd2.hash_diff import hash_diff
from entities.abstract import AbstractEntity
from entities.models import (
    DetailType,
    DetailTypeAnchor,
    Entity,
    EntityAnchor,
    EntityDetail,
    EntityType,
    EntityTypeAnchor,
)

pytestmark = pytest.mark.django_db(databases=["default", "owner"])

ONE = UUID("00000000-0000-0000-0000-000000000001")
ALL = (
    EntityTypeAnchor,
    EntityType,
    DetailTypeAnchor,
    DetailType,
    EntityAnchor,
    Entity,
    EntityDetail,
)


class Table:
    """Rows by hand."""

    def insert(self, table: str, **columns: Any) -> None:
        query = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, columns)),
            sql.SQL(", ").join(map(sql.Placeholder, columns)),
        )
        with transaction.atomic("owner"), connections["owner"].cursor() as cursor:
            cursor.execute(query, columns)

    def version(self, table: str, **columns: Any) -> None:
        about = {"valid_from": "2020-01-01Z", "actor": "ada"}
        names, values = zip(*(about | columns).items(), strict=True)
        marks = ", ".join(["%s"] * len(values))
        with transaction.atomic("owner"), connections["owner"].cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} (system_from, {', '.join(names)}) "
                f"VALUES (clock_timestamp(), {marks})",
                values,
            )

    def one(self, query: str) -> Any:
        with connections["owner"].cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchone()


@pytest.fixture
def table() -> Table:
    made = Table()
    made.insert("entities_entitytypeanchor", code="BANK")
    made.insert("entities_detailtypeanchor", code="BIC")
    made.insert("entities_entityanchor", uuid=ONE)
    return made


def refused(constraint: str, error: type[Exception] = IntegrityError) -> Any:
    return pytest.raises(error, match=constraint)


@pytest.mark.parametrize("code", ["", "bank", "1BANK", "_BANK", "BÄNK", "BANK\n", "BA NK", "BA-NK"])
@pytest.mark.parametrize("kind", ["entitytype", "detailtype"])
def test_a_code_is_made_of_capitals_digits_and_underscores(
    table: Table, kind: str, code: str
) -> None:
    with refused(f"entities_{kind}anchor_code"):
        table.insert(f"entities_{kind}anchor", code=code)


def test_a_code_has_at_most_fifty_characters(table: Table) -> None:
    table.insert("entities_entitytypeanchor", code="B" * 50)
    with pytest.raises(DataError, match="too long"):
        table.insert("entities_entitytypeanchor", code="B" * 51)


@pytest.mark.parametrize(
    "named",
    [
        {"source": "a", "source_id": None},
        {"source": None, "source_id": "a"},
        {"source": "", "source_id": "a"},
        {"source": "a", "source_id": ""},
        {"source": "a\tb", "source_id": "c"},
        {"source": "a", "source_id": "\u0085"},
    ],
)
def test_a_feed_names_an_entity_whole_or_not_at_all(table: Table, named: dict[str, Any]) -> None:
    with refused("entities_entityanchor_source"):
        table.insert("entities_entityanchor", uuid=uuid4(), **named)


def test_a_feed_gives_a_name_once(table: Table) -> None:
    table.insert("entities_entityanchor", uuid=uuid4(), source="a", source_id="1")
    table.insert("entities_entityanchor", uuid=uuid4(), source="a", source_id="2")
    with refused("entities_entityanchor_source_id"):
        table.insert("entities_entityanchor", uuid=uuid4(), source="a", source_id="1")


def test_many_entities_need_no_feed(table: Table) -> None:
    table.insert("entities_entityanchor", uuid=uuid4())
    table.insert("entities_entityanchor", uuid=uuid4())


@pytest.mark.parametrize("name", ["", "a\nb", "\x01", "a\x7f", "a\u0080"])
def test_a_display_name_is_one_line(table: Table, name: str) -> None:
    with refused("entities_entity_display_name"):
        table.version("entities_entity", uuid=ONE, entity_type="BANK", display_name=name)


def test_a_display_name_has_at_most_500_characters(table: Table) -> None:
    with pytest.raises(DataError, match="too long"):
        table.version("entities_entity", uuid=ONE, entity_type="BANK", display_name="ä" * 501)
    table.version("entities_entity", uuid=ONE, entity_type="BANK", display_name="𝔸" * 500)


def test_the_longest_name_fits_into_every_index(table: Table) -> None:
    """Of characters that no compression makes smaller, and of ones with the longest keys."""
    chance = random.Random(1)
    table.insert("entities_entitytypeanchor", code="B" * 50)
    for first, last in ((0x20000, 0x2A6D0), (0xFDFA, 0xFDFB)):
        uuid = uuid4()
        table.insert("entities_entityanchor", uuid=uuid)
        name = "".join(chr(chance.randrange(first, last)) for _ in range(500))
        table.version("entities_entity", uuid=uuid, entity_type="B" * 50, display_name=name)


def test_a_value_has_at_most_ten_thousand_characters(table: Table) -> None:
    detail = {"entity_uuid": ONE, "detail_code": "BIC"}
    with refused("entities_entitydetail_value"):
        table.version("entities_entitydetail", **detail, value="ä" * 10_001)
    table.version("entities_entitydetail", **detail, value="ä" * 10_000)


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("entity", {"uuid": uuid4(), "entity_type": "BANK", "display_name": "A"}),
        ("entity", {"uuid": ONE, "entity_type": "NONE", "display_name": "A"}),
        ("entitydetail", {"entity_uuid": uuid4(), "detail_code": "BIC", "value": "A"}),
        ("entitydetail", {"entity_uuid": ONE, "detail_code": "NONE", "value": "A"}),
        ("entitytype", {"code": "NONE", "name": "A", "description": "", "is_pii_name": False}),
    ],
)
def test_a_version_needs_what_it_names(table: Table, name: str, columns: dict[str, Any]) -> None:
    with refused("names nothing that exists"):
        table.version(f"entities_{name}", **columns)


def test_a_data_type_is_one_of_those_that_are_known(table: Table) -> None:
    columns = {"code": "BIC", "name": "A", "description": "", "is_pii": False}
    with refused("entities_detailtype_data_type"):
        table.version("entities_detailtype", **columns, data_type="number")
    table.version("entities_detailtype", **columns, data_type="decimal")


def test_the_digest_is_of_the_payload_alone(table: Table) -> None:
    table.version("entities_entity", uuid=ONE, entity_type="BANK", display_name="Łódź")
    table.version("entities_entitydetail", entity_uuid=ONE, detail_code="BIC", value="1.0")
    assert bytes(table.one("SELECT hash_diff FROM entities_entity")[0]) == hash_diff(
        ("BANK", "Łódź")
    )
    assert bytes(table.one("SELECT hash_diff FROM entities_entitydetail")[0]) == hash_diff(("1.0",))


def test_two_live_versions_of_a_detail_do_not_overlap(table: Table) -> None:
    detail = {"entity_uuid": ONE, "detail_code": "BIC", "value": "A"}
    table.version("entities_entitydetail", **detail, valid_to="2021-01-01Z")
    table.version("entities_entitydetail", **detail, valid_from="2021-01-01Z")
    with refused("entities_entitydetail_no_overlap"):
        table.version(
            "entities_entitydetail", **detail, valid_from="2020-06-01Z", valid_to="2020-07-01Z"
        )


@pytest.mark.parametrize("model", ALL)
def test_save_and_delete_name_the_service(model: type[models.Model]) -> None:
    for write in (model().save, model().delete, model.objects.all().delete):  # type: ignore[attr-defined]
        with pytest.raises(DirectWriteError):
            write()


def indexes(table: str) -> Iterator[str]:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename = %s", [table])
        yield from (row[0].partition(" USING ")[2] for row in cursor.fetchall())


def test_the_indexes_that_reads_rely_on_are_there() -> None:
    instants = "valid_from, valid_to, system_from, system_to, closed_at"
    name = 'sort_key, display_name COLLATE "C"'
    assert {
        f"btree ({name}, uuid) INCLUDE (id, {instants})",
        f"btree (entity_type, {name}, uuid) INCLUDE (id, {instants})",
        "gin (search_key gin_trgm_ops) WHERE (system_to IS NULL)",
    } <= set(indexes("entities_entity"))
    assert (
        "btree (detail_code, core_normal_digest(value, hash_diff), entity_uuid) "
        "INCLUDE (valid_from, valid_to) WHERE (system_to IS NULL)"
    ) in set(indexes("entities_entitydetail"))


def test_every_index_and_constraint_name_carries_the_app_and_the_class() -> None:
    for model in ALL:
        named = [*model._meta.indexes, *model._meta.constraints]
        assert named
        assert all(one.name.startswith(f"entities_{model._meta.model_name}"[:21]) for one in named)


def test_an_abstract_model_brings_its_versioning_along() -> None:
    made = AbstractEntity.versioned_by(anchor=EntityAnchor, types=EntityTypeAnchor, service="x.y")
    assert (made.key, made.tracked) == (("uuid",), ("entity_type", "display_name"))
    assert made.references == {"entity_type": EntityTypeAnchor}


def test_a_version_and_an_anchor_say_what_they_are() -> None:
    assert str(Entity(display_name="Alpha")) == "Alpha"
    assert str(EntityDetail(detail_code="BIC", value="A")) == "BIC A"
    assert str(EntityType(code="BANK")) == str(EntityTypeAnchor(code="BANK")) == "BANK"
    assert str(EntityAnchor(uuid=ONE)) == str(ONE)
