"""The one door to pandoc, through pypandoc; every call is sandboxed.

Pandoc reads no file but those named here and opens no connection (`--sandbox`).
"""

from __future__ import annotations

import json
import logging
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pypandoc

from recension.problems import ToolError
from recension.tree import make, make_word

if TYPE_CHECKING:
    from recension.model import Blocks, Node

MARKDOWN = (
    "markdown+smart-raw_html-raw_tex-raw_attribute-markdown_in_html_blocks"
    "-native_divs-native_spans-yaml_metadata_block-pandoc_title_block"
    "-implicit_figures-tex_math_dollars-latex_macros-example_lists-inline_notes"
    "-auto_identifiers-implicit_header_references-emoji"
)
"""The reader: Pandoc Markdown without what the notation has no use for."""


class PandocError(Exception):
    """Pandoc could not do what it was asked: the message is its own."""


API_VERSION = [1, 23, 1]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """A line of pandoc's log: its *kind* and, if pandoc knows it, the 1-based line."""

    kind: str
    line: int
    message: str


def read_markdown(markdown: str) -> tuple[Blocks, tuple[LogEntry, ...]]:
    """Return the tree of *markdown* and what pandoc warns of."""
    converted = _convert(markdown, MARKDOWN, "json")
    blocks: Blocks = json.loads(converted.text)["blocks"]
    entries = json.loads(converted.log or "[]")
    return blocks, tuple(_log_entry(entry) for entry in entries)


def read_latex(latex: str) -> Blocks:
    """Return the tree of the LaTeX that a BibTeX field holds."""
    blocks: Blocks = json.loads(_convert(latex, "latex", "json").text)["blocks"]
    return blocks


def _log_entry(entry: dict[str, Any]) -> LogEntry:
    return LogEntry(
        kind=str(entry.get("type", "")),
        line=int(entry.get("line", 0)),
        message=str(entry.get("message", entry.get("contents", entry.get("type")))),
    )


def format_citations(
    blocks: Blocks, *, bibliography: str, ending: str, style: str, language: str
) -> Blocks:
    """Run citeproc over *blocks* once: works from *bibliography*, CSL *style*.

    Both are texts, not files; *ending* is that of the bibliography's file: `.bib`.

    The last block of what comes back is the div `refs` with an entry a work.
    """
    metadata = {
        "lang": {"t": "MetaString", "c": language},
        "nocite": {"t": "MetaInlines", "c": [_cite_everything()]},
        "link-citations": {"t": "MetaBool", "c": False},
    }
    files = (("bibliography", ending, bibliography), ("csl", ".csl", style))
    source = _document(blocks, metadata)
    converted = _convert(source, "json", "json", ("--citeproc",), files)
    formatted: Blocks = json.loads(converted.text)["blocks"]
    return formatted


def _cite_everything() -> Node:
    citation = {
        "citationId": "*",
        "citationPrefix": [],
        "citationSuffix": [],
        "citationMode": {"t": "NormalCitation"},
        "citationNoteNum": 0,
        "citationHash": 0,
    }
    return make("Cite", [[citation], [make_word("@*")]])


def write_html(blocks: Blocks) -> str:
    """Return *blocks* as an XHTML5 fragment."""
    return _convert(_document(blocks, {}), "json", "html5", ("--wrap=none",)).text


def _document(blocks: Blocks, metadata: dict[str, Any]) -> str:
    return json.dumps(
        {"pandoc-api-version": API_VERSION, "meta": metadata, "blocks": blocks}
    )


@dataclass(frozen=True, slots=True)
class Converted:
    """What pandoc wrote, and its *log*: JSON, or nothing."""

    text: str
    log: str


def _convert(
    text: str,
    source: str,
    target: str,
    options: tuple[str, ...] = (),
    files: tuple[tuple[str, str, str], ...] = (),
) -> Converted:
    """Return *text*, written as *source*, written as *target*.

    The answer depends on the arguments alone. *files* are options with the ending and
    the contents of the file that each names. Raises PandocError, ToolError.
    """
    with tempfile.TemporaryDirectory(prefix="recension-") as folder:
        log = Path(folder) / "log.json"
        given = [_write_option(Path(folder), *file) for file in files]
        arguments = ["--sandbox", f"--log={log}", *options, *given]
        try:
            written = _run(text, source, target, arguments)
        except PandocError as fault:  # the name of the folder tells nobody anything
            raise PandocError(str(fault).replace(f"{folder}/", "")) from fault
        return Converted(written, log.read_text("utf-8") if log.exists() else "")


def _write_option(folder: Path, option: str, ending: str, contents: str) -> str:
    path = folder / f"{option}{ending}"
    path.write_text(contents, "utf-8")
    return f"--{option}={path}"


def _run(text: str, source: str, target: str, arguments: list[str]) -> str:
    logging.getLogger("pypandoc").setLevel(logging.CRITICAL)
    try:
        converted: str = pypandoc.convert_text(
            text, target, format=source, extra_args=arguments, verify_format=False
        )
    except RuntimeError as fault:
        reason = str(fault).partition("during conversion: ")[2].strip()
        raise PandocError(reason or str(fault)) from fault
    except OSError as fault:
        message = "pandoc cannot be run"
        raise ToolError(message, "pip install pypandoc_binary") from fault
    return converted
