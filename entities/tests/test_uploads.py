"""What an upload asks for, from the form over HTTP to the register, as a worker runs it."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from core.ingest import batches
from core.ingest.background import run
from core.models import BatchState
from core.tests.problems import wrong
from entities.models import Entity, EntityDetail
from entities.naming import entity_uuid
from entities.tests.background import steward
from entities.tests.feed import Feed

BATCHES = "/api/v1/batches"
HEADER = "source_id,op,entity_type,display_name,valid_from,valid_to,detail:NOTE"
Loaded = Callable[..., Any]


@pytest.fixture
def client(feed: Feed, settings: Any) -> APIClient:
    settings.ROOT_URLCONF = "cockpit.config.urls"
    client = APIClient()
    client.force_authenticate(steward())
    return client


@pytest.fixture
def loaded(client: APIClient) -> Loaded:
    """The batch of an upload, as its address tells it after a worker ran it."""

    def load(*rows: str, name: str = "feed.csv", **fields: str) -> Any:
        lines = rows if name.endswith("jsonl") else (HEADER, *rows)
        file = io.BytesIO("".join(f"{line}\n" for line in lines).encode())
        file.name = name
        given = {"source": "feed", "file": file} | fields
        sent = client.post(BATCHES, {name: v for name, v in given.items() if v}, format="multipart")
        assert sent.status_code == 202, sent.content
        run(sent.json()["id"], stop=lambda: False)
        return client.get(sent["Location"]).json()

    return load


def timeline(source_id: str = "A") -> list[tuple[str, str, str]]:
    rows = Entity.objects.live().filter(uuid=entity_uuid("feed", source_id)).order_by("valid_from")
    return [
        (
            row.display_name,
            row.valid_from.date().isoformat(),
            row.valid_to.date().isoformat() if row.valid_to else "",
        )
        for row in rows
    ]


def reasons(client: APIClient, batch: Any) -> list[tuple[int, str]]:
    return [(one["line"], one["reason"]) for one in kept(client, batch["rejects"])]


def kept(client: APIClient, address: str) -> list[Any]:
    """The lines of what is kept beside a batch."""
    answer: Any = client.get(address)
    return list(map(json.loads, b"".join(answer.streaming_content).splitlines()))


def done(batch: Any) -> bool:
    return (batch["state"], batch["rejected"], batch["error"]) == (BatchState.DONE, 0, "")


def test_whole_timelines(loaded: Loaded) -> None:
    assert done(loaded("A,,BANK,Old,2015-01-01,,x"))
    rows = ("A,,BANK,One,2020-01-01,,", "A,,BANK,Two,2021-01-01,2022-01-01,")

    assert done(loaded(*rows, whole_timelines="true"))

    assert timeline() == [("One", "2020-01-01", "2021-01-01"), ("Two", "2021-01-01", "2022-01-01")]
    assert not EntityDetail.objects.live().exists()


def test_inclusive_ends(loaded: Loaded) -> None:
    assert done(loaded("A,,BANK,One,2020-01-01,2020-12-31,", inclusive_ends="true"))
    assert timeline() == [("One", "2020-01-01", "2021-01-01")]


def test_the_last_row_wins(loaded: Loaded, client: APIClient) -> None:
    rows = ("A,,BANK,One,2020-01-01,,", "A,,BANK,Two,2020-01-01,,")
    first = loaded(*rows)
    assert reasons(client, first) == [
        (3, "Line 2 says something else of the same thing from the same instant on.")
    ]
    assert timeline() == [("One", "2020-01-01", "")]

    assert done(loaded(*rows, last_wins="true"))

    assert timeline() == [("Two", "2020-01-01", "")]


def test_how_many_may_have_their_past_rewritten(loaded: Loaded) -> None:
    rows = [f"{name},,BANK,{name},2020-01-01,," for name in "ABC"]
    full = {"mode": "full", "effective": "2024-01-01"}
    assert done(loaded(*rows, **full))
    changed = [row.replace(",A,", ",Z,").replace(",B,", ",Y,") for row in rows]

    refused = loaded(*changed, **full | {"effective": "2024-06-01", "max_corrected": "1"})

    assert (refused["state"], refused["counts"]) == ("refused", {})
    assert refused["error"].startswith(
        "The file rewrites the past of 2 things, while 3 are known in its source, and "
        "--max-corrected 1 allows no more than 1."
    )
    assert timeline() == [("A", "2020-01-01", "")]
    assert done(loaded(*changed, **full | {"effective": "2024-06-01", "max_corrected": "2"}))
    assert timeline() == [("Z", "2020-01-01", "")]


def test_a_source_much_like_a_known_one(loaded: Loaded, client: APIClient) -> None:
    row = '{"source_id": "A", "source": "%s", "entity_type": "BANK", "display_name": "One"}'
    assert done(loaded("A,,BANK,One,2020-01-01,,"))
    file = io.BytesIO(HEADER.encode())
    file.name = "feed.csv"

    sent = client.post(BATCHES, {"source": "Feed", "file": file}, format="multipart")
    assert wrong(sent) == [("source", "looks_like_source")]
    slip = loaded(row % "Feed", name="feed.jsonl", source="")
    assert (slip["state"], slip["system_instant"]) == ("failed", None)
    assert slip["error"].startswith("There is no source 'Feed' yet, but 'feed'")
    for fields in ({"source": "Feed"}, {"source": ""}):
        meant = loaded(row % "Feed", name="feed.jsonl", new_source="true", **fields)
        assert done(meant)
        assert meant["new_source"] == ("Feed" if fields["source"] else "")


def test_what_an_old_file_says_is_overtaken(loaded: Loaded, client: APIClient) -> None:
    assert done(loaded("A,,BANK,New,2022-01-01,,"))
    assert done(loaded("A,end,,,2023-01-01,,"))

    shown = loaded("A,,BANK,Newer,2022-06-01,,", dry_run="true")
    assert shown["state"] == "dry_run"
    old = loaded("A,,BANK,Newer,2022-06-01,,")

    assert shown["affected"] == old["affected"] == {"ended": 0, "corrected": 1, "overtaken": 1}
    for batch in (shown, old):
        assert [
            (one["what"], one["source_id"], one["from"], one["line"])
            for one in kept(client, batch["report"])
            if one["what"] == "overtaken"
        ] == [("overtaken", "A", "2023-01-01T00:00:00Z", 2)]
    assert timeline() == [
        ("New", "2022-01-01", "2022-06-01"),
        ("Newer", "2022-06-01", "2023-01-01"),
    ]


@pytest.mark.parametrize(
    "field",
    [
        '"entity_type": "\\ud800"',
        '"details": {"\\udc00": "x"}',
        '"\\ud800": "x"',
        '"details": {"NOTE": "\\ud83d"}',
        '"reason": "\\ud800"',
    ],
)
def test_half_a_surrogate_pair_is_one_row_s_matter(
    loaded: Loaded, client: APIClient, field: str
) -> None:
    good = (
        '{"source_id": "A", "entity_type": "BANK", "display_name": "One", '
        '"valid_from": "2020-01-01"}'
    )
    bad = good.replace('"A"', '"B"').replace("}", f", {field}}}")

    batch = loaded(good, bad, name="feed.jsonl")

    assert (batch["state"], batch["read"], batch["rejected"]) == ("done", 2, 1)
    ((line, reason),) = reasons(client, batch)
    assert line == 2
    assert reason
    assert timeline() == [("One", "2020-01-01", "")]
    assert timeline("B") == []


def test_a_preview_names_who_it_would_end(loaded: Loaded, client: APIClient) -> None:
    rows = ("A,,BANK,Alpha,2020-01-01,,", "B,,BANK,Beta,2020-01-01,,")
    assert done(loaded(*rows, mode="full", effective="2024-01-01"))

    shown = loaded(rows[0], mode="full", effective="2024-06-01", max_ended="1", dry_run="true")

    assert (shown["state"], shown["percent"], shown["missing"]) == ("dry_run", 100, 1)
    assert [
        (one["what"], one["source_id"], one["display_name"], one["line"])
        for one in kept(client, shown["report"])
    ] == [("ended", "B", "Beta", None)]
    assert timeline("B") == [("Beta", "2020-01-01", "")]
    applied = client.post(f"{BATCHES}/{shown['id']}/apply")
    run(applied.json()["id"], stop=lambda: False)
    assert timeline("B") == [("Beta", "2020-01-01", "2024-06-01")]


@pytest.mark.parametrize("future", ["keep", "overwrite"])
def test_a_future_that_is_said_and_an_end_contradict_each_other(
    loaded: Loaded, client: APIClient, feed: Feed, future: str
) -> None:
    row = "A,,BANK,One,2020-01-01,2021-01-01,"
    sentence = f"valid_to: It says how far the row reaches, and so does future={future}."

    assert reasons(client, loaded(row, future=future)) == [(2, sentence)]

    path = feed.write("feed.csv", f"{HEADER}\n{row}\n")
    assert feed.rejects(path, "--source", "feed", "--future", future) == [(2, sentence)]
    assert timeline() == []
    assert done(loaded(row))


def test_what_a_timeline_leaves_for_a_future_to_say(feed: Feed) -> None:
    path = feed.write("feed.csv", f"{HEADER}\nA,,BANK,One,2020-01-01,,\n")
    answer = feed.run(path, "--source", "feed", "--whole-timelines", "--future", "keep")
    assert answer.code == 1
    assert "--future has nothing to decide" in answer.err


def test_codes_that_are_nearly_right(loaded: Loaded, client: APIClient) -> None:
    row = '{"source_id": "A", "entity_type": "BANK", "display_name": "One", "details": {"%s": "x"}}'
    batch = loaded(*(row % code for code in ("note", "EMIAL", "Q")), name="feed.jsonl")
    assert reasons(client, batch) == [
        (1, "There is no detail type note; did you mean NOTE?"),
        (2, "There is no detail type EMIAL; did you mean EMAIL?"),
        (3, "There is no detail type Q."),
    ]


def test_the_percent_of_a_run_never_falls(
    loaded: Loaded, client: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []
    original = batches.batch_progress

    def note(batch_id: int, **values: Any) -> None:
        original(batch_id, **values)
        seen.append(client.get(f"{BATCHES}/{batch_id}").json()["percent"])

    monkeypatch.setattr("core.ingest.run.batch_progress", note)
    monkeypatch.setattr("core.ingest.run.NOTED_EVERY", -1.0)

    batch = loaded("A,,BANK,One,2020-01-01,,", "B,,FIRM,Two,2020-01-01,,")

    assert (batch["state"], batch["rejected"], batch["percent"]) == ("done", 1, 100)
    assert seen == [50, 50, 50]
