"""Read one text: its mentions in order, its paragraphs and anchors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from recension.index.doubts import report_doubts
from recension.index.stretches import Marker, Stretch
from recension.index.words import Words, without_who
from recension.model import AnnotatedText, Blocks, IndexedText, Mention, Node, Note
from recension.tree import SpanClass, attributes_of, make, make_span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recension.index.forms import Finder, FoundForm
    from recension.problems import Report


class Reader:
    """Read one text; in the front matter there are no *people* to be met."""

    def __init__(
        self,
        text: AnnotatedText,
        finder: Finder,
        report: Report,
        people: Iterable[str] = (),
    ) -> None:
        """Read *text* with *finder*; forms in doubt go to *report*."""
        self.text, self.finder, self.report = text, finder, report
        self.id = text.parsed.files.settings.id
        self.notes = {note.id: note for note in text.notes}
        self.marker = Marker(people=set(people))
        self.doubts: list[tuple[str, FoundForm]] = []
        self.mentions: list[Mention] = []
        self.anchors: dict[str, str] = {}
        self.pending = Words()
        self.marks = 0
        self.paragraphs = 0

    def read(self) -> IndexedText:
        """Return the text with its mentions marked."""
        blocks = self._blocks(self.text.blocks)
        if self.paragraphs:
            # what stands after the last paragraph has none but that one
            self._keep_place(self._take_pending(), f"{self.id}-p{self.paragraphs}", [])
        report_doubts(self.text, self.doubts, self.finder, self.report)
        return IndexedText(
            text_id=self.id,
            blocks=blocks,
            mentions=tuple(self.mentions),
            anchors=self.anchors,
        )

    def _blocks(self, blocks: Blocks) -> Blocks:
        return [self._block(block) for block in blocks]

    def _block(self, block: Node) -> Node:
        kind: str = block["t"]
        contents: Any = block.get("c")
        read: Any
        match kind, contents:
            case "Para" | "Plain", inlines:
                read = self._leaf(inlines)
            case "LineBlock", lines:
                read = [self._leaf(line) for line in lines]
            case "Header", (level, attributes, inlines):
                self._await_id(block)
                read = [level, attributes, self._pass_over(inlines)]
            case "Div", (attributes, inner):
                self._await_id(block)
                read = [attributes, self._blocks(inner)]
            case "BlockQuote", inner:
                read = self._blocks(inner)
            case "BulletList", parts:
                read = [self._blocks(part) for part in parts]
            case "OrderedList", (attributes, parts):
                read = [attributes, [self._blocks(part) for part in parts]]
            case "DefinitionList", parts:
                read = [
                    [self._pass_over(term), [self._blocks(body) for body in bodies]]
                    for term, bodies in parts
                ]
            case _:
                return block
        return make(kind, read)

    def _await_id(self, block: Node) -> None:
        id_ = attributes_of(block).id
        self.pending.ids += [id_] if id_ else []

    def _pass_over(self, inlines: list[Node]) -> list[Node]:
        """Leave *inlines* unmarked; their anchors and calls await a paragraph."""
        self.pending.add(inlines)
        return without_who(inlines)

    def _take_pending(self) -> Words:
        pending, self.pending = self.pending, Words()
        return pending

    def _leaf(self, inlines: list[Node]) -> list[Node]:
        words = Words().add(inlines)
        before = self._take_pending()
        words.ids = before.ids + words.ids
        words.calls = [(0, call) for _, call in before.calls] + words.calls
        marks = self._find_marks(words)
        identifier = f"{self.id}-p{self.paragraphs + 1}"
        mentioned = self._keep_place(words, identifier, marks)
        kept = without_who(inlines) if words.decided else inlines
        if marks:
            kept = self.marker.mark(kept, marks, 0, linked=False)
        if not (mentioned or words.ids):
            return kept
        self.paragraphs += 1
        return [make_span([], SpanClass.PARAGRAPH, id_=identifier), *kept]

    def _find_marks(self, words: Words) -> list[Stretch]:
        marks = []
        for found in self.finder.find(words):
            if len(found.entries) > 1:
                self.doubts.append(("", found))
            else:
                self.marks += 1
                id_ = f"m-{self.id}-{self.marks}"
                marks.append(Stretch(id_, found.start, found.end, found.entries[0]))
        return marks

    def _keep_place(self, words: Words, paragraph: str, marks: list[Stretch]) -> bool:
        """Keep what stands in *paragraph*, in order; tell whether it has a mention."""
        self.anchors |= dict.fromkeys(words.ids, paragraph)
        places: list[tuple[int, int, str, str]] = []
        places += [(mark.start, 0, mark.id, mark.entry) for mark in marks]
        for place, call in words.calls:
            if note := self.notes.get(call):
                places += [(place, 1, call, entry) for entry in self._find_in(note)]
        for _, note_like, id_, entry in sorted(places, key=lambda place: place[:2]):
            mention = Mention(
                id=id_,
                entry=entry,
                text_id=self.id,
                paragraph=paragraph,
                note=bool(note_like),
            )
            self.mentions.append(mention)
        return bool(places)

    def _find_in(self, note: Note) -> dict[str, None]:
        """Return the entries that *note* mentions, each once."""
        entries: dict[str, None] = {}
        for block in note.blocks:
            for found in self.finder.find(Words().add(block["c"])):
                if len(found.entries) > 1:
                    self.doubts.append((note.label, found))
                else:
                    entries[found.entries[0]] = None
        return entries
