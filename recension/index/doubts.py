"""Find the place in the Markdown file of a form that could stand for two entries."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from recension.markdown import Scan
from recension.problems import Report, Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recension.files import File
    from recension.index.forms import Finder, FoundForm
    from recension.model import AnnotatedText


def report_doubts(
    text: AnnotatedText,
    doubts: Iterable[tuple[str, FoundForm]],
    finder: Finder,
    report: Report,
) -> None:
    """Report forms of several entries where they stand in the file of *text*."""
    spans: dict[tuple[str, str], list[Span]] = {}
    met: dict[tuple[str, str], int] = defaultdict(int)
    file = text.parsed.files.edited
    for label, found in doubts:
        spans = spans or _find_spans(file, finder)
        key = label, found.form
        # what markup hides from the scan is told at the last place that it shows
        known = spans.get(key, [])
        span = known[min(met[key], len(known) - 1)] if known else Span(path=file.path)
        met[key] += 1
        entries = " or ".join(f"`{entry}`" for entry in found.entries)
        message = f"the form `{found.form}` could stand for {entries}"
        marks = (f"`[{found.form}]{{who={entry}}}`" for entry in found.entries)
        hint = f"write {' or '.join(marks)}, or `who=none`"
        report.error("I-001", message, span, hint)


def _find_spans(file: File, finder: Finder) -> dict[tuple[str, str], list[Span]]:
    """Return where the forms stand in *file*, by label of the note and form."""
    scan = Scan(file)
    shown = scan.read_through()
    offsets = [offset for offset, character in enumerate(shown) if character]
    spans: dict[tuple[str, str], list[Span]] = defaultdict(list)
    for found in finder.find_forms("".join(shown)):
        start, end = offsets[found.start], offsets[found.end - 1] + 1
        spans[scan.label_at(start), found.form].append(file.span(start, end))
    return spans
