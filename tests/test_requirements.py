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
FIRST = {
    "book": (),
    "cluster": ("book",),
    "test": ("book",),
    "bench": ("book",),
    "mutants": ("book", "test"),
}
"""The groups that are there already where one is installed, as the Makefile has it."""
INSTALLED = {canonicalize_name(found.name): found for found in metadata.distributions()}
"""What is there, by package."""
LATER = ("bench", "mutants")
"""The groups that `make test` does not install."""


def read_asked(group: str) -> dict[str, Requirement]:
    """Return what pyproject.toml asks for in a group, by package."""
    asked = [Requirement(text) for text in ASKED[group]]
    return {canonicalize_name(wanted.name): wanted for wanted in asked}


def read_pins(group: str) -> dict[str, Requirement]:
    """Return what a list of requirements/ names, by package."""
    text = (ROOT / "requirements" / f"{group}.txt").read_text("utf-8")
    pins = [Requirement(line) for line in text.splitlines()]
    return {canonicalize_name(pin.name): pin for pin in pins}


def counts(wanted: Requirement, python: str, extra: str = "") -> bool:
    """Tell whether *wanted* is wanted on a version of *python*."""
    release = {
        "python_full_version": python,
        "python_version": python.rpartition(".")[0],
        "extra": extra,
    }
    return not wanted.marker or wanted.marker.evaluate(default_environment() | release)


def find_needed(group: str, python: str) -> set[str]:
    """Return what a group needs on a version of *python*, and what that needs."""
    needed: set[tuple[str, str]] = set()
    left = [(wanted, "") for wanted in read_asked(group).values()]
    while left:
        wanted, extra = left.pop()
        if not counts(wanted, python, extra):
            continue
        name = canonicalize_name(wanted.name)
        for asked in {"", *wanted.extras} - {e for n, e in needed if n == name}:
            needed.add((name, asked))
            lines = (INSTALLED[name].requires or ()) if name in INSTALLED else ()
            left += [(Requirement(line), asked) for line in lines]
    return {name for name, _ in needed}


@pytest.mark.parametrize("group", ASKED)
def test_a_list_names_what_its_group_needs(group: str) -> None:
    """Every dependency of a dependency, on every Python, and none a second time."""
    assert read_pins(group).keys() >= read_asked(group).keys()
    if group in LATER and not INSTALLED.keys() >= read_asked(group).keys():
        return
    needed = set().union(*(find_needed(group, python) for python in PYTHONS))
    needed -= set().union(*(read_pins(first) for first in FIRST[group]))
    assert read_pins(group).keys() == needed


@pytest.mark.parametrize("group", ASKED)
def test_a_list_has_the_versions_of_pyproject(group: str) -> None:
    pins = read_pins(group)
    for name, asked in read_asked(group).items():
        assert pins[name].specifier == asked.specifier


@pytest.mark.parametrize("group", ASKED)
def test_what_is_pinned_is_installed_and_takes_the_oldest_python(group: str) -> None:
    pins = {n: pin for n, pin in read_pins(group).items() if counts(pin, FLOOR)}
    there = pins.keys() & INSTALLED.keys()
    assert group in LATER or there == pins.keys()
    for name in there:
        assert INSTALLED[name].version in pins[name].specifier, name
        takes = INSTALLED[name].metadata.get("Requires-Python", "")
        assert SpecifierSet(takes).contains(FLOOR), f"{name} wants Python {takes}"


def test_every_pin_is_one_version() -> None:
    """What fits no version, or more than one, would be left to the day."""
    for group in ASKED:
        for pin in read_pins(group).values():
            assert re.fullmatch(r"==[\d.]+", str(pin.specifier)), pin


def test_the_readme_names_the_oldest_python() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert re.findall(r"Python (3\.[\d.]+\d)", readme) == [FLOOR]
