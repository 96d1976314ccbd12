"""Stage 2, parse: Markdown to pandoc's tree, with the positions pandoc does not keep.

Pandoc's Markdown reader has no source positions, so this stage writes `pos="L:C"` into
each attribute block before pandoc reads it, and scans the raw text for what the tree
forgets: note labels, citekeys, fences, raw HTML.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from recension.model import (
    File,
    Manuscript,
    Mark,
    ParsedText,
    Passage,
    TextFiles,
    Word,
)
from recension.pandoc import LogEntry, read_markdown
from recension.problems import Report, Span
from recension.tables import find_wordings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recension.model import Sources, Tables

_HIDDEN = re.compile(
    r"(?P<fence>^(?P<mark>`{3,}|~{3,})[^\n]*\n.*?^(?P=mark)[ \t]*$)"
    r"|(?P<comment><!--.*?-->)"
    r"|(?P<code>(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`))"
    r"|(?P<escape>\\[^\n\w\s])",
    re.MULTILINE | re.DOTALL,
)
_ATTRIBUTES = re.compile(r'\{(?:[^{}"\n]|"(?:\\.|[^"\\])*")*\}')
_CALL = re.compile(r"\[\^([^\]\s^]+)\](?!:)")
_DEFINITION = re.compile(r"^ {0,3}\[\^([^\]\s^]+)\]:", re.MULTILINE)
_CITEKEY = re.compile(r"(?<![\w@])@([^\W_](?:[\w:.#$%&+?<>~/-]*\w)?|_\w*)")
_BRACKETED = re.compile(r"(?<=[^.?!\s:;—(–])[ \n]+\[(?=[^\[\]]*@)[^\[\]]*\]")
_FENCE = re.compile(r"^(:{3,})[ \t]*(.*?)[ \t]*:*$", re.MULTILINE)
_RAW_HTML = re.compile(r"</?[A-Za-z][^<>\n]*>|<[!?][^<>\n]*>")
_AUTOLINK = re.compile(r"<(?:[A-Za-z][\w+.-]*:|[\w.+-]+@)[^<>\s]*>")
_WORD = re.compile(r"\w+")
_KNOWN_WARNINGS = {
    "NoteDefinedButNotUsed",
    "DuplicateNoteReference",
    "DuplicateIdentifier",
}
"""What pandoc warns of and a later stage tells better."""


def parse(sources: Sources, report: Report) -> Manuscript:
    """Parse all that *sources* has; the faults of the Markdown go to *report*."""
    return Manuscript(
        front=tuple(_parse_text(files, report) for files in sources.front),
        texts=tuple(_parse_text(files, report) for files in sources.texts),
        tables=sources.tables,
        passages=tuple(_parse_tables(sources.tables, report)),
        whole=sources.whole,
    )


def _parse_tables(tables: Tables, report: Report) -> Iterator[Passage]:
    """Yield the wordings of *tables* as trees, read by pandoc in one run."""
    wordings = list(find_wordings(tables))
    scans = [
        _Scan(File(path=wording.span.path, raw=wording.markdown), wording.span)
        for wording in wordings
    ]
    checked = [_check_wording(scan, report) for scan in scans]
    divs = "\n\n".join(f"::: p\n{markdown}\n:::" for markdown, _ in checked)
    blocks, _ = read_markdown(divs) if wordings else ([], ())
    if len(blocks) != len(wordings):
        blocks = [read_markdown(f"::: p\n{w.markdown}\n:::")[0][0] for w in wordings]
    for wording, scan, block, (_, sound) in zip(
        wordings, scans, blocks, checked, strict=True
    ):
        yield Passage(
            wording=wording,
            blocks=block["c"][1],
            citekeys=tuple(_find_citekeys(scan, ())),
            sound=sound,
        )


def _check_wording(scan: _Scan, report: Report) -> tuple[str, bool]:
    """Return the wording of *scan* with its stamps, and whether it is sound."""
    with report.apart() as own:
        _check_raw_html(scan, own)
        attributes = tuple(_find_attributes(scan, own))
    return _stamp(scan, attributes), own.sound


def _parse_text(files: TextFiles, report: Report) -> ParsedText:
    scan = _Scan(files.edited)
    with report.apart() as own:
        _check_fences(scan, own)
        _check_raw_html(scan, own)
        attributes = tuple(_find_attributes(scan, own))
    blocks, warnings = read_markdown(_stamp(scan, attributes))
    if own.sound:
        _report_warnings(warnings, scan, report)
    definitions = tuple(_find_definitions(scan))
    _check_bracketed(scan, definitions, report)
    return ParsedText(
        files=files,
        blocks=blocks,
        calls=tuple(_find_calls(scan, definitions)),
        definitions=tuple(definition.mark for definition in definitions),
        citekeys=tuple(_find_citekeys(scan, definitions)),
        words=tuple(_find_words(scan, definitions)),
        sound=own.sound,
    )


class _Scan:
    """The raw text of a file beside a copy with code, comments and escapes blanked.

    Offsets into *raw*, *masked* and *bare* (attributes blanked too) are the same. Of a
    wording in a table, whose key stands *at* a place, all is placed in that line.
    """

    def __init__(self, file: File, at: Span | None = None) -> None:
        self.path = file.path
        self.at = at
        self.raw = file.raw
        self.lines = file.raw.split("\n")
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line) + 1)
        self.masked = _HIDDEN.sub(lambda found: _blank(found[0]), file.raw)
        self.bare = _ATTRIBUTES.sub(lambda found: _blank(found[0]), self.masked)
        self.readable = re.sub(
            r"<!--.*?-->", lambda found: _blank(found[0]), file.raw, flags=re.DOTALL
        )

    def place(self, offset: int) -> tuple[int, int]:
        if self.at:
            return self.at.line, self.at.column
        line = self.raw.count("\n", 0, offset)
        return line + 1, offset - self.starts[line] + 1

    def span(self, start: int, end: int) -> Span:
        if self.at:
            column = self.at.excerpt.find(self.raw[start:end]) + 1
            column = column or self.at.column
            return replace(self.at, column=column, length=max(1, end - start))
        line, column = self.place(start)
        return Span(
            path=self.path,
            line=line,
            column=column,
            length=max(1, end - start),
            excerpt=self.lines[line - 1],
        )


@dataclass(frozen=True, slots=True)
class _Attributes:
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Definition:
    mark: Mark
    start: int
    body: int
    end: int


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def _check_fences(scan: _Scan, report: Report) -> None:
    opened: list[re.Match[str]] = []
    for found in _FENCE.finditer(scan.masked):
        if found[2]:
            opened.append(found)
        elif opened:
            opened.pop()
        else:
            message = "the div closed here was never opened"
            hint = "take out the `:::`, or open the div with `::: {.name}`"
            report.error("P-001", message, scan.span(*found.span()), hint)
    for found in opened:
        message = "the div opened here is never closed"
        hint = "close it with a line `:::`, blank lines before and after"
        report.error("P-001", message, scan.span(*found.span()), hint)


def _check_raw_html(scan: _Scan, report: Report) -> None:
    for found in _RAW_HTML.finditer(scan.masked):
        if not _AUTOLINK.fullmatch(found[0]):
            message = f"raw HTML: `{found[0]}`"
            hint = "use the notation: `*italics*`, `[words]{.class}`, `::: name`"
            report.error("P-002", message, scan.span(*found.span()), hint)


def _find_attributes(scan: _Scan, report: Report) -> Iterator[_Attributes]:
    covered = 0
    for found in _ATTRIBUTES.finditer(scan.masked):
        _check_braces(scan, covered, found.start(), report)
        covered = found.end()
        start = _marked_from(scan, found.start())
        if start is None:
            _report_brace(scan, found.start(), found.end(), report)
        else:
            yield _Attributes(start=start, end=found.end())
    _check_braces(scan, covered, len(scan.masked), report)


def _marked_from(scan: _Scan, brace: int) -> int | None:
    """Return where the span, heading or div with attributes at *brace* begins."""
    line = scan.masked.rfind("\n", 0, brace) + 1
    before = scan.masked[line:brace]
    if re.fullmatch(r" {0,3}(:{3,}[ \t]*|#{1,6}[ \t].*[ \t])", before):
        return line
    if not before.endswith("]"):
        closed = re.search(r"\]\([^()\n]*\)$", before)
        if not closed:
            return None
        brace = line + closed.start() + 1
    depth = 0
    paragraph = max(scan.masked.rfind("\n\n", 0, brace), 0)
    for offset in range(brace - 1, paragraph - 1, -1):
        depth += {"]": 1, "[": -1}.get(scan.masked[offset], 0)
        if not depth:
            return offset
    return None


def _check_braces(scan: _Scan, start: int, end: int, report: Report) -> None:
    for offset in range(start, end):
        if scan.masked[offset] in "{}":
            _report_brace(scan, offset, offset + 1, report)


def _report_brace(scan: _Scan, start: int, end: int, report: Report) -> None:
    message = f"`{scan.raw[start:end]}` marks nothing"
    hint = 'a mark is `[words]{sic="…"}` on one line; write `\\{` for a brace'
    report.error("P-005", message, scan.span(start, end), hint)


def _stamp(scan: _Scan, attributes: tuple[_Attributes, ...]) -> str:
    pieces, last = [], 0
    for found in attributes:
        line, column = scan.place(found.start)
        pieces += [scan.readable[last : found.end - 1], f' pos="{line}:{column}"']
        last = found.end - 1
    return "".join([*pieces, scan.readable[last:]])


def _report_warnings(
    warnings: tuple[LogEntry, ...], scan: _Scan, report: Report
) -> None:
    for warning in warnings:
        if warning.kind not in _KNOWN_WARNINGS:
            line = max(1, min(warning.line, len(scan.lines)))
            start = scan.starts[line - 1]
            message = f"pandoc warns: {warning.message}"
            hint = "write the line another way"
            report.warning("P-004", message, scan.span(start, start + 1), hint)


def _find_definitions(scan: _Scan) -> Iterator[_Definition]:
    for found in _DEFINITION.finditer(scan.masked):
        end = re.compile(r"\n[ \t]*\n(?![ ]{4}|\t)|\Z").search(scan.masked, found.end())
        yield _Definition(
            mark=Mark(name=found[1], span=scan.span(*found.span())),
            start=found.start(),
            body=found.end(),
            end=end.start() if end else len(scan.masked),
        )


def _find_calls(scan: _Scan, definitions: tuple[_Definition, ...]) -> Iterator[Mark]:
    for found in _CALL.finditer(scan.bare):
        yield _mark(scan, found, definitions)


def _find_citekeys(scan: _Scan, definitions: tuple[_Definition, ...]) -> Iterator[Mark]:
    for found in _CITEKEY.finditer(scan.bare):
        yield _mark(scan, found, definitions)


def _mark(
    scan: _Scan, found: re.Match[str], definitions: tuple[_Definition, ...]
) -> Mark:
    inside = next(
        (d.mark.name for d in definitions if d.start <= found.start() < d.end), ""
    )
    span = scan.span(*found.span())
    return Mark(name=found[1], span=span, inside_note=inside)


def _check_bracketed(
    scan: _Scan, definitions: tuple[_Definition, ...], report: Report
) -> None:
    for definition in definitions:
        for found in _BRACKETED.finditer(scan.bare, definition.body, definition.end):
            start = found.end() - len(found[0].lstrip())
            message = "a bracketed citation in a sentence comes out in parentheses"
            hint = "write `@key [34]` in a sentence, `[@key, 34]` on its own"
            report.warning("C-007", message, scan.span(start, found.end()), hint)


def _find_words(scan: _Scan, definitions: tuple[_Definition, ...]) -> Iterator[Word]:
    running = list(_CALL.sub(lambda found: _blank(found[0]), scan.bare))
    for definition in definitions:
        for offset in range(definition.start, definition.end):
            if running[offset] != "\n":
                running[offset] = " "
    for number, line in enumerate("".join(running).split("\n"), start=1):
        for found in _WORD.finditer(line):
            yield Word(text=found[0], line=number, column=found.start() + 1)
