"""Numbers and names of JSON in files and in the admin: as exact and as strict as over the API."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.test import Client

from entities.models import EntityDetail
from entities.naming import entity_uuid
from entities.tests.conftest import create
from entities.tests.feed import SOURCE, Feed, did, read_jsonl

EXACT = '{"n":100000000000000000000.75,"one":1}'
LINE = '{"source_id": "A", "entity_type": "BANK", "display_name": "Alpha", "details": %s}'


def held() -> dict[str, str]:
    return dict(EntityDetail.objects.live().values_list("detail_code", "value"))


def test_a_line_keeps_all_digits_and_comes_out_as_it_went_in(feed: Feed) -> None:
    given = '{"EXTRA": {"one": 1.0, "n": 100000000000000000000.750}, "EQUITY": 9.999e-07}'
    feed.load(LINE % given, name="feed.jsonl")

    assert held() == {"EXTRA": EXACT, "EQUITY": "0.0000009999"}
    out = feed.path("out.jsonl")
    assert feed.call("export_entities", "--format", "jsonl", "--output", str(out)).code == 0
    assert f'"EXTRA":{EXACT}' in out.read_text()
    again = feed.run(out, *SOURCE, "--json").json
    assert again["details"] == did(unchanged=2)


def test_a_whole_number_is_a_decimal_a_block_at_a_time(feed: Feed) -> None:
    lines = [LINE.replace('"A"', f'"A{n}"') % f'{{"EQUITY": {n}}}' for n in range(3)]
    feed.load("\n".join(lines), name="feed.jsonl")

    values = EntityDetail.objects.live().order_by("value").values_list("value", flat=True)
    assert list(values) == ["0", "1", "2"]


def test_a_cell_keeps_all_digits(feed: Feed) -> None:
    cell = EXACT.replace('"', '""')
    rows = f'source_id,entity_type,display_name,detail:EXTRA\nA,BANK,Alpha,"{cell}"\n'
    feed.load(rows)
    assert held() == {"EXTRA": EXACT}

    out = feed.path("out.csv")
    assert feed.call("export_entities", "--format", "csv", "--output", str(out)).code == 0
    assert feed.run(out, *SOURCE, "--json").json["details"] == did(unchanged=1)


def test_a_cell_with_a_name_twice_is_rejected(feed: Feed) -> None:
    path = feed.write(
        "feed.csv",
        'source_id,entity_type,display_name,detail:EXTRA\nA,BANK,Alpha,"{""a"":1,""a"":2}"\n'
        "B,BANK,Beta,1e0\n",
    )
    assert feed.rejects(path, *SOURCE) == [
        (2, "EXTRA: The value is not acceptable JSON: 'a' is given twice in one object.")
    ]
    assert held() == {"EXTRA": "1"}


def test_half_of_a_surrogate_pair_rejects_its_row_alone(feed: Feed) -> None:
    good = LINE.replace('"A"', '"GOOD"') % "{}"
    bad = [
        '{"source_id": "A", "entity_type": "\\ud800", "display_name": "Alpha"}',
        LINE % '{"\\ud800": 1}',
        LINE % '{"EXTRA": {"\\ud800": [1]}}',
        '{"source_id": "A", "\\ud800": 1}',
        '{"source_id": "A\\udfff", "entity_type": "BANK", "display_name": "Alpha"}',
    ]
    path = feed.write("feed.jsonl", "\n".join([*bad, good]))
    found = feed.rejects(path, *SOURCE)

    assert [line for line, _ in found] == [1, 2, 3, 4, 5]
    assert [reason.partition(" has half")[0] for _, reason in found] == [
        "entity_type",
        "The name details.'\\ud800'",
        "The name details.EXTRA.'\\ud800'",
        "The name '\\ud800'",
        "source_id",
    ]
    assert [one["row"] for one in read_jsonl(feed.path("rejects.jsonl"))] == bad
    assert feed.load(good, name="good.jsonl")["entities"] == did(unchanged=1)


def test_the_admin_reads_json_as_strictly(types: None) -> None:
    uuid = create("Alpha", source="feed", source_id="A", details={"EXTRA": {"n": 1}}).uuid
    assert uuid == entity_uuid("feed", "A")
    client = Client()
    client.force_login(get_user_model().objects.create_superuser("root"))
    page = f"/entities/entity/{uuid}/change/"

    def saved(text: str) -> Any:
        form = client.get(page).context["adminform"].form
        sent = {bound.html_name: bound.value() or "" for bound in form}
        sent |= {f"initial-{name}": value for name, value in sent.items()}
        return client.post(page, {**sent, "details.EXTRA": text})

    twice = saved('{"a": 1, "a": 2}')
    assert twice.context["adminform"].form.errors == {
        "details.EXTRA": ["The value is not acceptable JSON: 'a' is given twice in one object."]
    }
    assert saved(EXACT).status_code == 302
    assert held() == {"EXTRA": EXACT}
    assert EXACT.encode().replace(b'"', b"&quot;") in client.get(page).content
