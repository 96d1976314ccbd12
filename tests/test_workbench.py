"""What several formats take from the workbench."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from recension.config import TEMPLATES
from recension.layout.fonts import find_fonts
from recension.production.workbench import Workbench


@pytest.mark.parametrize("wanted", [True, False])
def test_the_epub_embeds_the_typeface_of_the_templates_if_it_is_to(
    *, wanted: bool
) -> None:
    settings = SimpleNamespace(epub=SimpleNamespace(fonts=wanted))
    bench: Any = SimpleNamespace(
        book=SimpleNamespace(settings=settings),
        templates=SimpleNamespace(folders=[TEMPLATES]),
    )
    face = Workbench.find_typeface(bench)
    assert (face is not None) == wanted
    if face:
        assert {font.file for font in face.faces} == set(find_fonts([TEMPLATES]))
