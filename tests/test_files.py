"""Files that are whole or absent."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from abcjob.errors import ReportError
from abcjob.render import files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(params=["nameless", "named"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Written without a name, as Linux can, and as elsewhere."""
    if request.param == "named":
        monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    return str(request.param)


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    """Old or new, nothing else in the folder, readable by whom the umask lets."""
    path = tmp_path / "r.html"
    for text in ("old", "new ä"):
        files.write({path: text})
        assert path.read_text(encoding="utf-8") == text
    assert [p.name for p in tmp_path.iterdir()] == ["r.html"]
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~mask


def test_reports_need_no_links_where_files_have_names(
    tmp_path: Path, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file system without nameless files may be one without links: a rename does."""
    if way == "named":
        monkeypatch.delattr(os, "link")
    files.write({tmp_path / "r.md": "old"})
    files.write({tmp_path / "r.md": "new"})
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("r.md", "new")]


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    """A link planted where a report goes leads to no other file's loss."""
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / "r.md").symlink_to(victim)
    files.write({tmp_path / "r.md": "report"})
    assert victim.read_text() == "precious"
    assert not (tmp_path / "r.md").is_symlink()


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    """The message says where and what to do; nothing half written stays."""
    (tmp_path / "r.md").mkdir()
    (tmp_path / "r.html").write_text("old")
    with pytest.raises(ReportError, match=r"writing .*r.md: .*; make room .*--reports"):
        files.write({tmp_path / "r.html": "new", tmp_path / "r.md": "text"})
    assert sorted(p.name for p in tmp_path.iterdir()) == ["r.html", "r.md"]
    assert (tmp_path / "r.html").read_text() == "old"
    with pytest.raises(ReportError, match="--reports"):
        files.check_writable(tmp_path / "r.md" / "a" / ("x" * 300))


def test_files_are_made_from_pieces_and_replace_nothing(tmp_path: Path, way: str) -> None:
    """Until it is whole nothing of it is seen; one that is there keeps all from being made."""
    new, old = tmp_path / "out" / "new.csv", tmp_path / "old.csv"

    def pieces() -> Iterator[bytes]:
        yield b"a,b\n"
        if way == "nameless":
            assert not any(new.parent.iterdir())
        assert not new.exists()
        yield b"1,2\n"

    files.create({new: pieces()})
    assert [(p.name, p.read_bytes()) for p in new.parent.iterdir()] == [("new.csv", b"a,b\n1,2\n")]
    old.write_text("old")
    with pytest.raises(ReportError, match=r"writing .*old.csv: it is there already; name another"):
        files.create({tmp_path / "next.csv": [b"x"], old: [b"y"]})
    assert sorted(p.name for p in tmp_path.iterdir()) == ["old.csv", "out"]
    assert old.read_text() == "old"


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    """Where it was to be, and by which option another is named."""
    (tmp_path / "file").touch()
    with pytest.raises(ReportError, match=r"writing .*r.csv: Not a directory; make .*with --out"):
        files.create({tmp_path / "file" / "sub" / "r.csv": [b"x"]})


def test_a_file_that_comes_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    """Somebody else's file of that name, made while ours was being written."""
    path = tmp_path / "r.csv"

    def pieces() -> Iterator[bytes]:
        path.write_text("theirs")
        yield b"ours"

    with pytest.raises(ReportError, match="it is there already"):
        files.create({path: pieces()})
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("r.csv", "theirs")]
