"""EPUBCheck has nothing to say of our EPUBs, not even in its notes on usage."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from checkers import run_epubcheck
from epubs import Edit, break_epub

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Built

pytestmark = pytest.mark.slow


def test_epubcheck_says_nothing(built: Built) -> None:
    status, found = run_epubcheck(built.epub)
    checker = found["checker"]
    told = [message["message"] for message in found["messages"]]
    assert told == []
    assert status == 0
    for weight in ("nFatal", "nError", "nWarning", "nUsage"):
        assert checker[weight] == 0
    assert checker["checkerVersion"].startswith("5.3")
    assert found["publication"]["ePubVersion"].startswith("3")


@pytest.mark.parametrize(
    ("entry", "old", "new", "code"),
    [
        ("EPUB/imprimerie.xhtml", 'id="atelier"', 'id="feuille"', "RSC-005"),
        ("EPUB/nav.xhtml", "#atelier", "#nowhere", "RSC-012"),
        ("EPUB/imprimerie.xhtml", 'epub:type="chapter"', 'epub:type="hall"', "OPF-088"),
    ],
    ids=["id-twice", "dangling", "type-unknown"],
)
def test_epubcheck_rejects_a_broken_epub(  # noqa: PLR0913 - the fault and where
    entry: str,
    old: str,
    new: str,
    code: str,
    built_minimal: Built,
    tmp_path: Path,
) -> None:
    """The check can fail: a broken file of each kind is told by its code."""
    broken = break_epub(
        built_minimal.epub, [Edit(entry, old, new)], tmp_path / "broken.epub"
    )
    _, found = run_epubcheck(broken)
    assert code in {message["ID"] for message in found["messages"]}
