"""The package's own code as Python's parser has it, parsed and walked once a run."""

from __future__ import annotations

import ast
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@cache
def walk(path: Path) -> tuple[ast.AST, ...]:
    """Return every node of the module at *path*, the module first."""
    return tuple(ast.walk(ast.parse(path.read_text("utf-8"))))
