"""The EPUB has the words of the reading PDF, part by part; the PDF is read by its tags.

What the media say each in its own way is named where it is left out: *ibid.*, the order
within a cell, the page before the number of a note that cites a work.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from functools import cache
from itertools import zip_longest
from typing import TYPE_CHECKING

import pikepdf
import pytest
from epubs import Edit, break_epub
from lxml import etree
from validators import Tag, read_tags

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from conftest import Built

XHTML = "{http://www.w3.org/1999/xhtml}"
BLOCKS = {
    "P",
    "H1",
    "H2",
    "H3",
    "H4",
    "Lbl",
    "LBody",
    "LI",
    "TH",
    "TD",
    "Note",
    "Index",
}
BULLET = re.compile(r"–|\d+\.")
INLINE = {"a", "cite", "i", "em", "b", "strong", "span", "time", "small", "sup", "sub"}

pytestmark = pytest.mark.slow


@cache
def _read_tags(path: Path, _stamp: int) -> Tag:
    with pikepdf.open(path) as pdf:
        return read_tags(pdf)


def tags(built: Built) -> Tag:
    return _read_tags(built.pdf, built.pdf.stat().st_mtime_ns)


def told(tag: Tag, *without: str) -> str:
    """Return the text of a tag, white between blocks, elements *without* left out."""
    pieces: list[str] = []
    for piece in tag.pieces:
        if isinstance(piece, str):
            pieces.append(piece.replace("\u00ad", ""))
        elif piece.name not in without:
            own = told(piece, *without)
            bullet = piece.name == "Lbl" and BULLET.fullmatch(own.strip())
            own = "" if bullet else own
            pieces.append(f" {own} " if piece.name in BLOCKS else own)
    return "".join(pieces)


def shown(element: etree._Element, *without: str) -> str:
    """Return the text of an element, white between blocks, *without* left out.

    Each of *without* is the name of an element or `.` and a class.
    """
    pieces = [element.text or ""]
    for child in element:
        name = str(child.tag).removeprefix(XHTML)
        classes = {f".{c}" for c in child.get("class", "").split()}
        if not ({name} | classes) & set(without):
            own = shown(child, *without)
            pieces.append(own if name in INLINE else f" {own} ")
        pieces.append(child.tail or "")
    return "".join(pieces)


def words(text: str) -> list[str]:
    return text.replace("\u200b", "").split()


def same(printed: Iterable[Sequence[str]], read: Iterable[Sequence[str]]) -> int:
    """Assert that both have the same words in each block; return how many blocks."""
    count = 0
    for number, (left, right) in enumerate(zip_longest(printed, read, fillvalue=[])):
        assert list(left) == list(right), f"block {number}"
        count += 1
    return count


def page(built: Built, name: str) -> etree._Element:
    tree = etree.fromstring(built.entries()[f"EPUB/{name}.xhtml"])
    found = tree.find(f"{XHTML}body/{XHTML}section")
    assert found is not None
    return found


def sections(built: Built) -> dict[str, Tag]:
    """Return the element of each part by its id: front parts, texts, back matter."""
    parts = [kid for part in tags(built).kids for kid in part.kids]
    opening = len(parts) - len(built.parts) - len(built.printed_back)
    names = [part.settings.id for part in built.parts] + built.printed_back
    return dict(zip(names, parts[opening:], strict=True))


def has(built: Built, name: str) -> bool:
    """Tell whether the edition has the part *name*, and its EPUB as well."""
    assert (f"EPUB/{name}.xhtml" in built.entries()) is (name in built.back)
    return name in built.back


def test_the_running_text_is_the_same(built: Built) -> None:
    """With the numbers of the notes, in front parts and texts."""
    for part in built.parts:
        name = part.settings.id
        printed = words(told(sections(built)[name], "Note"))
        assert printed == words(shown(page(built, name)))
        assert len(printed) > 20


def test_the_notes_are_the_same(built: Built) -> None:
    """But for *ibid.*, whose locator the note of the EPUB has."""
    for part in built.parts:
        name = part.settings.id
        notes = sections(built)[name].find("Note")
        printed = [words(told(note)) for note in notes if note.find("Link")]
        tree = etree.fromstring(built.entries()[f"EPUB/{name}.xhtml"])
        read = [words(shown(a, ".backlink")) for a in tree.iter(f"{XHTML}aside")]
        assert len(printed) == len(read) == len(part.notes)
        for left, right in zip(printed, read, strict=True):
            if left[1].rstrip(".,") == built.word("ibid").rstrip("."):
                assert right[0] == left[0]
                assert right[len(right) - len(left[2:]) :] == left[2:]
            else:
                assert left == right


def test_the_index_is_the_same(built: Built) -> None:
    if not has(built, "index"):
        return
    printed = (words(told(tag)) for tag in sections(built)["index"].find("P"))
    read = (
        words(shown(item, "ul")) for item in page(built, "index").iter(f"{XHTML}li")
    )
    assert same(printed, read) == len([*page(built, "index").iter(f"{XHTML}li")])


def test_the_bibliography_is_the_same(built: Built) -> None:
    """A work's notes have their page before their number in print alone."""
    if not has(built, "bibliography"):
        return
    cited = re.compile(rf"[ivxlc\d]+\s{re.escape(built.word('note_mark').strip())}\s")
    printed = cited.sub("", told(sections(built)["bibliography"]))
    read = shown(page(built, "bibliography"))
    for name in ("cited_notes", "cited_note"):
        before = f"{built.word('cited')} {built.word(name)} "
        read = read.replace(before, f"{built.word('cited')} ")
    assert words(printed) == words(read)


def test_persons_and_organisations_are_the_same(built: Built) -> None:
    if not has(built, "persons"):
        return
    printed = told(sections(built)["persons"])
    assert words(printed) == words(shown(page(built, "persons")))


def test_the_parallel_accounts_are_the_same(built: Built) -> None:
    """Each cell has the same words; agreement and siglum stand elsewhere in it."""
    if not has(built, "parallels"):
        return
    rows = sections(built)["parallels"].find("TH", "TD")
    sigla = {text.settings.siglum for text in built.book.texts}
    printed = (sorted(set(words(told(tag))) - sigla) for tag in rows)
    cells = page(built, "parallels").iter(f"{XHTML}th", f"{XHTML}td")
    read = (sorted(set(words(shown(cell))) - sigla) for cell in cells)
    assert same(printed, read) > 2


def test_the_chronology_is_the_same(built: Built) -> None:
    if not has(built, "chronology"):
        return
    printed = (
        words(told(tag)) for tag in sections(built)["chronology"].find("TH", "TD")
    )
    rows = page(built, "chronology").iter(f"{XHTML}dt", f"{XHTML}dd")
    assert same(printed, (words(shown(row)) for row in rows)) > 2


def test_the_apparatus_is_the_same(built: Built) -> None:
    """In print an entry has the number of its line, in the EPUB its page before it."""
    if not has(built, "apparatus"):
        return
    texts = [sections(built)[text.settings.id] for text in built.book.texts]
    entries = [n for text in texts for n in text.find("Note") if not n.find("Link")]
    printed = [words(told(entry)) for entry in entries]
    read = [words(shown(li)) for li in page(built, "apparatus").iter(f"{XHTML}li")]
    for entry in read:
        entry[0] = entry[0].partition(".")[2]
    assert same(printed, read) == sum(len(t.emendations) for t in built.book.texts)


@pytest.mark.parametrize(
    ("claim", "name", "old", "new"),
    [
        (test_the_running_text_is_the_same, "harrow", "the lane", "the late lane"),
        (test_the_notes_are_the_same, "reed", "proposal is", "proposals are"),
        (test_the_index_is_the_same, "index", ">1n3<", ">1n4<"),
        (
            test_the_bibliography_is_the_same,
            "bibliography",
            "only printing",
            "first printing",
        ),
        (test_persons_and_organisations_are_the_same, "persons", "Clerk", "Clark"),
        (test_the_parallel_accounts_are_the_same, "parallels", "half past", "past"),
        (test_the_chronology_is_the_same, "chronology", "is drawn", "was drawn"),
        (test_the_apparatus_is_the_same, "apparatus", "</li>", " x</li>"),
    ],
    ids=lambda value: value.__name__ if callable(value) else None,
)
def test_a_word_that_differs_is_found(  # noqa: PLR0913 - a claim, and how it is spoilt
    claim: Callable[[Built], None],
    name: str,
    old: str,
    new: str,
    built_critical: Built,
    tmp_path: Path,
) -> None:
    shutil.copy(built_critical.pdf, tmp_path)
    entry = f"EPUB/{name}.xhtml"
    assert old.encode() in built_critical.entries()[entry]
    edit = Edit(entry, old, new)
    break_epub(built_critical.epub, [edit], tmp_path / "spoilt.epub")
    spoilt = replace(built_critical, folder=tmp_path)
    with pytest.raises(AssertionError):
        claim(spoilt)
