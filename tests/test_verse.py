"""Verse: the lines of a line block are those of the page, wherever they stand."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Edition

pytestmark = pytest.mark.slow

VERSES = (
    "Le plomb dormait dans la casse,",
    "    la lettre attendait son mot,",
    "et la presse, lourde et lasse,",
    "    n’en pressait pas un de trop.",
)
PLACE = "Il y avait dans l’atelier trois choses"


def add_verse(edition: Edition, marked: str, plain: str) -> None:
    """Put verse *marked* into the text of *edition*, and *plain* into its source."""
    edition.edit(edition.TEXT, PLACE, f"{marked}\n\n{PLACE}")
    before = (edition.folder / edition.SOURCE).read_bytes()
    place = PLACE.replace("’", "'")
    edition.edit(edition.SOURCE, place, f"{plain}\n\n{place}")
    after = (edition.folder / edition.SOURCE).read_bytes()
    digests = [hashlib.sha256(raw).hexdigest() for raw in (before, after)]
    edition.edit(edition.SETTINGS, *digests)


def lines_of(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines()]


def test_each_verse_is_a_line_of_its_own(edition: Edition) -> None:
    marked = "\n".join(f"| {verse}" for verse in VERSES)
    add_verse(edition, marked, "\n".join(VERSES).replace("’", "'"))
    built = edition.build("pdf")
    printed = lines_of(built.pdf_text("-layout"))
    at = printed.index(VERSES[0])
    assert printed[at : at + 4] == [verse.strip() for verse in VERSES]


def test_verses_that_are_set_in_are_set_in(edition: Edition) -> None:
    marked = "\n".join(f"| {verse}" for verse in VERSES)
    add_verse(edition, marked, "\n".join(VERSES).replace("’", "'"))
    built = edition.build("pdf")
    left = {
        word.text: float(word.get("xMin", "0"))
        for page in built.boxes()
        for word in page.iterfind("{*}word")
    }
    assert left["n’en"] > left["Le"]


def test_verse_has_notes_and_entries_and_runs_on(edition: Edition) -> None:
    """Over more than a page, with marks in it, and no word and no line is lost."""
    verses = [f"verset {number} de la chanson," for number in range(1, 61)]
    marked = [f"| {verse}" for verse in verses]
    marked[30] = "| [verset]{sic=verste} 31[^fact-vers] de la chanson,"
    source = [*verses]
    source[30] = "verste 31 de la chanson,"
    note = "[^fact-vers]: On le chantait à la Saint-Jean."
    add_verse(edition, "\n".join([*marked, "", note]), "\n".join(source))
    built = edition.build("pdf")
    printed = lines_of(built.pdf_text("-layout"))
    found = re.findall(r"(?m)verset (\d\d?)\d* de la chanson,", "\n".join(printed))
    assert len([line for line in printed if "de la chanson," in line]) == 60
    assert found == [str(number) for number in range(1, 61)]
    assert sum("verset" in page for page in built.pages()) > 1
    assert any("verste" in line for line in printed)
