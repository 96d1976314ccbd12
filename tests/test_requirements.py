"""The lists in requirements/ are what pyproject.toml and its dependencies ask for."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata

import pytest
from conftest import ROOT
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
ASKED = {"book": PROJECT["dependencies"], **PROJECT["optional-dependencies"]}
FLOOR = PROJECT["requires-python"].removeprefix(">=")
PYTHONS = (FLOOR, "3.12.0", "3.13.0", "3.14.0")
INSTALLED = {canonicalize_name(found.name): found for found in metadata.distributions()}
"""What is there, by package: `make test` leaves out what the bench alone needs."""


def read_pins(group: str) -> dict[str, str]:
    """Return the versions that a list of requirements/ names, by package."""
    text = (ROOT / "requirements" / f"{group}.txt").read_text("utf-8")
    lines = [line.split("==") for line in text.splitlines()]
    return {canonicalize_name(name): version for name, version in lines}


def find_needed(group: str, python: str) -> set[str]:
    """Return what a group needs on a version of *python*, and what that needs."""
    release = {
        "python_full_version": python,
        "python_version": python.rpartition(".")[0],
    }
    needed: set[tuple[str, str]] = set()
    left = [(Requirement(text), "") for text in ASKED[group]]
    while left:
        wanted, extra = left.pop()
        here = {**default_environment(), **release, "extra": extra}
        if wanted.marker and not wanted.marker.evaluate(here):
            continue
        name = canonicalize_name(wanted.name)
        for asked in {"", *wanted.extras} - {e for n, e in needed if n == name}:
            needed.add((name, asked))
            lines = (INSTALLED[name].requires or ()) if name in INSTALLED else ()
            left += [(Requirement(line), asked) for line in lines]
    return {name for name, _ in needed}


@pytest.mark.parametrize("group", ASKED)
def test_a_list_names_what_its_group_needs(group: str) -> None:
    """Every dependency of a dependency, on every Python; what the book has, once."""
    needed = set().union(*(find_needed(group, python) for python in PYTHONS))
    if group != "book":
        needed -= read_pins("book").keys()
    assert read_pins(group).keys() == needed


@pytest.mark.parametrize("group", ASKED)
def test_a_list_has_the_versions_of_pyproject(group: str) -> None:
    asked = [Requirement(text) for text in ASKED[group]]
    pins = read_pins(group)
    for requirement in asked:
        pin = pins[canonicalize_name(requirement.name)]
        assert str(requirement.specifier) == f"=={pin}"


@pytest.mark.parametrize("group", ASKED)
def test_what_is_pinned_is_installed_and_takes_the_oldest_python(group: str) -> None:
    pins = read_pins(group)
    there = pins.keys() & INSTALLED.keys()
    assert group == "bench" or there == pins.keys()
    for name in there:
        assert INSTALLED[name].version == pins[name], name
        takes = INSTALLED[name].metadata.get("Requires-Python", "")
        assert SpecifierSet(takes).contains(FLOOR), f"{name} wants Python {takes}"


def test_the_readme_names_the_oldest_python() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert re.findall(r"Python (3\.[\d.]+\d)", readme) == [FLOOR]
