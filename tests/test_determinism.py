"""The same edition gives the same bytes, wherever and whenever it is built."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pikepdf
import pytest
from conftest import MINIMAL, ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Built, Edition

pytestmark = pytest.mark.slow

ELSEWHERE = {
    "TZ": "Pacific/Kiritimati",
    "LC_ALL": "tr_TR.UTF-8",
    "LANG": "tr_TR.UTF-8",
    "PYTHONHASHSEED": "4711",
    "SOURCE_DATE_EPOCH": "86400",
}
HERE = {
    "TZ": "America/Los_Angeles",
    "LC_ALL": "C",
    "LANG": "C",
    "PYTHONHASHSEED": "0",
}


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Build copies of both editions in other surroundings."""
    folders = {
        "book": (ROOT, tmp_path_factory.mktemp("book"), ELSEWHERE),
        "minimal": (MINIMAL, tmp_path_factory.mktemp("minimal"), HERE),
    }
    for name, (edition, out, variables) in folders.items():
        copy = tmp_path_factory.mktemp("elsewhere") / f"a copy of {name}"
        for part in ("book", "bibliography"):
            shutil.copytree(edition / part, copy / part)
        folders[name] = (copy, out, variables)
    running = [
        subprocess.Popen(
            [sys.executable, ROOT / "build.py", edition, "--out", out],
            env=os.environ | variables,
            cwd=out,
        )
        for edition, out, variables in folders.values()
    ]
    assert [process.wait() for process in running] == [0, 0]
    return {name: out for name, (_, out, _) in folders.items()}


@pytest.mark.parametrize("name", ["book", "minimal"])
@pytest.mark.parametrize("ending", [".pdf", "-print.pdf", "-cover.pdf", ".epub"])
def test_two_builds_are_one_byte_for_byte(
    ending: str, name: str, elsewhere: dict[str, Path], request: pytest.FixtureRequest
) -> None:
    """Time zone, locale, hash seed, working folder, edition folder: none is told."""
    built: Built = request.getfixturevalue(f"built_{name}")
    file = built.folder / f"{built.pdf.stem}{ending}"
    assert (elsewhere[name] / file.name).read_bytes() == file.read_bytes()


@pytest.mark.parametrize("name", ["book", "minimal"])
def test_two_reports_differ_in_their_seconds_alone(
    name: str, elsewhere: dict[str, Path], request: pytest.FixtureRequest
) -> None:
    built: Built = request.getfixturevalue(f"built_{name}")
    reports = [
        json.loads((folder / "report.json").read_text("utf-8"))
        for folder in (built.folder, elsewhere[name])
    ]
    for report in reports:
        del report["seconds"]
    assert reports[0] == reports[1]


def test_fonts_are_named_alike_whatever_pango(built_minimal: Built) -> None:
    """The names come from family and style: features, which Pango 1.56 adds, not."""
    with pikepdf.open(built_minimal.pdf) as pdf:
        fonts = [o for o in pdf.objects if isinstance(o, pikepdf.Dictionary)]
        names = {str(o.FontName) for o in fonts if "/FontName" in o}
    assert names == {"/ZZSUFR+Recension", "/BTAJLO+Recension-Italic"}


def test_the_machine_does_not_cut_the_fonts(
    built_minimal: Built, edition: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the HarfBuzz of the machine, the PDFs are the same."""
    from weasyprint.pdf import fonts

    monkeypatch.setattr(fonts, "harfbuzz_subset", None)
    assert edition.build("pdf").pdf.read_bytes() == built_minimal.pdf.read_bytes()
