"""What `make mutants` runs is there: modules, tests, mutants known for nothing."""

from __future__ import annotations

import tomllib

import pytest
from conftest import ROOT

LISTS = tomllib.loads((ROOT / "tests" / "mutants.toml").read_text("utf-8"))
MODULES = [
    path.relative_to(ROOT).as_posix() for path in (ROOT / "recension").rglob("*.py")
]
CASES = [path.name for path in (ROOT / "tests" / "problems").iterdir()]


@pytest.mark.parametrize("key", LISTS["tests"])
def test_what_a_row_names_is_there(key: str) -> None:
    row = LISTS["tests"][key]
    assert [module for module in MODULES if module.startswith(key)]
    files = [ROOT / "tests" / f"test_{name}.py" for name in row["files"]]
    assert files
    assert [path.name for path in files if not path.is_file()] == []
    for beginning in row.get("problems", []):
        assert [case for case in CASES if case.startswith(beginning)], beginning


@pytest.mark.parametrize("mutant", LISTS["equivalent"], ids=lambda row: row["file"])
def test_a_mutant_that_changes_nothing_is_one_of_the_code_as_it_is(
    mutant: dict[str, str],
) -> None:
    """And told with the reason: where the code has changed, it must be judged anew."""
    code = (ROOT / mutant["file"]).read_text("utf-8")
    assert " ".join(mutant["was"].split()) in " ".join(code.split())
    assert mutant["now"] != mutant["was"]
    assert mutant["why"].strip()
