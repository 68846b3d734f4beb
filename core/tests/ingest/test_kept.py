"""Files in pieces."""

import hashlib
import io
import stat
from pathlib import Path
from typing import Any

import pytest

from core.ingest import kept
from core.ingest.kept import TooLarge, keep, keep_path, pieces, restore
from core.ingest.rows import Unreadable
from core.models import KeptFile, KeptPiece

pytestmark = pytest.mark.django_db
CONTENT = bytes(range(256)) * 10


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "PIECE", 1000)


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    file = keep("feed.csv", io.BytesIO(CONTENT))

    assert (file.size, file.sha256) == (2560, hashlib.sha256(CONTENT).hexdigest())
    assert [len(piece) for piece in pieces(file)] == [1000, 1000, 560]
    restore(file, tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == CONTENT
    assert stat.S_IMODE((tmp_path / "back").stat().st_mode) == 0o600
    assert keep_path(tmp_path / "back", "again").sha256 == file.sha256


def test_an_empty_file_is_one(tmp_path: Path) -> None:
    file = keep("empty.csv", io.BytesIO())
    assert file.size == 0
    restore(file, tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == b""


@pytest.mark.parametrize(("limit", "fits"), [(2559, False), (2560, True)])
def test_the_limit_is_the_largest(limit: int, fits: bool) -> None:
    if fits:
        assert keep("feed.csv", io.BytesIO(CONTENT), limit).size == 2560
        return
    with pytest.raises(TooLarge, match="more than 2,559 bytes"):
        keep("feed.csv", io.BytesIO(CONTENT), limit)
    assert not KeptFile.objects.exists()
    assert not KeptPiece.objects.exists()


def test_one_that_is_not_whole_is_not_restored(tmp_path: Path) -> None:
    file = keep("feed.csv", io.BytesIO(CONTENT))
    KeptPiece.objects.filter(file=file, number=2).delete()
    with pytest.raises(Unreadable, match=r"^feed\.csv is not kept whole; upload it again\.$"):
        restore(file, tmp_path / "back")


def test_nothing_that_is_there_is_overwritten(tmp_path: Path) -> None:
    there: Any = tmp_path / "back"
    there.write_text("mine")
    with pytest.raises(FileExistsError):
        restore(keep("feed.csv", io.BytesIO(CONTENT)), there)
    assert there.read_text() == "mine"
