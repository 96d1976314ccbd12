"""The finished set: all of it or nothing, and nothing that a killed run leaves."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from conftest import ROOT

from recension import finished, scratch
from recension.cli import OK, main
from recension.finished import make_folder, move_set
from recension.problems import ToolError
from recension.scratch import make_scratch, sweep

if TYPE_CHECKING:
    from conftest import Edition

pytestmark = pytest.mark.slow

SCRIPT = ROOT / "tests" / "cut_short.py"
DONE, NOT_DONE, WHOLE, KILLED = 0, 1, 2, -9
OLD = {"book.pdf": "old", "report.json": "old", "notes.txt": "mine"}
NEW = {"book.pdf": "new", "report.json": "new", "pages.json": "new"}


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def read(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_text() for path in files}


def put(target: Path) -> None:
    with make_folder(target) as folder:
        write(folder, NEW)
        move_set(folder, target)


def find_strays(folder: Path) -> list[Path]:
    return list(folder.rglob(".recension-*"))


def cut_short(way: str, *folders: Path) -> list[dict[str, Any]]:
    """Return what the runs leave that are cut short in this *way*."""
    done = subprocess.run(
        [sys.executable, SCRIPT, way, *folders],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


# --- the set -----------------------------------------------------------------------


def test_a_set_takes_the_place_of_the_last_and_leaves_the_rest(tmp_path: Path) -> None:
    target = write(tmp_path / "build", OLD)
    (target / "here").symlink_to("nowhere")
    target.chmod(0o750)
    put(target)
    assert read(target) == OLD | NEW
    assert (target / "here").readlink() == Path("nowhere")
    assert target.stat().st_mode & 0o777 == 0o750
    assert [path.name for path in tmp_path.iterdir()] == ["build"]


@pytest.mark.parametrize("more", [{}, {"a/folder": "mine"}], ids=["files", "folders"])
def test_a_finished_file_is_a_plain_file(more: dict[str, str], tmp_path: Path) -> None:
    target = write(tmp_path / "build", OLD | more)
    put(target)
    assert read(target) == OLD | more | NEW
    for path in (target, *target.rglob("*")):
        assert not path.is_symlink()
        assert path.is_dir() or path.stat().st_nlink == 1
    assert find_strays(tmp_path) == []


def test_a_first_set_makes_its_folder_as_others_are_made(tmp_path: Path) -> None:
    put(tmp_path / "deep" / "out")
    (tmp_path / "plain").mkdir()
    modes = [(tmp_path / name).stat().st_mode for name in ("deep/out", "plain")]
    assert modes[0] == modes[1]
    assert read(tmp_path / "deep" / "out") == NEW


def test_a_build_that_fails_makes_no_folder(tmp_path: Path) -> None:
    with pytest.raises(KeyError), make_folder(tmp_path / "deep" / "out"):
        raise KeyError
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("exists", [True, False])
def test_the_target_may_be_a_link_to_another_disk(
    exists: bool,  # noqa: FBT001 - a case
    tmp_path: Path,
) -> None:
    with make_scratch(Path("/dev/shm")) as disk:  # noqa: S108 - a disk of its own
        place = disk / "out"
        if exists:
            write(place, OLD)
        (tmp_path / "build").symlink_to(place)
        put(tmp_path / "build")
        assert read(place) == (OLD if exists else {}) | NEW
        assert find_strays(disk) == []
    assert find_strays(tmp_path) == []


def test_the_target_may_be_a_disk_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing can be moved into it from beside it: the set is made within."""
    target = write(tmp_path / "build", OLD)
    rename = Path.rename

    def refuse(self: Path, other: Path) -> Path:
        if target in Path(other).parents and target not in self.parents:
            raise OSError(18, "Invalid cross-device link")
        return rename(self, other)

    monkeypatch.setattr(Path, "rename", refuse)
    with make_folder(target) as folder:
        assert target in folder.parents
        write(folder, NEW)
        move_set(folder, target)
    assert read(target) == OLD | NEW


@pytest.mark.parametrize("lack", ["exchange", "second names"])
def test_a_disk_may_lack_what_makes_it_one_step(
    lack: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(95, "Operation not supported")

    if lack == "exchange":
        monkeypatch.setattr(finished, "_exchange", refuse)
    else:
        monkeypatch.setattr(os, "link", refuse)
    target = write(tmp_path / "build", OLD)
    put(target)
    assert read(target) == OLD | NEW
    assert find_strays(tmp_path) == []


def test_a_folder_in_the_place_of_a_file_is_told_and_nothing_moved(
    tmp_path: Path,
) -> None:
    target = write(tmp_path / "build", {"book.pdf/x": "mine", "report.json": "old"})
    with pytest.raises(ToolError, match="a folder is in the way"):
        put(target)
    assert read(target) == {"book.pdf/x": "mine", "report.json": "old"}


# --- cut short ---------------------------------------------------------------------


@pytest.mark.parametrize("way", ["kill", "fail"])
def test_a_set_is_there_whole_or_not_at_all_wherever_it_is_cut_short(
    way: str, tmp_path: Path
) -> None:
    """At each step with a file: nothing else in the process changes a file."""
    target = write(tmp_path / "build", OLD)
    cut = cut_short(way, target)
    found = [run["found"] for run in cut]
    assert all(one in (OLD, OLD | NEW) for one in found)
    assert found[0] == (OLD if way == "kill" else OLD | NEW)  # it is no step of need
    assert OLD in found
    assert found[-1] == OLD | NEW
    assert len(cut) > 20
    for run in cut:
        assert run["later"] == run["found"]
        assert run["strays"] == []
        if run["status"] in (DONE, NOT_DONE, WHOLE):
            assert run["found"] == (OLD if run["status"] == NOT_DONE else OLD | NEW)
        else:
            assert run["status"] == KILLED or run["found"] == OLD


@pytest.mark.parametrize("way", ["kill", "fail"])
def test_a_set_that_is_moved_file_by_file_is_whole_in_the_end(
    way: str, tmp_path: Path
) -> None:
    """A step that fails is undone, and the build after one that is killed completes it.

    So it is where a folder of the user's stands among the files.
    """
    old = OLD | {"a/folder": "mine"}
    target = write(tmp_path / "build", old)
    cut = cut_short(way, target)
    assert {KILLED, WHOLE} <= {run["status"] for run in cut} or way == "fail"
    for run in cut:
        if way == "fail":
            assert run["found"] in (old, old | NEW)
        assert run["later"] in (old, old | NEW)
        assert run["strays"] == []
    completed = [run for run in cut if run["found"] != run["later"]]
    assert bool(completed) is (way == "kill")


def test_a_set_that_was_given_up_is_not_completed_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A step fails, what was done is undone, and then the run is killed."""
    target = write(tmp_path / "build", OLD | {"a/folder": "mine"})
    replace = Path.replace

    def fail(self: Path, other: Path) -> Path:
        if self.parent.name == "ready" and self.name == "report.json":
            raise OSError(5, "Input/output error")
        return replace(self, other)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", fail)
        patch.setattr(shutil, "rmtree", lambda *_, **__: None)
        with pytest.raises(ToolError, match="input/output error"):
            put(target)
    assert len(find_strays(tmp_path)) > 0
    with make_folder(target):
        assert read(target) == OLD | {"a/folder": "mine"}
    assert find_strays(tmp_path) == []


def test_builds_killed_at_any_moment_leave_the_set_whole(
    edition: Edition, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the build after them leaves nothing of theirs."""
    temporary, out = tmp_path / "temporary", tmp_path / "out"
    temporary.mkdir()
    assert main([str(edition.folder), "--out", str(out)]) == OK
    edition.edit(edition.SETTINGS, "slug = ", 'subtitle = "Autre"\nslug = ')
    monkeypatch.setenv("TMPDIR", str(temporary))
    cut = cut_short("build", edition.folder, out)
    assert len(cut) == 12
    assert {run["found"] for run in cut} <= {"old", "new"}
    assert KILLED in {run["status"] for run in cut}
    assert find_strays(tmp_path) == []
    assert list(temporary.iterdir()) == []


# --- strays ------------------------------------------------------------------------


def test_what_a_living_process_owns_is_not_swept(tmp_path: Path) -> None:
    with make_scratch(tmp_path) as owned:
        (owned / "file").write_text("mine")
        sweep(tmp_path)
        with make_folder(tmp_path / "build"):
            assert (owned / "file").read_text() == "mine"


def test_a_stray_is_swept_and_nothing_else(tmp_path: Path) -> None:
    """No folder with another name, no file, and nothing that a link leads to."""
    mine = write(tmp_path / "mine", {"file": "mine"})
    kept = [".recension-notes", ".recension-ABCDEFGH", "recension-abcdefgh"]
    for name in kept:
        write(tmp_path / name, {"file": "mine"})
    (tmp_path / ".recension-is_afile").write_text("mine")
    (tmp_path / ".recension-is_alink").symlink_to(mine)
    write(tmp_path / ".recension-abcd_123", {"deep/file": "a stray"})
    before = read(tmp_path)
    sweep(tmp_path)
    assert set(before) - set(read(tmp_path)) == {".recension-abcd_123/deep/file"}
    assert read(mine) == {"file": "mine"}


def test_a_folder_that_is_swept_before_it_is_claimed_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, swept = scratch._lock, []

    def sweep_first(claim: int) -> object:
        if not swept:
            swept.extend(tmp_path.iterdir())
            shutil.rmtree(swept[0])
        return lock(claim)

    monkeypatch.setattr(scratch, "_lock", sweep_first)
    with make_scratch(tmp_path) as folder:
        assert folder.is_dir()
        assert folder != swept[0]


def test_a_set_that_is_ready_for_another_place_is_left_to_it(tmp_path: Path) -> None:
    """Two targets may stand in one folder, and a stranger's edition may have strays."""
    stray = write(tmp_path / ".recension-abcdefgh", {"ready/a": "new"})
    (stray / "target").write_text(str(tmp_path / "one"))
    put(tmp_path / "other")
    assert read(tmp_path / "other") == NEW
    put(write(tmp_path / "one", OLD))
    assert read(tmp_path / "one") == OLD | NEW | {"a": "new"}
    assert find_strays(tmp_path) == []
