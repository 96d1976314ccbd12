"""Stage 3, annotate: understand the marks in the tree. Alone knows the notation.

What an editor may write is the contract of docs/EDITING.md. Here each mark becomes a
value (note, emendation, anchor, reference) and the tree keeps a span in its place.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from recension.config import leaves_folder
from recension.model import (
    Anchor,
    AnnotatedManuscript,
    AnnotatedText,
    Emendation,
    Heading,
    Mark,
    Node,
    Note,
    Piece,
    PieceKind,
)
from recension.pandoc import QUOTES, plain_text
from recension.problems import Report, Span, find_nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from recension.model import Blocks, Manuscript, ParsedText

CERTAINTIES = ("certain", "probable")
ATTRIBUTES = ("sic", "cert", "why", "who", "lang", "short", "pos")
NOTE_KINDS = ("source", "person", "parallel", "fact")
PARAGRAPH = "¶"
THIN_SPACE = "\u2009"
"""What keeps apart the numbers of two notes called at one place."""
WEB = ("https://", "http://", "mailto:")
_STAMP = re.compile(r'pos="(\d+:\d+)"')
_MARKED_INLINES = {"Emph": "*", "Strong": "**"}


def annotate(manuscript: Manuscript, report: Report) -> AnnotatedManuscript:
    """Find the marks of every text; faults of the notation go to *report*.

    A text whose note labels are at fault is left out: its tree cannot be read.
    """
    sound = [text for text in manuscript.texts if _check_labels(text, report)]
    texts = tuple(_Reader(parsed, report).read() for parsed in sound)
    if len(sound) == len(manuscript.texts):
        _check_anchors(texts, report)
    return AnnotatedManuscript(texts=texts)


def _check_labels(parsed: ParsedText, report: Report) -> bool:
    """Report labels that do not go one to one; tell whether all do."""
    before = len(report.problems)
    defined = Counter(mark.name for mark in parsed.definitions)
    called = Counter(mark.name for mark in parsed.calls)
    for call in parsed.calls:
        if call.name not in defined:
            nearest = find_nearest(call.name, defined)
            hint = f"the nearest note is `{nearest}`" if nearest else ""
            hint = hint or f"define it: `[^{call.name}]: …`"
            message = f"the note `{call.name}` is called but not defined"
            report.error("A-001", message, call.span, hint)
        if call.inside_note:
            message = f"the note `{call.name}` is called inside a note"
            hint = f"take the call out of the note `{call.inside_note}`"
            report.error("A-004", message, call.span, hint)
    for call in _after_first(parsed.calls):
        message = f"the note `{call.name}` is called twice"
        hint = "one call, one note: give the second a note of its own"
        report.error("A-009", message, call.span, hint)
    for definition in _after_first(parsed.definitions):
        message = f"the note `{definition.name}` is defined twice"
        report.error("A-003", message, definition.span, "rename or remove one of them")
    for definition in parsed.definitions:
        if definition.name not in called:
            message = f"the note `{definition.name}` is defined but not called"
            hint = f"call it in the text: `[^{definition.name}]`"
            report.error("A-002", message, definition.span, hint)
    return len(report.problems) == before


def _after_first(marks: Iterable[Mark]) -> Iterator[Mark]:
    seen: set[str] = set()
    for mark in marks:
        if mark.name in seen:
            yield mark
        seen.add(mark.name)


def _check_anchors(texts: tuple[AnnotatedText, ...], report: Report) -> None:
    anchors: dict[str, Anchor] = {}
    for text in texts:
        for anchor in text.anchors:
            if anchor.id in anchors:
                message = f"the anchor `{anchor.id}` is defined twice"
                first = anchors[anchor.id].span
                hint = f"it stands already at {first.path}:{first.line}"
                report.error("A-006", message, anchor.span, hint)
            anchors.setdefault(anchor.id, anchor)
    for text in texts:
        for reference in text.references:
            if reference.name not in anchors:
                nearest = find_nearest(reference.name, anchors)
                hint = f"the nearest anchor is `{nearest}`" if nearest else ""
                hint = hint or f"set the anchor: `[]{{#{reference.name}}}`"
                message = f"the anchor `{reference.name}` does not exist"
                report.error("A-005", message, reference.span, hint)


@dataclass
class _Reader:
    """Read one text's tree; what it finds gathers in the lists."""

    parsed: ParsedText
    report: Report
    headings: list[Heading] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    emendations: list[Emendation] = field(default_factory=list)
    anchors: list[Anchor] = field(default_factory=list)
    references: list[Mark] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.settings = self.parsed.files.settings
        self.lines = self.parsed.files.edited.raw.split("\n")

    def read(self) -> AnnotatedText:
        blocks = self._blocks(self.parsed.blocks)
        return AnnotatedText(
            parsed=self.parsed,
            blocks=blocks,
            headings=tuple(self.headings),
            notes=tuple(self.notes),
            emendations=tuple(self.emendations),
            anchors=tuple(self.anchors),
            references=tuple(self.references),
            pieces=tuple(self.pieces),
        )

    # -- blocks ---------------------------------------------------------------

    def _blocks(self, blocks: Blocks) -> Blocks:
        return [kept for block in blocks for kept in self._block(block)]

    def _block(self, block: Node) -> Blocks:  # noqa: PLR0911 - a kind, a case
        kind, contents = block["t"], block.get("c", [])
        match kind:
            case "Para" | "Plain":
                return self._paragraph(block)
            case "Header":
                return [self._heading(contents)]
            case "Div":
                return self._div(contents)
            case "BlockQuote":
                return [{"t": kind, "c": self._blocks(contents)}]
            case "BulletList":
                return [{"t": kind, "c": [self._blocks(item) for item in contents]}]
            case "OrderedList":
                items = [self._blocks(item) for item in contents[1]]
                return [{"t": kind, "c": [contents[0], items]}]
            case "LineBlock":
                lines = []
                for line in contents:
                    lines.append(self._inlines(line))
                    self._keep(" ")
                self._end_paragraph()
                return [{"t": kind, "c": lines}]
            case "HorizontalRule":
                return [block]
            case _:
                self._report_unknown(kind)
                return []

    def _report_unknown(self, kind: str) -> None:
        message = f"the notation has no use for a {kind} in a text"
        hint = "texts are paragraphs, headings, quotations, lists and divs"
        span = Span(path=self.parsed.files.edited.path)
        self.report.error("A-008", message, span, hint)

    def _paragraph(self, block: Node) -> Blocks:
        inlines = self._inlines(block["c"])
        self._end_paragraph()
        return [{"t": block["t"], "c": inlines}]

    def _end_paragraph(self) -> None:
        self._keep(PARAGRAPH)

    def _heading(self, contents: list[Any]) -> Node:
        level, (identifier, classes, pairs), inlines = contents
        span = self.span(dict(pairs).get("pos", ""))
        self.check_attributes(dict(pairs), span)
        identifier = identifier or f"{self.settings.id}-{len(self.headings) + 1}"
        self._add_anchor(identifier, span)
        read = self._inlines(inlines)
        self._end_paragraph()
        title = " ".join(plain_text(read).split())
        self.headings.append(Heading(id=identifier, level=level, title=title))
        attributes = [identifier, classes, _without(pairs, "pos")]
        return {"t": "Header", "c": [level, attributes, read]}

    def _div(self, contents: list[Any]) -> Blocks:
        (identifier, classes, pairs), blocks = contents
        attributes = dict(pairs)
        span = self.span(attributes.get("pos", ""))
        if "omit" in classes:
            self._omit(blocks, attributes.get("why", ""), span)
            return []
        if identifier:
            self._add_anchor(identifier, span)
        kept = [identifier, classes, _without(pairs, "pos")]
        return [{"t": "Div", "c": [kept, self._blocks(blocks)]}]

    def _omit(self, blocks: Blocks, why: str, span: Span) -> None:
        if _holds_note(blocks):
            message = "a note is called in an omission, which is not printed"
            hint = "take the call out of the `::: {.omit}`"
            self.report.error("A-008", message, span, hint)
        for block in blocks:
            reading = " ".join(plain_text(block).split())
            self.pieces += [
                Piece(kind=PieceKind.OMITTED, reading=reading, why=why),
                Piece(kind=PieceKind.OMITTED, reading=PARAGRAPH),
            ]

    # -- inlines --------------------------------------------------------------

    def _inlines(self, inlines: list[Node]) -> list[Node]:
        read: list[Node] = []
        for inline in inlines:
            if inline["t"] == "Note" and read and _is_call(read[-1]):
                read.append(_str(THIN_SPACE))
            read += self._inline(inline)
        return read

    def _inline(  # noqa: C901, PLR0911 - a kind, a case
        self, inline: Node
    ) -> list[Node]:
        kind, contents = inline["t"], inline.get("c", [])
        match kind:
            case "Str":
                self._check_stamp(contents)
                self._keep(contents)
                return [inline]
            case "Space" | "SoftBreak" | "LineBreak":
                self._keep(" ")
                return [inline]
            case "Quoted":
                opening, closing = QUOTES[contents[0]["t"]]
                return self._inlines([_str(opening), *contents[1], _str(closing)])
            case "Emph" | "Strong":
                return [self._emphasis(kind, contents)]
            case "Superscript" | "Subscript" | "SmallCaps" | "Underline":
                return [{"t": kind, "c": self._inlines(contents)}]
            case "Note":
                return [self._note(contents)]
            case "Span":
                return self._marked(contents)
            case "Link":
                self._check_running(contents)
                return [self.link(contents)]
            case "Cite":
                self._report_citation(contents)
                return []
            case "Image":
                self.report_picture(contents[2][0])
                return []
            case _:
                self._report_unknown(kind)
                return []

    def _check_stamp(self, wording: str) -> None:
        """Report braces that pandoc did not take for a mark's."""
        if found := _STAMP.search(wording):
            message = "the mark cannot be read"
            hint = 'an anchor is one word, a value stands in straight quotes: `sic="…"`'
            self.report.error("A-008", message, self.span(found[1]), hint)

    def _keep(self, text: str) -> None:
        self.pieces.append(Piece(kind=PieceKind.KEPT, reading=text, lemma=text))

    def _emphasis(self, kind: str, contents: list[Node]) -> Node:
        mark = _MARKED_INLINES[kind] if self.settings.emphasis == "asterisks" else ""
        if mark:
            self._keep(mark)
        read = self._inlines(contents)
        if mark:
            self._keep(mark)
        return {"t": kind, "c": read}

    def _note(self, blocks: Blocks) -> Node:
        call = self.parsed.calls[len(self.notes)]
        kind, _, _ = call.name.partition("-")
        if not plain_text(blocks).strip():
            message = f"the note `{call.name}` is empty"
            self.report.error("A-011", message, call.span, "write it, or take it out")
        if any(block["t"] not in ("Para", "Plain") for block in blocks):
            message = f"the note `{call.name}` holds more than paragraphs"
            hint = "a note is one paragraph or several, indented by four spaces"
            self.report.error("A-008", message, call.span, hint)
        note = Note(
            id=f"{self.settings.id}-{call.name}",
            text_id=self.settings.id,
            label=call.name,
            kind=kind if kind in NOTE_KINDS else "note",
            blocks=self._note_body(blocks),
            span=call.span,
        )
        self.notes.append(note)
        return _span_node("", "note-call", [], note=note.id)

    def _note_body(self, blocks: Blocks) -> Blocks:
        """Read a note's own marks, without adding to the text that is collated."""
        before = len(self.pieces)
        reader = _NoteReader(self)
        read = [reader.read(block) for block in blocks]
        del self.pieces[before:]
        return read

    def _marked(self, contents: list[Any]) -> list[Node]:
        (identifier, classes, pairs), inlines = contents
        attributes = dict(pairs)
        span = self.span(attributes.get("pos", ""))
        self.check_attributes(attributes, span)
        if identifier:
            self._add_anchor(identifier, span)
        if "sic" in attributes:
            return [self._emendation(identifier, attributes, inlines, span)]
        kept = [identifier, classes, _without(pairs, "pos")]
        return [{"t": "Span", "c": [kept, self._inlines(inlines)]}]

    def _emendation(
        self,
        identifier: str,
        attributes: dict[str, str],
        inlines: list[Node],
        span: Span,
    ) -> Node:
        before = len(self.pieces)
        read = self._inlines(inlines)
        del self.pieces[before:]
        lemma = plain_text(read)
        certainty = attributes.get("cert", "certain")
        if certainty not in CERTAINTIES:
            message = f"`{certainty}` is not a degree of doubt"
            hint = "write `cert=certain` or `cert=probable`"
            self.report.error("A-007", message, span, hint)
        emendation = Emendation(
            id=identifier or f"{self.settings.id}-e{len(self.emendations) + 1}",
            text_id=self.settings.id,
            lemma=lemma,
            reading=attributes["sic"],
            certainty=certainty,
            why=attributes.get("why", ""),
            span=span,
        )
        self.emendations.append(emendation)
        self.pieces.append(
            Piece(
                kind=PieceKind.EMENDED,
                reading=emendation.reading,
                lemma=lemma,
                span=span,
                why=emendation.why,
            )
        )
        return _span_node(emendation.id, "emendation", read)

    def link(self, contents: list[Any]) -> Node:
        (identifier, classes, pairs), inlines, (target, title) = contents
        span = self.span(dict(pairs).get("pos", ""))
        if not target.startswith("#"):
            self._check_target(target)
            kept = [identifier, classes, _without(pairs, "pos")]
            link = [kept, self._inlines(inlines), [target, title]]
            return {"t": "Link", "c": link}
        if not span.line:
            span = self._find(f"](#{target[1:]})")
        self.references.append(Mark(name=target[1:], span=span))
        return _span_node("", "reference", self._inlines(inlines), to=target[1:])

    def _report_citation(self, contents: list[Any]) -> None:
        key = contents[0][0]["citationId"]
        message = f"the citation of `{key}` stands outside a note"
        hint = f"put it into a note: `word[^source-…]`, `[^source-…]: [@{key}].`"
        outside = (m for m in self.parsed.citekeys if m.name == key)
        mark = next((m for m in outside if not m.inside_note), None)
        self.report.error("A-010", message, mark.span if mark else self.span(""), hint)

    def _check_running(self, contents: list[Any]) -> None:
        """Report a reference that would put words of ours into the text."""
        target = contents[2][0]
        if target.startswith("#") and not contents[1]:
            message = f"a reference to `{target[1:]}` stands in the running text"
            hint = "put it into a note: the words of the text are the source's"
            span = self._find_outside_notes(f"](#{target[1:]})")
            self.report.error("A-012", message, span, hint)

    def _check_target(self, target: str) -> None:
        """Report a link that leads neither to an anchor nor to the web."""
        if not target.startswith(WEB):
            message = f"the link to `{target}` leads nowhere"
            hint = f"an anchor is written with `#`: `(#{target})`"
            self.report.error("A-005", message, self._find(f"]({target}"), hint)

    def report_picture(self, target: str) -> None:
        span = self._find(f"]({target}")
        if leaves_folder(target) or target.startswith("//"):
            message = f"the picture `{target}` is not a file of the edition"
            hint = "a picture is a file inside the edition folder"
            self.report.error("P-003", message, span, hint)
        else:
            message = f"the picture `{target}` stands in a text"
            hint = "a text has no pictures: describe it in a note"
            self.report.error("A-008", message, span, hint)

    def check_attributes(self, attributes: dict[str, str], span: Span) -> None:
        for name in attributes:
            if name not in ATTRIBUTES:
                nearest = find_nearest(name, ATTRIBUTES)
                hint = f"the nearest is `{nearest}`" if nearest else ""
                message = f"the notation knows no attribute `{name}`"
                self.report.error("A-008", message, span, hint or "take it out")

    def _add_anchor(self, identifier: str, span: Span) -> None:
        anchor = Anchor(id=identifier, text_id=self.settings.id, span=span)
        self.anchors.append(anchor)

    def span(self, position: str) -> Span:
        path = self.parsed.files.edited.path
        if not position:
            return Span(path=path)
        line, column = map(int, position.split(":"))
        excerpt = self.lines[line - 1]
        return Span(path=path, line=line, column=column, excerpt=excerpt)

    def _find_outside_notes(self, wording: str) -> Span:
        for number, line in enumerate(self.lines, start=1):
            if wording in line and not line.startswith("[^"):
                return self.span(f"{number}:{line.index(wording) + 1}")
        return self._find(wording)

    def _find(self, wording: str) -> Span:
        for number, line in enumerate(self.lines, start=1):
            if wording in line:
                column = line.index(wording) + 1
                return self.span(f"{number}:{column}")
        return self.span("")


@dataclass
class _NoteReader:
    """Read the body of a note: citations stay as they are for the stage `cite`."""

    text: _Reader

    def read(self, node: Node) -> Node:
        kind: str = node["t"]
        contents: Any = node.get("c")
        if kind == "Cite":
            return node
        if kind == "Quoted":
            opening, closing = QUOTES[contents[0]["t"]]
            inner = [_str(opening), *contents[1], _str(closing)]
            return {"t": "Span", "c": [["", [], []], [self.read(n) for n in inner]]}
        if kind == "Link":
            return self.text.link(contents)
        if kind == "Span":
            (identifier, classes, pairs), inlines = contents
            self._check_span(identifier, dict(pairs))
            kept = ["", classes, _without(pairs, "pos")]
            return {"t": kind, "c": [kept, [self.read(n) for n in inlines]]}
        if kind == "Image":
            self.text.report_picture(contents[2][0])
        if isinstance(contents, list):
            return {"t": kind, "c": self._contents(contents)}
        return node

    def _check_span(self, identifier: str, attributes: dict[str, str]) -> None:
        """Report a mark that a note cannot have."""
        span = self.text.span(attributes.get("pos", ""))
        if "sic" in attributes or identifier:
            what = "an emendation" if "sic" in attributes else "an anchor"
            message = f"a note has {what}"
            hint = "emendations and anchors stand in the text, not in its notes"
            self.text.report.error("A-008", message, span, hint)
        self.text.check_attributes(attributes, span)

    def _contents(self, contents: list[Any]) -> list[Any]:
        read: list[Any] = []
        for item in contents:
            if isinstance(item, dict) and "t" in item:
                read.append(self.read(item))
            else:
                nested = isinstance(item, list)
                read.append(self._contents(item) if nested else item)
        return read


def _str(text: str) -> Node:
    return {"t": "Str", "c": text}


def _span_node(
    identifier: str, name: str, inlines: list[Node], **attributes: str
) -> Node:
    pairs = [[key, value] for key, value in attributes.items()]
    return {"t": "Span", "c": [[identifier, [name], pairs], inlines]}


def _is_call(node: Node) -> bool:
    return bool(node["t"] == "Span" and node["c"][0][1] == ["note-call"])


def _holds_note(node: Any) -> bool:
    if isinstance(node, list):
        return any(_holds_note(item) for item in node)
    if not isinstance(node, dict):
        return False
    return node.get("t") == "Note" or _holds_note(node.get("c", []))


def _without(pairs: list[list[str]], name: str) -> list[list[str]]:
    return [pair for pair in pairs if pair[0] != name]
