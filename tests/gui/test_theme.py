"""What is to be read can be told from what it stands on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QColor, QTextCursor

from app.core.events import PreviewChanged
from app.gui.theme import DARK, LIGHT, Colours
from app.gui.transcript.lines import TranscriptLines
from app.gui.transcript.view import TranscriptView
from tests.gui.conftest import words

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from app.gui.theme import Theme

LEAST = 4.5
"""What WCAG 2 asks for text of usual size."""


def luminance(colour: str) -> float:
    """As WCAG 2 defines it, 0 to 1."""

    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    found = QColor(colour)
    red, green, blue = (linear(p) for p in (found.redF(), found.greenF(), found.blueF()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_text_has_enough_contrast(colours: Colours) -> None:
    for ground in (colours.window, colours.surface, colours.raised, colours.warn_soft):
        for text in (colours.text, colours.muted):
            assert contrast(text, ground) >= LEAST, (text, ground)


def test_a_preview_can_be_read(qtbot: QtBot, theme: Theme) -> None:
    view = TranscriptView(theme)
    qtbot.addWidget(view)
    lines = TranscriptLines()
    for event in (words(0, 0, "one"), PreviewChanged(0, " two")):
        lines.apply(event)
    view.show_lines(lines, follow=True)
    cursor = view.textCursor()
    cursor.movePosition(QTextCursor.MoveOperation.End)
    shown = cursor.charFormat()
    assert shown.fontItalic()
    assert contrast(shown.foreground().color().name(), theme.colours.surface) >= LEAST
