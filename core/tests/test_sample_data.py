"""The sample files are what their manifest, facts and README say."""

import csv
import gzip
import hashlib
import json
from itertools import pairwise
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from sample_data import derive, facts

MANIFEST = json.loads((derive.HERE / "releases.json").read_text(encoding="utf-8"))
FACTS = json.loads((derive.HERE / "facts.json").read_text(encoding="utf-8"))

each_release = pytest.mark.parametrize("release", MANIFEST, ids=lambda release: release["version"])


def entry(code: str, name: str, country: str = "DE", **rest: object) -> dict[str, Any]:
    told = {"bic": "AAAADEFFXXX", "short_name": name, "primary": True}
    return {"country_code": country, "bank_code": code, "name": name, **told, **rest}


def wheel(path: Path, **files: object) -> Path:
    with ZipFile(path, "w") as archive:
        for name, document in files.items():
            member = f"schwifty/bank_registry/generated_{name.replace('__', '.')}.json"
            archive.writestr(member, json.dumps(document))
    return path


class TestFiles:
    @each_release
    def test_digest_and_rows(self, release: dict[str, Any]) -> None:
        path = derive.HERE / release["file"]
        assert hashlib.sha256(path.read_bytes()).hexdigest() == release["sha256"]
        assert len(list(facts.rows(path))) == release["rows"]

    @each_release
    def test_header_and_line_ends(self, release: dict[str, Any]) -> None:
        text = gzip.decompress((derive.HERE / release["file"]).read_bytes()).decode()
        assert tuple(text.partition("\n")[0].split(",")) == derive.COLUMNS
        assert "\r" not in text

    @each_release
    def test_rows_are_well_formed(self, release: dict[str, Any]) -> None:
        rows = list(facts.rows(derive.HERE / release["file"]))
        keys = [row["source_id"] for row in rows]
        assert keys == sorted(set(keys))
        for row in rows:
            country, _, code = row["source_id"].partition(":")
            upsert = ("upsert", "BANK", code, country)
            said = [row[c] for c in ("op", "entity_type", "detail:BANK_CODE", "detail:COUNTRY")]
            assert tuple(said) in {upsert, ("end", "", "", "")}
            assert bool(row["display_name"]) is (row["op"] == "upsert")

    def test_dates_ascend_and_name_the_files(self) -> None:
        dates = [release["date"] for release in MANIFEST]
        assert all(earlier < later for earlier, later in pairwise(dates))
        named = [f"bank-register-{date.removesuffix('T00:00:00Z')}.csv.gz" for date in dates]
        assert named == [release["file"] for release in MANIFEST]
        assert sorted(named) == sorted(path.name for path in derive.HERE.glob("*.gz"))

    def test_the_whole_is_small(self) -> None:
        assert sum(path.stat().st_size for path in derive.HERE.glob("*.gz")) < 4 * 2**20

    @pytest.mark.parametrize("counts", FACTS["releases"], ids=lambda counts: counts["date"])
    def test_readme_has_its_line(self, counts: dict[str, Any]) -> None:
        version = {release["file"]: release["version"] for release in MANIFEST}[counts["file"]]
        banks = " | ".join(f"{counts['banks'][country]:,}" for country in derive.COUNTRIES)
        moved = f"{counts['new']:,} | {counts['ended']:,} | {counts['names_changed']:,}"
        line = f"| `{counts['file']}` | {version} | {counts['rows']:,} | {banks} | {moved} |"
        assert line in (derive.HERE / "README.md").read_text(encoding="utf-8")


class TestFacts:
    def test_are_what_the_files_say(self) -> None:
        assert facts.facts() == FACTS

    @pytest.mark.parametrize("counts", FACTS["releases"], ids=lambda counts: counts["date"])
    def test_counts_add_up(self, counts: dict[str, Any]) -> None:
        banks = sum(counts["banks"].values())
        assert banks + counts["ended"] == counts["rows"]
        either = banks - counts["new"] - counts["unchanged"]
        assert max(counts["names_changed"], counts["details_changed"]) <= either
        assert either <= counts["names_changed"] + counts["details_changed"]

    def test_degussa_bank_became_oldenburgische_landesbank(self) -> None:
        steps = [
            (piece["from"], piece["to"], piece["display_name"], piece["details"]["BIC"])
            for piece in FACTS["timelines"]["DE:50010700"]
        ]
        first, second, third = (
            f"{d}T00:00:00Z" for d in ("2021-01-20", "2024-11-11", "2025-07-28")
        )
        assert steps == [
            (first, second, "Degussa Bank", "DEGUDEFFXXX"),
            (second, third, "Oldenburgische Landesbank", "DEGUDEFFXXX"),
            (third, None, "Oldenburgische Landesbank AG", "DEGUDEFFXXX"),
        ]

    def test_a_code_may_come_back_without_its_old_values(self) -> None:
        pieces = FACTS["timelines"]["PL:90680003"]
        assert [piece["to"] for piece in pieces[-2:]] == ["2024-08-13T00:00:00Z", None]
        assert pieces[-1]["from"] == "2025-07-28T00:00:00Z"

    def test_a_null_removes_a_value(self) -> None:
        pieces = FACTS["timelines"]["AT:18170"]
        assert [piece["details"].get("BIC") for piece in pieces] == ["OKOMATWWXXX", None]


class TestDerive:
    def test_the_primary_entry_is_chosen(self, tmp_path: Path) -> None:
        lesser = [entry("1", "Branch", bic="AAAADEFF000", primary=False)]
        path = wheel(tmp_path / "a.whl", de=[*lesser, entry("1", "Head")], at=[], pl=[])
        assert derive.register(path)["DE:1"]["display_name"] == "Head"

    def test_without_a_primary_the_first_in_order_is_chosen(self, tmp_path: Path) -> None:
        late = entry("1", "Late", bic="BBBBDEFF", primary=False)
        early = entry("1", "Early", bic="AAAADEFF", primary=False)
        path = wheel(tmp_path / "a.whl", de=[late, early])
        assert derive.register(path)["DE:1"]["detail:BIC"] == "AAAADEFF"

    def test_codes_that_share_an_entry_are_told_apart(self, tmp_path: Path) -> None:
        shared = {**entry("", "Bank", "PL"), "bank_codes": ["10", "20"]}
        told = {"entries": [shared], "expand_from": "bank_codes", "expand_into": "bank_code"}
        found = derive.register(wheel(tmp_path / "a.whl", pl__v2=told))
        assert {key: row["detail:BANK_CODE"] for key, row in found.items()} == {
            "PL:10": "10",
            "PL:20": "20",
        }

    def test_austrian_codes_have_five_digits(self, tmp_path: Path) -> None:
        path = wheel(tmp_path / "a.whl", at=[entry("100", "Nationalbank", "AT")])
        assert list(derive.register(path)) == ["AT:00100"]

    def test_spaces_are_tidied(self) -> None:
        assert derive.row(entry("1", " Bank  of\tA "))["display_name"] == "Bank of A"

    def test_feed_says_nothing_null_and_end(self) -> None:
        rich, poor = derive.row(entry("1", "A")), derive.row(entry("1", "A", bic=""))
        assert next(derive.feed({"DE:1": poor}, {"DE:1": rich}))["detail:BIC"] == r"\N"
        assert next(derive.feed({"DE:1": poor}, {"DE:1": poor}))["detail:BIC"] == ""
        assert next(derive.feed({"DE:1": poor}, {}))["detail:BIC"] == ""
        assert list(derive.feed({}, {"DE:1": rich})) == [{"source_id": "DE:1", "op": "end"}]

    def test_the_same_rows_give_the_same_bytes(self, tmp_path: Path) -> None:
        rows = [derive.row(entry("1", 'Bank "Ä", Łódź'))]
        for name in ("a.gz", "b.gz"):
            derive.write(tmp_path / name, rows)
        assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()
        assert (tmp_path / "a.gz").read_bytes()[4:8] == b"\0\0\0\0"
        with gzip.open(tmp_path / "a.gz", "rt", encoding="utf-8", newline="") as file:
            assert list(csv.DictReader(file)) == rows

    def test_a_missing_wheel_is_named(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr("sys.argv", ["derive.py", str(tmp_path)])
        with pytest.raises(SystemExit) as stop:
            derive.main()
        assert stop.value.code == 2
        assert "schwifty-2021.1.0-py3-none-any.whl is missing" in capsys.readouterr().err
