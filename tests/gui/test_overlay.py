"""The caption panel as a window."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton

from app.core.events import FinalCaption, SpeakerNamed, SpeakerTurn, TurnsFound
from app.core.settings import OverlaySettings, load_settings
from app.gui.overlay.panel import PADDING_X, CaptionOverlay
from app.gui.overlay.typesetting import Typesetter
from app.gui.transcript.voices import colour_of
from tests.gui.conftest import Program, find, words

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


def test_it_stays_on_top_and_never_takes_the_keyboard(panel: CaptionOverlay) -> None:
    flags = panel.windowFlags()
    for flag in (
        Qt.WindowType.FramelessWindowHint,
        Qt.WindowType.WindowStaysOnTopHint,
        Qt.WindowType.WindowDoesNotAcceptFocus,
        Qt.WindowType.Tool,
    ):
        assert flags & flag == flag
    assert panel.testAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
    for button in panel.findChildren(QToolButton):
        assert button.focusPolicy() is Qt.FocusPolicy.NoFocus


def test_sure_words_are_painted_white_on_dark(panel: CaptionOverlay) -> None:
    panel.apply(words(0, 0, "Hello HHHHH"))
    image = panel.grab().toImage()
    inside = [
        image.pixelColor(x, y)
        for x in range(PADDING_X, PADDING_X + 120)
        for y in range(10, panel.height() - 10)
    ]
    assert any(colour.lightness() > 240 for colour in inside)
    assert image.pixelColor(panel.width() - 40, panel.height() // 2).lightness() < 40


def test_it_can_be_read_by_other_programs(panel: CaptionOverlay) -> None:
    panel.apply(words(0, 0, "Good morning"))
    assert panel.accessibleName() == "Good morning"
    assert panel.windowTitle() == "Captionist captions"


@pytest.mark.parametrize(
    "text",
    [
        "supercalifragilisticexpialidocious" * 6,
        "今日の会議を始めましょう。最初の議題は来四半期のロードマップです。" * 3,
        "word " * 60,
    ],
)
def test_every_script_is_broken_to_fit(qapp: QGuiApplication, text: str) -> None:
    typesetter = Typesetter(22)
    starts = typesetter.breaks(text, 400)
    assert starts[0] == 0
    assert len(starts) > 3
    for a, b in zip(starts, [*starts[1:], len(text)], strict=True):
        assert len(typesetter.breaks(text[a:b].rstrip(), 401)) == 1


def test_appended_words_do_not_change_earlier_breaks(qapp: QGuiApplication) -> None:
    typesetter = Typesetter(18)
    text = ""
    before: list[int] = []
    for word in ("several words of different length " * 12).split():
        text += f" {word}"
        starts = typesetter.breaks(text, 300)
        assert starts[: len(before)] == before
        before = starts


def test_right_to_left_text_is_shown(panel: CaptionOverlay) -> None:
    panel.apply(FinalCaption(0, 0, 0.0, 1.0, "مرحبا بكم", "ar", ()))
    assert panel.text() == "مرحبا بكم"
    panel.grab()


def test_a_larger_font_keeps_the_lower_edge(panel: CaptionOverlay) -> None:
    bottom = panel.geometry().bottom()
    panel.adopt(OverlaySettings(font_size=30, lines=3))
    assert panel.geometry().bottom() == bottom
    assert panel.height() == panel.fitting_height(3)


def drag(panel: CaptionOverlay, start: QPoint, by: QPoint) -> None:
    QTest.mousePress(panel, Qt.MouseButton.LeftButton, pos=start)
    end = start + by
    there = QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(end),
        QPointF(panel.mapToGlobal(start) + by),
        Qt.MouseButton.NoButton,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    panel.mouseMoveEvent(there)
    QTest.mouseRelease(panel, Qt.MouseButton.LeftButton, pos=start)


def test_it_is_moved_by_dragging(qtbot: QtBot, panel: CaptionOverlay) -> None:
    before = panel.pos()
    with qtbot.waitSignal(panel.place_changed) as moved:
        drag(panel, QPoint(100, 40), QPoint(-60, -90))
    assert panel.pos() == before + QPoint(-60, -90)
    assert moved.args == [panel.x(), panel.y(), panel.width(), panel.height()]


def test_it_is_resized_at_its_corner(panel: CaptionOverlay) -> None:
    width = panel.width()
    corner = QPoint(panel.width() - 5, panel.height() - 5)
    drag(panel, corner, QPoint(-100, 0))
    assert panel.width() == width - 100


def test_it_cannot_be_dragged_off_the_screen(panel: CaptionOverlay) -> None:
    drag(panel, QPoint(100, 40), QPoint(-5_000, 5_000))
    assert QGuiApplication.primaryScreen().availableGeometry().contains(panel.geometry())


def test_a_saved_place_is_taken_again(qtbot: QtBot) -> None:
    settings = OverlaySettings(place=(40, 60, 500, 1))
    probe = CaptionOverlay(settings)
    qtbot.addWidget(probe)
    height = probe.fitting_height()
    again = CaptionOverlay(replace(settings, place=(40, 60, 500, height)))
    qtbot.addWidget(again)
    g = again.geometry()
    assert (g.x(), g.y(), g.width(), g.height()) == (40, 60, 500, height)


def test_place_and_size_are_remembered(program: Program) -> None:
    program.record()
    panel = program.desktop.captions.panel
    panel.place_changed.emit(10, 20, 600, 100)
    panel.font_change_asked.emit(1)
    panel.lines_change_asked.emit(4)
    program.desktop.preferences.flush()
    overlay = load_settings(program.services.paths.settings).settings.overlay
    assert (overlay.place, overlay.font_size, overlay.lines) == ((10, 20, 600, 100), 24, 4)


def test_hiding_it_keeps_it_hidden(program: Program) -> None:
    program.record()
    panel = program.desktop.captions.panel
    find(panel, QToolButton, "overlayHide").click()
    assert not panel.isVisible()
    assert not program.desktop.actions.captions.isChecked()
    program.stop()
    program.record()
    assert not panel.isVisible()
    program.desktop.actions.captions.trigger()
    assert panel.isVisible()


def test_turned_on_while_idle_it_shows_where_it_will_be(program: Program) -> None:
    program.desktop.actions.captions.trigger()
    assert not program.desktop.captions.panel.isVisible()
    program.desktop.actions.captions.trigger()
    assert program.desktop.captions.panel.isVisible()


def test_no_background_leaves_readable_words(panel: CaptionOverlay) -> None:
    panel.adopt(OverlaySettings(opacity=0.0))
    panel.apply(words(0, 0, "clear"))
    image = panel.grab().toImage()
    assert image.pixelColor(panel.width() - 40, 40).alpha() < 10
    assert "#ffffff" in {
        image.pixelColor(x, y).name()
        for x in range(PADDING_X, PADDING_X + 60)
        for y in range(panel.height())
    }


def test_a_name_is_painted_in_the_colour_of_its_speaker(panel: CaptionOverlay) -> None:
    panel.apply(words(0, 0, "Hello HHHHH"))
    assert not _has_colour(panel, 1)
    panel.apply(TurnsFound(0.0, 2.0, (SpeakerTurn(0.0, 2.0, 1),), final=False))
    assert panel.text() == "Speaker 2: Hello HHHHH"
    assert _has_colour(panel, 1)


def _has_colour(panel: CaptionOverlay, speaker: int) -> bool:
    wanted = QColor(colour_of(speaker, dark=True)).hue()
    image = panel.grab().toImage()
    colours = (
        image.pixelColor(x, y)
        for x in range(PADDING_X, PADDING_X + 150)
        for y in range(10, panel.height() - 10)
    )
    return any(c.saturation() > 100 and abs(c.hue() - wanted) < 12 for c in colours)


def test_a_name_given_live_is_in_the_captions(program: Program) -> None:
    program.desktop.preferences.change("speakers", engine="embedded")
    program.record()
    turns = (SpeakerTurn(0.0, 2.0, 0),)
    program.tell(words(0, 0, "Hello all"), TurnsFound(0.0, 2.0, turns, final=False))
    program.window.centre.view.speaker_said.emit(SpeakerNamed(0, "Anna"))
    assert program.desktop.captions.panel.text() == "Anna: Hello all"
