"""The finished files hold the whole book: every word, every note, the true figures."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import TYPE_CHECKING

import pytest
from conftest import join_hyphenated
from lxml import etree

from recension.model import Node
from recension.pandoc import plain_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conftest import Built

pytestmark = pytest.mark.slow

XHTML = "{http://www.w3.org/1999/xhtml}"
TYPE = "{http://www.idpf.org/2007/ops}type"


def words(text: str) -> list[str]:
    """Return the words of *text*: runs of letters and figures, ligatures undone."""
    return re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", text))


def letters(text: str) -> str:
    """Return the letters and figures of *text* run together."""
    return "".join(words(text))


def paragraphs(node: object) -> Iterator[str]:
    """Yield the wording of each paragraph, heading and list item of a tree."""
    if isinstance(node, list):
        for item in node:
            yield from paragraphs(item)
    elif isinstance(node, dict):
        if node["t"] in ("Para", "Plain", "Header"):
            yield plain_text(node)
        else:
            yield from paragraphs(node.get("c"))


def is_in_order(wanted: Sequence[str], text: str) -> str:
    """Return the first of *wanted* that *text* lacks after the one before, if any."""
    position = 0
    for piece in wanted:
        found = text.find(piece, position)
        if found < 0:
            return piece
        position = found + len(piece)
    return ""


def body_text(built: Built) -> str:
    """Return the pages of the PDF as one text without running heads and folios."""
    return join_hyphenated("\n".join(built.pages()))


def test_every_word_of_the_edited_texts_is_in_the_pdf_in_order(built: Built) -> None:
    """Words follow one another on the pages as in the texts.

    Notes, heads and folios stand between them on the paper, so each word is looked
    for after the one before it; no more than a page's worth may lie between.
    """
    printed = words(body_text(built))
    position = 0
    for text in built.book.texts:
        for wanted in words("\n".join(paragraphs(list(text.blocks)))):
            reach = printed[position : position + 900]
            assert wanted in reach, (text.settings.id, wanted, reach[:12])
            position += reach.index(wanted) + 1


def test_every_paragraph_stands_whole_in_the_epub(built: Built) -> None:
    entries = built.entries()
    for text in built.book.texts:
        page = etree.fromstring(entries[f"EPUB/{text.settings.id}.xhtml"])
        for call in page.iterfind(f".//{XHTML}a[@{TYPE}='noteref']"):
            call.text = ""
        printed = letters("".join(page.itertext()))
        wanted = [letters(p) for p in paragraphs(list(text.blocks))]
        assert is_in_order(wanted, printed) == ""


def note_wordings(built: Built) -> Iterator[tuple[int, str]]:
    for text in built.book.texts:
        for note in text.notes:
            wording = " ".join(paragraphs(list(note.cited.blocks)))
            if note.cited.ibid_locator is None:
                yield note.number, wording


def test_every_note_is_printed_whole_under_its_number(built: Built) -> None:
    printed = letters(body_text(built))
    without_heads = letters(body_without_heads(built))
    for number, wording in note_wordings(built):
        whole = f"{number}{letters(wording)}"
        assert whole in printed or whole in without_heads, (number, wording)


def body_without_heads(built: Built) -> str:
    """Return the notes of all pages run together, as if no page ended between them."""
    notes = []
    for page in built.pages():
        start = re.search(r"(?m)^\d+ (?=\S)", page)
        notes.append(page[start.start() :] if start else "")
    continued = r"\((?:continued|suite)\)"
    return re.sub(continued, "", join_hyphenated("\n".join(notes)))


def test_the_epub_has_each_note_once_with_its_wording(built: Built) -> None:
    entries = built.entries()
    asides = [
        letters("".join(aside.itertext()))
        for text in built.book.texts
        for aside in etree.fromstring(
            entries[f"EPUB/{text.settings.id}.xhtml"]
        ).iterfind(f".//{XHTML}aside")
    ]
    notes = [note for text in built.book.texts for note in text.notes]
    assert len(asides) == len(notes) == built.facts["notes"]
    for aside, note in zip(asides, notes, strict=True):
        wording = " ".join(paragraphs(list(note.cited.blocks)))
        assert aside == f"{note.number}{letters(wording)}"


def test_every_work_is_in_the_bibliography_of_both(built: Built) -> None:
    printed = letters(body_text(built))
    page = etree.fromstring(built.entries()["EPUB/bibliography.xhtml"])
    read = letters("".join(page.itertext()))
    works = [work for section in built.book.bibliography for work in section.works]
    assert len(works) == built.facts["works"]
    for work in works:
        entry = letters(" ".join(paragraphs(list(work.entry))))
        assert entry in read
        assert entry in printed


def test_the_report_has_the_figures_and_they_add_up(built: Built) -> None:
    facts = json.loads((built.folder / "report.json").read_text("utf-8"))
    assert facts == json.loads(json.dumps(built.facts))
    assert {
        "title",
        "pages",
        "notes",
        "works",
        "emendations",
        "ledger",
        "seconds",
        "problems",
    } <= facts.keys()
    assert facts["pages"] == len(built.pages())
    assert facts["notes"] == sum(len(text.notes) for text in built.book.texts)
    assert facts["problems"] == []
    assert set(facts["seconds"]) >= {"load", "collate", "layout", "pdf", "epub"}
    for ledger, text in zip(facts["ledger"], built.book.texts, strict=True):
        source = (built.edition / text.settings.source).read_text("utf-8")
        assert ledger["characters"] == len(source)
        columns = ("kept", "normalised", "emended", "omitted")
        assert sum(ledger[column] for column in columns) == len(source)


def test_the_set_is_complete(built: Built) -> None:
    slug = built.book.settings.edition.slug
    names = sorted(path.name for path in built.folder.iterdir())
    assert names == sorted(["report.json", f"{slug}.pdf", f"{slug}.epub"])
    assert [p.name for p in built.folder.parent.iterdir()] == [built.folder.name]


def test_a_node_has_its_kind() -> None:
    node: Node = {"t": "Para", "c": [{"t": "Str", "c": "word"}]}
    assert list(paragraphs([node])) == ["word"]
