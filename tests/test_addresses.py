"""Addresses of the web: where a line may end in one, and that no hyphen is added."""

from __future__ import annotations

import pytest
from test_lines import WIDTH, set_lines

from recension.layout.setting import lines
from recension.layout.setting.breaks import find_addresses, find_breaks, find_signs

ADDRESS = "https://encyclopaedia.example.org/publications/manufacturing/index.html"
TEXT = f"See {ADDRESS} for this, and nothing else of it."


@pytest.mark.parametrize(
    ("written", "divided"),
    [
        ("https://a.org/b", "https://|a|.org|/b"),
        ("https://a.org/b_c-d~e", "https://|a|.org|/b|_c|-d|~e"),
        ("https://a.org?x=1&y=2#z", "https://|a|.org|?x|=|1|&|y|=|2|#z"),
        ("https://a.org/c%20d,e", "https://|a|.org|/c|%20d|,e"),
        ("doi:10.1000/182", "doi:|10|.1000|/182"),
        ("mailto:a@b.org", "mailto:|a|@b|.org"),
        ("www.example.org", "www|.example|.org"),
    ],
)
def test_an_address_is_divided_at_its_signs(written: str, divided: str) -> None:
    """The Chicago Manual of Style, 18th edition, 7.46."""
    signs = find_signs(written, 0, len(written))
    pieces = [written[i:j] for i, j in zip([0, *signs], [*signs, None], strict=True)]
    assert "|".join(pieces) == divided


@pytest.mark.parametrize("mark", [".", ",", "; then", ")", "’", "”.", "?", "!"])
def test_marks_behind_an_address_are_not_its_own(mark: str) -> None:
    text = f"See {ADDRESS}{mark}"
    (span,) = find_addresses(text)
    assert text[slice(*span)] == ADDRESS


@pytest.mark.parametrize("text", ["See http: it is", "a/b and c=d", "and www is"])
def test_what_is_no_address_is_none(text: str) -> None:
    assert find_addresses(text) == []


def test_a_line_may_begin_with_an_address() -> None:
    breaks = find_breaks(
        f"See {ADDRESS} or—{ADDRESS}", "en", frozenset(), hyphenate=True
    )
    starts = {found.start for found in breaks}
    assert {4, 4 + len(ADDRESS) + 1, 4 + len(ADDRESS) + 4} <= starts


@pytest.mark.parametrize("address", [ADDRESS, "https://a.org/manufacturing"])
def test_no_line_ends_in_an_address_with_a_hyphen_or_within_a_word(
    address: str,
) -> None:
    """Though the words in it could be divided."""
    text = f"See {address} for this."
    start, end = find_addresses(text)[0]
    breaks = find_breaks(text, "en-GB", frozenset(), hyphenate=True)
    within = [found for found in breaks if start < found.start < end]
    assert [found.start for found in within] == find_signs(text, start, end)
    assert not any(found.hyphen for found in within)


@pytest.mark.parametrize("fit", ["total-fit", "first-fit"])
@pytest.mark.parametrize("justify", [True, False])
def test_an_address_longer_than_a_line_is_divided_at_a_sign(
    fit: str,
    justify: bool,  # noqa: FBT001 - a style
) -> None:
    signs = find_signs(TEXT, *find_addresses(TEXT)[0])
    found = set_lines(TEXT, 240.0, fit=fit, justify=justify, language="en-GB")
    ends = [line.end for line in found if 4 < line.end < 4 + len(ADDRESS)]
    assert ends
    assert set(ends) <= set(signs)
    assert not any(line.hyphen for line in found)


@pytest.mark.parametrize("fit", ["total-fit", "first-fit"])
@pytest.mark.parametrize("justify", [True, False])
def test_an_address_without_signs_is_divided_anywhere_at_last(
    fit: str,
    justify: bool,  # noqa: FBT001 - a style
) -> None:
    """And no line is longer than the measure, nor divided there without need."""
    text = f"See https://a.org/{'x' * 150} for it."
    found = set_lines(text, 240.0, fit=fit, justify=justify, language="en-GB")
    for line in found:
        assert (line.end - line.start) * WIDTH <= 240.0 + 2 * WIDTH
        assert not line.hyphen
    assert "".join(text[line.start : line.end] for line in found).replace(" ", "") == (
        text.replace(" ", "")
    )
    breaks = find_breaks(TEXT, "en-GB", frozenset(), hyphenate=True)
    assert all(TEXT[b.start - 1 : b.start + 1] != "xx" for b in breaks)


@pytest.mark.parametrize("address", [ADDRESS * 3, f"https://a.org/{'x' * 150}"])
def test_an_address_longer_than_a_line_leaves_the_paragraph_at_its_best(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line that it fills alone need not be full, so that no other is made worse."""

    def fail(*_: object) -> None:
        pytest.fail("the lines were taken one by one")

    monkeypatch.setattr(lines, "_first_fit", fail)
    text = f"See what is told of it at {address} for this, and nothing else of it."
    assert len(set_lines(text, 240.0, language="en-GB")) > 3
