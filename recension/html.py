"""Stage 7, html: the book as XHTML, for print and for the EPUB. Alone knows Jinja2.

Templates hold all markup. A mark in a text (a note, a citation, an emendation) is set
by a macro of `marks.xhtml.jinja`, print's or the EPUB's: what depends on the medium
(ibid., page references, links) is decided here, from one set of data.
"""

from __future__ import annotations

import re
import tomllib
import traceback
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup

from recension.model import Page
from recension.pandoc import write_html
from recension.problems import BookError, Problem, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from recension.model import (
        Blocks,
        Book,
        Node,
        NumberedNote,
        Place,
        TextPart,
        Work,
    )

_WORDS = "words.toml"
_HOLE = "\ue000"
_SEPARATOR = "<!--\ue001-->"
_REFERENCE = re.compile(f"{_HOLE}([^{_HOLE}]+){_HOLE}")
_MONTHS = {
    "en": "January February March April May June July August September October "
    "November December",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre "
    "novembre décembre",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Templates:
    """The templates of an edition, the builder's own where it brings none."""

    environment: SandboxedEnvironment
    words: Mapping[str, str]
    folders: tuple[Path, ...]

    def is_own(self, name: str) -> bool:
        """Tell whether the edition brings the template *name* itself."""
        return len(self.folders) > 1 and (self.folders[0] / name).is_file()

    def refer(self, folio: str, line: int) -> str:
        """Return the words that refer to a page and a line."""
        return self.words["reference"].format(folio=folio, line=line)


def open_templates(folders: Sequence[Path], language: str) -> Templates:
    """Open the templates in *folders*, the first that has a file giving it.

    *language* is a code such as `en`; it decides the words the templates print.
    """
    environment = SandboxedEnvironment(
        loader=jinja2.FileSystemLoader(folders),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    environment.filters["long_date"] = _long_date
    words = _read_words(folders, language)
    return Templates(environment=environment, words=words, folders=tuple(folders))


def _read_words(folders: Sequence[Path], language: str) -> Mapping[str, str]:
    words: dict[str, str] = {}
    for folder in reversed(folders):
        path = folder / _WORDS
        if path.is_file():
            try:
                table = tomllib.loads(path.read_text("utf-8"))
            except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
                raise _template_error(_WORDS, 0, str(fault)) from fault
            words |= table.get("en", {}) | table.get(language, {})
    months = _MONTHS.get(language, _MONTHS["en"])
    return {**words, "months": months}


def _long_date(day: date, words: Mapping[str, str]) -> str:
    return f"{day.day} {words['months'].split()[day.month - 1]} {day.year}"


# --- trees to XHTML ----------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Fragments:
    """The trees of the book as XHTML: texts for each medium, notes and works.

    *printed* and *read* have the texts in order, notes inside where printed; *notes*
    has the paragraphs of each note by its id, *works* by citekey the reference and the
    editor's remark.
    """

    printed: tuple[Markup, ...]
    read: tuple[Markup, ...]
    notes: Mapping[str, tuple[Markup, ...]]
    works: Mapping[str, tuple[Markup, Markup]]


def write_fragments(book: Book, templates: Templates) -> Fragments:
    """Write every tree of *book* with one run of pandoc."""
    printed = _Marks(book, templates, "print")
    read = _Marks(book, templates, "epub")
    notes = [
        (note.cited.note.id, block)
        for text in book.texts
        for note in text.notes
        for block in read.fill_note(note)
    ]
    works = [work for section in book.bibliography for work in section.works]
    written = iter(
        _write_all(
            [
                *(printed.fill(text) for text in book.texts),
                *(read.fill(text) for text in book.texts),
                *([block] for _, block in notes),
                *(tree for work in works for tree in (work.entry, work.annotation)),
            ]
        )
    )
    texts = len(book.texts)
    return Fragments(
        printed=tuple(islice(written, texts)),
        read=tuple(islice(written, texts)),
        notes=_group_paragraphs([id_ for id_, _ in notes], written),
        works={
            w.citekey: (_unwrap(next(written)), _unwrap(next(written))) for w in works
        },
    )


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


# --- print -------------------------------------------------------------------------


def render_texts(
    book: Book, templates: Templates, fragments: Fragments
) -> tuple[str, ...]:
    """Return the XHTML of each text with its notes inside, ready to be laid out."""
    return tuple(
        _render(templates, "print/text.xhtml.jinja", book, text=text, content=body)
        for text, body in zip(book.texts, fragments.printed, strict=True)
    )


def render_front(book: Book, templates: Templates, folios: Mapping[str, str]) -> str:
    """Return the front matter; *folios* gives the printed page of an id."""
    contents = [
        {
            "id": heading.id,
            "level": heading.level,
            "title": heading.title,
            "author": text.settings.author if heading.level == 1 else "",
            "folio": folios[heading.id],
        }
        for text in book.texts
        for heading in text.headings
        if heading.level <= CONTENTS_DEPTH
    ]
    contents += [
        {
            "id": "bibliography",
            "level": 1,
            "title": templates.words["bibliography"],
            "author": "",
            "folio": folios["bibliography"],
        }
    ]
    return _render(
        templates,
        "print/front.xhtml.jinja",
        book,
        contents=contents,
        totals=_ledger_totals(book),
    )


def render_blank(book: Book, templates: Templates) -> str:
    """Return the XHTML of an empty page."""
    return _render(templates, "print/blank.xhtml.jinja", book)


CONTENTS_DEPTH = 2
"""How deep the contents go: 1 for titles alone, 2 with the sections."""


def render_back(
    book: Book, templates: Templates, fragments: Fragments, folios: Mapping[str, str]
) -> str:
    """Return the back matter; *folios* gives the printed page of each note's id."""
    works = _bibliography(book, fragments, folios)
    return _render(templates, "print/back.xhtml.jinja", book, bibliography=works)


def _ledger_totals(book: Book) -> dict[str, str]:
    names = ("characters", "kept", "normalised", "emended", "omitted")
    return {
        name: f"{sum(getattr(text, name) for text in book.ledger.texts):,}"
        for name in names
    }


def _bibliography(
    book: Book, fragments: Fragments, folios: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return the sections of the bibliography with their works' XHTML."""
    numbered = {note.cited.note.id: note for text in book.texts for note in text.notes}
    return [
        {
            "title": section.title,
            "works": [
                {
                    "citekey": work.citekey,
                    "entry": fragments.works[work.citekey][0],
                    "annotation": fragments.works[work.citekey][1],
                    "notes": _citing_notes(work, numbered, folios),
                }
                for work in section.works
            ],
        }
        for section in book.bibliography
    ]


def _citing_notes(
    work: Work, numbered: Mapping[str, NumberedNote], folios: Mapping[str, str]
) -> list[dict[str, object]]:
    return [
        {"id": id_, "number": numbered[id_].number, "folio": folios.get(id_, "")}
        for id_ in work.notes
    ]


# --- the EPUB ----------------------------------------------------------------------


def render_reading(
    book: Book, templates: Templates, fragments: Fragments, places: Mapping[str, Place]
) -> tuple[Page, ...]:
    """Return the pages of the EPUB in reading order.

    *places* gives the page and line of the printed book for a reference.
    """

    def refer(fragment: Markup) -> Markup:
        told = _REFERENCE.sub(lambda m: templates.refer(*places[m[1]]), fragment)
        return Markup(told)  # noqa: S704 - pandoc escaped the rest

    words = templates.words
    pages = [
        _page(book, templates, "titlepage", words["title_page"]),
        _page(
            book, templates, "imprint", words["imprint"], totals=_ledger_totals(book)
        ),
    ]
    for text, body in zip(book.texts, fragments.read, strict=True):
        asides = [
            (note, [refer(p) for p in fragments.notes[note.cited.note.id]])
            for note in text.notes
        ]
        pages.append(
            _page(
                book,
                templates,
                "text",
                text.title,
                name=text.settings.id,
                text=text,
                content=refer(body),
                notes=asides,
            )
        )
    pages.append(
        _page(
            book,
            templates,
            "bibliography",
            words["bibliography"],
            bibliography=_bibliography(book, fragments, {}),
            page_of={
                n.cited.note.id: t.settings.id for t in book.texts for n in t.notes
            },
        )
    )
    return tuple(pages)


def _page(
    book: Book,
    templates: Templates,
    kind: str,
    title: str,
    name: str = "",
    **values: object,
) -> Page:
    template = f"epub/{kind}.xhtml.jinja"
    xhtml = _render(templates, template, book, page_title=title, **values)
    return Page(name=name or kind, title=title, kind=kind, xhtml=xhtml)


def render_package(
    book: Book, templates: Templates, pages: Sequence[Page]
) -> dict[str, str]:
    """Return the other files of the EPUB by name: package, navigation, style."""
    values = {"pages": pages}
    title = templates.words["contents"]
    return {
        "nav.xhtml": _render(
            templates, "epub/nav.xhtml.jinja", book, page_title=title, **values
        ),
        "package.opf": _render(templates, "epub/package.opf.jinja", book, **values),
        "toc.ncx": _render(templates, "epub/toc.ncx.jinja", book, **values),
        "style.css": _render(templates, "epub/style.css.jinja", book),
        "META-INF/container.xml": _render(templates, "epub/container.xml.jinja", book),
    }


def render_style(book: Book, templates: Templates) -> str:
    """Return the style sheet of the printed page."""
    return _render(templates, "print/style.css.jinja", book)


# --- filling -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Marks:
    """Set the marks of a tree with the macros of one medium."""

    book: Book
    templates: Templates
    medium: str

    def fill(self, text: TextPart) -> Blocks:
        notes = {note.cited.note.id: note for note in text.notes}
        return [node for block in text.blocks for node in self._node(block, notes)]

    def fill_note(self, note: NumberedNote) -> Blocks:
        blocks = note.cited.blocks
        return [node for block in blocks for node in self._node(block, {})]

    def _node(self, node: Node, notes: Mapping[str, NumberedNote]) -> list[Node]:
        """Return what stands for *node*: a mark's markup round its contents."""
        if node["t"] == "Span":
            return self._mark(node["c"], notes)
        if "c" not in node:
            return [node]
        filled = {"t": node["t"], "c": self._contents(node["c"], notes)}
        if node["t"] == "BulletList" and self.medium == "print":
            self._add_bullets(filled["c"], 0)
        if node["t"] == "OrderedList" and self.medium == "print":
            self._add_bullets(filled["c"][1], node["c"][0][0])
        return [filled]

    def _add_bullets(self, items: list[Blocks], first: int) -> None:
        """Put a dash, or from *first* on a number, before each of *items*."""
        for index, item in enumerate(items):
            number = first + index if first else 0
            item[0]["c"].insert(0, _raw(self._macro("bullet", number=number)))

    def _mark(
        self, contents: list[Any], notes: Mapping[str, NumberedNote]
    ) -> list[Node]:
        (identifier, classes, pairs), inlines = contents
        inner = self._contents(inlines, notes)
        attributes = dict(pairs)
        match classes:
            case ["note-call"]:
                return self._note_call(notes[attributes["note"]])
            case ["emendation"]:
                return self._wrap("emendation", inner, id=identifier)
            case ["citation"]:
                return self._citation(attributes["works"], inner)
            case ["reference"]:
                to = attributes["to"]
                name = "reference" if inner else "place"
                if not inner and self.medium == "epub":
                    inner = [{"t": "Str", "c": f"{_HOLE}{to}{_HOLE}"}]
                return self._wrap(name, inner, to=to, page=self._page_of(to))
        if not (identifier or classes or pairs):
            return list(inner)
        return [{"t": "Span", "c": [[identifier, classes, pairs], inner]}]

    def _page_of(self, anchor: str) -> str:
        """Return the name of the page of the EPUB that has *anchor*."""
        return next(t.settings.id for t in self.book.texts if anchor in t.anchors)

    def _contents(self, contents: Any, notes: Mapping[str, NumberedNote]) -> Any:
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
        template = f"{self.medium}/marks.xhtml.jinja"
        try:
            module = self.templates.environment.get_template(template).module
            return str(getattr(module, name)(**values)).strip()
        except (jinja2.TemplateError, AttributeError, TypeError) as fault:
            place, line = _find_fault(fault, template)
            raise _template_error(place, line, str(fault)) from fault


def _raw(markup: str) -> Node:
    return {"t": "RawInline", "c": ["html", markup]}


def _render(templates: Templates, name: str, book: Book, **values: object) -> str:
    try:
        template = templates.environment.get_template(name)
        return template.render(
            edition=book.settings.edition,
            settings=book.settings,
            texts=book.texts,
            words=templates.words,
            **values,
        )
    except Exception as fault:
        place, line = _find_fault(fault, name)
        if isinstance(fault, jinja2.TemplateError) or templates.is_own(place):
            raise _template_error(place, line, str(fault)) from fault
        raise


def _find_fault(fault: Exception, name: str) -> tuple[str, int]:
    """Return the template, and the 1-based line of it, where *fault* was raised.

    Jinja writes the template's lines into the traceback.
    """
    if isinstance(fault, jinja2.TemplateSyntaxError):
        return fault.name or name, fault.lineno
    frames = traceback.extract_tb(fault.__traceback__)
    lines = [
        (frame.filename, frame.lineno or 0)
        for frame in frames
        if frame.filename.endswith(".jinja")
    ]
    if not lines:
        return name, 0
    filename, line = lines[-1]
    return "/".join(Path(filename).parts[-2:]), line


def _template_error(name: str, line: int, reason: str) -> BookError:
    span = Span(path=f"templates/{name}", line=line)
    message = f"the template cannot be rendered: {reason}"
    hint = "mend it, or take it out to have the builder's own"
    return BookError([Problem(code="H-001", message=message, span=span, hint=hint)])
