"""The package is installed whole: the command works in any folder, without a clone."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest
from conftest import MINIMAL, ROOT, Built

pytestmark = pytest.mark.slow

COPIED = ("recension", "templates", "pyproject.toml", "README.md", "LICENSE")


def run(program: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run *program* in a folder that is nobody's, without a clone in reach."""
    return subprocess.run(
        [program, *arguments],
        check=False,
        capture_output=True,
        text=True,
        cwd="/",
        env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
    )


def run_pip(python: Path, *arguments: str | Path) -> None:
    quiet = ("--disable-pip-version-check", "--quiet")
    done = run(python, "-m", "pip", *quiet, *arguments)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel, install it into a fresh environment; return its programs.

    What it depends on is that of the tests' own environment, since nothing is fetched.
    """
    clone = tmp_path_factory.mktemp("clone")
    for name in COPIED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copyfile
        copy(ROOT / name, clone / name)
    alone = ("--no-deps", "--no-build-isolation")
    run_pip(Path(sys.executable), "wheel", *alone, "--wheel-dir", clone, clone)
    place = tmp_path_factory.mktemp("fresh") / "venv"
    venv.create(place, with_pip=True)
    (wheel,) = clone.glob("recension-*.whl")
    run_pip(place / "bin" / "python", "install", "--no-deps", wheel)
    (site,) = place.glob("lib/python*/site-packages")
    (site / "others.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    return place / "bin"


def test_the_installed_command_makes_the_same_bytes(
    installed: Path, built_minimal: Built, tmp_path: Path
) -> None:
    edition = tmp_path / "edition"
    shutil.copytree(MINIMAL, edition)
    done = run(installed / "recension", edition, "--out", tmp_path / "out")
    assert (done.returncode, done.stderr) == (0, "")

    def read(folder: Path) -> dict[str, str]:
        return {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in folder.iterdir()
            if path.name != "report.json"
        }

    assert read(tmp_path / "out") == read(built_minimal.folder)


def test_the_installed_package_is_not_that_of_the_clone(installed: Path) -> None:
    told = run(installed / "python", "-c", "import recension; print(recension)")
    assert str(installed.parent) in told.stdout


def test_help_names_the_command_as_it_was_given(installed: Path) -> None:
    assert "\n  recension check" in run(installed / "recension", "--help").stdout


def test_without_its_fonts_it_says_so_once(installed: Path) -> None:
    (fonts,) = installed.parent.rglob("templates/fonts")
    fonts.rename(fonts.with_name("gone"))
    try:
        done = run(installed / "recension", "check", MINIMAL)
    finally:
        fonts.with_name("gone").rename(fonts)
    assert done.returncode == 3
    assert done.stderr.count("error") == 1
    assert "fonts are missing" in done.stderr
