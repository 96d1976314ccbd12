"""The EPUB's own lint: each defect is caught by its check, a sound EPUB by none.

A folder of tests/problems with an `epub.toml` is a defect: edits of a sound EPUB with
the printed pages, that of the minimal edition if no other is named. `also` has the
codes of what follows from the same defect; `report.txt` leaves them out.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from epubs import Edit, break_epub

from recension import build
from recension.problems import Report
from recension.verify import check_epub
from recension.verify.epub import CHECKS
from recension.verify.opened import open_epub
from recension.verify.page_list import _count_up

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Built, Edition

FOLDER = Path(__file__).parent / "problems"
CASES = sorted(path.parent.name for path in FOLDER.glob("*/epub.toml"))


def lint(epub: Path, labels: tuple[str, ...] = ()) -> Report:
    report = Report()
    check_epub(epub, *open_epub(epub, labels, "Ibid."), {}, report)
    return report


@pytest.fixture(scope="session")
def sound_epub(
    request: pytest.FixtureRequest,
) -> Callable[[str], tuple[Path, tuple[str, ...]]]:
    """Give the EPUB of an edition, and the labels of its printed pages."""

    def give(name: str) -> tuple[Path, tuple[str, ...]]:
        built: Built = request.getfixturevalue(f"built_{name}")
        return built.epub, tuple(built.labels())

    return give


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_a_defect_is_caught_by_its_check_and_no_other(
    name: str,
    sound_epub: Callable[[str], tuple[Path, tuple[str, ...]]],
    tmp_path: Path,
    accept: bool,  # noqa: FBT001 - a fixture
) -> None:
    case: dict[str, Any] = tomllib.loads((FOLDER / name / "epub.toml").read_text())
    sound, labels = sound_epub(case.get("edition", "minimal"))
    edits = [Edit(**edit) for edit in case["edit"]]
    broken = break_epub(sound, edits, tmp_path / sound.name)

    report = lint(broken, labels)

    own = [problem for problem in report.sorted if problem.code == name[:5]]
    others = {problem.code for problem in report.problems} - {name[:5]}
    assert own
    assert others == set(case.get("also", []))
    told = "".join(f"{problem}\n" for problem in own)
    expected = FOLDER / name / "report.txt"
    if accept:
        expected.write_text(told, "utf-8")
    assert told == expected.read_text("utf-8")


@pytest.mark.slow
def test_a_finished_epub_gets_no_problem(built: Built) -> None:
    assert lint(built.epub, tuple(built.labels())).problems == []
    assert lint(built.epub).problems == [], "nor without the PDF"


@pytest.mark.slow
def test_an_epub_without_the_printed_pages_is_told(edition: Edition) -> None:
    """Where the reading PDF stands beside it and the settings ask for them."""
    edition.edit(edition.SETTINGS, "[print]", "[epub]\npage_list = false\n\n[print]")
    epub = edition.build("epub").epub
    assert {p.code for p in lint(epub, ("1",)).problems} == {"E-016"}


def test_every_check_has_a_code_of_its_own() -> None:
    codes = [check.code for check in CHECKS]
    assert codes == [f"E-{number:03}" for number in range(2, len(CHECKS) + 2)]


@pytest.mark.slow
def test_a_gap_in_the_printed_pages_is_seen_without_the_pdf(
    sound_epub: Callable[[str], tuple[Path, tuple[str, ...]]], tmp_path: Path
) -> None:
    case = tomllib.loads((FOLDER / "E-016" / "epub.toml").read_text())
    sound, _ = sound_epub("minimal")
    broken = break_epub(sound, [Edit(**e) for e in case["edit"]], tmp_path / "a.epub")
    told = [(p.code, p.message) for p in lint(broken).problems]
    assert told == [("E-016", "the printed page `2` is missing")]


@pytest.mark.slow
def test_a_licence_is_linked_from_the_metadata_and_not_in_the_manifest(
    sound_epub: Callable[[str], tuple[Path, tuple[str, ...]]], tmp_path: Path
) -> None:
    """EPUB 3.3, 5.5.7: linked resources are no part of the publication."""
    sound, labels = sound_epub("minimal")
    file = Edit("EPUB/licence.txt", "", "Free for all.")
    link = '<link rel="dcterms:license" href="licence.txt"/></metadata>'
    told = Edit("EPUB/package.opf", "</metadata>", link)
    linked = break_epub(sound, [file, told], tmp_path / "linked.epub")
    alone = break_epub(sound, [file], tmp_path / "alone.epub")
    assert lint(linked, labels).problems == []
    assert [problem.code for problem in lint(alone, labels).problems] == ["E-026"]


def test_roman_pages_are_counted_as_printed() -> None:
    counted = " ".join(_count_up(["ix", "2"]))
    assert counted == "i ii iii iv v vi vii viii ix 1 2"


@pytest.mark.slow
def test_the_epub_of_a_build_is_checked_against_the_printed_pages(
    built_minimal: Built,
    sound_epub: Callable[[str], tuple[Path, tuple[str, ...]]],
    tmp_path: Path,
) -> None:
    """A marker that the PDF has no page for is told, and a PDF with other folios."""
    from recension.verify import verify_epub, verify_reading

    case = tomllib.loads((FOLDER / "E-016-unprinted" / "epub.toml").read_text())
    sound, _ = sound_epub("minimal")
    broken = tmp_path / sound.name
    break_epub(sound, [Edit(**e) for e in case["edit"]], broken)
    folios, report = tuple(built_minimal.labels()), Report()
    verify_epub(broken, built_minimal.book, "Ibid.", folios, report)
    assert [problem.code for problem in report.problems] == ["E-016"]
    verify_reading(built_minimal.pdf, folios, (), fine := Report())
    assert fine.problems == []
    verify_reading(built_minimal.pdf, ("1", *folios[1:]), (), other := Report())
    assert [problem.code for problem in other.problems] == ["V-001"]


@pytest.mark.slow
def test_an_editors_note_is_a_warning_at_its_call(edition: Edition) -> None:
    """Short, long or quoting *ibid.*: the editor may have a reason, and has a book."""
    notes = {"court": "Oui.", "long": "Oui, oui. " * 600, "ibid": "Il dit « Ibid. »."}
    calls = "".join(f"[^note-{name}]" for name in notes)
    bodies = "".join(f"[^note-{name}]: {said}\n\n" for name, said in notes.items())
    end = "comptait les absents."
    edition.edit(edition.TEXT, end, f"{end}{calls}")
    edition.edit(edition.TEXT, "## La dernière", f"{bodies}## La dernière")
    report = Report()
    build(edition.folder, edition.folder.parent / "out", report, formats=("epub",))
    told = {
        problem.span.excerpt[problem.span.column - 1 :].partition("]")[0]: problem.code
        for problem in report.sorted
        if problem.span.path == edition.TEXT
    }
    assert report.sound
    assert told == {
        "[^note-court": "E-008",
        "[^note-long": "E-008",
        "[^note-ibid": "E-009",
    }
