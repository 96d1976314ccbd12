"""Stage 6, assemble: notes run 1…n, works are filed, parts stand in order."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Edition


def add_second_text(edition: Edition) -> None:
    for name in (edition.TEXT, edition.SOURCE):
        file = edition.folder / name
        shutil.copy(file, file.with_stem("deux"))
    text = (edition.folder / "book/texts/deux.md").read_text("utf-8")
    for anchor in ("imprimerie", "atelier", "feuille"):
        text = text.replace(f"#{anchor}", f"#{anchor}-deux")
    (edition.folder / "book/texts/deux.md").write_text(text, "utf-8")
    settings = (edition.folder / edition.SETTINGS).read_text("utf-8")
    table = "[[texts]]" + settings.split("[[texts]]")[1].split("[collation]")[0]
    table = table.replace("imprimerie.", "deux.").replace('"I"', '"D"')
    table = table.replace('id = "imprimerie"', 'id = "deux"')
    edition.edit(edition.SETTINGS, "[collation]", f"{table}[collation]")


@pytest.mark.parametrize(
    ("numbering", "numbers"),
    [("book", [1, 2, 3, 4, 5, 6]), ("text", [1, 2, 3, 1, 2, 3])],
)
def test_notes_are_numbered_through_the_book_or_the_text(
    numbering: str, numbers: list[int], edition: Edition
) -> None:
    add_second_text(edition)
    edition.edit(
        edition.SETTINGS, "[print]", f'[notes]\nnumbering = "{numbering}"\n\n[print]'
    )
    book = edition.check()
    assert [text.settings.id for text in book.texts] == ["imprimerie", "deux"]
    assert [note.number for text in book.texts for note in text.notes] == numbers


def test_ibid_does_not_reach_back_into_another_text(edition: Edition) -> None:
    add_second_text(edition)
    edition.edit(
        edition.TEXT,
        "La feuille est décrite, avec les noms, par @vidal1931 [44-45] ;",
        "Voir @vidal1931; @morel1907 [12] ;",
    )
    second = edition.check().texts[1]
    assert second.notes[0].ibid_locator is None


def test_works_are_filed_under_their_keyword_in_the_order_of_the_settings(
    edition: Edition,
) -> None:
    edition.edit(edition.WORKS, "date = {1907},", "date = {1907},\n  keywords = {b},")
    edition.edit(edition.WORKS, "date = {1931},", "date = {1931},\n  keywords = {a},")
    edition.edit(
        edition.SETTINGS,
        "[print]",
        '[bibliography.sections]\na = "Premiers"\nb = "Seconds"\n\n[print]',
    )
    filed = [
        (part.title, [work.citekey for work in part.works])
        for part in edition.check().bibliography
    ]
    assert filed == [("Premiers", ["vidal1931"]), ("Seconds", ["morel1907"])]


def test_a_work_with_an_unknown_keyword_is_not_lost(edition: Edition) -> None:
    """A work that no section of the bibliography takes is told, not dropped."""
    edition.edit(
        edition.SETTINGS,
        "[print]",
        '[bibliography.sections]\na = "Premiers"\n\n[print]',
    )
    assert {problem.code for problem in edition.problems()} == {"C-004"}
