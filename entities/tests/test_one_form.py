"""Identifiers, codes and names have one form, whichever way they come in."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError, connection, transaction
from django.test import Client

from core.models.scd2.exceptions import InvalidChange
from core.models.scd2.mapper import domain_error
from entities import services
from entities.models import Entity, EntityAnchor
from entities.naming import entity_uuid
from entities.selectors import entity_snapshot, type_snapshot
from entities.tests.conftest import ADA, create, update
from entities.tests.feed import SOURCE, Feed, did

UUID = entity_uuid("fé", "Zoë 1")
LOOSE = {"source": " fe\u0301", "source_id": "Zoe\u0308 1\u00a0"}
CSV = "source_id,source,entity_type,display_name,detail:NOTE\n"
ROW = " Zoe\u0308 1 ,fe\u0301 , BANK,\tAe\u0301 GmbH ,{}\n"
LINE: dict[str, Any] = {
    **LOOSE, "entity_type": "BANK ", "display_name": " Ae\u0301 GmbH", "details": {" NOTE ": "x"}
}  # fmt: skip


def held() -> Any:
    snapshot = entity_snapshot(UUID)
    assert snapshot is not None
    names = ("source", "source_id", "entity_type", "display_name", "details")
    return {name: snapshot[name] for name in names}


HELD: dict[str, Any] = {
    "source": "fé",
    "source_id": "Zoë 1",
    "entity_type": "BANK",
    "display_name": "Aé GmbH",
    "details": {"NOTE": "x"},
}


def test_the_published_name_is_that_of_the_form() -> None:
    assert entity_uuid(**LOOSE) == UUID
    assert entity_uuid("fé", "ZOË 1") != UUID


def test_a_service_makes_it_so(types: None) -> None:
    given: dict[str, Any] = {**LINE, "display_name": "Ae\u0301 GmbH\u2003"}
    written = services.entity_create(**given, context=ADA)
    again = services.entity_create(**HELD, context=ADA)
    renamed = update(UUID, display_name=" Ae\u0301 GmbH ", entity_type=" BANK")

    assert written.uuid == again.uuid == UUID
    assert held() == HELD
    assert not again.outcome.wrote
    assert not renamed.outcome.wrote


@pytest.mark.parametrize("form", ["csv", "jsonl"])
@pytest.mark.parametrize("block", [True, False])
def test_a_file_makes_it_so_by_block_and_by_row(feed: Feed, form: str, block: bool) -> None:
    if form == "csv":
        content = CSV + (ROW + ROW.replace("Zoe", "Zo")).format("x", "x")
        content = content if block else content.replace("GmbH", "میx\u200cGmbH", 0)
    else:
        content = "\n".join([json.dumps(LINE), json.dumps({**LINE, "source_id": "Zo\u0308 1"})])
        content = content if block else content.replace('"source": ', '"source" : ')

    answer = feed.run(feed.write(f"feed.{form}", content), "--json")

    assert (answer.code, answer.err) == (0, "")
    assert held() == HELD
    again = feed.run(feed.path(f"feed.{form}"), "--source", " fe\u0301 ", "--json").json
    assert (again["entities"], again["details"]) == (did(unchanged=2), did(unchanged=2))
    assert EntityAnchor.objects.count() == 2


def test_rows_of_two_forms_are_about_one_entity(feed: Feed) -> None:
    rows = "source_id,entity_type,display_name\nA ,BANK,Alpha\n\u00a0A,BANK, Alpha\n"
    assert feed.load(rows)["entities"] == did(opened=1)


def test_a_mark_between_two_joined_files_rejects_its_row(feed: Feed) -> None:
    """What ``cat a.csv b.csv`` makes of two files that begin with a byte order mark."""
    part = "\ufeffsource_id,entity_type,display_name\n"
    path = feed.write("feed.csv", f"{part}A,BANK,Alpha\n\ufeffB,BANK,Beta\nC,BANK,Gamma\n")

    assert feed.rejects(path, *SOURCE) == [
        (3, "source_id: Character 1 is U+FEFF (BYTE ORDER MARK), which cannot be seen.")
    ]
    assert set(EntityAnchor.objects.values_list("source_id", flat=True)) == {"A", "C"}


def test_names_keep_their_joiners_and_values_everything(feed: Feed) -> None:
    name = "بانک می\u200cخواهم"
    rows = f"source_id,entity_type,display_name,detail:NOTE\nA,BANK,{name},\u200b e\u0301 \n"
    feed.load(rows)
    feed.load(json.dumps({"source_id": "A", "display_name": name}), name="again.jsonl")

    snapshot = entity_snapshot(entity_uuid("feed", "A"))
    assert snapshot is not None
    assert (snapshot["display_name"], snapshot["details"]) == (name, {"NOTE": "\u200b e\u0301 "})


def test_types_are_of_one_form(types: None) -> None:
    services.entity_type_create(code=" FUND ", name=" Fonde\u0301s", context=ADA)
    services.detail_type_create(code="ISIN\t", name="ISIN ", data_type="text", context=ADA)
    services.entity_type_update(code=" FUND", changes={"name": "Fondés "}, context=ADA)

    for model, code, name in (("EntityType", "FUND", "Fondés"), ("DetailType", "ISIN", "ISIN")):
        shown = type_snapshot(getattr(__import__("entities.models").models, model), code)
        assert shown is not None
        assert shown["name"] == name
    with pytest.raises(InvalidChange, match=r"Character 5 is U\+200B"):
        services.entity_type_create(code="FUND\u200b", name="Fund", context=ADA)
    with pytest.raises(InvalidChange, match=r"Character 2 is U\+00AD"):
        services.entity_type_update(code="FUND", changes={"name": "F\u00adund"}, context=ADA)


def test_the_admin_makes_it_so(types: None) -> None:
    client = Client()
    client.force_login(get_user_model().objects.create_superuser("root"))
    sent = {**LOOSE, "entity_type": "BANK", "display_name": " Ae\u0301 GmbH", "details.NOTE": "x"}
    page = "/entities/entity/add/"

    refused = client.post(page, {**sent, "source_id": "A\u200b"})
    created = client.post(page, sent)

    told = "Character 2 is U+200B (ZERO WIDTH SPACE), which cannot be seen."
    assert refused.context["adminform"].form.errors == {"source_id": [told]}
    assert created.status_code == 302
    assert held() == HELD
    found = client.get("/entities/entity/", {"q": " Zoe\u0308 1 "})
    assert [one.uuid for one in found.context["cl"].result_list] == [UUID]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("display_name = 'Ae' || U&'\\0301'", "A name is in Unicode's normalization form C"),
        ("display_name = 'A '", "without white space around it"),
        ("display_name = 'A' || U&'\\200B'", "without characters that cannot be seen"),
    ],
)
def test_the_database_refuses_another_form(types: None, change: str, sentence: str) -> None:
    uuid = create("Alpha").uuid
    column, _, value = change.partition(" = ")
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        copy_version(uuid, column, value)

    error = domain_error(caught.value)
    assert error is not None
    assert sentence in str(error)


def copy_version(uuid: Any, column: str, value: str) -> None:
    """Another version of an entity, as raw SQL writes it."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Entity._meta.db_table} (uuid, entity_type, {column}, valid_from, "
            f"valid_to, system_from, actor, reason) SELECT uuid, entity_type, {value}, "
            "valid_from - interval '2 days', valid_from - interval '1 day', system_from, 'ada', '' "
            f"FROM {Entity._meta.db_table} WHERE uuid = %s",
            [uuid],
        )


@pytest.mark.parametrize("column", ["source", "source_id"])
def test_the_database_refuses_another_form_of_an_identifier(types: None, column: str) -> None:
    for value in ("e\u0301", "A ", "A\u200d"):
        names = {"source": "S", "source_id": "I", column: value}
        with (
            pytest.raises(IntegrityError) as caught,
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(
                "INSERT INTO entities_entityanchor (uuid, source, source_id) "
                "VALUES (gen_random_uuid(), %(source)s, %(source_id)s)",
                names,
            )
        error = domain_error(caught.value)
        assert error is not None
        assert str(error).startswith("An identifier is in Unicode's normalization form C")
