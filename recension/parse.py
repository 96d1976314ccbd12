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
from recension.pandoc import LogEntry, PandocError, PandocLimitError, read_markdown
from recension.problems import Span
from recension.tables import find_wordings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from recension.config import LimitsSettings
    from recension.model import Blocks, Sources, Tables
    from recension.problems import Report

_BRACKETED = re.compile(r"(?<=[^.?!\s:;—(–])[ \n]+\[(?=[^\[\]]*@)[^\[\]]*\]")
_BARE_NAME = re.compile(r"[\w-]+")
_RAW_HTML = re.compile(r"</?[A-Za-z][^<>\n]*>|<[!?][^<>\n]*>")
_AUTOLINK = re.compile(r"<(?:[A-Za-z][\w+.-]*:|[\w.+-]+@)[^<>\s]*>")
_PARAGRAPH = re.compile(r"(?:[^\n]*\S[^\n]*\n?)+")
_TRIAL = 2.0
"""How long pandoc may take, in seconds, over what is suspected of taking too long."""
_KNOWN_WARNINGS = {
    "NoteDefinedButNotUsed",
    "DuplicateNoteReference",
    "DuplicateIdentifier",
}
"""What pandoc warns of and a later stage tells better."""


def parse(sources: Sources, report: Report) -> Manuscript:
    """Parse all that *sources* has; the faults of the Markdown go to *report*."""
    limits = sources.settings.limits
    return Manuscript(
        front=tuple(_parse_text(files, limits, report) for files in sources.front),
        texts=tuple(_parse_text(files, limits, report) for files in sources.texts),
        tables=sources.tables,
        passages=tuple(_parse_tables(sources.tables, limits, report)),
        whole=sources.whole,
    )


def _parse_tables(
    tables: Tables, limits: LimitsSettings, report: Report
) -> Iterator[Passage]:
    """Yield the wordings of *tables* as trees, read by pandoc in one run if it can."""
    wordings = list(find_wordings(tables))
    scans = [
        Scan(File(path=wording.span.path, raw=wording.markdown), wording.span)
        for wording in wordings
    ]
    checked = [_check_wording(scan, report) for scan in scans]
    trees = _read_together([markdown for markdown, _ in checked], limits)
    for number, (wording, scan) in enumerate(zip(wordings, scans, strict=True)):
        markdown, sound = checked[number]
        with report.apart() as own:
            blocks = (
                trees[number] if trees else _read_alone(scan, limits, markdown, own)
            )
        yield Passage(
            wording=wording,
            blocks=blocks,
            citekeys=tuple(scan.find_citekeys()),
            sound=sound and own.sound,
        )


def _read_together(wordings: list[str], limits: LimitsSettings) -> list[Blocks]:
    """Return the tree of each of *wordings*, nothing if they cannot be told apart."""
    try:
        blocks, _ = read_markdown("\n\n".join(map(_enclose, wordings)), limits)
    except PandocError:
        return []
    return [block["c"][1] for block in blocks] if len(blocks) == len(wordings) else []


def _read_alone(
    scan: Scan, limits: LimitsSettings, wording: str, report: Report
) -> Blocks:
    try:
        (block, *_), _ = read_markdown(_enclose(wording), limits)
    except PandocError as fault:
        _report_pandoc(fault, scan.span(0, len(scan.raw)), report)
        return []
    blocks: Blocks = block["c"][1]
    return blocks


def _enclose(wording: str) -> str:
    return f"::: p\n{wording}\n:::"


def _check_wording(scan: Scan, report: Report) -> tuple[str, bool]:
    """Return the wording of *scan* with its stamps, and whether it is sound."""
    with report.apart() as own:
        _check_raw_html(scan, own)
        _check_braces(scan, own)
    return _stamp(scan), own.sound


def _parse_text(files: TextFiles, limits: LimitsSettings, report: Report) -> ParsedText:
    scan = Scan(files.edited)
    with report.apart() as own:
        _check_fences(scan, own)
        _check_raw_html(scan, own)
        _check_braces(scan, own)
        blocks, warnings = _read_text(scan, limits, own)
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


def _read_text(
    scan: Scan, limits: LimitsSettings, report: Report
) -> tuple[Blocks, tuple[LogEntry, ...]]:
    try:
        return read_markdown(_stamp(scan), limits)
    except PandocError as fault:
        _report_pandoc(fault, _find_cause(scan, limits), report)
        return [], ()


def _find_cause(scan: Scan, limits: LimitsSettings) -> Span:
    """Return the paragraph that pandoc cannot read in a short time, else the file."""
    short = limits.model_copy(update={"seconds": min(limits.seconds, _TRIAL)})
    parts = [found.span() for found in _PARAGRAPH.finditer(scan.raw)]

    def fails(some: Sequence[tuple[int, int]]) -> bool:
        try:
            read_markdown(scan.raw[some[0][0] : some[-1][1]], short)
        except PandocError:
            return True
        return False

    while len(parts) > 1:
        half = parts[: len(parts) // 2]
        parts = half if fails(half) else parts[len(half) :]
    if fails(parts):
        return scan.span(parts[0][0], parts[0][1])
    return Span(path=scan.file.path)


def _report_pandoc(fault: PandocError, span: Span, report: Report) -> None:
    hint = "write it another way"
    if isinstance(fault, PandocLimitError):
        hint = (
            "look for brackets or quotation marks within one another, or never closed; "
            "`[limits]` in edition.toml sets what pandoc may take"
        )
    report.error("P-006", f"pandoc cannot read this: {fault}", span, hint)


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
    every = sorted(
        [*scan.find_braces(), *scan.find_braced_citekeys()], key=lambda b: b.opening
    )
    for braces in (*every, Braces(0, len(scan.masked), 0)):
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
