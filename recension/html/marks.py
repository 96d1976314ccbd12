"""Trees to XHTML: each mark is set by a macro of `marks.xhtml.jinja`, one a medium."""

from __future__ import annotations

import re
from dataclasses import dataclass
from dataclasses import replace as with_fields
from itertools import islice
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from recension.html.dates import Dates, mark_dates
from recension.html.figures import count_figure, list_ledger
from recension.html.semantics import mark_book
from recension.normalisation import PARAGRAPH
from recension.pandoc import write_html
from recension.tree import (
    Attributes,
    SpanClass,
    attributes_of,
    make,
    make_div,
    make_markup,
    make_markup_block,
    make_word,
    replace,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from recension.html.templates import Templates
    from recension.model import (
        Blocks,
        Book,
        Emendation,
        Node,
        NumberedNote,
        TextPart,
    )

_HOLE = "\ue000"
_SEPARATOR = "<!--\ue001-->"
_REFERENCE = re.compile(f"{_HOLE}([^{_HOLE}]+){_HOLE}")
_TEXT_MEDIA = ("print", "epub")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fragments:
    """The trees of the book as XHTML, by medium (`print`, `epub`) and id.

    *parts* are the front parts and the texts, notes inside in print; *notes* have the
    paragraphs of each note, *works* by citekey the reference and the editor's remark,
    *passages* the wordings of the tables. A reference is a hole until `fill_places`.
    The EPUB's have their dates marked.
    """

    parts: Mapping[str, Mapping[str, Markup]]
    notes: Mapping[str, tuple[Markup, ...]]
    works: Mapping[str, Mapping[str, tuple[Markup, Markup]]]
    passages: Mapping[str, Mapping[str, Markup]]


def write_fragments(book: Book, templates: Templates) -> Fragments:
    """Write every tree of *book* with one run of pandoc."""
    book = mark_book(book)
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
        *(
            setter.fill_blocks(tree)
            for setter in setters.values()
            for work in works
            for tree in (work.entry, work.annotation)
        ),
        *(
            setter.fill_blocks(blocks)
            for setter in setters.values()
            for blocks in book.passages.values()
        ),
    ]
    written = iter(_write_all(trees))
    ids = [part.settings.id for part in parts]
    found = Fragments(
        parts=_by_medium(ids, written),
        notes=_group_paragraphs([id_ for id_, _ in notes], written),
        works={
            name: {
                w.citekey: (_unwrap(next(written)), _unwrap(next(written)))
                for w in works
            }
            for name in _TEXT_MEDIA
        },
        passages={
            name: {id_: _unwrap(found) for id_, found in of_medium.items()}
            for name, of_medium in _by_medium(list(book.passages), written).items()
        },
    )
    return _mark_all_dates(found, templates)


def _mark_all_dates(fragments: Fragments, templates: Templates) -> Fragments:
    """Return *fragments* with the dates of the EPUB marked."""
    dates = Dates(templates.words["months"].split())

    def mark(fragment: Markup) -> Markup:
        return mark_dates(fragment, dates, set_date)

    def set_date(machine: str) -> tuple[str, str]:
        values = {"machine": machine, "content": Markup(_HOLE)}  # noqa: S704 - our own
        markup = templates.call("epub/marks.xhtml.jinja", "date", **values)
        before, _, after = markup.partition(_HOLE)
        return before, after

    parts, passages = (
        {**table, "epub": {id_: mark(f) for id_, f in table["epub"].items()}}
        for table in (fragments.parts, fragments.passages)
    )
    works = {k: (mark(e), mark(a)) for k, (e, a) in fragments.works["epub"].items()}
    return Fragments(
        parts=parts,
        notes={id_: tuple(map(mark, f)) for id_, f in fragments.notes.items()},
        works={**fragments.works, "epub": works},
        passages=passages,
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
    separator = make_markup_block(_SEPARATOR)
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
    glossary: bool = False

    def fill(self, text: TextPart) -> Blocks:
        notes = {note.cited.note.id: note for note in text.notes}
        marks = with_fields(self, glossary=text.settings.kind == "glossary")
        return marks.fill_blocks(text.blocks, notes)

    def fill_note(self, note: NumberedNote) -> Blocks:
        return self.fill_blocks(note.cited.blocks)

    def fill_blocks(self, blocks: Blocks, notes: Notes | None = None) -> Blocks:
        filled: Blocks = self._fill(blocks, notes or {})
        return filled

    def _fill(self, contents: Any, notes: Notes) -> Any:
        return replace(contents, lambda node: self._node(node, notes))

    def _node(  # noqa: PLR0911 - a kind, a case
        self, node: Node, notes: Notes
    ) -> list[Node] | None:
        """Return what stands for *node*, a mark's markup round its contents.

        None for one that is no mark.
        """
        kind, printed = node["t"], self.medium == "print"
        if kind == "Span":
            return self._mark(node, notes)
        if kind == "Div" and "ledger" in attributes_of(node).classes:
            return self.fill_blocks([self._list(attributes_of(node).get("list"))])
        if kind == "DefinitionList" and printed:
            return self._definitions(node["c"], notes)
        if kind == "DefinitionList" and self.glossary:
            return self._glossary(node["c"], notes)
        if kind == "BulletList" and printed:
            return [make(kind, self._add_bullets(self._fill(node["c"], notes), 0))]
        if kind == "OrderedList" and printed:
            numbering, items = node["c"]
            items = self._add_bullets(self._fill(items, notes), numbering[0])
            return [make(kind, [numbering, items])]
        return None

    def _add_bullets(self, items: list[Blocks], first: int) -> list[Blocks]:
        """Return *items*, each with a dash or from *first* on a number before it."""
        numbered: list[Blocks] = []
        for index, (opening, *others) in enumerate(items):
            number = first + index if first else 0
            bullet = make_markup(self._macro("bullet", number=number))
            numbered.append([make(opening["t"], [bullet, *opening["c"]]), *others])
        return numbered

    def _definitions(self, pairs: list[Any], notes: Notes) -> Blocks:
        """Return a list of terms as paragraphs, the term at the head of the first."""
        blocks: Blocks = []
        for term, definitions in pairs:
            first, *others = self._fill([b for d in definitions for b in d], notes)
            head = self._wrap("term", self._fill(term, notes))
            paragraph = make("Para", [*head, *first["c"]])
            blocks.append(make_div([paragraph, *others], "definition"))
        return blocks

    def _glossary(self, pairs: list[Any], notes: Notes) -> Blocks:
        """Return a list of terms as the markup of a glossary."""
        terms: Blocks = []
        for term, definitions in pairs:
            head = self._wrap("glossary_term", self._fill(term, notes))
            bodies = [self._fill(body, notes) for body in definitions]
            terms += [make("Plain", head)]
            terms += [b for body in bodies for b in self._enclose("definition", body)]
        return self._enclose("glossary", terms)

    def _enclose(self, macro: str, inner: Blocks) -> Blocks:
        opening, closing = self._split(macro)
        return [make_markup_block(opening), *inner, make_markup_block(closing)]

    # -- marks ------------------------------------------------------------------

    def _mark(  # noqa: C901, PLR0911 - a kind of mark, a case
        self, node: Node, notes: Notes
    ) -> list[Node]:
        own = attributes_of(node)
        inner: list[Node] = self._fill(node["c"][1], notes)
        match own.classes:
            case [SpanClass.NOTE_CALL]:
                return self._note_call(notes[own.get("note")])
            case [SpanClass.EMENDATION]:
                entry = self._entry(own.id)
                return self._wrap("emendation", inner, id=own.id, entry=entry)
            case [SpanClass.PARAGRAPH]:
                return [make_markup(self._macro("paragraph", id=own.id))]
            case [SpanClass.MENTION]:
                who = own.get("who")
                return self._wrap("mention", inner, id=own.id, who=who)
            case [SpanClass.CITATION]:
                return self._citation(own.get("works"), inner)
            case [SpanClass.REFERENCE]:
                return self._reference(own.get("to"), inner)
            case [SpanClass.TITLE, *italic] if not own.id:
                lang = own.get("lang")
                return self._wrap("title", inner, lang=lang, italic=bool(italic))
            case [SpanClass.ITALICS]:
                return self._wrap("italics", inner, lang=own.get("lang"))
        if own.has("lang"):
            inner = self._wrap("foreign", inner, lang=own.get("lang"))
        if own.has("count"):
            return [make_word(f"{count_figure(self.book, own.get('count')):,}")]
        kept = own.without("who", "lang")
        if kept == Attributes():
            return inner
        return [make("Span", [kept.written(), inner])]

    def _list(self, name: str) -> Node:
        """Return the list of the ledger that a div of class `ledger` names."""
        lines = list_ledger(self.book, name, self.templates.words)
        return make(
            "BulletList", [[make("Plain", [make_word(line)])] for line in lines]
        )

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
        inner = inner or [make_word(f"{_HOLE}{to}{_HOLE}")]
        return self._wrap(name, inner, to=to, page=self._page_of(to))

    def _page_of(self, anchor: str) -> str:
        """Return the name of the page of the EPUB that has *anchor*."""
        parts = (*self.book.front, *self.book.texts)
        return next(part.settings.id for part in parts if anchor in part.anchors)

    def _note_call(self, note: NumberedNote) -> list[Node]:
        id_ = note.cited.note.id
        if self.medium == "epub":
            return [make_markup(self._macro("note_call", number=note.number, id=id_))]
        return self._wrap("note", self._body(note), number=note.number, id=id_)

    def _body(self, note: NumberedNote) -> list[Node]:
        id_ = note.cited.note.id
        number = make_markup(self._macro("note_number", number=note.number, id=id_))
        locator = note.cited.ibid_locator
        if locator is not None and self.book.settings.notes.ibid:
            word = self.templates.words["ibid"]
            ibid = [make_markup(self._macro("ibid", word=word, locator=locator))]
            return [number, *self._citation(note.cited.citekeys[0], ibid)]
        first, *others = (block["c"] for block in self.fill_note(note))
        bodies: list[list[Node]] = [[number, *first], *others]
        if not others:
            return bodies[0]
        paragraphs = [self._wrap("note_paragraph", body) for body in bodies]
        return [node for paragraph in paragraphs for node in paragraph]

    def _citation(self, works: str, inner: list[Node]) -> list[Node]:
        if " " in works:
            return inner
        return self._wrap("citation", inner, citekey=works)

    def _wrap(self, macro: str, inner: list[Node], **values: object) -> list[Node]:
        before, after = self._split(macro, **values)
        return [make_markup(before), *inner, make_markup(after)]

    def _split(self, macro: str, **values: object) -> tuple[str, str]:
        """Return what *macro* puts before and behind its content."""
        markup = self._macro(macro, content=Markup(_HOLE), **values)  # noqa: S704 - our own mark
        before, _, after = markup.partition(_HOLE)
        return before, after

    def _macro(self, name: str, **values: object) -> str:
        return self.templates.call(f"{self.medium}/marks.xhtml.jinja", name, **values)


def write_entry(
    found: Emendation, siglum: str, words: Mapping[str, str]
) -> dict[str, str]:
    """Return an entry of the apparatus: lemma, reading, siglum, doubt and reason.

    Where the book prints nothing, the words that stand beside it show the place;
    `sought` is the word by which the entry is found on its line.
    """
    lemma, reading = found.lemma, found.reading
    if not lemma:
        inside = f" {reading} " if reading == PARAGRAPH else reading
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
