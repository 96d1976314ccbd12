"""Read the tree of one text: its blocks, its inlines, what it is collated by."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from recension.annotate.course import Course, spell
from recension.annotate.emendations import (
    CERTAINTIES,
    VAIN_JOIN,
    Extents,
    find_idle,
    find_vain_join,
    make_emendation,
    place_emendations,
)
from recension.annotate.marks import STAMP, Marks, is_apostrophe
from recension.annotate.notation import DEEPEST, Holder, Where, tell_kind
from recension.annotate.note_reader import NoteReader, find_home
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
from recension.normalisation import PARAGRAPH, PILCROW
from recension.problems import suggest
from recension.tree import (
    SPACE,
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
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recension.model import Blocks, ParsedText
    from recension.problems import Report, Span

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
    extents: Extents = field(default_factory=dict)
    printed: int = 0

    def __post_init__(self) -> None:
        """Prepare what all marks are read with."""
        self.settings = self.parsed.files.settings
        edited = self.parsed.files.edited
        self.proved = self.parsed.files.source is not None
        self.where = Where.TEXT if self.proved else Where.FRONT
        self.marks = Marks(edited, self.report)
        self.course = Course(edited, self.parsed.words)
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
            emendations=tuple(
                place_emendations(self.emendations, self.extents, self.pieces)
            ),
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
                first = contents[0][0]
                items = [
                    self._numbered(item, first + index)
                    for index, item in enumerate(contents[1])
                ]
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
                self._report_unknown(block)
                return []

    def _numbered(self, item: Blocks, number: int) -> Blocks:
        """Return an *item* of a list behind its *number*, which is text like others."""
        words = f"{number}. "
        self._keep(words)
        head = make_span([make_word(words[:-1]), SPACE], SpanClass.NUMBER)
        if item and item[0]["t"] in ("Para", "Plain"):
            opening, *others = self._blocks(item)
            return [make(opening["t"], [head, *opening["c"]]), *others]
        self._end_paragraph()
        return [make("Plain", [head]), *self._blocks(item)]

    def _definition(self, pair: list[Any]) -> list[Any]:
        term, definitions = pair
        return [self._inlines(term), [self._blocks(blocks) for blocks in definitions]]

    def _report_unknown(self, node: Node) -> None:
        message, hint = tell_kind(node["t"], self.where)
        span, words = self.course.here, spell(node)
        if node["t"] in ("Code", "CodeBlock"):  # its words are none of the text
            span = self.marks.find_behind(words, span)
        else:
            span = self.course.find(words)
        self.marks.refuse(message, span, hint)

    def _paragraph(self, block: Node) -> Blocks:
        before = len(self.pieces)
        inlines = self._inlines(block["c"])
        if vain := find_vain_join(self.pieces[before:]):
            message, hint = VAIN_JOIN
            span = vain.span or self.course.here
            self.marks.refuse(message, span, hint, "A-015")
        self._end_paragraph()
        return [make(block["t"], inlines)]

    def _end_paragraph(self) -> None:
        self._keep(PARAGRAPH)

    def _heading(self, node: Node) -> Node:
        own, span = self.marks.read(node, Holder.HEADING, self.where)
        level, _, inlines = node["c"]
        if level > DEEPEST:
            message = f"a heading of level {level} has no place in the book"
            hint = "there are `#`, `##` and `###`"
            self.marks.refuse(message, self.course.find(plain_text(inlines)), hint)
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
            self._omit(blocks, own.get("why"))
            return []
        if own.id:
            self._add_anchor(own.id, span)
        if "ledger" in own.classes and not self.proved:
            self._check_figure(own.get("list"), LISTS, span)
            self._check_empty(blocks, span)
        return [make("Div", [own.written(), self._blocks(blocks)])]

    def _check_figure(self, name: str, known: Sequence[str], span: Span) -> None:
        """Report a figure or a list that the ledger does not have."""
        if name not in known:
            message = f"the ledger has no `{name}`"
            otherwise = f"it has {', '.join(known[:8])}"
            hint = suggest(name, known, "", otherwise)
            self.report.error("A-014", message, span, hint)

    def _check_empty(self, inside: list[Node], span: Span) -> None:
        """Report words in what the ledger fills, which would be lost."""
        if wording := " ".join(plain_text(inside).split()):
            message = f"`{wording}` would be lost: the ledger puts its own words here"
            self.marks.refuse(message, span, "put them before it or behind it")

    def _omit(self, blocks: Blocks, why: str) -> None:
        for block in blocks:
            reading = " ".join(plain_text(block).split())
            self.course.follow(reading)
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
                self._check_apostrophe(inline)
                self._keep(contents)
                return [inline]
            case "Space" | "SoftBreak" | "LineBreak":
                self._keep(" ")
                return [inline]
            case "Quoted":
                self._check_apostrophe(inline)
                return self._inlines(quoted(inline))
            case "Emph" | "Strong":
                return [self._emphasis(kind, contents)]
            case "Superscript" | "Subscript" | "SmallCaps":
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
                self.marks.report_picture(contents[2][0], self.course.here)
                return []
            case _:
                self._report_unknown(inline)
                return []

    def _check_apostrophe(self, node: Node) -> None:
        wording = plain_text(node)
        if is_apostrophe(wording):
            self.marks.report_apostrophe(wording, self.course.find(wording))

    def _keep(self, text: str) -> None:
        self._add(Piece(kind=PieceKind.KEPT, reading=text, lemma=text))
        self.course.follow(text)

    def _add(self, piece: Piece) -> None:
        self.pieces.append(piece)
        self.printed += len(piece.lemma)

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
            self.marks.refuse(message, find_home(call, self.parsed.definitions), hint)
        reader = NoteReader(
            self.marks, Where.NOTE, find_home(call, self.parsed.definitions)
        )
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
            self._check_empty(inlines, span)
        if own.has("sic"):
            return self._emendation(own, inlines, span)
        return self.marks.set_apart(own, self._inlines(inlines))

    def _link(self, node: Node) -> Node:
        """Return what stands for a link, which may be an anchor too."""
        self._check_running(node["c"])
        link = self.marks.link(node, self.where, self._inlines, self.course.here)
        id_ = attributes_of(node).id
        if id_:
            self._add_anchor(id_, self.marks.span(attributes_of(node).get(STAMP)))
        return make_span([link], id_=id_) if id_ and link["t"] == "Span" else link

    def _emendation(self, own: Attributes, inlines: list[Node], span: Span) -> Node:
        """Return what stands for an emendation; its source is that of the outermost."""
        place, start = len(self.emendations), self.printed
        before = len(self.pieces)
        read = self._inlines(inlines)
        del self.pieces[before:]
        said = {name: own.get(name) for name in ("lang", "who") if own.get(name)}
        if said:
            read = [make_span(read, **said)]
        default = f"{self.settings.id}-e{len(self.emendations) + 1}"
        emendation = make_emendation(
            own, plain_text(read), span, self.settings.id, default
        )
        if emendation.certainty not in CERTAINTIES:
            message = f"`{emendation.certainty}` is not a degree of doubt"
            hint = "write `cert=certain` or `cert=probable`"
            self.report.error("A-007", message, span, hint)
        if fault := find_idle(emendation, self.emendations[place:]):
            self.marks.refuse(fault[0], span, fault[1], "A-015")
        self.emendations.insert(place, emendation)
        self.printed = start
        self._add(
            Piece(
                kind=PieceKind.EMENDED,
                reading=emendation.reading.replace(PILCROW, PARAGRAPH),
                lemma=emendation.lemma,
                span=span,
                why=emendation.why,
            )
        )
        self.extents[emendation.id] = start, self.printed
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
            span = self.marks.find_behind(f"](#{target[1:]})", self.course.here)
            self.marks.refuse(message, span, hint, "A-012")

    def _add_anchor(self, identifier: str, span: Span) -> None:
        anchor = Anchor(id=identifier, text_id=self.settings.id, span=span)
        self.anchors.append(anchor)
