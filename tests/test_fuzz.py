"""Spoilt editions: some of the cases of `make fuzz`, and those that found a fault."""

from __future__ import annotations

import sys

import pytest
from conftest import ROOT

sys.path.insert(0, str(ROOT / "tools"))

import fuzz

FOUND = {
    1008: "a second full point typed for an ellipsis was no place of the rule",
}
"""The cases that once found a fault of the builder, by their seeds."""


@pytest.mark.slow
@pytest.mark.parametrize("seed", [*range(12), *FOUND])
def test_a_spoilt_edition_is_told_or_printed_whole(
    seed: int, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.setattr(fuzz, "KEPT", tmp_path_factory.mktemp("fuzz"))
    assert fuzz.run(seed, pages_in=10**6) == []
