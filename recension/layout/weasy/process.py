"""What WeasyPrint needs of the whole process, set for as long as it is needed.

One thing stays: the filter of one warning, which WeasyPrint gives when it is imported
and finds no fonts. To take it out again would not be safe beside other threads.
"""

from __future__ import annotations

import logging
import os
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from recension.problems import ToolError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

_FONTS = Path(__file__).with_name("fonts.conf")
_NO_FONTS = "No fonts configured in FontConfig"
_PANGO = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"


def import_weasyprint() -> ModuleType:
    """Import WeasyPrint with no font of the machine in reach.

    Raises ToolError when Pango is missing.
    """
    warnings.filterwarnings("ignore", _NO_FONTS, UserWarning, "weasyprint.text.fonts")
    try:
        with no_fonts():
            import weasyprint  # noqa: PLC0415 - slow, and needs the lines above first
            import weasyprint.pdf.stream  # noqa: PLC0415 - the same
            import weasyprint.text.fonts  # noqa: PLC0415 - the same
    except OSError as fault:
        message = "WeasyPrint needs Pango, which this machine lacks"
        raise ToolError(message, f"apt-get install {_PANGO}") from fault
    module: ModuleType = weasyprint
    return module


@contextmanager
def no_fonts() -> Iterator[None]:
    """Have Fontconfig read settings without fonts, when it reads them.

    The variable is written past `os.environ`, which another thread may be copying.
    """
    os.putenv("FONTCONFIG_FILE", str(_FONTS))
    try:
        yield
    finally:
        if "FONTCONFIG_FILE" in os.environ:
            os.putenv("FONTCONFIG_FILE", os.environ["FONTCONFIG_FILE"])
        else:
            os.unsetenv("FONTCONFIG_FILE")


@contextmanager
def replaced(
    module: ModuleType, name: str, function: Callable[..., object]
) -> Iterator[None]:
    """Put *function* in the place of the one called *name* in *module*."""
    before = getattr(module, name)
    setattr(module, name, function)
    try:
        yield
    finally:
        setattr(module, name, before)


class Log:
    """What WeasyPrint has logged while it was listened to."""

    def __init__(self) -> None:
        """Have no messages yet."""
        self._messages: dict[str, None] = {}

    @contextmanager
    def listen(self) -> Iterator[None]:
        """Keep what WeasyPrint logs, and from everybody else; warnings go nowhere."""
        filters = {"weasyprint": self._keep, "py.warnings": _drop}
        logging.captureWarnings(capture=True)
        for name, function in filters.items():
            logging.getLogger(name).addFilter(function)
        try:
            yield
        finally:
            for name, function in filters.items():
                logging.getLogger(name).removeFilter(function)
            logging.captureWarnings(capture=False)

    def take(self) -> tuple[str, ...]:
        """Return the messages, each once, and forget them."""
        messages = tuple(self._messages)
        self._messages.clear()
        return messages

    def _keep(self, record: logging.LogRecord) -> bool:
        if record.levelno >= logging.WARNING:
            self._messages[record.getMessage()] = None
        return False


def _drop(_: logging.LogRecord) -> bool:
    return False
