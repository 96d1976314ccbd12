"""An edition is untrusted: it reads nothing outside its folder and calls nobody."""

from __future__ import annotations

import socket
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NoReturn

import jinja2
import pytest
from markupsafe import Markup

from recension import build, workroom
from recension.cli import BOOK, OK
from recension.config import TEMPLATES, find_templates
from recension.problems import Report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conftest import Edition
    from written import Written

    Run = Callable[..., subprocess.CompletedProcess[str]]

PICTURES = (
    "../../etc/passwd",
    "/etc/passwd",
    "file:///etc/passwd",
    "http://192.0.2.1/x.png",
    "https://192.0.2.1/x.png",
    "//192.0.2.1/x.png",
    "data:image/png;base64,AAAA",
)
PLACES = {
    "text": ("On a gardé la presse.", "On a gardé la presse. {}"),
    "emphasis": ("Elle ne sert plus", "*{}* Elle ne sert plus"),
    "emendation": ("L’atelier ferma", '[{}]{{sic=""}} L’atelier ferma'),
    "heading": ("# L’imprimerie de", "# {} L’imprimerie de"),
    "list": ("- la bouteille", "- {} la bouteille"),
    "quotation": ("> Il lit", "> {} Il lit"),
    "link": ("Le soir, on", "[{}](#atelier) Le soir, on"),
    "note": ("[@morel1907, 31].", "[@morel1907, 31]. {}"),
}


@pytest.fixture(autouse=True)
def _no_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> NoReturn:
        pytest.fail(f"a connection is opened: {arguments[1:]}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def find_pictures(edition: Edition) -> list[str]:
    """Return the pictures of *edition* that are told not to be its own, in order."""
    told = [p.message for p in edition.problems() if p.code == "P-003"]
    return [message.split("`")[1] for message in told]


def test_a_picture_from_elsewhere_is_an_error(edition: Edition) -> None:
    pictures = " ".join(f"![x]({picture})" for picture in PICTURES)
    edition.edit(
        edition.TEXT, "On a gardé la presse.", f"On a gardé la presse. {pictures}"
    )
    assert sorted(find_pictures(edition)) == sorted(PICTURES)


def test_a_picture_is_found_wherever_it_stands(edition: Edition) -> None:
    for place, (old, new) in PLACES.items():
        edition.edit(edition.TEXT, old, new.format(f"![x](file:///{place})"))
    assert sorted(find_pictures(edition)) == sorted(f"file:///{p}" for p in PLACES)


ATTACKS = {
    "file": '<p><img src="file:///etc/passwd" alt=""/></p>',
    "climbing": '<p><img src="../../../../../etc/passwd" alt=""/></p>',
    "coded": '<p><img src="%2e%2e/%2e%2e/%2e%2e/etc/passwd" alt=""/></p>',
    "remote": '<p><img src="http://192.0.2.1/x.png" alt=""/></p>',
    "object": '<object data="file:///etc/passwd"></object>',
    "style": '<p style="background: url(http://192.0.2.1/x.png)">x</p>',
    "link": '<link rel="stylesheet" href="http://192.0.2.1/x.css"/>',
    "attachment": '<link rel="attachment" href="file:///etc/passwd"/>',
    "attached": '<p><a rel="attachment" href="file:///etc/passwd">x</a></p>',
}


def own_template(edition: Edition, name: str, old: str, new: str) -> None:
    """Give the edition the builder's template *name* with *new* for *old*."""
    text = (TEMPLATES / name).read_text("utf-8")
    assert old in text
    path = edition.folder / "templates" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.replace(old, new, 1), "utf-8")


SPELLS = {
    "pickle": "{{{{ {}.parse_raw('x', proto='pickle', allow_pickle=True) }}}}",
    "file": "{{{{ {}.parse_file('/etc/passwd') }}}}",
    "copy": "{{{{ {}.model_copy() }}}}",
    "schema": "{{{{ {}.model_json_schema() }}}}",
    "class": "{{{{ {}.__class__.__mro__ }}}}",
}
GIVEN = ("edition", "settings", "texts[0].settings", "texts[0]", "settings.print")


@pytest.mark.parametrize("given", GIVEN)
@pytest.mark.parametrize("spell", SPELLS)
def test_a_template_can_call_nothing_of_what_it_is_given(
    spell: str, given: str, edition: Edition, written_minimal: Written
) -> None:
    from recension.html import open_templates, render_style
    from recension.problems import BookError

    own_template(
        edition, "print/style.css.jinja", "@font-face", SPELLS[spell].format(given)
    )
    folders = find_templates(edition.folder)
    templates = open_templates(folders, "fr")
    with pytest.raises(BookError, match="H-001"):
        render_style(written_minimal.book, templates)


@pytest.mark.parametrize("gift", ["book", "folder.unlink()", "stages"])
def test_what_has_no_plain_form_is_never_given(gift: str) -> None:
    from recension.html.plain import plain

    with pytest.raises(TypeError):
        plain([{gift: Report().error}])


PLAIN = (type(None), bool, int, float, str, Markup)


def find_strange(value: object) -> Iterator[object]:
    """Yield all in *value* that is neither plain nor holds plain values alone."""
    if type(value) is MappingProxyType:
        for key, inner in value.items():
            yield from find_strange(key)
            yield from find_strange(inner)
    elif type(value) is tuple:
        for inner in value:
            yield from find_strange(inner)
    elif type(value) not in PLAIN:
        yield value


@pytest.mark.slow
def test_all_that_a_template_can_reach_is_plain(
    critical: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every template and every macro of an edition that has every part is watched.

    All are rendered here: in a process beside nothing could be seen.
    """

    def refuse(*_: object) -> NoReturn:
        raise NotImplementedError

    monkeypatch.setattr(workroom, "ProcessPoolExecutor", refuse)
    given: list[object] = []
    make, invoke = jinja2.Template.new_context, jinja2.runtime.Macro._invoke

    def watch_template(self: Any, shown: Any = None, *others: Any) -> Any:
        functions = self.environment.globals.values()  # the next test names them
        given.extend(v for v in (shown or {}).values() if v not in functions)
        return make(self, shown, *others)

    def watch_macro(self: Any, arguments: list[Any], escaped: Any) -> Any:
        given.extend(arguments)
        return invoke(self, arguments, escaped)

    monkeypatch.setattr(jinja2.Template, "new_context", watch_template)
    monkeypatch.setattr(jinja2.runtime.Macro, "_invoke", watch_macro)
    critical.build()
    assert len(given) > 1000
    strange = [found for value in given for found in find_strange(value)]
    runtime = jinja2.runtime
    ours = jinja2.StrictUndefined, runtime.Macro, runtime.TemplateReference
    kept = [found for found in strange if not isinstance(found, ours)]
    assert [found for found in kept if found is not jinja2.utils.missing] == []


def test_templates_have_no_function_but_these() -> None:
    from recension.html import open_templates

    environment = open_templates([TEMPLATES], "en").environment
    assert environment.globals.keys() == {"range", "namespace"}
    own = environment.filters.keys() - jinja2.defaults.DEFAULT_FILTERS.keys()
    assert own == {"isbn_figures", "long_date", "_count", "_link", "_weigh"}


@pytest.mark.slow
@pytest.mark.parametrize("attack", ATTACKS)
def test_a_template_gets_no_file_from_elsewhere(attack: str, edition: Edition) -> None:
    old, new = "</h1>", f"</h1>{ATTACKS[attack]}"
    if ATTACKS[attack].startswith("<link"):
        old, new = "</title>", f"</title>{ATTACKS[attack]}"
    own_template(edition, "print/front.xhtml.jinja", old, new)
    report = Report()
    out = edition.folder.parent / "out"
    build(edition.folder, out, report, formats=("pdf",))
    codes = {problem.code for problem in report.problems}
    assert codes == {"Y-004"} or (attack.startswith("attach") and not codes)
    assert secrets_in(out) == []


@pytest.mark.slow
@pytest.mark.parametrize("attack", ["file", "remote"])
def test_a_part_set_line_by_line_gets_no_file_either(
    attack: str, edition: Edition
) -> None:
    """The bibliography is not laid out by WeasyPrint alone, as the opening is."""
    inside = ATTACKS[attack].replace("<p>", "<p>x")
    new = f"{{% block content %}}{inside}"
    own_template(edition, "print/bibliography.xhtml.jinja", "{% block content %}", new)
    report = Report()
    out = edition.folder.parent / "out"
    build(edition.folder, out, report, formats=("pdf",))
    assert {problem.code for problem in report.problems} == {"Y-004"}
    assert secrets_in(out) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "rule",
    [
        ".half-title { background: url(http://192.0.2.1/x.png) }",
        ".half-title { background: url(file:///etc/passwd) }",
        '@import "http://192.0.2.1/x.css";',
        '@font-face { font-family: "Recension"; src: url(http://192.0.2.1/x.ttf) }',
    ],
)
def test_a_style_gets_no_file_from_elsewhere(rule: str, edition: Edition) -> None:
    own_template(edition, "print/style.css.jinja", "@font-face", f"{rule}\n@font-face")
    report = Report()
    out = edition.folder.parent / "out"
    build(edition.folder, out, report, formats=("pdf",))
    assert {problem.code for problem in report.problems} == {"Y-004"}
    assert secrets_in(out) == []


def secrets_in(folder: Path) -> list[str]:
    """Return the streams of the PDFs in *folder* with a line of the password file."""
    import pikepdf

    found: list[str] = []
    for path in folder.glob("*.pdf"):
        with pikepdf.open(path) as pdf:
            assert dict(pdf.attachments) == {}
            found += [
                f"{path.name} {stream.objgen}"
                for stream in pdf.objects
                if isinstance(stream, pikepdf.Stream)
                and b"root:x:0" in stream.read_bytes()
            ]
    return found


@pytest.mark.slow
def test_a_whole_build_opens_no_connection(edition: Edition) -> None:
    assert edition.build().facts["problems"] == []


def set_style(edition: Edition, style: str) -> None:
    new = f'[bibliography]\nstyle = "{style}"\n\n[print]'
    edition.edit(edition.SETTINGS, "[print]", new)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """Listen on loopback, where nothing may connect."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        yield server
        with pytest.raises(TimeoutError):
            server.accept()


PARENTS = ("http://127.0.0.1:{port}/parent", "//127.0.0.1:{port}/parent")


@pytest.mark.parametrize("where", PARENTS)
@pytest.mark.parametrize("rules", ["", "<citation><layout/></citation>"])
def test_a_style_opens_no_connection(
    where: str, rules: str, edition: Edition, listener: socket.socket
) -> None:
    """The style has a parent elsewhere, with and without rules of its own."""
    href = where.format(port=listener.getsockname()[1])
    link = f'<link href="{href}" rel="independent-parent"/>'
    (edition.folder / "bibliography" / "mine.csl").write_text(
        '<style xmlns="http://purl.org/net/xbiblio/csl" version="1.0" class="note">'
        f"<info><title>x</title><id>x</id>{link}</info>{rules}</style>"
    )
    set_style(edition, "bibliography/mine.csl")
    (problem,) = edition.problems()
    assert problem.code == "C-008"
    assert "depends on another" in problem.message


def test_a_style_that_is_a_link_out_of_the_edition_is_not_read(
    edition: Edition,
) -> None:
    (edition.folder.parent / "x.csl").write_text("<style/>")
    (edition.folder / "x.csl").symlink_to(edition.folder.parent / "x.csl")
    set_style(edition, "x.csl")
    assert [problem.code for problem in edition.problems()] == ["L-006"]


@pytest.mark.parametrize("style", ["../../mine", "/abs/mine", "a/../../mine.csl"])
def test_a_style_outside_the_edition_is_not_read(style: str, edition: Edition) -> None:
    set_style(edition, style)
    assert [problem.code for problem in edition.problems()] == ["L-006"]


def test_a_bibliography_can_include_no_file(edition: Edition) -> None:
    edition.edit(
        edition.WORKS,
        "  date = {1907},\n",
        "  date = {1907},\n  annotation = {\\input{/etc/passwd}},\n",
    )
    book = edition.check()
    assert "root:" not in str(book.bibliography)


# --- a whole run, watched from the other end -----------------------------------------


class Listener(ThreadingHTTPServer):
    """A server on loopback that answers everybody and remembers who has called."""

    def __init__(self) -> None:
        """Have no calls yet."""
        super().__init__(("127.0.0.1", 0), Answer)
        self.calls: list[str] = []

    @property
    def url(self) -> str:
        """What leads here."""
        return f"http://127.0.0.1:{self.server_port}"

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Remember a connection, even one on which nothing is asked."""
        self.calls.append("a connection")
        return super().verify_request(request, client_address)


class Answer(BaseHTTPRequestHandler):
    """What everybody gets: nothing, and all is well."""

    server: Listener

    def do_GET(self) -> None:
        """Remember what is asked for."""
        self.server.calls.append(self.path)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Tell nothing on the standard error."""


@pytest.fixture
def server() -> Iterator[Listener]:
    with Listener() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_the_server_notices_who_calls(server: Listener) -> None:
    code = f"import urllib.request as r; r.urlopen('{server.url}/x').read()"
    subprocess.run([sys.executable, "-c", code], check=True)
    assert server.calls == ["a connection", "/x"]


SVG = """\
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
     width="10" height="10">{inner}</svg>
"""
DRAWN = (
    '<image href="{url}/a.png" width="9" height="9"/>',
    '<image xlink:href="{url}/b.png" width="9" height="9"/>',
    '<use href="{url}/c.svg#d"/>',
    '<rect fill="url({url}/e.svg#f)" width="9" height="9"/>',
    '<style>@import "{url}/g.css"; rect {{ fill: url({url}/h.svg#i) }}</style><rect/>',
    '<script href="{url}/j.js"/><a href="{url}/k"><rect width="9" height="9"/></a>',
)
"""What a picture can name, each in a picture of its own: one fault hides the others."""
FOREIGN = """\
<?xml-stylesheet href="{url}/a.xsl" type="text/xsl"?>
<!DOCTYPE svg SYSTEM "{url}/b.dtd" [<!ENTITY % c SYSTEM "{url}/c.ent"> %c;]>
"""
MARKUP = """\
<p><img src="{url}/a.png" alt=""/><object data="{url}/b.svg"></object><embed
src="{url}/c.svg"/><iframe src="{url}/d.html"
style="border: 0"></iframe><video src="{url}/e.mp4"
poster="{url}/f.png"></video><a href="{url}/g" rel="attachment">x</a><span
style="background: url({url}/h.png); content: url({url}/i.png)">x</span></p>
"""
LINKS = """\
<link rel="stylesheet" href="{url}/a.css"/><link rel="attachment" href="{url}/b"/><link
rel="icon" href="{url}/c.ico"/><base href="{url}/"/><style>@import url({url}/d.css);
</style><meta http-equiv="refresh" content="0; url={url}/e"/>
"""
STYLE = """\
@import "{url}/a.css";
@import url({url}/b.css) print;
@font-face {{ font-family: "Recension"; src: url({url}/c.ttf), url({url}/d.woff2) }}
@page {{ background: url({url}/e.png); @top-left {{ content: url({url}/f.png) }} }}
p, h1 {{ background: url({url}/g.png), image-set("{url}/h.png" 1x);
list-style-image: url({url}/i.png); border-image: url({url}/j.png) 1 }}
p::before {{ content: url({url}/k.png) }}
"""
CSL = """\
<style xmlns="http://purl.org/net/xbiblio/csl" version="1.0" class="note"><info>
<title>x</title><id>{url}/id</id><link href="{url}/self" rel="self"/><link
href="{url}/template" rel="template"/><link href="{url}/doc" rel="documentation"/>{more}
</info><citation><layout><text variable="title"/><text variable="URL"/></layout>
</citation><bibliography><layout><text variable="title"/><text variable="URL"/>
</layout></bibliography></style>
"""
FIELDS = """\
  date = {{1907}},
  url = {{{url}/a}},
  doi = {{{url}/b}},
  file = {{{url}/c.pdf}},
  annotation = {{\\href{{{url}/d}}{{x}} \\url{{{url}/e}} \\input{{{url}/f}}
    \\includegraphics{{{url}/g.png}} <img src="{url}/h.png"> ![x]({url}/i.png)}},
"""
WORDS = "[x]({url}/a) {url}/b [x][y]\n\n[y]: {url}/d\n\n"


def in_style(edition: Edition, text: str, name: str = "print/style.css.jinja") -> None:
    own_template(edition, name, "@font-face", f"{text}\n@font-face")


def in_style_of_csl(edition: Edition, text: str) -> None:
    (edition.folder / "bibliography" / "mine.csl").write_text(text)
    set_style(edition, "bibliography/mine.csl")


def in_pictures(edition: Edition, url: str, before: str = "") -> None:
    shown = "</h1>"
    for number, inner in enumerate(DRAWN):
        picture = before + SVG.format(inner=inner.format(url=url))
        (edition.folder / f"own-{number}.svg").write_text(picture)
        shown += f'<p><img src="own-{number}.svg" alt="x"/></p>'
    own_template(edition, "print/front.xhtml.jinja", "</h1>", shown)


def in_front_part(edition: Edition, text: str) -> None:
    (edition.folder / "book" / "front.md").write_text(f"# Avant\n\n{text}")
    part = '[[front]]\nid = "avant"\nshort_title = "A"\nfile = "book/front.md"\n\n'
    edition.edit(edition.SETTINGS, "[[texts]]", f"{part}[[texts]]")


NAMED: dict[str, Callable[[Edition, str], None]] = {
    "a template": lambda edition, url: own_template(
        edition,
        "print/front.xhtml.jinja",
        "</h1>",
        f"</h1>{MARKUP.format(url=url)}",
    ),
    "the head of a template": lambda edition, url: own_template(
        edition,
        "print/front.xhtml.jinja",
        "</title>",
        f"</title>{LINKS.format(url=url)}",
    ),
    "a template set line by line": lambda edition, url: own_template(
        edition,
        "print/bibliography.xhtml.jinja",
        "{% block content %}",
        "{% block content %}" + MARKUP.format(url=url),
    ),
    "a template of the EPUB": lambda edition, url: own_template(
        edition,
        "epub/titlepage.xhtml.jinja",
        "</h1>",
        f"</h1>{MARKUP.format(url=url)}",
    ),
    "a template's parent": lambda edition, url: own_template(
        edition,
        "print/blank.xhtml.jinja",
        "<!DOCTYPE",
        f"{{% include '{url}/a' %}}<!DOC",
    ),
    "the cover": lambda edition, url: own_template(
        edition,
        "cover/cover.xhtml.jinja",
        '<div class="band">',
        f'{MARKUP.format(url=url)}<div class="band">',
    ),
    "a style sheet": lambda edition, url: in_style(edition, STYLE.format(url=url)),
    "the style of the cover": lambda edition, url: in_style(
        edition, STYLE.format(url=url), "cover/cover.css.jinja"
    ),
    "the style of the EPUB": lambda edition, url: own_template(
        edition, "epub/style.css.jinja", "/* Text */", STYLE.format(url=url)
    ),
    "pictures": in_pictures,
    "the type of pictures": lambda edition, url: in_pictures(
        edition, url, FOREIGN.format(url=url)
    ),
    "a citation style": lambda edition, url: in_style_of_csl(
        edition, CSL.format(url=url, more="")
    ),
    "the parent of a citation style": lambda edition, url: in_style_of_csl(
        edition,
        CSL.format(url=url, more=f'<link rel="independent-parent" href="{url}/z"/>'),
    ),
    "the type of a citation style": lambda edition, url: in_style_of_csl(
        edition, FOREIGN.format(url=url) + CSL.format(url=url, more="&c;")
    ),
    "a citation style that is elsewhere": lambda edition, url: set_style(
        edition, f"{url}/mine.csl"
    ),
    "a bibliography": lambda edition, url: edition.edit(
        edition.WORKS, "  date = {1907},\n", FIELDS.format(url=url)
    ),
    "a picture in a text": lambda edition, url: edition.edit(
        edition.TEXT, "On a gardé", f"![x]({url}/a.png) <img src='{url}/b'> On a gardé"
    ),
    "a note": lambda edition, url: edition.edit(
        edition.TEXT, "[@morel1907, 31].", f"[@morel1907, 31]. [x]({url}/a) {url}/b"
    ),
    "a front part": lambda edition, url: in_front_part(edition, WORDS.format(url=url)),
    "a picture in a front part": lambda edition, url: in_front_part(
        edition, f"![x]({url}/a.png)"
    ),
    "the settings": lambda edition, url: edition.edit(
        edition.SETTINGS, "identifier = ", f'rights = "{url}/a"\nidentifier = '
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("place", NAMED)
def test_no_run_connects_to_what_an_edition_names(
    place: str, edition: Edition, server: Listener, run: Run
) -> None:
    """Neither a check nor a build, whether it ends well or tells a fault."""
    NAMED[place](edition, server.url)
    for command in ("check", "build"):
        done = run(command, edition.folder)
        assert done.returncode in (OK, BOOK), done.stderr
        assert "Traceback" not in done.stderr
    assert server.calls == []


@pytest.mark.slow
@pytest.mark.parametrize("form", ["pdf", "epub"])
def test_no_run_connects_to_what_a_drawing_names(
    form: str, critical: Edition, server: Listener, run: Run
) -> None:
    old = "<title"
    text = (TEMPLATES / "timeline.svg.jinja").read_text("utf-8")
    new = f'<image href="{server.url}/a.png" width="9" height="9"/>{old}'
    assert old in text
    own_template(critical, "timeline.svg.jinja", old, new)
    done = run("--only", form, critical.folder)
    assert done.returncode in (OK, BOOK), done.stderr
    assert server.calls == []
