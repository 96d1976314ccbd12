"""Stage 2, parse: Markdown to pandoc's tree, with the positions pandoc does not keep.

Pandoc's Markdown reader has no source positions, so this stage writes `pos="L:C"` into
each attribute block before pandoc reads it, and scans the raw text (see `markdown`) for
what the tree forgets: note labels, citekeys, fences, raw HTML.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from recension.each import anew
from recension.files import File
from recension.markdown import Braces, Fence, Scan
from recension.model import Manuscript, ParsedText, Passage, TextFiles
from recension.pandoc import LogEntry, PandocError, PandocLimitError, read_markdown
from recension.problems import Span, gather
from recension.stand_ins import SPACE, find_unread, hide, reveal
from recension.tables import find_wordings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from recension.config import LimitsSettings
    from recension.each import Each
    from recension.model import Blocks, Mark, Sources, Tables
    from recension.problems import Problem, Report
    from recension.stand_ins import Unread

    Change = tuple[int, int, str]

_BRACKETED = re.compile(
    r"(?<=[^.?!\s:;—(–])[ \n]+\[(?=[^\[\]]*@)[^\[\]]*\]|\(\[(?=[^\[\]]*@)[^\[\]]*\]\)"
)
_LEADING = re.compile(r"(?<==\") ")
"""The space at which a value begins, by which pandoc takes it for none."""
_WHITE = " \t\n"
_BARE_NAME = re.compile(r"[\w-]+")
_ADDRESS = re.compile(r"^[ \t>]*(\[(?!\^)[^\[\]\n]+\]:)(?=[ \t]+\S)", re.MULTILINE)
_COLONS = re.compile(r"^[ \t>]*(::)(?!:)(?=[ \t]*[\w{])", re.MULTILINE)
_RAW_HTML = re.compile(r"</?[A-Za-z][^<>\n]*>|<[!?][^<>\n]*>")
_AUTOLINK = re.compile(r"<(?:[A-Za-z][\w+.-]*:|[\w.+-]+@)[^<>\s]*>")
_PARAGRAPH = re.compile(r"(?:[^\n]*\S[^\n]*\n?)+")
_TRIAL = 2.0
"""How long pandoc may take, in seconds, over what is suspected of taking too long."""
_KNOWN_WARNINGS = {
    "NoteDefinedButNotUsed",
    "DuplicateNoteReference",
    "DuplicateIdentifier",
    "DuplicateLinkReference",
}
"""What pandoc warns of and we tell better."""


def parse(sources: Sources, report: Report, each: Each = anew) -> Manuscript:
    """Parse all that *sources* has; the faults of the Markdown go to *report*."""
    limits = sources.settings.limits
    files = {of.settings.id: (of, limits) for of in (*sources.front, *sources.texts)}
    texts = each(_parse_text, files)
    tables = each(_parse_tables, {"tables": (sources.tables, limits)})["tables"]
    for _, problems in (*texts.values(), tables):
        report.add(problems)
    return Manuscript(
        front=tuple(texts[of.settings.id][0] for of in sources.front),
        texts=tuple(texts[of.settings.id][0] for of in sources.texts),
        tables=sources.tables,
        passages=tables[0],
        whole=sources.whole,
    )


def _parse_tables(
    tables: Tables, limits: LimitsSettings
) -> tuple[tuple[Passage, ...], tuple[Problem, ...]]:
    """Return the wordings of *tables* as trees, and what is wrong with them."""
    return gather(lambda report: tuple(_read_tables(tables, limits, report)))


def _read_tables(
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
            _check_unread(scan, blocks, own)
        yield Passage(
            wording=wording,
            blocks=reveal(blocks),
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


def _parse_text(
    files: TextFiles, limits: LimitsSettings
) -> tuple[ParsedText, tuple[Problem, ...]]:
    """Return a text as a tree, and what is wrong with it."""
    return gather(lambda report: _read_file(files, limits, report))


def _read_file(files: TextFiles, limits: LimitsSettings, report: Report) -> ParsedText:
    scan = Scan(files.edited)
    with report.apart() as own:
        _check_fences(scan, own)
        _check_lines(scan, own)
        _check_raw_html(scan, own)
        _check_braces(scan, own)
        blocks, warnings = _read_text(scan, limits, own)
        _check_unread(scan, blocks, own, proved=files.source is not None)
    if own.sound:
        _report_warnings(warnings, scan, report)
    _check_bracketed(scan, report)
    return ParsedText(
        files=files,
        blocks=reveal(blocks),
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


def _check_unread(
    scan: Scan, blocks: Blocks, report: Report, *, proved: bool = False
) -> None:
    """Report what looks like a mark and is none: it would be printed as typed.

    In a text that is *proved* the source decides, but for what emendations print.
    """
    calls, last = list(scan.find_calls()), 0
    for unread in find_unread(blocks):
        elsewhere = unread.note is None and not unread.edited
        if proved and elsewhere and not unread.place:
            continue
        if "[^" in unread.word and not scan.at:
            continue  # `annotate` tells it: a call without a note, or within one
        if "{" in unread.word and not unread.place:
            continue  # the brace is told
        span = _place_unread(unread, scan, calls, last)
        if elsewhere and not scan.at:
            last = scan.file.starts[span.line - 1] + span.column - 1
        message = f"`{unread.shown}` looks like a mark and is none"
        report.error("P-005", message, span, unread.hint)


def _place_unread(unread: Unread, scan: Scan, calls: Sequence[Mark], last: int) -> Span:
    """Return the place of *unread*, not before the offset *last* of running text."""
    if unread.place:
        return scan.file.at(*unread.place) if not scan.at else scan.at
    start, end = last, len(scan.raw)
    if unread.note is not None and unread.note < len(calls):
        name = calls[unread.note].name
        homes = (d for d in scan.definitions if d.mark.name == name)
        start, end = next(((d.body, d.end) for d in homes), (start, end))
    for pattern in (rf"(?<!\S){re.escape(unread.word)}(?!\S)", re.escape(unread.word)):
        if found := re.compile(pattern).search(scan.masked, start, end):
            return scan.span(*found.span())
    return scan.span(start, start + 1)


def _check_lines(scan: Scan, report: Report) -> None:
    """Report lines that pandoc takes for something else, or drops."""
    for found in _ADDRESS.finditer(scan.bare):
        message = f"`{found[1]}` gives a link its address, and is not printed"
        hint = "write the link where it stands: `[words](https://…)`"
        report.error("P-005", message, scan.span(*found.span(1)), hint)
    for found in _COLONS.finditer(scan.masked):
        message = "two colons open no div"
        hint = "write three: `::: name`; two that are printed are `\\::`"
        report.error("P-005", message, scan.span(*found.span(1)), hint)


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
    """Return the Markdown as pandoc is to read it.

    Each mark has its place in its braces; a div that is opened by its bare name gets
    braces for it. Remarks are gone, and stand-ins are in their places.
    """
    pieces, last = [], 0
    for start, end, written in sorted(_find_changes(scan)):
        if start >= last:
            pieces += [scan.raw[last:start], written]
            last = end
    return "".join([*pieces, scan.raw[last:]])


def _find_changes(scan: Scan) -> Iterator[Change]:
    """Yield where pandoc is to read something else, from where to where, and what."""
    braces = list(scan.find_braces())
    for found in braces:
        place = f" {_write_place(scan, found.start)}" if found.start is not None else ""
        written = _LEADING.sub(SPACE, scan.raw[found.opening : found.end - 1])
        yield found.opening, found.end, f"{written}{place}}}"
        if found.start is not None:
            yield from _keep_edges(scan, found)
    for fence in scan.find_fences():
        if _BARE_NAME.fullmatch(fence.name):
            place = _write_place(scan, fence.start)
            yield fence.start, fence.end, f"::: {{.{fence.name} {place}}}"
    inside = [range(found.opening, found.end) for found in braces]
    for start, escaped in scan.find_escapes():
        if not any(start in span for span in inside):
            yield start, start + len(escaped), hide(escaped)
    for start, end in scan.find_remarks():
        yield start, end, ""


def _keep_edges(scan: Scan, braces: Braces) -> Iterator[Change]:
    """Yield a stand-in for white at either edge of the bracket before *braces*."""
    start = braces.start or 0
    if scan.raw[start] != "[":
        return
    end = scan.masked.rfind("]", start, braces.opening)
    inner = scan.raw[start + 1 : end]
    words = inner.strip(_WHITE)
    if not words and inner:
        yield start + 1, end, SPACE
        return
    before, behind = inner.find(words), len(inner.rstrip(_WHITE))
    if before:
        yield start + 1, start + 1 + before, SPACE
    if behind < len(inner):
        yield start + 1 + behind, end, SPACE


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
