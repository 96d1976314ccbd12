"""What `make mutants` runs is true: modules, their tests, mutants known for nothing."""

from __future__ import annotations

import tomllib

import pytest
from conftest import ROOT

LISTS = tomllib.loads((ROOT / "tests" / "mutants.toml").read_text("utf-8"))
MODULES = sorted(
    path.relative_to(ROOT).as_posix() for path in (ROOT / "recension").rglob("*.py")
)
CASES = [path.name for path in (ROOT / "tests" / "problems").iterdir()]


@pytest.mark.parametrize("module", MODULES)
def test_every_module_has_tests_to_run(module: str) -> None:
    assert [key for key in LISTS["tests"] if module.startswith(key)]


@pytest.mark.parametrize("key", LISTS["tests"])
def test_what_a_row_names_is_there(key: str) -> None:
    row = LISTS["tests"][key]
    assert [module for module in MODULES if module.startswith(key)]
    for name in row["files"]:
        assert (ROOT / "tests" / f"test_{name}.py").is_file(), name
    if "problems" in row:
        assert [case for case in CASES if case.startswith(row["problems"])]


@pytest.mark.parametrize("mutant", LISTS.get("equivalent", []), ids=lambda m: m["file"])
def test_a_mutant_that_changes_nothing_is_one_of_the_code_as_it_is(
    mutant: dict[str, str],
) -> None:
    """And told with the reason; what has changed since must be looked at anew."""
    code = (ROOT / mutant["file"]).read_text("utf-8")
    assert mutant["was"] in " ".join(code.split())
    assert mutant["now"] != mutant["was"]
    assert mutant["why"].strip()
