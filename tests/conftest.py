# ruff: noqa: D102, D401 - names and docstrings are claims
"""Fixtures: editions to change, and three editions built once a session.

tests/minimal is the smallest edition, tests/critical a small one with every part that
an edition can have; the third is the edition of this repository.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pikepdf
import pytest
from answers import keep_answers
from hypothesis import HealthCheck, settings
from lxml import etree

from recension import FORMATS, build, pandoc
from recension.html import back_parts, printed_parts
from recension.problems import Report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from engines import Engines
    from webkit import WebKit
    from written import Written

    from recension.problems import Problem

ROOT = Path(__file__).resolve().parent.parent
XHTML = "{http://www.w3.org/1999/xhtml}"
MINIMAL = ROOT / "tests" / "minimal"
CRITICAL = ROOT / "tests" / "critical"
CONVERT = pandoc._convert

LONG = (
    "test_workshop",
    "test_epub_engines",
    "test_epub_webkit",
    "test_epub_validators",
    "test_security",
    "test_preflight_ua",
    "test_slips",
    "test_epubcheck",
    "test_preflight_print",
    "test_epub_axe",
    "test_cluster",
    "test_problems",
    "test_epub_kobo",
    "test_proof",
)
"""The files whose tests take longest: whoever began them last would be waited for."""

# no test is about how long it takes, which depends on what else the machine does
settings.register_profile(
    "patient",
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("patient")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--accept",
        action="store_true",
        help="rewrite expected reports and golden pages (never in CI)",
    )
    parser.addoption(
        "--small",
        action="store_true",
        help="leave out what builds the edition of this repository",
    )


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Put what takes long first; leave the large edition out where that is asked."""
    places = {name: place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: places.get(item.path.stem, len(LONG)))
    if config.getoption("--small"):
        large = [item for item in items if is_large(item)]
        config.hook.pytest_deselected(items=large)
        items[:] = [item for item in items if item not in large]


def is_large(item: pytest.Item) -> bool:
    """Tell whether *item* asks for the edition of this repository, as built."""
    parameters = getattr(item, "callspec", None)
    chosen = parameters.params.values() if parameters else ()
    names = {*getattr(item, "fixturenames", ()), *(c for c in chosen if type(c) is str)}
    return not {"book", "built_book", "written_book"}.isdisjoint(names)


@pytest.fixture(scope="session", autouse=True)
def own_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Have builds keep what they keep among the files of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def accept(request: pytest.FixtureRequest) -> bool:
    wanted = bool(request.config.getoption("--accept"))
    if wanted and os.environ.get("CI"):
        pytest.fail("--accept is not for continuous integration")
    return wanted


@pytest.fixture(autouse=True, scope="session")
def _pandoc_is_asked_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pandoc, "_convert", keep_answers(CONVERT))
        yield


@pytest.fixture
def pandoc_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pandoc is asked, whatever it answered before."""
    monkeypatch.setattr(pandoc, "_convert", CONVERT)


@pytest.fixture(autouse=True)
def _plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line sees no terminal and no wish for colours."""
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "COLUMNS", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def _fast_lays_out_nothing(request: pytest.FixtureRequest) -> Iterator[None]:
    """What is not marked slow does not need the layout engine."""
    before = "weasyprint" in sys.modules
    yield
    if not before and not request.node.get_closest_marker("slow"):
        assert "weasyprint" not in sys.modules, "it lays out pages: mark it slow"


@cache
def _read_text(pdf: Path, _stamp: int, *options: str) -> str:
    command = ["pdftotext", "-enc", "UTF-8", *options, str(pdf), "-"]
    return subprocess.run(command, check=True, capture_output=True).stdout.decode()


@cache
def _read_boxes(pdf: Path, stamp: int) -> list[etree._Element]:
    text = _read_text(pdf, stamp, "-raw", "-bbox")
    return etree.fromstring(text.encode()).findall(f".//{XHTML}page")


@cache
def _read_targets(path: Path, _stamp: int) -> dict[str, tuple[int, float]]:
    with pikepdf.open(path) as pdf:
        pages = {page.obj.objgen: index for index, page in enumerate(pdf.pages)}
        names = pikepdf.NameTree(pdf.Root.Names.Dests).items()
        return {
            name: (pages[target[0].objgen], float(target[3])) for name, target in names
        }


@cache
def _read_labels(path: Path, _stamp: int) -> list[str]:
    with pikepdf.open(path) as pdf:
        return [page.label for page in pdf.pages]


@dataclass(frozen=True, eq=False)
class Built:
    """A finished edition: its folder, its files, what report.json holds.

    *laid_out* are the parts of the book as pages, *plans* are the plans of the front
    parts and the texts.
    """

    edition: Path
    folder: Path
    facts: dict[str, Any]
    book: Any
    laid_out: tuple[Any, ...] = ()
    plans: tuple[Any, ...] = ()

    @property
    def pdf(self) -> Path:
        """The reading PDF."""
        slug: str = tomllib.loads(
            (self.edition / "book" / "edition.toml").read_text("utf-8")
        )["edition"]["slug"]
        return self.folder / f"{slug}.pdf"

    @property
    def epub(self) -> Path:
        return next(self.folder.glob("*.epub"))

    def entries(self) -> dict[str, bytes]:
        """Return the files of the EPUB by name, in order."""
        with zipfile.ZipFile(self.epub) as packed:
            return {name: packed.read(name) for name in packed.namelist()}

    def pdf_text(self, *options: str) -> str:
        """Return the text of the PDF as poppler reads it, form feeds between pages."""
        return _read_text(self.pdf, self._stamp, *options).removesuffix("\f")

    @property
    def _stamp(self) -> int:
        """What changes when the PDF is built anew."""
        return self.pdf.stat().st_mtime_ns

    def boxes(self) -> list[etree._Element]:
        """Return the pages of the PDF with a box for each word, in order of writing."""
        return _read_boxes(self.pdf, self._stamp)

    def pages(self) -> list[str]:
        """Return the text of each page of the PDF."""
        return self.pdf_text().split("\f")

    def targets(self) -> dict[str, tuple[int, float]]:
        """Return the page, from 0, and the height, in pt, of what links can reach."""
        return _read_targets(self.pdf, self._stamp)

    def labels(self) -> list[str]:
        """Return the folio of each page of the PDF as its readers show it."""
        return _read_labels(self.pdf, self._stamp)

    @property
    def parts(self) -> tuple[Any, ...]:
        """The parts of the front matter and the texts, in order."""
        return (*self.book.front, *self.book.texts)

    def word(self, name: str) -> str:
        """Return one of the words that templates print, in the edition's language."""
        table = tomllib.loads((ROOT / "templates" / "words.toml").read_text("utf-8"))
        return str(table[self.book.settings.language_code][name])

    def title_of(self, name: str) -> str:
        """Return the title of a part of the back matter."""
        return self.word(name)

    @property
    def back(self) -> list[str]:
        """The names of the parts of the back matter, in order."""
        return back_parts(self.book)

    @property
    def printed_back(self) -> list[str]:
        """The same in print, where the apparatus may stand at the feet of the pages."""
        return printed_parts(self.book)


@dataclass(frozen=True)
class Edition:
    """A copy of an edition that a test may change; the names are the minimal one's."""

    folder: Path

    TEXT = "book/texts/imprimerie.md"
    SOURCE = "book/sources/imprimerie.txt"
    SETTINGS = "book/edition.toml"
    WORKS = "bibliography/works.bib"

    def edit(self, path: str, old: str, new: str) -> None:
        """Put *new* where *old* stands, which must be once."""
        file = self.folder / path
        text = file.read_text("utf-8")
        assert text.count(old) == 1, f"{text.count(old)} times in {path}: {old}"
        file.write_text(text.replace(old, new), "utf-8")

    def check(self) -> Any:
        """Return the book, checked; raise BookError when it has a fault."""
        from recension import check

        return check(self.folder, Report())[1]

    def build(self, *formats: str) -> Built:
        """Build *formats*, both if none is named, into a folder beside the edition."""
        folder = self.folder.parent / "out"
        made = build(self.folder, folder, Report(), formats=formats or FORMATS)
        facts = json.loads((folder / "report.json").read_text("utf-8"))
        return Built(self.folder, folder, facts, made.book, made.parts, made.plans)

    def problems(self) -> tuple[Problem, ...]:
        """Return the problems of a check."""
        from recension import check
        from recension.problems import BookError

        report = Report()
        try:
            check(self.folder, report)
        except BookError as fault:
            return fault.problems
        return report.sorted


@pytest.fixture
def edition(tmp_path: Path) -> Edition:
    folder = tmp_path / "edition"
    shutil.copytree(MINIMAL, folder)
    return Edition(folder)


@pytest.fixture
def critical(tmp_path: Path) -> Edition:
    """A copy of the edition with every part, to be changed."""
    folder = tmp_path / "edition"
    shutil.copytree(CRITICAL, folder)
    return Edition(folder)


def build_whole(edition: Path, folder: Path) -> Built:
    """Build *edition* into *folder*, and keep its book and its pages as laid out."""
    made = build(edition, folder, Report())
    facts = json.loads((folder / "report.json").read_text("utf-8"))
    return Built(edition, folder, facts, made.book, made.parts, made.plans)


@pytest.fixture(scope="session")
def built_book(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The edition of this repository, built."""
    return build_whole(ROOT, tmp_path_factory.mktemp("book") / "build")


@pytest.fixture(scope="session")
def built_minimal(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The minimal edition, built."""
    return build_whole(MINIMAL, tmp_path_factory.mktemp("minimal") / "build")


@pytest.fixture(scope="session")
def built_critical(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The small edition that has every part, built."""
    return build_whole(CRITICAL, tmp_path_factory.mktemp("critical") / "build")


@pytest.fixture(params=["book", "minimal", "critical"])
def built(request: pytest.FixtureRequest) -> Built:
    """Each of the three editions in turn, built."""
    return request.getfixturevalue(f"built_{request.param}")


@pytest.fixture(scope="session")
def written_book() -> Written:
    """The EPUB of this repository's edition as the templates write it."""
    return _write_epub(ROOT)


@pytest.fixture(scope="session")
def written_minimal() -> Written:
    """The same of the minimal edition."""
    return _write_epub(MINIMAL)


@pytest.fixture(scope="session")
def written_critical() -> Written:
    """The same of the small edition that has every part."""
    return _write_epub(CRITICAL)


def _write_epub(folder: Path) -> Written:
    from written import write_epub

    return write_epub(folder)


@pytest.fixture(
    params=[pytest.param("book", marks=pytest.mark.slow), "minimal", "critical"]
)
def written(request: pytest.FixtureRequest) -> Written:
    """The EPUB of each of the three editions in turn, without its pages in print."""
    return request.getfixturevalue(f"written_{request.param}")


@pytest.fixture(scope="session")
def engines() -> Iterator[Engines]:
    """A browser and a server of books, open as long as tests ask for them."""
    from engines import open_engines

    with open_engines() as opened:
        yield opened


@pytest.fixture(scope="session")
def webkit() -> Iterator[WebKit]:
    """WebKit and a server of books, open as long as tests ask for them."""
    from webkit import open_webkit

    with open_webkit() as opened:
        yield opened


@pytest.fixture
def run() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the command line in a process of its own."""

    def run(
        *arguments: str | Path, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, ROOT / "build.py", *arguments],
            check=False,
            capture_output=True,
            text=True,
            encoding="utf-8",
            env=os.environ | variables,
        )

    return run
