"""The raw Markdown of a file: what stands where, which pandoc's tree does not tell.

One scan serves `parse`, which stamps marks with their places and finds labels and
citekeys, and `index`, which says where a form stands.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from recension.model import Mark, Word
from recension.tree import BARRIER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recension.files import File
    from recension.problems import Span

_COMMENT = r"<!--.*?-->"
_HIDDEN = re.compile(
    r"(?P<fence>^(?P<mark>`{3,}|~{3,})[^\n]*\n.*?^(?P=mark)[ \t]*$)"
    rf"|(?P<comment>{_COMMENT})"
    r"|(?P<code>(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`))"
    r"|(?P<escape>\\(?:[^\n\w\s]|_))",
    re.MULTILINE | re.DOTALL,
)
_ATTRIBUTES = re.compile(r'(?<!@)\{(?:[^{}"\n]|"(?:\\.|[^"\\])*")*\}')
_BEFORE = r"^(?P<before>[ \t>]*(?:(?:[-+*]|\d+\.)[ \t]+)?)"
"""What may stand before a block within others: of quotations and lists."""
_FENCE = re.compile(
    rf"{_BEFORE}(?P<fence>:{{3,}}[ \t]*(?P<name>.*?)[ \t]*:*)$", re.MULTILINE
)
_BLOCK = re.compile(rf"{_BEFORE}(?P<block>:{{3,}}[ \t]*|#{{1,6}}[ \t].*[ \t])")
_CALL = re.compile(r"\[\^([^\]\s^]+)\](?!:)")
_DEFINITION = re.compile(
    r"^(?P<before>[ \t>]*)(?P<label>\[\^(?P<name>[^\]\s^]+)\]:)", re.MULTILINE
)
_OMISSION = re.compile(r"^omit$|\.omit\b")
_CITEKEY = re.compile(
    r"(?<![\w@])@(?:([^\W_](?:[\w:.#$%&+?<>~/-]*\w)?|_\w*)|\{([^{}\s]+)\})"
)
"""A citekey; one with other signs stands in braces (Pandoc’s Manual, Citations)."""
_WORD = re.compile(r"\w+")
_APART = re.compile(
    r"^[ \t>]*:{3,} *\{[^}\n]*\.omit\b.*?^[ \t>]*:{3,}[ \t]*$|^#{1,6} [^\n]*"
    rf"|{_COMMENT}|\[[^\[\]]*@[^\[\]]*\]"
    r"|@(?:[\w:.-]+|\{[^{}\s]+\})(?: \[[^\]]*\])?",
    re.MULTILINE | re.DOTALL,
)
"""Omissions, headings, remarks, citations: no words in which a form could be found."""
_MARKUP = re.compile(
    r"\[\^[^\]\s]+\]:?|(?<=\])\([^()\n]*\)|^[ \t]*>[> \t]*|[\[\]*\\]", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Braces:
    """Attributes in braces: what they mark begins at *start*, None if it is nothing.

    *opening* and *end* are those of the braces themselves.
    """

    start: int | None
    opening: int
    end: int


@dataclass(frozen=True, slots=True)
class Fence:
    """A line of colons from *start* to *end*: it opens a div of a *name* or closes one.

    The name is what stands behind the colons, braces and all.
    """

    start: int
    end: int
    name: str


@dataclass(frozen=True, slots=True)
class Definition:
    """The definition of a note from *start* to *end*, its *body* behind the label."""

    mark: Mark
    start: int
    body: int
    end: int


class Scan:
    """The raw text of a file beside copies with more and more of it blanked.

    Offsets into all are the same: *masked* has no code, remarks and escapes, *bare* no
    attributes either. Of a wording in a table, whose key stands *at* a place, all is
    placed in that line.
    """

    def __init__(self, file: File, at: Span | None = None) -> None:
        """Scan *file*."""
        self.file = file
        self.at = at
        self.raw = file.raw
        self.masked = _HIDDEN.sub(blank, file.raw)
        self.bare = _ATTRIBUTES.sub(blank, self.masked)

    def place(self, offset: int) -> tuple[int, int]:
        """Return the line and the column of *offset*, counted from 1."""
        return (self.at.line, self.at.column) if self.at else self.file.place(offset)

    def span(self, start: int, end: int) -> Span:
        """Return the span of the characters from *start* to *end*."""
        if not self.at:
            return self.file.span(start, end)
        column = self.at.excerpt.find(self.raw[start:end]) + 1
        length = max(1, end - start)
        return replace(self.at, column=column or self.at.column, length=length)

    def find_fences(self) -> Iterator[Fence]:
        """Yield the lines that open or close a div, in order."""
        for found in _FENCE.finditer(self.masked):
            yield Fence(*found.span("fence"), found["name"])

    def find_escapes(self) -> Iterator[tuple[int, str]]:
        r"""Yield where a sign is escaped, and both: `\[`."""
        for found in _HIDDEN.finditer(self.raw):
            if found["escape"]:
                yield found.start(), found[0]

    def find_remarks(self) -> Iterator[tuple[int, int]]:
        """Yield from where to where nothing is to be read, for each remark.

        One that fills its lines within a paragraph takes the last line end with it, or
        it would end the paragraph; what stands before words takes the white with it.
        """
        for found in _HIDDEN.finditer(self.raw):
            if found["comment"]:
                yield self._find_remark(*found.span())

    def _find_remark(self, start: int, end: int) -> tuple[int, int]:
        line = self.raw.rfind("\n", 0, start) + 1
        if self.raw[line:start].strip():
            return start, end
        while end < len(self.raw) and self.raw[end] in " \t":
            end += 1
        if self.raw[end : end + 1] not in ("\n", ""):
            return start, end
        before = self.raw[:line].splitlines()[-1:]
        after = self.raw[end + 1 :].partition("\n")[0]
        within = before and before[0].strip() and after.strip()
        return line, end + 1 if within else end

    def find_braces(self) -> Iterator[Braces]:
        """Yield all attributes in braces, in order."""
        for found in _ATTRIBUTES.finditer(self.masked):
            yield Braces(self._marked_from(found.start()), *found.span())

    def find_braced_citekeys(self) -> Iterator[Braces]:
        """Yield the braces of citekeys that stand in some, in order."""
        for found in _CITEKEY.finditer(self.masked):
            if found[2]:
                yield Braces(found.start(), found.start(2) - 1, found.end())

    def _marked_from(self, brace: int) -> int | None:
        """Return where the span, heading or div with attributes at *brace* begins."""
        line = self.masked.rfind("\n", 0, brace) + 1
        before = self.masked[line:brace]
        if found := _BLOCK.fullmatch(before):
            return line + found.start("block")
        if not before.endswith("]"):
            closed = re.search(r"\]\([^()\n]*\)$", before)
            if not closed:
                return None
            brace = line + closed.start() + 1
        depth = 0
        paragraph = max(self.masked.rfind("\n\n", 0, brace), 0)
        for offset in range(brace - 1, paragraph - 1, -1):
            depth += {"]": 1, "[": -1}.get(self.masked[offset], 0)
            if not depth:
                return offset
        return None

    @cached_property
    def omissions(self) -> tuple[range, ...]:
        """From where to where lines are left out."""
        found, opened = [], list[Fence]()
        for fence in self.find_fences():
            if fence.name:
                opened.append(fence)
            elif opened and _OMISSION.search(opened[-1].name):
                found.append(range(opened.pop().start, fence.end))
            elif opened:
                opened.pop()
        return tuple(found)

    def _is_omitted(self, offset: int) -> bool:
        return any(offset in omission for omission in self.omissions)

    @cached_property
    def definitions(self) -> tuple[Definition, ...]:
        """The definitions of notes, in order."""
        return tuple(self._find_definitions())

    def _find_definitions(self) -> Iterator[Definition]:
        for found in _DEFINITION.finditer(self.masked):
            end = _find_end(found["before"]).search(self.masked, found.end())
            yield Definition(
                mark=Mark(
                    name=found["name"],
                    span=self.span(*found.span("label")),
                    omitted=self._is_omitted(found.start("label")),
                ),
                start=found.start(),
                body=found.end(),
                end=end.start() if end else len(self.masked),
            )

    def label_at(self, offset: int) -> str:
        """Return the label of the note whose definition has *offset*, else nothing."""
        inside = (d.mark.name for d in self.definitions if d.start <= offset < d.end)
        return next(inside, "")

    def find_calls(self) -> Iterator[Mark]:
        """Yield the calls of notes, in order."""
        return self._find_marks(_CALL)

    def find_citekeys(self) -> Iterator[Mark]:
        """Yield the citekeys, in order."""
        return self._find_marks(_CITEKEY)

    def _find_marks(self, pattern: re.Pattern[str]) -> Iterator[Mark]:
        for found in pattern.finditer(self.bare):
            place = found.start()
            yield Mark(
                name=next(filter(None, found.groups())),
                span=self.span(*found.span()),
                inside_note=self.label_at(place),
                omitted=self._is_omitted(place),
            )

    def find_words(self) -> Iterator[Word]:
        """Yield the words of the running text, notes and their calls left out."""
        running = list(_CALL.sub(blank, self.bare))
        for definition in self.definitions:
            for offset in range(definition.start, definition.end):
                if running[offset] != "\n":
                    running[offset] = " "
        for number, line in enumerate("".join(running).split("\n"), start=1):
            for found in _WORD.finditer(line):
                yield Word(text=found[0], line=number, column=found.start() + 1)

    def read_through(self) -> list[str]:
        """Return each character as a reader meets it: as it is, a barrier or none.

        A barrier stands for what is decided, omitted, cited or a heading.
        """
        shown = list(self.raw)
        for found in _MARKUP.finditer(self.raw):
            shown[slice(*found.span())] = [""] * len(found[0])
        for found in _APART.finditer(self.raw):
            shown[slice(*found.span())] = [BARRIER] * len(found[0])
        for braces in self.find_braces():
            shown[braces.opening : braces.end] = [""] * (braces.end - braces.opening)
            decided = re.search(r"\bwho=", self.raw[braces.opening : braces.end])
            if decided and braces.start is not None:
                length = braces.end - braces.start
                shown[braces.start : braces.end] = [BARRIER] * length
        return shown


@lru_cache
def _find_end(before: str) -> re.Pattern[str]:
    """Return what ends a definition that has *before* it: a line less far indented."""
    quoted = re.escape(before) if ">" in before else ""
    deep = 4 + (len(before) if len(before) > 3 and not quoted else 0)  # noqa: PLR2004
    return re.compile(rf"\n[ \t>]*\n(?!{quoted}[ ]{{{deep}}}|\t)|\Z")


def blank(found: re.Match[str]) -> str:
    """Return white in place of what was *found*, line ends kept."""
    return re.sub(r"[^\n]", " ", found[0])
