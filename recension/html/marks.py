"""Trees to XHTML: each mark is set by a macro of `marks.xhtml.jinja`, one a medium."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from recension.pandoc import write_html

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from recension.html.templates import Templates
    from recension.model import (
        Blocks,
        Book,
        Emendation,
        Node,
        NumberedNote,
        TextLedger,
        TextPart,
    )

_HOLE = "\ue000"
_SEPARATOR = "<!--\ue001-->"
_REFERENCE = re.compile(f"{_HOLE}([^{_HOLE}]+){_HOLE}")
_LONGEST_OMISSION = 72
"""How many characters of an omission the note on the text prints."""
_TEXT_MEDIA = ("print", "epub")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fragments:
    """The trees of the book as XHTML, by medium (`print`, `epub`) and id.

    *parts* are the front parts and the texts, notes inside in print; *notes* have the
    paragraphs of each note, *works* by citekey the reference and the editor's remark,
    *passages* the wordings of the tables. A reference is a hole until `fill_places`.
    """

    parts: Mapping[str, Mapping[str, Markup]]
    notes: Mapping[str, tuple[Markup, ...]]
    works: Mapping[str, tuple[Markup, Markup]]
    passages: Mapping[str, Mapping[str, Markup]]


def write_fragments(book: Book, templates: Templates) -> Fragments:
    """Write every tree of *book* with one run of pandoc."""
    setters = {name: _Marks(book, templates, name) for name in _TEXT_MEDIA}
    parts = [*book.front, *book.texts]
    notes = [
        (note.cited.note.id, block)
        for part in parts
        for note in part.notes
        for block in setters["epub"].fill_note(note)
    ]
    works = [work for section in book.bibliography for work in section.works]
    trees = [
        *(setter.fill(part) for setter in setters.values() for part in parts),
        *([block] for _, block in notes),
        *(tree for work in works for tree in (work.entry, work.annotation)),
        *(
            setter.fill_blocks(blocks)
            for setter in setters.values()
            for blocks in book.passages.values()
        ),
    ]
    written = iter(_write_all(trees))
    ids = [part.settings.id for part in parts]
    return Fragments(
        parts=_by_medium(ids, written),
        notes=_group_paragraphs([id_ for id_, _ in notes], written),
        works={
            w.citekey: (_unwrap(next(written)), _unwrap(next(written))) for w in works
        },
        passages={
            name: {id_: _unwrap(found) for id_, found in of_medium.items()}
            for name, of_medium in _by_medium(list(book.passages), written).items()
        },
    )


def fill_places(fragment: Markup, refer: Callable[[str], str]) -> Markup:
    """Return *fragment* with what *refer* gives for the anchor of each reference."""
    told = _REFERENCE.sub(lambda found: refer(found[1]), fragment)
    return Markup(told)  # noqa: S704 - pandoc escaped the rest


def _by_medium(
    ids: Sequence[str], written: Iterator[Markup]
) -> dict[str, dict[str, Markup]]:
    return {
        name: dict(zip(ids, islice(written, len(ids)), strict=True))
        for name in _TEXT_MEDIA
    }


def _group_paragraphs(
    ids: Sequence[str], written: Iterator[Markup]
) -> dict[str, tuple[Markup, ...]]:
    notes: dict[str, tuple[Markup, ...]] = {}
    for id_ in ids:
        notes[id_] = (*notes.get(id_, ()), _unwrap(next(written)))
    return notes


def _unwrap(fragment: Markup) -> Markup:
    """Return the inside of a fragment of one paragraph."""
    inner = fragment.strip().removeprefix("<p>").removesuffix("</p>")
    return Markup(inner.strip())  # noqa: S704 - pandoc escaped it


def _write_all(parts: Sequence[Blocks]) -> list[Markup]:
    """Write several trees with one run of pandoc; return their XHTML in order."""
    separator = {"t": "RawBlock", "c": ["html", _SEPARATOR]}
    joined: Blocks = []
    for part in parts:
        joined += [*part, separator]
    written = write_html(joined).split(_SEPARATOR)[:-1]
    return [Markup(part.strip()) for part in written]  # noqa: S704 - pandoc escaped it


Notes = dict[str, "NumberedNote"]


@dataclass(frozen=True, slots=True)
class _Marks:
    """Set the marks of a tree with the macros of one medium."""

    book: Book
    templates: Templates
    medium: str

    def fill(self, text: TextPart) -> Blocks:
        notes = {note.cited.note.id: note for note in text.notes}
        return self.fill_blocks(text.blocks, notes)

    def fill_note(self, note: NumberedNote) -> Blocks:
        return self.fill_blocks(note.cited.blocks)

    def fill_blocks(self, blocks: Blocks, notes: Notes | None = None) -> Blocks:
        return [node for block in blocks for node in self._node(block, notes or {})]

    def _node(self, node: Node, notes: Notes) -> list[Node]:
        """Return what stands for *node*: a mark's markup round its contents."""
        match node["t"]:
            case "Span":
                return self._mark(node["c"], notes)
            case "Div" if "ledger" in node["c"][0][1]:
                return self._node(self._list(dict(node["c"][0][2])["list"]), notes)
            case "DefinitionList" if self.medium == "print":
                return self._definitions(node["c"], notes)
        if "c" not in node:
            return [node]
        filled = {"t": node["t"], "c": self._contents(node["c"], notes)}
        if node["t"] == "BulletList" and self.medium == "print":
            self._add_bullets(filled["c"], 0)
        if node["t"] == "OrderedList" and self.medium == "print":
            self._add_bullets(filled["c"][1], node["c"][0][0])
        return [filled]

    def _contents(self, contents: Any, notes: Notes) -> Any:
        if isinstance(contents, dict) and "t" in contents:
            return self._node(contents, notes)
        if isinstance(contents, list):
            filled: list[Any] = []
            for item in contents:
                result = self._contents(item, notes)
                is_node = isinstance(item, dict) and "t" in item
                filled += result if is_node else [result]
            return filled
        return contents

    def _add_bullets(self, items: list[Blocks], first: int) -> None:
        """Put a dash, or from *first* on a number, before each of *items*."""
        for index, item in enumerate(items):
            number = first + index if first else 0
            item[0]["c"].insert(0, _raw(self._macro("bullet", number=number)))

    def _definitions(self, pairs: list[Any], notes: Notes) -> Blocks:
        """Return a list of terms as paragraphs, the term at the head of the first."""
        blocks: Blocks = []
        for term, definitions in pairs:
            first, *others = self._contents([b for d in definitions for b in d], notes)
            head = self._wrap("term", self._contents(term, notes))
            paragraph = {"t": "Para", "c": [*head, *first["c"]]}
            inner = [paragraph, *others]
            blocks.append({"t": "Div", "c": [["", ["definition"], []], inner]})
        return blocks

    # -- marks ------------------------------------------------------------------

    def _mark(  # noqa: PLR0911 - a kind of mark, a case
        self, contents: list[Any], notes: Notes
    ) -> list[Node]:
        (identifier, classes, pairs), inlines = contents
        inner = self._contents(inlines, notes)
        attributes = dict(pairs)
        match classes:
            case ["note-call"]:
                return self._note_call(notes[attributes["note"]])
            case ["emendation"]:
                entry = self._entry(identifier)
                return self._wrap("emendation", inner, id=identifier, entry=entry)
            case ["paragraph"]:
                return [_raw(self._macro("paragraph", id=identifier))]
            case ["mention"]:
                who = attributes.get("who", "")
                return self._wrap("mention", inner, id=identifier, who=who)
            case ["citation"]:
                return self._citation(attributes["works"], inner)
            case ["reference"]:
                return self._reference(attributes["to"], inner)
        if "count" in attributes:
            return [_str(f"{self._count(attributes['count']):,}")]
        pairs = [pair for pair in pairs if pair[0] != "who"]
        if not (identifier or classes or pairs):
            return list(inner)
        return [{"t": "Span", "c": [[identifier, classes, pairs], inner]}]

    def _entry(self, id_: str) -> dict[str, str] | None:
        """Return the entry of the apparatus, None where the page has none."""
        if self.medium != "print" or self.book.settings.print.apparatus != "foot":
            return None
        text, found = next(
            (text, emendation)
            for text in self.book.texts
            for emendation in text.emendations
            if emendation.id == id_
        )
        return write_entry(found, text.settings.siglum, self.templates.words)

    def _reference(self, to: str, inner: list[Node]) -> list[Node]:
        name = "reference" if inner else "place"
        inner = inner or [_str(f"{_HOLE}{to}{_HOLE}")]
        return self._wrap(name, inner, to=to, page=self._page_of(to))

    def _page_of(self, anchor: str) -> str:
        """Return the name of the page of the EPUB that has *anchor*."""
        parts = (*self.book.front, *self.book.texts)
        return next(part.settings.id for part in parts if anchor in part.anchors)

    def _note_call(self, note: NumberedNote) -> list[Node]:
        id_ = note.cited.note.id
        if self.medium == "epub":
            return [_raw(self._macro("note_call", number=note.number, id=id_))]
        return self._wrap("note", self._body(note), number=note.number, id=id_)

    def _body(self, note: NumberedNote) -> list[Node]:
        id_ = note.cited.note.id
        number = _raw(self._macro("note_number", number=note.number, id=id_))
        locator = note.cited.ibid_locator
        if locator is not None and self.book.settings.notes.ibid:
            word = self.templates.words["ibid"]
            ibid = [_raw(self._macro("ibid", word=word, locator=locator))]
            return [number, *self._citation(note.cited.citekeys[0], ibid)]
        blocks = self.fill_note(note)
        blocks[0]["c"].insert(0, number)
        if len(blocks) == 1:
            return list(blocks[0]["c"])
        paragraphs = [self._wrap("note_paragraph", block["c"]) for block in blocks]
        return [node for paragraph in paragraphs for node in paragraph]

    def _citation(self, works: str, inner: list[Node]) -> list[Node]:
        if " " in works:
            return inner
        return self._wrap("citation", inner, citekey=works)

    def _wrap(self, macro: str, inner: list[Node], **values: object) -> list[Node]:
        markup = self._macro(macro, content=Markup(_HOLE), **values)  # noqa: S704 - our own mark
        before, _, after = markup.partition(_HOLE)
        return [_raw(before), *inner, _raw(after)]

    def _macro(self, name: str, **values: object) -> str:
        return self.templates.call(f"{self.medium}/marks.xhtml.jinja", name, **values)

    # -- figures and lists of the ledger ------------------------------------------

    def _count(self, name: str) -> int:
        """Return a figure such as `emendations` or `joins-walsh` (see annotate)."""
        figure, _, text_id = name.partition("-")
        texts = [t for t in self.book.texts if text_id in ("", t.settings.id)]
        ledgers = [t for t in self.book.ledger.texts if text_id in ("", t.text_id)]
        emendations = [e for text in texts for e in text.emendations]
        match figure:
            case "emendations":
                return len(emendations)
            case "probable":
                return sum(e.certainty == "probable" for e in emendations)
            case "joins":
                return sum(e.reading == "¶" for e in emendations)
        return sum(getattr(ledger, figure) for ledger in ledgers)

    def _list(self, name: str) -> Node:
        """Return the list of the ledger that a div of class `ledger` names."""
        ledgers = self.book.ledger.texts
        lines = self._normalisations(ledgers)
        if name == "omissions":
            lines = [line for ledger in ledgers for line in self._omissions(ledger)]
        return {
            "t": "BulletList",
            "c": [[{"t": "Plain", "c": [_str(line)]}] for line in lines],
        }

    def _normalisations(self, ledgers: Sequence[TextLedger]) -> list[str]:
        words = self.templates.words
        rules = dict.fromkeys(r for ledger in ledgers for r in ledger.normalisations)
        return [
            words["normalisation"].format(
                rule=words[f"rule-{rule}"],
                places=", ".join(
                    f"{ledger.siglum} {ledger.normalisations.get(rule, 0):,}"
                    for ledger in ledgers
                ),
            )
            for rule in rules
        ]

    def _omissions(self, ledger: TextLedger) -> list[str]:
        words = self.templates.words
        return [
            words["omission"].format(
                siglum=ledger.siglum,
                why=omission.why or words["no_reason"],
                wording=_shorten(omission.wording),
            )
            for omission in ledger.omissions
        ]


def write_entry(
    found: Emendation, siglum: str, words: Mapping[str, str]
) -> dict[str, str]:
    """Return an entry of the apparatus: lemma, reading, siglum, doubt and reason.

    Where the book prints nothing, the words that stand beside it show the place;
    `sought` is the word by which the entry is found on its line.
    """
    lemma, reading = found.lemma, found.reading
    if not lemma:
        inside = f" {reading} " if reading == "¶" else reading
        beside = f"{found.before}{found.after}", f"{found.before}{inside}{found.after}"
        lemma, reading = (" ".join(shown.split()) for shown in beside)
    sought = (found.lemma or found.after or found.before).split()
    return {
        "lemma": lemma,
        "reading": reading,
        "sought": sought[0] if sought else "",
        "siglum": siglum,
        "omitted": words["omitted"],
        "doubt": words["probable"] if found.certainty == "probable" else "",
        "why": found.why,
    }


def _shorten(wording: str) -> str:
    if len(wording) <= _LONGEST_OMISSION:
        return wording
    return wording[:_LONGEST_OMISSION].rpartition(" ")[0] + " …"


def _raw(markup: str) -> Node:
    return {"t": "RawInline", "c": ["html", markup]}


def _str(wording: str) -> Node:
    return {"t": "Str", "c": wording}
