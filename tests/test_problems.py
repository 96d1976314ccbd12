"""One folder a fault: what the command line says of it, to the letter.

A folder of tests/problems is an overlay on the minimal edition: its files replace those
of the edition or join them, `remove.txt` lists files to take away, and `edit.toml` has
the changes to make in place (`old` must stand in `file` once), those to make in a copy
of one of the builder's templates (`[[template]]`) and, if not `check`, the `arguments`
of the command line. `report.txt` is what must be told.

A folder with an `epub.toml` is a defect of an EPUB: tests/test_epub_lint.py.
"""

from __future__ import annotations

import shutil
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from steps import count_steps
from test_security import own_template

from recension.cli import main
from recension.problems import CODES, Problem, Report, Span

if TYPE_CHECKING:
    from conftest import Edition

FOLDER = Path(__file__).parent / "problems"
CASES = sorted(path.name for path in FOLDER.iterdir())
OF_AN_EPUB = {path.parent.name for path in FOLDER.glob("*/epub.toml")}
NOT_OF_THE_EDITION = ("edit.toml", "remove.txt", "report.txt")
UNPROVOKED = {"P-004", "Y-003"}
"""Codes that no edition can be made to show."""


def lay_over(edition: Edition, case: Path) -> list[str]:
    """Change *edition* as *case* says; return the arguments of the command line."""
    for path in sorted(case.rglob("*")):
        name = path.relative_to(case)
        if path.is_file() and str(name) not in NOT_OF_THE_EDITION:
            (edition.folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, edition.folder / name)
    if (case / "remove.txt").exists():
        for name in (case / "remove.txt").read_text("utf-8").split():
            (edition.folder / name).unlink()
    if not (case / "edit.toml").exists():
        return ["check"]
    table = tomllib.loads((case / "edit.toml").read_text("utf-8"))
    for edit in table.get("edit", []):
        edition.edit(edit["file"], edit["old"], edit["new"])
    for change in table.get("template", []):
        own_template(edition, change["file"], change["old"], change["new"])
    return table.get("arguments", ["check"])


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=pytest.mark.slow) for n in CASES if n not in OF_AN_EPUB],
)
def test_a_fault_is_told_and_the_last_good_files_stay(
    name: str,
    edition: Edition,
    accept: bool,  # noqa: FBT001 - a fixture
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = lay_over(edition, FOLDER / name)
    out = edition.folder.parent / "out"
    out.mkdir()
    for file in ("imprimerie.pdf", "imprimerie.epub", "report.json"):
        (out / file).write_text("the last good one")

    status = main([*arguments, str(edition.folder), "--out", str(out)])

    told = capsys.readouterr()
    assert status == 1
    assert told.out == "" or "--strict" in arguments
    assert "Traceback" not in told.err
    assert str(edition.folder) not in told.err, "places are told from the edition on"
    files = {path.name: path.read_text() for path in out.iterdir()}
    assert files.keys() == {"imprimerie.pdf", "imprimerie.epub", "report.json"}
    assert set(files.values()) == {"the last good one"}
    assert sorted(p.name for p in out.parent.iterdir()) == ["edition", "out"]
    expected = FOLDER / name / "report.txt"
    if accept:
        expected.write_text(told.err, "utf-8")
    assert told.err == expected.read_text("utf-8")


@pytest.mark.parametrize("name", CASES)
def test_a_report_tells_its_code_with_place_and_cure(name: str) -> None:
    report = (FOLDER / name / "report.txt").read_text("utf-8")
    codes = {part.partition("]")[0] for part in report.split("[")[1:]} & CODES.keys()
    if name[:5] in CODES:
        assert name[:5] in codes
    assert report.count("    hint: ") == report.count("error[") + report.count(
        "warning["
    )


def test_every_code_has_a_folder() -> None:
    assert CODES.keys() - {name[:5] for name in CASES} == UNPROVOKED


def test_a_byte_order_mark_and_carriage_returns_are_fine(edition: Edition) -> None:
    for name in (edition.TEXT, edition.SETTINGS, edition.WORKS):
        file = edition.folder / name
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    assert edition.problems() == ()


def test_many_problems_are_recorded_in_the_time_of_as_many() -> None:
    """Each is recorded once, and none is compared with all those before it."""
    steps = []
    for count in (500, 1000, 2000):
        problems = [
            Problem(code="K-001", message=str(n), span=Span(path="x", line=n))
            for n in range(count)
        ]
        report = Report()
        steps.append(count_steps(lambda p=problems, r=report: r.add(p + p)))  # type: ignore[misc]
        assert report.problems == problems
    for fewer, more in pairwise(steps):
        assert more <= 2.2 * fewer, steps
