"""The one door to pandoc, through pypandoc; every call is sandboxed.

Pandoc reads no file but those named here and opens no connection (`--sandbox`).
"""

from __future__ import annotations

import errno
import json
import logging
import os
import signal
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pypandoc

from recension.problems import ToolError
from recension.tree import make, make_word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recension.config import LimitsSettings
    from recension.model import Blocks, Node

MARKDOWN = (
    "markdown+smart-raw_html-raw_tex-raw_attribute-markdown_in_html_blocks"
    "-native_divs-native_spans-yaml_metadata_block-pandoc_title_block"
    "-implicit_figures-tex_math_dollars-latex_macros-example_lists-inline_notes"
    "-auto_identifiers-implicit_header_references-emoji-fancy_lists"
)
"""The reader: Pandoc Markdown without what the notation has no use for."""


class PandocError(Exception):
    """Pandoc could not do what it was asked: the message is its own."""


class PandocLimitError(PandocError):
    """Pandoc needs more than it may take: the message says more than what."""


MOST_LEVELS = 40
"""How many nodes may stand within one another: more than any book has on purpose."""
_SHORT = 100_000
"""How many characters pandoc reads in `[limits] seconds`; longer texts have more."""
_HEAP_EXHAUSTED = 251
"""The status with which Haskell's runtime ends at its limit (GHC User's Guide, 5.7)."""
_LACKS = {
    "Unable to commit": errno.ENOMEM,
    "(No space left on device)": errno.ENOSPC,
    "(Disk quota exceeded)": errno.EDQUOT,
    "(File too large)": errno.EFBIG,
    "(Input/output error)": errno.EIO,
    "(Too many open files)": errno.EMFILE,
}
"""What pandoc says where it is the machine that lacks something."""
_ENDS = {signal.SIGXFSZ: errno.EFBIG, signal.SIGKILL: errno.ENOMEM}
"""What a signal means that ends pandoc: of the last the system's want of memory."""
logging.getLogger(pypandoc.__name__).setLevel(logging.CRITICAL)  # we tell what it lacks

API_VERSION = [1, 23, 1]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """A line of pandoc's log: its *kind* and, if pandoc knows it, the 1-based line."""

    kind: str
    line: int
    message: str


def read_markdown(
    markdown: str, limits: LimitsSettings
) -> tuple[Blocks, tuple[LogEntry, ...]]:
    """Return the tree of *markdown* and what pandoc warns of; raise PandocError."""
    converted = _convert(markdown, (MARKDOWN, "json"), _read(limits))
    blocks = _load_blocks(converted.text)
    entries = json.loads(converted.log or "[]")
    return blocks, tuple(_log_entry(entry) for entry in entries)


def read_latex(
    latex: str, limits: LimitsSettings
) -> tuple[Blocks, tuple[LogEntry, ...]]:
    """Return the tree of *latex* and what pandoc passes over; raise PandocError."""
    converted = _convert(latex, ("latex", "json"), _read(limits))
    entries = json.loads(converted.log or "[]")
    return _load_blocks(converted.text), tuple(_log_entry(entry) for entry in entries)


def _load_blocks(written: str) -> Blocks:
    """Return the tree that pandoc has *written*; raise PandocError where it is deep."""
    try:
        blocks = _decode(written)
    except RecursionError as fault:
        raise _too_deep() from fault
    level: list[Any] = list(blocks)
    for _ in range(MOST_LEVELS):
        level = [inner for node in level for inner in _find_inner(node)]
        if not level:
            return blocks
    raise _too_deep()


def _decode(written: str) -> Blocks:
    """Return the blocks that pandoc has *written*; leaves that are equal are shared.

    A text has few words and one space: that is an eighth of the memory.
    """
    leaves: dict[tuple[str, str], Node] = {}

    def share(node: Node) -> Node:
        kind, content = node.get("t"), node.get("c", "")
        if kind is None or not isinstance(content, str):
            return node
        return leaves.setdefault((kind, content), node)

    blocks: Blocks = json.loads(written, object_hook=share)["blocks"]
    return blocks


def _find_inner(node: Any) -> Iterator[Any]:
    """Yield the nodes in *node*, not those in them."""
    waiting = [node.get("c")]
    while waiting:
        item = waiting.pop()
        if isinstance(item, list):
            waiting += item
        elif isinstance(item, dict) and "t" in item:
            yield item
        elif isinstance(item, dict):
            waiting += item.values()


def _too_deep() -> PandocError:
    reason = f"more than {MOST_LEVELS} marks, quotations or lists within one another"
    return PandocError(reason)


def _read(limits: LimitsSettings) -> tuple[float, int]:
    return limits.seconds, limits.megabytes


def _log_entry(entry: dict[str, Any]) -> LogEntry:
    return LogEntry(
        kind=str(entry.get("type", "")),
        line=int(entry.get("line", 0)),
        message=str(entry.get("message", entry.get("contents", entry.get("type")))),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Works:
    """What citeproc formats, and how: texts, not files.

    The *bibliography* is BibLaTeX, *style* is CSL, *language* a tag such as `en-GB`.
    """

    bibliography: str
    style: str
    language: str


def format_citations(blocks: Blocks, works: Works, limits: LimitsSettings) -> Blocks:
    """Run citeproc over *blocks* once, with *works*; raise PandocError.

    The last block of what comes back is the div `refs` with an entry a work.
    """
    metadata = {
        "lang": {"t": "MetaString", "c": works.language},
        "nocite": {"t": "MetaInlines", "c": [_cite_everything()]},
        "link-citations": {"t": "MetaBool", "c": False},
    }
    files = (
        ("bibliography", ".bib", works.bibliography),
        ("csl", ".csl", works.style),
    )
    source, options = _document(blocks, metadata), ("--citeproc",)
    converted = _convert(source, ("json", "json"), _read(limits), options, files)
    return _decode(converted.text)


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


def write_html(blocks: Blocks, limits: LimitsSettings) -> str:
    """Return *blocks* as an XHTML5 fragment; raise PandocError."""
    source, formats = _document(blocks, {}), ("json", "html5")
    return _convert(source, formats, _read(limits), ("--wrap=none",)).text


def _document(blocks: Blocks, metadata: dict[str, Any]) -> str:
    return json.dumps(
        {"pandoc-api-version": API_VERSION, "meta": metadata, "blocks": blocks}
    )


@dataclass(frozen=True, slots=True)
class Converted:
    """What pandoc wrote, and its *log*: JSON, or nothing."""

    text: str
    log: str


_Make = Callable[[], Converted]
_keep: Callable[[object, _Make], Converted] = lambda _told, make: make()  # noqa: E731
"""What gives an answer of pandoc's to what it was told: known, or made."""


@contextmanager
def kept(keep: Callable[[object, _Make], Converted]) -> Iterator[None]:
    """Let *keep* give the answers while it lasts."""
    global _keep  # noqa: PLW0603 - the door is one for the whole process
    before, _keep = _keep, keep
    try:
        yield
    finally:
        _keep = before


def _convert(*told: Any) -> Converted:
    """Return what `_ask` does for what pandoc is *told*, on which alone it depends."""
    return _keep(told, lambda: _ask(*told))


def _ask(
    text: str,
    formats: tuple[str, str],
    limits: tuple[float, int],
    options: tuple[str, ...] = (),
    files: tuple[tuple[str, str, str], ...] = (),
) -> Converted:
    """Return *text* from one of two *formats* to the other.

    *limits* are seconds and megabytes,
    *files* options with the ending and the contents of the file that each names. Raises
    PandocError, ToolError and, where the machine lacks something, OSError.
    """
    with tempfile.TemporaryDirectory(prefix="recension-") as name:
        folder = Path(name)
        log = folder / "log.json"
        command = [*_write_command(limits[1]), f"--log={log.name}", *options]
        command += [f"--from={formats[0]}", f"--to={formats[1]}"]
        command += [_write_option(folder, *file) for file in files]
        size = len(text) + sum(len(contents) for *_, contents in files)
        written = _run(command, folder, text, limits[0] * max(1, size / _SHORT))
        if written.returncode:
            reason = written.stderr.decode("utf-8", "replace").strip()
            raise _find_error(written.returncode, reason, limits[1])
        told = log.read_text("utf-8") if log.exists() else ""
        return Converted(written.stdout.decode(), told)


def _write_command(megabytes: int) -> list[str]:
    """Return the call of pandoc: it takes nothing from the home of who runs it.

    It runs in a folder of its own, since the path of that may be no text.
    """
    with _no_pandoc():
        pandoc = pypandoc.get_pandoc_path()
    if os.sep in pandoc:
        pandoc = str(Path(pandoc).absolute())
    heap = ("+RTS", f"-M{megabytes}m", "-RTS")
    return [pandoc, *heap, "--sandbox", "--data-dir=."]


def _write_option(folder: Path, option: str, ending: str, contents: str) -> str:
    path = folder / f"{option}{ending}"
    path.write_text(contents, "utf-8")
    return f"--{option}={path.name}"


def _run(
    command: list[str], folder: Path, text: str, seconds: float
) -> subprocess.CompletedProcess[bytes]:
    """Run *command* in *folder*, as pypandoc would but that its time has a limit."""
    try:
        with _no_pandoc():
            return subprocess.run(  # noqa: S603 - no word of it is an edition's
                command,
                cwd=folder,
                input=text.encode(),
                capture_output=True,
                timeout=seconds,
                check=False,
            )
    except subprocess.TimeoutExpired as fault:
        reason = f"it would need more than {seconds:.3g} seconds"
        raise PandocLimitError(reason) from fault


@contextmanager
def _no_pandoc() -> Iterator[None]:
    """Tell a pandoc that is not there, or cannot be run, as a fault of the machine."""
    try:
        yield
    except OSError as fault:
        if fault.errno in (errno.EAGAIN, *_LACKS.values()):
            raise
        message = "pandoc cannot be run"
        hint = "pip install pypandoc_binary, or allow more of what `ulimit -a` shows"
        raise ToolError(message, hint) from fault


def _find_error(status: int, reason: str, megabytes: int) -> Exception:
    """Return what a *status* of pandoc means: its own fault, or one of the machine."""
    lack = next((code for words, code in _LACKS.items() if words in reason), 0)
    if status < 0:
        lack = _ENDS.get(signal.Signals(-status), lack)
    if lack:
        return OSError(lack, os.strerror(lack))
    if status == _HEAP_EXHAUSTED:
        return PandocLimitError(f"it would need more than {megabytes:,} megabytes")
    return PandocError(reason or f"it ended with status {status}")
