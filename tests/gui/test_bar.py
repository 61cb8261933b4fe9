"""The top bar has room in the smallest window."""

from __future__ import annotations

import pytest

from app.gui.window import LEAST
from tests.gui.conftest import Program


@pytest.mark.parametrize("recording", [False, True])
def test_the_bar_fits_the_smallest_window(program: Program, recording: bool) -> None:
    bar = program.window.bar
    bar.sources.choose("both", "", "")
    bar.show_targets(("en", "ko"))
    if recording:
        program.record()
    assert program.window.minimumSizeHint().width() <= LEAST[0]
    program.window.resize(*LEAST)
    program.bot.waitUntil(lambda: bar.width() == LEAST[0])
    layout = bar.layout()
    assert layout is not None
    assert layout.totalMinimumSize().width() <= LEAST[0]
    assert bar.sources.isVisible()
    assert bar.languages.isVisible()
    program.window.resize(1500, 700)
    program.bot.waitUntil(lambda: bar.width() == 1500)
    assert bar.models.isVisible()


def test_a_button_without_words_still_has_a_name(program: Program) -> None:
    program.window.resize(*LEAST)
    program.record()
    assert program.window.bar._pause.text() == ""
    assert program.window.bar._pause.accessibleName() == "Pause"
    program.desktop.actions.pause.trigger()
    assert program.window.bar._pause.accessibleName() == "Resume"
