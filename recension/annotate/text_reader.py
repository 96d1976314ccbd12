"""Read the tree of one text: its blocks, its inlines, what it is collated by."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from recension.annotate.marks import STAMP, Marks
from recension.annotate.notation import Holder, Where
from recension.annotate.note_reader import NoteReader
from recension.model import (
    Anchor,
    AnnotatedText,
    Emendation,
    Heading,
    Node,
    Note,
    Piece,
    PieceKind,
)
from recension.normalisation import PARAGRAPH
from recension.problems import Span, suggest
from recension.tree import (
    THIN_SPACE,
    Attributes,
    SpanClass,
    attributes_of,
    has_class,
    make,
    make_span,
    make_word,
    plain_text,
    quoted,
    walk,
    with_attributes,
    with_children,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from recension.model import Blocks, ParsedText
    from recension.problems import Report

CERTAINTIES = ("certain", "probable")
NOTE_KINDS = ("source", "person", "parallel", "fact")
FIGURES = (
    "emendations",
    "probable",
    "joins",
    "characters",
    "kept",
    "normalised",
    "emended",
    "omitted",
)
"""What `count=` may name, alone or with `-` and the id of a text."""
LISTS = ("normalisations", "omissions")
"""What the `list=` of a div of class `ledger` may name."""
NEAR = 100
"""How far, in characters, the word beside an emendation is sought."""
_LAST_WORD = re.compile(rf"[^\s{PARAGRAPH}]+[ \u00a0]*\Z")
_FIRST_WORD = re.compile(rf"[ \u00a0]*[^\s{PARAGRAPH}]+")
_STAMP = re.compile(r'pos="(\d+:\d+)"')
_MARKED_INLINES = {"Emph": "*", "Strong": "**"}


@dataclass
class TextReader:
    """Read one text's tree; what it finds gathers in the lists."""

    parsed: ParsedText
    text_ids: Sequence[str]
    report: Report
    headings: list[Heading] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    emendations: list[Emendation] = field(default_factory=list)
    anchors: list[Anchor] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Prepare what all marks are read with."""
        self.settings = self.parsed.files.settings
        edited = self.parsed.files.edited
        self.proved = self.parsed.files.source is not None
        self.where = Where.TEXT if self.proved else Where.FRONT
        self.marks = Marks(edited, self.report)

        ids = ["", *(f"-{id_}" for id_ in self.text_ids)]
        self.figures = [f"{figure}{id_}" for id_ in ids for figure in FIGURES]

    def read(self) -> AnnotatedText:
        """Return the text with its marks understood."""
        blocks = self._blocks(self.parsed.blocks)
        return AnnotatedText(
            parsed=self.parsed,
            blocks=blocks,
            headings=tuple(self.headings),
            notes=tuple(self.notes),
            emendations=tuple(_place_emendations(self.emendations, self.pieces)),
            anchors=tuple(self.anchors),
            references=tuple(self.marks.references),
            decisions=tuple(self.marks.decisions),
            pieces=tuple(self.pieces),
            sound=self.parsed.sound and self.marks.sound,
        )

    # -- blocks ---------------------------------------------------------------

    def _blocks(self, blocks: Blocks) -> Blocks:
        return [kept for block in blocks for kept in self._block(block)]

    def _block(  # noqa: C901, PLR0911 - a kind, a case
        self, block: Node
    ) -> Blocks:
        kind, contents = block["t"], block.get("c", [])
        match kind:
            case "Para" | "Plain":
                return self._paragraph(block)
            case "Header":
                return [self._heading(block)]
            case "Div":
                return self._div(block)
            case "BlockQuote":
                return [make(kind, self._blocks(contents))]
            case "BulletList":
                return [make(kind, [self._blocks(item) for item in contents])]
            case "OrderedList":
                items = [self._blocks(item) for item in contents[1]]
                return [make(kind, [contents[0], items])]
            case "DefinitionList" if not self.proved:
                return [make(kind, [self._definition(pair) for pair in contents])]
            case "LineBlock":
                lines = []
                for line in contents:
                    lines.append(self._inlines(line))
                    self._keep(" ")
                self._end_paragraph()
                return [make(kind, lines)]
            case "HorizontalRule":
                return [block]
            case _:
                self._report_unknown(kind)
                return []

    def _definition(self, pair: list[Any]) -> list[Any]:
        term, definitions = pair
        return [self._inlines(term), [self._blocks(blocks) for blocks in definitions]]

    def _report_unknown(self, kind: str) -> None:
        message = f"the notation has no use for a {kind} in a text"
        hint = "texts are paragraphs, headings, quotations, lists and divs"
        span = Span(path=self.parsed.files.edited.path)
        self.marks.refuse(message, span, hint)

    def _paragraph(self, block: Node) -> Blocks:
        inlines = self._inlines(block["c"])
        self._end_paragraph()
        return [make(block["t"], inlines)]

    def _end_paragraph(self) -> None:
        self._keep(PARAGRAPH)

    def _heading(self, node: Node) -> Node:
        own, span = self.marks.read(node, Holder.HEADING, self.where)
        level, _, inlines = node["c"]
        identifier = own.id or f"{self.settings.id}-{len(self.headings) + 1}"
        self._add_anchor(identifier, span)
        read = self._inlines(inlines)
        self._end_paragraph()
        title = " ".join(plain_text(read).split())
        self.headings.append(Heading(id=identifier, level=level, title=title))
        return make("Header", [level, own._replace(id=identifier).written(), read])

    def _div(self, node: Node) -> Blocks:
        own, span = self.marks.read(node, Holder.DIV, self.where)
        blocks = node["c"][1]
        if "omit" in own.classes:
            self._omit(blocks, own.get("why"), span)
            return []
        if own.id:
            self._add_anchor(own.id, span)
        if "ledger" in own.classes and not self.proved:
            self._check_figure(own.get("list"), LISTS, span)
        return [make("Div", [own.written(), self._blocks(blocks)])]

    def _check_figure(self, name: str, known: Sequence[str], span: Span) -> None:
        """Report a figure or a list that the ledger does not have."""
        if name not in known:
            message = f"the ledger has no `{name}`"
            otherwise = f"it has {', '.join(known[:8])}"
            hint = suggest(name, known, "", otherwise)
            self.report.error("A-014", message, span, hint)

    def _omit(self, blocks: Blocks, why: str, span: Span) -> None:
        if any(node["t"] == "Note" for node in walk(blocks)):
            message = "a note is called in an omission, which is not printed"
            hint = "take the call out of the `::: {.omit}`"
            self.marks.refuse(message, span, hint)
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
            after_call = read and has_class(read[-1], SpanClass.NOTE_CALL)
            if inline["t"] == "Note" and after_call:
                read.append(make_word(THIN_SPACE))
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
                return self._inlines(quoted(inline))
            case "Emph" | "Strong":
                return [self._emphasis(kind, contents)]
            case "Superscript" | "Subscript" | "SmallCaps" | "Underline":
                return [make(kind, self._inlines(contents))]
            case "Note":
                return [self._note(contents)]
            case "Span":
                return [self._marked(inline)]
            case "Link":
                return [self._link(inline)]
            case "Cite":
                self._report_citation(contents)
                return []
            case "Image":
                self.marks.report_picture(contents[2][0])
                return []
            case _:
                self._report_unknown(kind)
                return []

    def _check_stamp(self, wording: str) -> None:
        """Report braces that pandoc did not take for a mark's."""
        if found := _STAMP.search(wording):
            message = "the mark cannot be read"
            hint = 'an anchor is one word, a value stands in straight quotes: `sic="…"`'
            self.marks.refuse(message, self.marks.span(found[1]), hint)

    def _keep(self, text: str) -> None:
        self.pieces.append(Piece(kind=PieceKind.KEPT, reading=text, lemma=text))

    def _emphasis(self, kind: str, contents: list[Node]) -> Node:
        mark = _MARKED_INLINES[kind] if self.settings.emphasis == "asterisks" else ""
        sign = Piece(kind=PieceKind.KEPT, reading=mark)  # the book has italics for it
        self.pieces.append(sign)
        read = self._inlines(contents)
        self.pieces.append(sign)
        return make(kind, read)

    def _note(self, blocks: Blocks) -> Node:
        call = self.parsed.calls[len(self.notes)]
        kind, _, _ = call.name.partition("-")
        if not plain_text(blocks).strip():
            message = f"the note `{call.name}` is empty"
            self.report.error("A-011", message, call.span, "write it, or take it out")
        paragraphs = [block for block in blocks if block["t"] in ("Para", "Plain")]
        if paragraphs != blocks:
            message = f"the note `{call.name}` holds more than paragraphs"
            hint = "a note is one paragraph or several, indented by four spaces"
            self.marks.refuse(message, call.span, hint)
        reader = NoteReader(self.marks, Where.NOTE)
        note = Note(
            id=f"{self.settings.id}-{call.name}",
            text_id=self.settings.id,
            label=call.name,
            kind=kind if kind in NOTE_KINDS else "note",
            blocks=[reader.read(block) for block in paragraphs],
            span=call.span,
        )
        self.notes.append(note)
        return make_span([], SpanClass.NOTE_CALL, note=note.id)

    def _marked(self, node: Node) -> Node:
        own, span = self.marks.read(node, Holder.SPAN, self.where)
        inlines = node["c"][1]
        if own.id:
            self._add_anchor(own.id, span)
        if own.has("count") and not self.proved:
            self._check_figure(own.get("count"), self.figures, span)
        if own.has("sic"):
            return self._emendation(own, inlines, span)
        return with_children(with_attributes(node, own), self._inlines(inlines))

    def _link(self, node: Node) -> Node:
        """Return what stands for a link, which may be an anchor too."""
        self._check_running(node["c"])
        link = self.marks.link(node, self.where, self._inlines)
        id_ = attributes_of(node).id
        if id_:
            self._add_anchor(id_, self.marks.span(attributes_of(node).get(STAMP)))
        return make_span([link], id_=id_) if id_ and link["t"] == "Span" else link

    def _emendation(self, own: Attributes, inlines: list[Node], span: Span) -> Node:
        before = len(self.pieces)
        read = self._inlines(inlines)
        del self.pieces[before:]
        if language := own.get("lang"):
            read = [make_span(read, lang=language)]
        lemma = plain_text(read)
        certainty = own.get("cert", "certain")
        if certainty not in CERTAINTIES:
            message = f"`{certainty}` is not a degree of doubt"
            hint = "write `cert=certain` or `cert=probable`"
            self.report.error("A-007", message, span, hint)
        emendation = Emendation(
            id=own.id or f"{self.settings.id}-e{len(self.emendations) + 1}",
            text_id=self.settings.id,
            lemma=lemma,
            reading=own.get("sic"),
            before="",
            after="",
            certainty=certainty,
            why=own.get("why"),
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
        return make_span(read, SpanClass.EMENDATION, id_=emendation.id)

    def _report_citation(self, contents: list[Any]) -> None:
        key = contents[0][0]["citationId"]
        message = f"the citation of `{key}` stands outside a note"
        hint = f"put it into a note: `word[^source-…]`, `[^source-…]: [@{key}].`"
        outside = (m for m in self.parsed.citekeys if m.name == key)
        mark = next((m for m in outside if not m.inside_note), None)
        span = mark.span if mark else self.marks.span("")
        self.marks.refuse(message, span, hint, "A-010")

    def _check_running(self, contents: list[Any]) -> None:
        """Report a reference that would put words of ours into the text."""
        target = contents[2][0]
        if self.proved and target.startswith("#") and not contents[1]:
            message = f"a reference to `{target[1:]}` stands in the running text"
            hint = "put it into a note: the words of the text are the source's"
            span = self.marks.find(f"](#{target[1:]})", outside_notes=True)
            self.marks.refuse(message, span, hint, "A-012")

    def _add_anchor(self, identifier: str, span: Span) -> None:
        anchor = Anchor(id=identifier, text_id=self.settings.id, span=span)
        self.anchors.append(anchor)


def _place_emendations(
    emendations: Sequence[Emendation], pieces: Sequence[Piece]
) -> Iterator[Emendation]:
    """Yield *emendations* with the words printed beside them, and the white between."""
    printed = "".join(piece.lemma for piece in pieces)
    waiting, offset = iter(emendations), 0
    for piece in pieces:
        end = offset + len(piece.lemma)
        if piece.kind is PieceKind.EMENDED:
            before = _LAST_WORD.search(printed[max(0, offset - NEAR) : offset])
            after = _FIRST_WORD.match(printed, end)
            yield replace(
                next(waiting),
                before=before[0] if before else "",
                after=after[0] if after else "",
            )
        offset = end
