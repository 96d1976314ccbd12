"""A browser and what it reads: reading engines and pages of the EPUB, from one server.

Chromium is here, WebKit in `webkit`. The server runs in a thread of the tests and gives
the packages of tests/package.json (`/tools/`), our readers (`/engines/`), and EPUBs,
whole and file by file (`/books/`).
"""

from __future__ import annotations

import threading
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from checkers import NODE_MODULES, environment, find_chromium, find_package

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import BrowserContext, Page

HARNESS = Path(__file__).resolve().parent / "engines"
_OPTIONS = [
    "--no-sandbox",  # the tests may run as root, for whom Chromium has none
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_BROKEN_OFF = "net::ERR_ABORTED"
"""How a load ends when the reader turns on before it is done: nothing is lost."""
_TYPES = {
    ".css": "text/css",
    ".epub": "application/epub+zip",
    ".html": "text/html",
    ".js": "text/javascript",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".xhtml": "application/xhtml+xml",
}


class Shelf(ThreadingHTTPServer):
    """A server of the folders and books that the browser reads."""

    daemon_threads = True

    def __init__(self) -> None:
        """Take a free port of this machine."""
        super().__init__(("127.0.0.1", 0), _Answer)
        self.books: list[Path] = []

    @property
    def address(self) -> str:
        """Where the server answers."""
        return f"http://127.0.0.1:{self.server_port}"

    def add(self, epub: Path) -> str:
        """Return the address of *epub*; with a slash behind it, that of its files."""
        if epub not in self.books:
            self.books.append(epub)
        return f"{self.address}/books/{self.books.index(epub)}"

    def find(self, path: str) -> bytes:
        """Return what stands at *path*.

        Raises OSError or KeyError where nothing does.
        """
        kind, _, rest = path.strip("/").partition("/")
        if kind == "tools":
            return NODE_MODULES.joinpath(rest).read_bytes()
        if kind == "engines":
            return HARNESS.joinpath(rest).read_bytes()
        number, _, entry = rest.partition("/")
        epub = self.books[int(number.removesuffix(".epub"))]
        if not entry:
            return epub.read_bytes()
        with zipfile.ZipFile(epub) as packed:
            return packed.read(entry)


class _Answer(BaseHTTPRequestHandler):
    server: Shelf

    def do_GET(self) -> None:
        try:
            found = self.server.find(self.path.partition("?")[0])
        except (OSError, KeyError, ValueError, IndexError):
            self.send_error(404)
            return
        suffix = PurePosixPath(self.path).suffix
        self.send_response(200)
        self.send_header("Content-Type", _TYPES.get(suffix, "application/octet-stream"))
        self.send_header("Content-Length", str(len(found)))
        self.end_headers()
        self.wfile.write(found)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@dataclass(frozen=True, eq=False)
class Engines:
    """An open browser, its *window*, and the *shelf* from which it reads."""

    window: BrowserContext
    shelf: Shelf

    def read(self, engine: str, epub: Path) -> Reading:
        """Open *epub* in the reader of *engine*: `foliate`, `epubjs`."""
        page = self.window.new_page()
        page.set_viewport_size({"width": 760, "height": 1000})
        faults = _note_faults(page)
        page.goto(f"{self.shelf.address}/engines/{engine}.html")
        files = page.evaluate("url => reader.open(url)", f"{self.shelf.add(epub)}.epub")
        return Reading(page, files, faults)

    def open_file(self, epub: Path, name: str) -> Page:
        """Open the file *name* of *epub* in the first tab, with axe in it."""
        page = self.window.pages[0]
        page.goto(f"{self.shelf.add(epub)}/{name}")
        page.add_script_tag(url=f"{self.shelf.address}/tools/axe-core/axe.min.js")
        page.add_script_tag(url=f"{self.shelf.address}/engines/measure.js")
        return page


@dataclass(frozen=True, eq=False)
class Reading:
    """A book open in an engine: its *files* in order and what went wrong so far."""

    page: Page
    files: list[str]
    faults: list[str]

    def ask(self, what: str, *arguments: object) -> Any:
        """Return what the reader's function *what* gives for *arguments*."""
        return self.page.evaluate(f"given => reader.{what}(...given)", list(arguments))


def _note_faults(page: Page) -> list[str]:
    """Return a list that takes each error of *page* from now on."""
    faults: list[str] = []

    def note(message: Any) -> None:
        if message.type == "error":
            faults.append(message.text)

    def lose(request: Any) -> None:
        if request.failure != _BROKEN_OFF:
            faults.append(f"lost: {request.url}: {request.failure}")

    page.on("console", note)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("requestfailed", lose)
    return faults


@contextmanager
def open_shelf() -> Iterator[Shelf]:
    """Open the server; it ends with the block."""
    find_package("foliate-js")
    with Shelf() as shelf:
        threading.Thread(target=shelf.serve_forever, daemon=True).start()
        yield shelf
        shelf.shutdown()


@contextmanager
def open_engines() -> Iterator[Engines]:
    """Open the browser and the server; both end with the block."""
    from playwright.sync_api import sync_playwright

    with open_shelf() as shelf, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=_OPTIONS, env=environment()
        )
        window = browser.new_context()
        window.new_page()
        yield Engines(window, shelf)
        browser.close()
