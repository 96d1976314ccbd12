"""Whoever does the work, the bytes are the same; several editions share the hands."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from conftest import CRITICAL, MINIMAL, ROOT

from recension.workroom import open_workroom

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Built

pytestmark = pytest.mark.slow

ENDINGS = (".pdf", "-print.pdf", "-cover.pdf", ".epub", "-pages.json")


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the command line with *arguments*."""
    command = [sys.executable, ROOT / "build.py", *arguments]
    return subprocess.run(
        [str(word) for word in command],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )


def files_of(folder: Path, slug: str) -> dict[str, bytes]:
    return {ending: (folder / f"{slug}{ending}").read_bytes() for ending in ENDINGS}


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_any_number_of_processes_makes_the_same_bytes(
    jobs: int, tmp_path: Path, built_critical: Built
) -> None:
    made = run(CRITICAL, "--jobs", jobs, "--out", tmp_path / "out", "--no-cache")
    assert made.returncode == 0, made.stderr
    slug = built_critical.pdf.stem
    assert files_of(tmp_path / "out", slug) == files_of(built_critical.folder, slug)


def test_a_cluster_makes_the_same_bytes(tmp_path: Path, built_minimal: Built) -> None:
    """A LocalCluster of two workers on loopback."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address=None,
        local_directory=str(tmp_path),
    ) as cluster:
        address = cluster.scheduler_address
        out = tmp_path / "out"
        made = run(MINIMAL, "--cluster", address, "--out", out, "--no-cache")
        assert made.returncode == 0, made.stderr
        client = distributed.Client(address)
        assert sum(client.run(count_runs).values()) > 0, "its workers did the work"
        client.close()
    slug = built_minimal.pdf.stem
    assert files_of(out, slug) == files_of(built_minimal.folder, slug)


def count_runs() -> int:
    """Return how many compositors a worker has."""
    from recension.layout import runs

    return len(runs._compositors)


def test_a_cluster_that_is_not_there_is_a_lack_of_the_machine() -> None:
    made = run(MINIMAL, "--cluster", "tcp://127.0.0.1:9")
    assert made.returncode == 3
    assert "there is no cluster at tcp://127.0.0.1:9" in made.stderr
    assert "Traceback" not in made.stderr


def test_several_editions_are_built_in_one_call(
    tmp_path: Path, built_minimal: Built, built_critical: Built
) -> None:
    made = run(MINIMAL, CRITICAL, "--out", tmp_path, "--no-cache")
    assert made.returncode == 0, made.stderr
    for built in (built_minimal, built_critical):
        slug = built.pdf.stem
        folder = tmp_path / built.edition.name
        assert files_of(folder, slug) == files_of(built.folder, slug)
    lines = made.stdout.splitlines()
    assert [line.partition(":")[0] for line in lines] == [str(MINIMAL), str(CRITICAL)]


def test_one_edition_at_fault_does_not_stop_the_others(tmp_path: Path) -> None:
    faulty = tmp_path / "faulty"
    (faulty / "book").mkdir(parents=True)
    made = run(faulty, MINIMAL, "--out", tmp_path / "out", "--only", "epub")
    assert made.returncode == 1
    assert f"{faulty}:\n" in made.stderr
    assert (tmp_path / "out" / "minimal" / "report.json").exists()
    assert not (tmp_path / "out" / "faulty").exists()


def test_two_editions_have_two_folders(tmp_path: Path) -> None:
    made = run(MINIMAL, MINIMAL, "--out", tmp_path)
    assert made.returncode == 2
    assert "one folder" in made.stderr


def test_no_cache_writes_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for arguments, there in ((["--no-cache"], False), ([], True)):
        out = tmp_path / "out"
        assert run(MINIMAL, "--out", out, *arguments).returncode == 0
        assert (tmp_path / "cache").exists() is there


def test_processes_are_found_by_the_cores_that_there_are() -> None:
    import os

    with open_workroom() as room:
        assert room.hands == len(os.sched_getaffinity(0))
