# ruff: noqa: D102, D401 - names and docstrings are claims
"""Fixtures: the minimal edition to change, and both editions built once a session."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from recension import FORMATS, build
from recension.problems import Report

if TYPE_CHECKING:
    from collections.abc import Callable

    from recension.problems import Problem

ROOT = Path(__file__).resolve().parent.parent
MINIMAL = ROOT / "tests" / "minimal"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--accept",
        action="store_true",
        help="rewrite the expected reports (never in continuous integration)",
    )


@pytest.fixture
def accept(request: pytest.FixtureRequest) -> bool:
    wanted = bool(request.config.getoption("--accept"))
    if wanted and os.environ.get("CI"):
        pytest.fail("--accept is not for continuous integration")
    return wanted


@pytest.fixture(autouse=True)
def _plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line sees no terminal and no wish for colours."""
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "COLUMNS", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)


@dataclass(frozen=True)
class Built:
    """A finished edition: its folder, its files, what report.json holds."""

    edition: Path
    folder: Path
    facts: dict[str, Any]
    book: Any

    @property
    def pdf(self) -> Path:
        return next(self.folder.glob("*.pdf"))

    @property
    def epub(self) -> Path:
        return next(self.folder.glob("*.epub"))

    def entries(self) -> dict[str, bytes]:
        """Return the files of the EPUB by name, in order."""
        with zipfile.ZipFile(self.epub) as packed:
            return {name: packed.read(name) for name in packed.namelist()}

    def pdf_text(self, *options: str) -> str:
        """Return the text of the PDF as poppler reads it, form feeds between pages."""
        command = ["pdftotext", "-enc", "UTF-8", *options, str(self.pdf), "-"]
        text = subprocess.run(command, check=True, capture_output=True).stdout
        return text.decode("utf-8").removesuffix("\f")

    def pages(self) -> list[str]:
        """Return the text of each page of the PDF."""
        return self.pdf_text().split("\f")


@dataclass(frozen=True)
class Edition:
    """A copy of the minimal edition that a test may change."""

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
        facts = build(self.folder, folder, Report(), formats=formats or FORMATS)
        return Built(self.folder, folder, facts, None)

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


def _build(edition: Path, folder: Path) -> Built:
    from recension import check

    facts = build(edition, folder, Report())
    return Built(edition, folder, facts, check(edition, Report())[1])


@pytest.fixture(scope="session")
def built_book(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The edition of this repository, built."""
    return _build(ROOT, tmp_path_factory.mktemp("book") / "build")


@pytest.fixture(scope="session")
def built_minimal(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The minimal edition, built."""
    return _build(MINIMAL, tmp_path_factory.mktemp("minimal") / "build")


@pytest.fixture(params=["book", "minimal"])
def built(request: pytest.FixtureRequest) -> Built:
    """Each of the two editions in turn, built."""
    return request.getfixturevalue(f"built_{request.param}")


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
