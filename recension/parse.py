"""Stage 2, parse: Markdown to pandoc's tree, with the positions pandoc does not keep.

Pandoc's Markdown reader has no source positions, so this stage writes `pos="L:C"` into
each attribute block before pandoc reads it, and scans the raw text (see `markdown`) for
what the tree forgets: note labels, citekeys, fences, raw HTML.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from recension.files import File
from recension.markdown import Braces, Fence, Scan
from recension.model import Manuscript, ParsedText, Passage, TextFiles
from recension.pandoc import LogEntry, read_markdown
from recension.tables import find_wordings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recension.model import Sources, Tables
    from recension.problems import Report

_BRACKETED = re.compile(r"(?<=[^.?!\s:;—(–])[ \n]+\[(?=[^\[\]]*@)[^\[\]]*\]")
_BARE_NAME = re.compile(r"[\w-]+")
_RAW_HTML = re.compile(r"</?[A-Za-z][^<>\n]*>|<[!?][^<>\n]*>")
_AUTOLINK = re.compile(r"<(?:[A-Za-z][\w+.-]*:|[\w.+-]+@)[^<>\s]*>")
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
        Scan(File(path=wording.span.path, raw=wording.markdown), wording.span)
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
            citekeys=tuple(scan.find_citekeys()),
            sound=sound,
        )


def _check_wording(scan: Scan, report: Report) -> tuple[str, bool]:
    """Return the wording of *scan* with its stamps, and whether it is sound."""
    with report.apart() as own:
        _check_raw_html(scan, own)
        _check_braces(scan, own)
    return _stamp(scan), own.sound


def _parse_text(files: TextFiles, report: Report) -> ParsedText:
    scan = Scan(files.edited)
    with report.apart() as own:
        _check_fences(scan, own)
        _check_raw_html(scan, own)
        _check_braces(scan, own)
    blocks, warnings = read_markdown(_stamp(scan))
    if own.sound:
        _report_warnings(warnings, scan, report)
    _check_bracketed(scan, report)
    return ParsedText(
        files=files,
        blocks=blocks,
        calls=tuple(scan.find_calls()),
        definitions=tuple(definition.mark for definition in scan.definitions),
        citekeys=tuple(scan.find_citekeys()),
        words=tuple(scan.find_words()),
        sound=own.sound,
    )


def _check_fences(scan: Scan, report: Report) -> None:
    opened: list[Fence] = []
    for fence in scan.find_fences():
        if fence.name:
            opened.append(fence)
        elif opened:
            opened.pop()
        else:
            message = "the div closed here was never opened"
            hint = "take out the `:::`, or open the div with `::: {.name}`"
            report.error("P-001", message, scan.span(fence.start, fence.end), hint)
    for fence in opened:
        message = "the div opened here is never closed"
        hint = "close it with a line `:::`, blank lines before and after"
        report.error("P-001", message, scan.span(fence.start, fence.end), hint)


def _check_raw_html(scan: Scan, report: Report) -> None:
    for found in _RAW_HTML.finditer(scan.masked):
        if not _AUTOLINK.fullmatch(found[0]):
            message = f"raw HTML: `{found[0]}`"
            hint = "use the notation: `*italics*`, `[words]{.class}`, `::: name`"
            report.error("P-002", message, scan.span(*found.span()), hint)


def _check_braces(scan: Scan, report: Report) -> None:
    """Report braces that mark nothing, attributes and single ones."""
    covered = 0
    for braces in (*scan.find_braces(), Braces(0, len(scan.masked), 0)):
        for offset in range(covered, braces.opening):
            if scan.masked[offset] in "{}":
                _report_brace(scan, offset, offset + 1, report)
        covered = braces.end
        if braces.start is None:
            _report_brace(scan, braces.opening, braces.end, report)


def _report_brace(scan: Scan, start: int, end: int, report: Report) -> None:
    message = f"`{scan.raw[start:end]}` marks nothing"
    hint = 'a mark is `[words]{sic="…"}` on one line; write `\\{` for a brace'
    report.error("P-005", message, scan.span(start, end), hint)


def _stamp(scan: Scan) -> str:
    """Return the Markdown with its place in the braces of each mark.

    A div that is opened by its bare name gets braces for it.
    """
    changes = [
        (braces.end - 1, braces.end - 1, f" {_write_place(scan, braces.start)}")
        for braces in scan.find_braces()
        if braces.start is not None
    ]
    changes += [
        (f.start, f.end, f"::: {{.{f.name} {_write_place(scan, f.start)}}}")
        for f in scan.find_fences()
        if _BARE_NAME.fullmatch(f.name)
    ]
    pieces, last = [], 0
    for start, end, stamped in sorted(changes):
        pieces += [scan.readable[last:start], stamped]
        last = end
    return "".join([*pieces, scan.readable[last:]])


def _write_place(scan: Scan, offset: int) -> str:
    line, column = scan.place(offset)
    return f'pos="{line}:{column}"'


def _report_warnings(
    warnings: tuple[LogEntry, ...], scan: Scan, report: Report
) -> None:
    for warning in warnings:
        if warning.kind not in _KNOWN_WARNINGS:
            line = max(1, min(warning.line, len(scan.file.lines)))
            message = f"pandoc warns: {warning.message}"
            hint = "write the line another way"
            report.warning("P-004", message, scan.file.at(line), hint)


def _check_bracketed(scan: Scan, report: Report) -> None:
    for definition in scan.definitions:
        for found in _BRACKETED.finditer(scan.bare, definition.body, definition.end):
            start = found.end() - len(found[0].lstrip())
            message = "a bracketed citation in a sentence comes out in parentheses"
            hint = "write `@key [34]` in a sentence, `[@key, 34]` on its own"
            report.warning("C-007", message, scan.span(start, found.end()), hint)
