"""Trees to XHTML: each mark is set by a macro of `marks.xhtml.jinja`, one a medium."""

from __future__ import annotations

import re
from dataclasses import dataclass
from dataclasses import replace as with_fields
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from recension.config import SETTINGS_PATH
from recension.contract import Given, name_work
from recension.html.lists import list_ledger
from recension.html.writer import write_tree
from recension.normalisation import PILCROW
from recension.pandoc import PandocError
from recension.problems import BookError, Problem, Span
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
    from collections.abc import Callable, Iterator, Mapping

    from recension.config import LimitsSettings
    from recension.html.medium import Medium
    from recension.html.templates import Templates
    from recension.model import (
        Blocks,
        Book,
        ConstruedBook,
        Emendation,
        Node,
        NumberedNote,
        TextPart,
    )

_HOLE = "\ue000"
_REFERENCE = re.compile(f"{_HOLE}([^{_HOLE}]+){_HOLE}")

_TreeKey = tuple[str, str]
"""What a tree is (`part`, `note`, `entry`, `annotation`, `passage`), and its id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fragments:
    """The trees of the book as XHTML for one medium, by their ids.

    *parts* are the front parts and the texts, with their notes where these stand at
    their calls; else *notes* have the paragraphs of each. *works* are by citekey the
    reference and the paragraphs of the editor's remark, *passages* the wordings of the
    tables; *languages* has those of emendations in another. A reference is a hole until
    `fill_places`.
    """

    parts: Mapping[str, Markup]
    notes: Mapping[str, tuple[Markup, ...]]
    works: Mapping[str, tuple[Markup, tuple[Markup, ...]]]
    passages: Mapping[str, Markup]
    languages: Mapping[str, str]


def write_fragments(
    book: Book, construed: ConstruedBook, templates: Templates, medium: Medium
) -> Fragments:
    """Write every tree of *book* for one *medium*."""
    limits = book.settings.limits
    trees = _Setter(book, construed, templates, medium).set_all()
    written = {key: _write(tree, limits) for key, tree in trees}
    return _gather(written, construed.languages)


def _gather(
    written: Mapping[_TreeKey, Markup], languages: Mapping[str, str]
) -> Fragments:
    """Return the fragments of a medium from what was *written* for it."""

    def of(kind: str) -> dict[str, Markup]:
        return {id_: markup for (what, id_), markup in written.items() if what == kind}

    entries, annotations = of("entry"), of("annotation")
    return Fragments(
        parts=of("part"),
        notes={id_: _split_paragraphs(markup) for id_, markup in of("note").items()},
        works={
            key: (_unwrap(entries[key]), _split_paragraphs(annotations[key]))
            for key in entries
        },
        passages={id_: _unwrap(markup) for id_, markup in of("passage").items()},
        languages=languages,
    )


def _split_paragraphs(markup: Markup) -> tuple[Markup, ...]:
    """Return the insides of the paragraphs of what has nothing else."""
    paragraphs = markup.split("</p>\n") if markup else []
    return tuple(_unwrap(Markup(one)) for one in paragraphs)  # noqa: S704 - pandoc's


def fill_places(fragment: Markup, refer: Callable[[str], str]) -> Markup:
    """Return *fragment* with what *refer* gives for the anchor of each reference."""
    told = _REFERENCE.sub(lambda found: refer(found[1]), fragment)
    return Markup(told)  # noqa: S704 - pandoc escaped the rest


def _unwrap(fragment: Markup) -> Markup:
    """Return the inside of a fragment of one paragraph."""
    inner = fragment.strip().removeprefix("<p>").removesuffix("</p>")
    return Markup(inner.strip())  # noqa: S704 - pandoc escaped it


def _write(tree: Blocks, limits: LimitsSettings) -> Markup:
    """Return *tree* as XHTML; raise BookError when pandoc takes too long for it."""
    try:
        return Markup(write_tree(tree, limits).strip())  # noqa: S704 - escaped there
    except PandocError as fault:
        raise BookError([_tell_pandoc(fault)]) from fault


def _tell_pandoc(fault: PandocError) -> Problem:
    return Problem(
        code="P-006",
        message=f"pandoc cannot write the book within its limits: {fault}",
        span=Span(path=SETTINGS_PATH),
        hint="`[limits]` sets what pandoc may take",
    )


Notes = dict[str, "NumberedNote"]


@dataclass(frozen=True, slots=True)
class _Setter:
    """Set the marks of trees with the macros of one medium."""

    book: Book
    construed: ConstruedBook
    templates: Templates
    medium: Medium
    glossary: bool = False

    def set_all(self) -> Iterator[tuple[_TreeKey, Blocks]]:
        """Yield every tree of the book, its marks set, with what it is."""
        for part in self.book.parts:
            yield ("part", part.settings.id), self._set_part(part)
        for id_, blocks in self.construed.notes.items():
            if not self.medium.notes_at_calls:
                yield ("note", id_), self.set(blocks)
        for citekey, work in self.construed.works.items():
            yield ("entry", citekey), self.set(work.entry)
            yield ("annotation", citekey), self.set(work.annotation)
        for id_, blocks in self.construed.passages.items():
            yield ("passage", id_), self.set(blocks)

    def _set_part(self, text: TextPart) -> Blocks:
        notes = {note.id: note for note in text.notes}
        setter = with_fields(self, glossary=text.settings.kind == "glossary")
        return setter.set(self.construed.parts[text.settings.id], notes)

    def set(self, blocks: Blocks, notes: Notes | None = None) -> Blocks:
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
        kind, has_bullets = node["t"], self.medium.has_bullets
        if kind == "Span":
            return self._mark(node, notes)
        if kind == "Div" and "ledger" in attributes_of(node).classes:
            return self.set([self._list(attributes_of(node).get("list"))])
        if kind == "DefinitionList" and has_bullets:
            return self._definitions(node["c"], notes)
        if kind == "DefinitionList":
            return self._terms(node["c"], notes)
        if kind == "BulletList" and has_bullets:
            return [make(kind, self._add_bullets(self._fill(node["c"], notes)))]
        if kind == "OrderedList" and has_bullets:
            numbering, items = node["c"]
            items = [_open(item) for item in self._fill(items, notes)]
            return [make(kind, [numbering, items])]
        if kind == "HorizontalRule" and has_bullets:
            return [make_markup_block(self._macro("section_break"))]
        return None

    def _add_bullets(self, items: list[Blocks]) -> list[Blocks]:
        """Return *items*, each with a dash before it."""
        bullet = make_markup(self._macro("bullet"))
        return [
            [make(opening["t"], [bullet, *opening["c"]]), *others]
            for opening, *others in map(_open, items)
        ]

    def _definitions(self, pairs: list[Any], notes: Notes) -> Blocks:
        """Return a list of terms as paragraphs, the term at the head of the first."""
        blocks: Blocks = []
        for term, definitions in pairs:
            bodies = [_open(body) for body in self._fill(definitions, notes)]
            first, *others = [block for body in bodies for block in body]
            head = self._wrap("term", self._fill(term, notes))
            paragraph = make("Para", [*head, *first["c"]])
            blocks.append(make_div([paragraph, *others], Given.DEFINITION))
        return blocks

    def _terms(self, pairs: list[Any], notes: Notes) -> Blocks:
        """Return a list of terms, each in a box with what it means."""
        boxes: Blocks = []
        told = {"glossary": self.glossary}
        for term, definitions in pairs:
            head = self._wrap("term", self._fill(term, notes), **told)
            box = [make("Plain", head)]
            for meaning in definitions:
                box += self._enclose("meaning", self._fill(meaning, notes), **told)
            boxes += self._enclose("definition", box)
        return self._enclose("definitions", boxes)

    def _enclose(self, macro: str, inner: Blocks, **values: object) -> Blocks:
        opening, closing = self._split(macro, **values)
        return [make_markup_block(opening), *inner, make_markup_block(closing)]

    # -- marks ------------------------------------------------------------------

    def _mark(  # noqa: C901, PLR0911, PLR0912 - a kind of mark, a case
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
            case [SpanClass.NUMBER] if self.medium.has_bullets:
                return self._wrap("item_number", inner)
            case [SpanClass.NUMBER]:
                return inner
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
            case [SpanClass.DATE] if not self.medium.has_dates:
                return inner
            case [SpanClass.DATE]:
                return self._wrap("date", inner, machine=own.get("machine"))
            case [SpanClass.ITALICS]:
                return self._wrap("italics", inner, lang=own.get("lang"))
        if own.has("lang"):
            inner = self._wrap("foreign", inner, lang=own.get("lang"))
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
        at_foot = self.book.settings.print.apparatus == "foot"
        if not (at_foot and self.medium.notes_at_calls):
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
        page = self.book.homes[to].id
        return self._wrap(name, inner, to=to, page=page)

    def _note_call(self, note: NumberedNote) -> list[Node]:
        if self.medium.notes_at_calls:
            body = self._body(note)
            return self._wrap("note", body, number=note.number, id=note.id)
        return [make_markup(self._macro("note_call", number=note.number, id=note.id))]

    def _body(self, note: NumberedNote) -> list[Node]:
        values = {"number": note.number, "id": note.id}
        number = make_markup(self._macro("note_number", **values))
        if note.ibid_locator is not None and self.book.settings.notes.ibid:
            ibid = self._ibid(self._fill(note.ibid_locator, {}))
            return [number, *self._citation(note.citekeys[0], ibid)]
        first, *others = (
            block["c"] for block in self.set(self.construed.notes[note.id])
        )
        bodies: list[list[Node]] = [[number, *first], *others]
        if not others:
            return bodies[0]
        paragraphs = [self._wrap("note_paragraph", body) for body in bodies]
        return [node for paragraph in paragraphs for node in paragraph]

    def _ibid(self, locator: list[Node]) -> list[Node]:
        """Return what stands for a repeated citation, its *locator* as formatted."""
        word = self.templates.words["ibid"]
        told = Markup(_HOLE) if locator else ""  # noqa: S704 - our own mark
        before, _, after = self._macro("ibid", word=word, locator=told).partition(_HOLE)
        return [make_markup(before), *locator, make_markup(after)]

    def _citation(self, works: str, inner: list[Node]) -> list[Node]:
        if " " in works:
            return inner
        return self._wrap("citation", inner, citekey=name_work(works))

    def _wrap(self, macro: str, inner: list[Node], **values: object) -> list[Node]:
        before, after = self._split(macro, **values)
        return [make_markup(before), *inner, make_markup(after)]

    def _split(self, macro: str, **values: object) -> tuple[str, str]:
        """Return what *macro* puts before and behind its content."""
        markup = self._macro(macro, content=Markup(_HOLE), **values)  # noqa: S704 - our own mark
        before, _, after = markup.partition(_HOLE)
        return before, after

    def _macro(self, name: str, **values: object) -> str:
        return self.templates.call(self.medium.macros, name, **values)


def _open(blocks: Blocks) -> Blocks:
    """Return the *blocks* of an item, beginning with words, if they are nothing.

    Words beside other blocks are a paragraph: layout sets what stands in one block.
    """
    worded = blocks and blocks[0]["t"] in ("Plain", "Para")
    opening, *others = blocks if worded else (make("Plain", []), *blocks)
    return [make("Para", opening["c"]), *others] if others else [opening]


def write_entry(
    found: Emendation, siglum: str, words: Mapping[str, str]
) -> dict[str, str]:
    """Return an entry of the apparatus: lemma, reading, siglum, doubt and reason.

    Where the book prints nothing, the words that stand beside it show the place;
    `sought` is the word by which the entry is found on its line.
    """
    lemma, reading = found.lemma, found.reading
    if not lemma.strip():
        inside = f" {reading} " if reading == PILCROW else reading
        beside = tuple(f"{found.before}{it}{found.after}" for it in (lemma, inside))
        lemma, reading = (" ".join(shown.split()) for shown in beside)
    sought = (found.lemma.strip() or found.after or found.before).split()
    return {
        "lemma": lemma,
        "reading": reading,
        "sought": sought[0] if sought else "",
        "siglum": siglum,
        "omitted": words["omitted"],
        "doubt": words["probable"] if found.certainty == "probable" else "",
        "why": found.why,
    }
