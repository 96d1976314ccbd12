"""Ace, Nu and calibre have nothing to say of our EPUBs."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import pytest
from checkers import read_violations, run_ace, run_calibre, run_nu
from epubs import Edit, break_epub, read_notes, squeeze

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Built
    from lxml import etree

pytestmark = pytest.mark.slow

FOR_A_PERSON = {
    "a11y:certifiedBy",
    "a11y:certifierCredential",
    "a11y:certifierReport",
    "dcterms:conformsTo",
}
"""What a file may lack: who has certified it, and to what, only a person can say."""
ACCEPTED = {
    # the checker's scheme for XHTML is older than that for HTML, where the attribute is
    # allowed (validator issue 1212; SVG 2 § 5.12)
    "Attribute “aria-labelledby” not allowed on element “svg” at this point.",
}
"""What Nu calls an error and is none."""
ACCEPTED_WARNINGS = (
    # two events of one date are two entries, each with its places and an id of its own
    "Duplicate “dt” name",
    # WebKit takes the role away where a list has no signs
    "The “list” role is unnecessary for element “ul”",
)
"""How warnings of Nu begin that we have decided to live with."""


# --- Ace ----------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["book", "minimal", "critical"])
def ace(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[int, dict[str, Any]]:
    """Ace's status and report on each of the three editions."""
    built: Built = request.getfixturevalue(f"built_{request.param}")
    return run_ace(built.epub, tmp_path_factory.mktemp("ace"))


def test_ace_finds_no_violation(ace: tuple[int, dict[str, Any]]) -> None:
    status, report = ace
    assert read_violations(report) == []
    assert report["earl:result"]["earl:outcome"] == "pass"
    assert status == 0


def test_ace_misses_only_what_a_person_must_state(
    ace: tuple[int, dict[str, Any]],
) -> None:
    """All metadata on accessibility are there and filled, but those of a certifier."""
    _, report = ace
    metadata = report["a11y-metadata"]
    assert set(metadata["missing"]) == FOR_A_PERSON
    assert metadata["empty"] == []


@pytest.mark.parametrize(
    ("entry", "old", "new", "rule"),
    [
        ("EPUB/cover.xhtml", ' alt="Couverture', ' data-was="', "image-alt"),
        (
            "EPUB/package.opf",
            '<meta property="schema:accessibilitySummary">',
            '<meta property="schema:accessibilityHazard">',
            "metadata-accessibilitysummary",
        ),
    ],
    ids=["no-alt", "no-summary"],
)
def test_ace_rejects_a_broken_epub(  # noqa: PLR0913 - the fault and where
    entry: str,
    old: str,
    new: str,
    rule: str,
    built_minimal: Built,
    tmp_path: Path,
) -> None:
    """The check can fail: each fault is told by its rule, and in the exit status."""
    broken = break_epub(
        built_minimal.epub, [Edit(entry, old, new)], tmp_path / "broken.epub"
    )
    status, report = run_ace(broken, tmp_path)
    file = PurePosixPath(entry).name
    assert [told for told in read_violations(report) if told.startswith(file)]
    assert any(f"{file}: {rule}:" in told for told in read_violations(report))
    assert status == 2


# --- Nu -----------------------------------------------------------------------------


def read_told(messages: list[dict[str, Any]]) -> list[str]:
    """Return the errors and warnings of *messages* that we have not accepted."""
    return [
        f"{PurePosixPath(told['url']).name}:{told.get('lastLine')}: {told['message']}"
        for told in messages
        if (told["type"] != "info" and told["message"] not in ACCEPTED)
        or (
            told.get("subType") == "warning"
            and not told["message"].startswith(ACCEPTED_WARNINGS)
        )
    ]


def test_nu_finds_no_error_and_no_warning(built: Built, tmp_path: Path) -> None:
    assert read_told(run_nu(built.epub, tmp_path)) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('id="atelier"', 'id="feuille"', "duplicate ID value"),
        ("<h2 id", '<h2 role="rowheader" id', "Bad value “rowheader”"),
        ("<ul>", "<ul><p>?</p>", "Element “p” not allowed as child of element “ul”"),
    ],
    ids=["id-twice", "role", "child"],
)
def test_nu_rejects_a_broken_epub(
    old: str, new: str, said: str, built_minimal: Built, tmp_path: Path
) -> None:
    """The check can fail: each fault is told."""
    target = tmp_path / "broken.epub"
    entry = "EPUB/imprimerie.xhtml"
    broken = break_epub(built_minimal.epub, [Edit(entry, old, new)], target)
    assert any(said in told for told in read_told(run_nu(broken, tmp_path)))


# --- calibre ------------------------------------------------------------------------


def find_lost(epub: Path, pages: dict[str, etree._Element]) -> list[str]:
    """Return the notes of *epub* whose text is not in *pages*, the Kindle's file."""
    whole = squeeze("".join("".join(page.itertext()) for page in pages.values()))
    return [note.href for note in read_notes(epub) if note.text not in whole]


@pytest.mark.parametrize("edition", ["book", "critical"])
def test_the_kindles_file_has_every_note(
    edition: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Calibre makes an AZW3 of the EPUB, and the text of every note is in it."""
    built: Built = request.getfixturevalue(f"built_{edition}")
    pages = run_calibre(built.epub, tmp_path)
    assert read_notes(built.epub)
    assert find_lost(built.epub, pages) == []


def test_a_note_lost_on_the_way_to_the_kindle_is_found(
    built_minimal: Built, tmp_path: Path
) -> None:
    """The check can fail: words of a note that are gone are missed."""
    target = tmp_path / "broken.epub"
    entry, old = "EPUB/imprimerie.xhtml", "La feuille est décrite"
    broken = break_epub(built_minimal.epub, [Edit(entry, old, "La feuille")], target)
    pages = run_calibre(broken, tmp_path)
    assert find_lost(built_minimal.epub, pages) == ["#note-imprimerie-fact-musee"]
