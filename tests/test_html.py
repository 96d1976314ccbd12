"""Stage 7, html: text is escaped, templates are boxed in, each medium has its marks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lxml import etree
from written import write_epub

from recension.html import open_templates, render_blank
from recension.locales import write_count
from recension.problems import BookError

if TYPE_CHECKING:
    from conftest import Edition
    from written import Written

EVIL = '<script>alert("x")</script> & <b>'


def templates_of(edition: Edition, language: str = "fr") -> object:
    from recension.config import TEMPLATES

    folders = [edition.folder / "templates", TEMPLATES]
    return open_templates([path for path in folders if path.is_dir()], language)


def add_template(edition: Edition, name: str, text: str) -> None:
    path = edition.folder / "templates" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def test_what_the_editor_writes_is_escaped_on_every_page(edition: Edition) -> None:
    """Settings, texts, notes and works can bring no markup of their own."""
    quoted = EVIL.replace('"', '\\"')
    for setting in (
        'title = "L’imprimerie de la rue des Tanneurs"',
        'author = "Jeanne Morel"',
    ):
        name = setting.partition(" ")[0]
        edition.edit(edition.SETTINGS, setting, f'{name} = "{quoted}"')
    edition.edit(
        edition.TEXT,
        "On a gardé la presse.",
        '[\\<b\\> & x]{sic="On a gardé la presse."}',
    )
    edition.edit(edition.TEXT, "@morel1907, 12", "@morel1907, \\<b\\>")
    edition.edit(edition.WORKS, "{Carnets d’un atelier}", "{Carnets <b> \\& co}")
    written = write_epub(edition.folder)
    files = [written.files[name] for name in ("package.opf", "toc.ncx")]
    trees = [etree.fromstring(content.encode()) for content in files]
    for tree in (*trees, *written.pages.values()):
        names = {etree.QName(element).localname for element in tree.iter(etree.Element)}
        assert not {"script", "b"} & names
    assert sum("<b>" in "".join(page.itertext()) for page in written.pages.values()) > 3
    blank = render_blank(edition.check(), templates_of(edition))
    assert "<script" not in blank
    assert "&lt;script&gt;" in blank


@pytest.mark.parametrize(
    "attack",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ edition.__class__.__init__.__globals__ }}",
        "{{ self.__init__.__globals__ }}",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{% include '../../../../../../etc/passwd' %}",
        "{% include '/etc/passwd' %}",
        "{{ ''.format.__globals__ }}",
        "{{ '{0.__class__.__mro__}'.format('') }}",
    ],
)
def test_a_template_cannot_get_out_of_its_box(
    attack: str, edition: Edition, written_minimal: Written
) -> None:
    add_template(edition, "print/blank.xhtml.jinja", f"<html>{attack}</html>")
    with pytest.raises(BookError) as told:
        render_blank(written_minimal.book, templates_of(edition))
    assert [problem.code for problem in told.value.problems] == ["H-001"]


def test_a_template_of_the_edition_goes_before_the_builders(
    edition: Edition, written_minimal: Written
) -> None:
    add_template(edition, "print/blank.xhtml.jinja", "<html>{{ edition.slug }}</html>")
    assert (
        render_blank(written_minimal.book, templates_of(edition))
        == "<html>imprimerie</html>"
    )


def test_words_of_the_edition_go_before_the_builders(edition: Edition) -> None:
    add_template(edition, "words.toml", '[fr]\nbibliography = "Ouvrages"\n')
    words = templates_of(edition).words
    assert words["bibliography"] == "Ouvrages"
    assert words["contents"] == "Table des matières"


def test_a_language_without_words_has_the_english_ones(edition: Edition) -> None:
    assert templates_of(edition, "ca").words["contents"] == "Contents"


def test_another_name_in_the_index_says_which_it_is_and_leads_to_the_entry(
    written_critical: Written,
) -> None:
    index = written_critical.pages["index"]
    (term,) = index.xpath("//*[normalize-space() = 'overseer, the']")
    (link,) = term.xpath("ancestor::*[local-name() = 'li'][1]//*[@href]")
    assert "".join(link.itertext()) == "Corder, John"
    assert index.xpath(f"//*[@id = '{link.get('href').partition('#')[2]}']")


def test_every_language_has_every_word() -> None:
    import tomllib

    from recension.config import TEMPLATES

    words = tomllib.loads((TEMPLATES / "words.toml").read_text("utf-8"))
    for language, table in words.items():
        assert table.keys() == words["en"].keys(), language


def test_every_normalisation_has_a_name_for_readers() -> None:
    import tomllib

    from recension.config import TEMPLATES
    from recension.normalisation import RULES

    words = tomllib.loads((TEMPLATES / "words.toml").read_text("utf-8"))
    assert {f"rule-{rule}" for rule in RULES} <= words["en"].keys()


@pytest.mark.parametrize(
    ("language", "written"), [("en-GB", "1,548"), ("fr", "1\u00a0548"), ("de", "1.548")]
)
def test_counts_are_grouped_as_the_language_does(language: str, written: str) -> None:
    assert write_count(1548, language) == written
