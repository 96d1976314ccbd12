"""The shape of the code: who may import whom, and what nobody may do."""

from __future__ import annotations

import ast
import re
import tomllib
from collections import defaultdict
from functools import cache
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

import pytest
from conftest import ROOT
from syntax import walk

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE = ROOT / "recension"
STAGES = (
    "load",
    "parse",
    "annotate",
    "collate",
    "cite",
    "index",
    "assemble",
    "construe",
    "html",
    "layout",
    "pdf",
    "epub",
    "verify",
)
FOR_ALL = {"model", "problems", "config", "files", "pandoc", "tree"}
"""What every stage may import; `pandoc` is the one door to pypandoc."""
FOR_SOME = {
    "alignment": {"collate"},
    "toml": {"cite", "config", "html", "tables"},
    "markdown": {"index", "parse"},
    "stand_ins": {"parse"},
    "normalisation": {"annotate", "collate", "config", "construe", "html", "verify"},
    "dates": {"cite", "html", "tables"},
    "locales": {"construe", "dates", "html"},
    "tables": {"html", "load", "parse", "verify"},
    "titles": {"cite", "construe"},
    "printers": {"config", "pdf", "verify"},
    "timeline": set[str](),
    "pagemap": {"html", "index", "layout", "verify"},
    "popups": {"cite", "verify"},
    "contract": {"html", "index", "layout", "verify"},
    "each": {"annotate", "collate", "construe", "layout", "parse"},
    "recent": {"each"},
    "access": {"epub", "html", "verify"},
}
"""What stands beside the stages and serves those named, or the package alone."""
BESIDE = FOR_ALL | FOR_SOME.keys()
COMPOSERS = {
    "",
    "cli",
    "finished",
    "machine",
    "pipeline",
    "production",
    "progress",
    "scratch",
    "store",
    "workroom",
    "workshop",
}
"""What puts the stages together, and moves and tells what they have made."""
OF_THE_PROCESS = {"cli", "finished", "machine", "scratch", "store", "workroom"}
"""What is not about the book: its files have no more of it than their names."""
SHARED = {
    "pikepdf": {"pdf", "verify"},
    "lxml": {"access", "cite", "html", "verify"},
    "fontTools": {"layout", "epub"},
    "uharfbuzz": {"layout", "epub", "verify"},
    "pydantic": {"config", "tables"},
    "babel": {"locales"},
    "rich": {"cli"},
}
"""Outside libraries that more than one stage may use, or only the command line."""


def module_of(path: str) -> str:
    """Return the stage or helper that a module of the package belongs to."""
    return path.split(".")[1] if "." in path else ""


@cache
def imports() -> dict[str, set[str]]:
    """Return for each module of the package the modules that it imports."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in PACKAGE.rglob("*.py"):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        owner = module_of(name.removesuffix(".__init__"))
        for node in walk(path):
            if isinstance(node, ast.Import):
                found[owner] |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, "imports are absolute"
                module = node.module or ""
                found[owner].add(module)
                if module == "recension":
                    found[owner] |= {f"recension.{a.name}" for a in node.names}
    return found


def test_every_package_is_installed() -> None:
    """A package that pyproject.toml forgets is missing wherever it is installed."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    folders = [path.parent.relative_to(ROOT) for path in PACKAGE.rglob("__init__.py")]
    names = [".".join(folder.parts) for folder in folders]
    names = sorted([*names, "recension.templates"])
    assert settings["tool"]["setuptools"]["packages"] == names


def test_every_file_of_the_package_is_installed() -> None:
    """What is no Python file is named as data of its package."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    data = settings["tool"]["setuptools"]["package-data"]
    for path in PACKAGE.rglob("*.*"):
        if path.suffix not in (".py", ".pyc"):
            package = ".".join(path.parent.relative_to(ROOT).parts)
            assert any(path.match(name) for name in data.get(package, ())), path.name


def test_every_stage_is_there() -> None:
    assert set(STAGES) | BESIDE | COMPOSERS == set(imports())


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_imports_no_other_stage(stage: str) -> None:
    ours = {
        module_of(name) for name in imports()[stage] if name.startswith("recension.")
    }
    served = {name for name, stages in FOR_SOME.items() if stage in stages}
    assert ours <= FOR_ALL | served | {stage}


@pytest.mark.parametrize("module", sorted(BESIDE))
def test_what_stands_beside_the_stages_imports_none(module: str) -> None:
    ours = {
        module_of(name) for name in imports()[module] if name.startswith("recension.")
    }
    served = {name for name, users in FOR_SOME.items() if module in users}
    assert ours <= FOR_ALL | served | {module}


def test_only_the_package_composes_the_stages() -> None:
    for owner, names in imports().items():
        stages = {module_of(n) for n in names if n.startswith("recension.")}
        if owner not in (*COMPOSERS - {"cli"}, *STAGES):
            assert not stages & set(STAGES), owner


# --- the wings of layout -------------------------------------------------------------

LAYOUT = PACKAGE / "layout"
DOOR = LAYOUT / "weasy"
WINGS = {
    "setting": {"contract", "model", "layout.setting"},
    "tagging": {"contract", "layout.setting", "layout.tagging", "layout.weasy"},
    "weasy": {"contract", "problems", "layout.fonts", "layout.setting", "layout.weasy"},
}
"""What the modules of each wing may import of ours."""
STYLES = {"cssselect2", "tinycss2"}
"""What reads style sheets: the proof asks what those of an EPUB hide."""
BEHIND_THE_DOOR = {"weasyprint", "pydyf", *STYLES}


def names_imported(path: Path) -> set[str]:
    """Return the modules that the file at *path* imports, ours without `recension`."""
    names = set()
    for node in walk(path):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return {name.removeprefix("recension.") for name in names}


@pytest.mark.parametrize("wing", WINGS)
def test_a_wing_of_layout_knows_those_it_builds_on_alone(wing: str) -> None:
    for path in (LAYOUT / wing).glob("*.py"):
        for name in names_imported(path):
            ours = (PACKAGE / name.partition(".")[0]).with_suffix("")
            if ours.is_dir() or ours.with_suffix(".py").is_file():
                known = {name, name.rpartition(".")[0]} & WINGS[wing]
                assert known, f"{path.name} imports {name}"


def test_one_door_leads_to_weasyprint() -> None:
    """Neither it nor what it is made of is imported elsewhere, nor named."""
    for path in PACKAGE.rglob("*.py"):
        if path.parent != DOOR:
            libraries = {name.partition(".")[0] for name in names_imported(path)}
            ours = STYLES if path.parent.name == "verify" else set()
            assert not libraries & BEHIND_THE_DOOR - ours, path.name
            assert "import_module" not in path.read_text("utf-8"), path.name


def declared(path: Path) -> set[str]:
    """Return the names that the classes in *path* declare."""
    found: set[str] = set()
    for node in walk(path):
        for item in node.body if isinstance(node, ast.ClassDef) else ():
            match item:
                case ast.AnnAssign(target=ast.Name(id=name)):
                    found.add(name)
                case ast.FunctionDef(name=name):
                    found.add(name)
    return found


def test_nobody_else_touches_what_is_private_to_weasyprint() -> None:
    """No attribute is read that only the objects of WeasyPrint have."""
    protocols = DOOR / "protocols.py"
    private = declared(protocols) - {
        "value",
        "objects",
        "data",
        "etree_element",
    }  # others' too
    private -= {name for kind in (str, list, dict, Element) for name in dir(kind)}
    for path in PACKAGE.rglob("*.py"):
        private -= declared(path) if path != protocols else set()
    assert private >= {"_page_box", "_tags", "position_x", "content_box_x", "write_pdf"}
    for path in PACKAGE.rglob("*.py"):
        if path.parent != DOOR:
            for node in walk(path):
                if isinstance(node, ast.Attribute):
                    assert node.attr not in private, f"{path.name}:{node.lineno}"


def test_a_class_and_a_file_have_names_of_their_own() -> None:
    """One name, one thing: over the whole package, whether private or not."""
    places: dict[str, list[str]] = defaultdict(list)
    for path in PACKAGE.rglob("*.py"):
        if path.name != "__init__.py":
            places[path.name].append(str(path))
        for node in walk(path):
            if isinstance(node, ast.ClassDef):
                places[node.name.lstrip("_")].append(f"{path}:{node.lineno}")
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_an_outside_library_serves_one_module() -> None:
    import sys

    users: dict[str, set[str]] = defaultdict(set)
    for owner, names in imports().items():
        for name in names:
            library = name.partition(".")[0]
            if library not in {*sys.stdlib_module_names, "recension"}:
                users[library].add(owner)
    for library, modules in users.items():
        assert modules <= SHARED.get(library, modules), library
        assert len(modules) == 1 or library in SHARED, (library, modules)


@pytest.mark.parametrize(
    "word",
    [
        r"datetime\.now|date\.today|time\.time\(",
        r"os\.environ\.get|os\.getenv|environ\[\"(?!FONTCONFIG_FILE)",
        r"\burlopen\b|\brequests\b|\bhttp\.client\b|\bsocket\b",
        r"\bexcept:|except Exception:\s*pass",
        r"\bTODO\b|\bFIXME\b|\bXXX\b",
    ],
)
def test_no_stage_reads_clock_environment_or_network(word: str) -> None:
    """The limits of a run, alone, are the environment's."""
    for path in PACKAGE.rglob("*.py"):
        if path.name != "machine.py" or "environ" not in word:
            assert not re.search(word, path.read_text("utf-8")), path.name


def test_only_load_and_html_open_files_of_the_edition() -> None:
    """What else reads a file reads a font, a style or what it has written itself."""
    readers = {
        module_of(".".join(path.relative_to(ROOT).with_suffix("").parts))
        for path in PACKAGE.rglob("*.py")
        if re.search(r"\.read_(text|bytes)\(|\bopen\(", path.read_text("utf-8"))
    }
    assert readers - OF_THE_PROCESS <= {
        "load",
        "html",
        "layout",
        "pandoc",
        "cite",
        "epub",
        "pdf",
        "verify",
        "pagemap",
        "production",
    }


def test_the_report_is_for_people_and_no_stage_reads_it() -> None:
    """What stages decide by is in the values that pass between them."""
    composers = {*COMPOSERS, "problems"}
    for path in PACKAGE.rglob("*.py"):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        if module_of(name.removesuffix(".__init__")) not in composers:
            read = r"\breport\.(errors|problems|sorted|sound|stop_if_faulty)\b"
            assert not re.search(read, path.read_text("utf-8")), path.name


def test_one_room_knows_the_shape_of_a_node() -> None:
    """No node is built by hand but in `tree`, and in the options of `pandoc`."""
    for path in PACKAGE.rglob("*.py"):
        if path.name not in ("tree.py", "pandoc.py", "model.py"):
            assert '{"t":' not in path.read_text("utf-8"), path.name


def test_files_are_short() -> None:
    for path in PACKAGE.rglob("*.py"):
        lines = path.read_text("utf-8").count("\n")
        # the values that pass between the stages, and no behaviour, stand in one file
        most = 800 if path.name == "model.py" else 550
        assert lines <= most, f"{path.name} has {lines} lines"


def test_functions_are_shorter_than_a_screen() -> None:
    for path in PACKAGE.rglob("*.py"):
        for node in walk(path):
            if isinstance(node, ast.FunctionDef):
                length = (node.end_lineno or 0) - node.lineno + 1
                assert length <= 60, f"{path.name}: {node.name} has {length} lines"


def test_every_format_has_a_row() -> None:
    from recension import FORMATS
    from recension.production.formats import FORMATS as ROWS

    assert tuple(ROWS) == FORMATS


def test_one_import_is_put_off_for_speed() -> None:
    """That of the second half, since a check has no use for it; the door's own apart.

    WeasyPrint is imported when the process has been made ready for it. Dask is an extra
    that may not be there.
    """
    late = {
        (path.name, node.module)
        for path in PACKAGE.rglob("*.py")
        for function in walk(path)
        if isinstance(function, ast.FunctionDef) and path.parent != DOOR
        for node in ast.walk(function)
        if isinstance(node, ast.ImportFrom)
    }
    assert late == {
        ("workshop.py", "recension.production"),
        ("workroom.py", "distributed"),
    }
