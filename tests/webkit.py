"""WebKit, the engine of Apple Books, as Debian has it: on a screen that nobody sees.

WebKitWebDriver opens the small browser of WebKitGTK and does what it is told in the
protocol of the W3C (WebDriver 2); the screen is that of Xvfb.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from base64 import b64decode
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any

from checkers import environment, find_program
from engines import open_shelf

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from engines import Shelf

_WEBKIT = "WebKit needs its driver: apt-get install webkit2gtk-driver"
_SCREEN = "WebKit needs a screen: apt-get install xvfb"
_PATIENCE = 300
"""How long, in s, an answer may take."""
_RUN = """const [name, given, done] = arguments;
(async () => {
    while (!globalThis.reader) await new Promise(then => setTimeout(then, 20))
    return reader[name](...given)
})().then(value => done({ value }), fault => done({ fault: String(fault) }))"""


@dataclass(frozen=True)
class WebKit:
    """An open browser that answers at *port*: its *session*, and its *shelf*."""

    port: int
    session: str
    shelf: Shelf

    def read(self, epub: Path) -> WebKitReading:
        """Open *epub* in the reader on foliate-js."""
        self.tell("POST", "url", {"url": f"{self.shelf.address}/engines/foliate.html"})
        files = self.run("open", f"{self.shelf.add(epub)}.epub")
        return WebKitReading(self, files)

    def run(self, name: str, *arguments: object) -> Any:
        """Return what the reader's function *name* gives for *arguments*."""
        script = {"script": _RUN, "args": [name, list(arguments)]}
        answer = self.tell("POST", "execute/async", script)
        assert "value" in answer or "fault" not in answer, answer["fault"]
        return answer.get("value")

    def shoot(self) -> bytes:
        """Return a picture of the window, a PNG."""
        return b64decode(self.tell("GET", "screenshot"))

    def tell(self, method: str, command: str, values: object = None) -> Any:
        """Return the driver's answer to a *command* of the session."""
        return _ask(self.port, method, f"/session/{self.session}/{command}", values)


@dataclass(frozen=True)
class WebKitReading:
    """A book open in WebKit: its *files* in order."""

    webkit: WebKit
    files: list[str]

    def ask(self, what: str, *arguments: object) -> Any:
        """Return what the reader's function *what* gives for *arguments*."""
        return self.webkit.run(what, *arguments)


@contextmanager
def open_webkit() -> Iterator[WebKit]:
    """Open screen, driver, browser and server; all end with the block."""
    driver = find_program("WebKitWebDriver", _WEBKIT)
    port = _find_port()
    # the tests may run as root, for whom the engine's sandbox does not work
    insecure = {"WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1"}
    with (
        open_shelf() as shelf,
        _open_screen() as display,
        _run(driver, f"--port={port}", DISPLAY=display, **insecure),
    ):
        patience = {"script": _PATIENCE * 1000}
        wanted = {"capabilities": {"alwaysMatch": {"timeouts": patience}}}
        _wait(port)
        session = _ask(port, "POST", "/session", wanted)["sessionId"]
        yield WebKit(port, session, shelf)
        _ask(port, "DELETE", f"/session/{session}")


@contextmanager
def _open_screen() -> Iterator[str]:
    """Open a screen; give the name that programs know it by."""
    xvfb = find_program("Xvfb", _SCREEN)
    told, tells = os.pipe()
    command = (xvfb, "-displayfd", str(tells), "-screen", "0", "1100x1100x24")
    with _run(*command, "-nolisten", "tcp", keeps=(tells,)), os.fdopen(told) as answer:
        os.close(tells)
        yield f":{answer.readline().strip()}"


@contextmanager
def _run(
    *command: str, keeps: tuple[int, ...] = (), **variables: str
) -> Iterator[None]:
    """Run *command*, which ends with the block; it keeps those files open."""
    with subprocess.Popen(
        command,
        env=environment(**variables),
        pass_fds=keeps,
        stderr=subprocess.DEVNULL,
    ) as running:
        try:
            yield
        finally:
            running.terminate()


def _find_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(port: int) -> None:
    """Wait until the driver answers."""
    for _ in range(_PATIENCE * 10):
        try:
            _ask(port, "GET", "/status")
        except OSError:
            time.sleep(0.1)
        else:
            return


def _ask(port: int, method: str, path: str, values: object = None) -> Any:
    """Return the driver's answer, which must be no fault."""
    connection = HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
    body = None if values is None else json.dumps(values)
    connection.request(method, path, body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    value = json.load(answer)["value"]
    connection.close()
    assert answer.status == 200, value
    return value
