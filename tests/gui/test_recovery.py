"""What came back at the start is shown, and everything can be done with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QLabel, QPushButton

from app.gui.desktop import Desktop
from app.gui.dialogs.ask import Question
from app.gui.dialogs.recovery import RecoveryDialog
from app.gui.messages import MessageCentre
from app.gui.rows import RecoveredRow, TrackRow
from app.gui.threads import QtThreadHost
from tests.gui.conftest import Program, end, find

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

    from app.gui.theme import Theme
    from tests.fakes.window.services import FakeServices

FOUND = [
    RecoveredRow(
        *("m1", "Product roadmap", "", "", 2467.0),
        lines=213,
        tracks=(TrackRow("mic", 2467.2), TrackRow("system", 2466.4)),
        repaired=2,
        damaged=1,
    ),
    RecoveredRow("m2", "Interview", missing=("mic-002.wav",), unusable=("mic-001.wav",)),
    RecoveredRow("m3", "Linked", "It is a link", "Look into its folder."),
]


@pytest.fixture
def started(qtbot: QtBot, services: FakeServices, theme: Theme) -> Iterator[Program]:
    """The program after a start at which meetings came back."""
    services.meetings.recovered = FOUND
    host = QtThreadHost()
    desktop = Desktop(services, host, theme, MessageCentre())
    found = Program(qtbot, desktop, services, host)
    desktop.show()
    qtbot.waitUntil(lambda: desktop.recovery.dialog is not None)
    found.idle()
    yield found
    end(found)


@pytest.fixture
def dialog(started: Program) -> RecoveryDialog:
    return find(started.window, RecoveryDialog)


def press(dialog: RecoveryDialog, name: str) -> None:
    find(dialog, QPushButton, name).click()


def test_what_came_back_is_told(dialog: RecoveryDialog) -> None:
    texts = [label.text() for label in dialog.findChildren(QLabel)]
    assert "3 meetings came back" in texts
    assert "Microphone: 41 min  ·  System audio: 41 min  ·  213 lines" in texts
    repaired = "Repaired: files of the recording put right: 2, damaged records set aside: 1"
    assert repaired in texts
    assert "no sound  ·  no lines" in texts
    assert "Missing: mic-002.wav" in texts
    assert "Cannot be read: mic-001.wav" in texts
    assert "It could not be put in order: It is a link." in texts
    assert not dialog.isModal(), "a meeting may begin at once"


def test_keeping_is_the_answer_of_who_says_nothing(
    started: Program, dialog: RecoveryDialog
) -> None:
    press(dialog, "keep m2")
    assert dialog.waiting == ["m1", "m3"]
    press(dialog, "recoveryKeep")
    assert started.desktop.recovery.dialog is None
    assert started.services.meetings.changes == []


def test_a_meeting_that_came_back_goes_on(started: Program, dialog: RecoveryDialog) -> None:
    press(dialog, "continue m1")
    started.bot.waitUntil(lambda: started.desktop.recorder.live is not None)
    assert started.live.wish.resume == "m1"
    assert dialog.waiting == ["m2", "m3"]
    press(dialog, "continue m2")
    assert dialog.waiting == ["m2", "m3"], "one at a time"


def test_what_is_missing_is_transcribed(started: Program, dialog: RecoveryDialog) -> None:
    press(dialog, "transcribe m1")
    started.idle()
    assert ("transcribe", "m1", "base") in started.services.meetings.changes
    assert dialog.waiting == ["m2", "m3"]


def test_discarding_asks_first(started: Program, dialog: RecoveryDialog) -> None:
    press(dialog, "discard m1")
    question = find(dialog, Question)
    question.reject()
    assert "m1" in started.services.meetings.kept
    press(dialog, "discard m1")
    find(find(dialog, Question), QPushButton, "agreeButton").click()
    started.idle()
    assert "m1" not in started.services.meetings.kept
    assert dialog.waiting == ["m2", "m3"]


def test_recovery_comes_before_everything_else(started: Program) -> None:
    assert started.services.meetings.changes == []


def test_nothing_is_asked_if_nothing_came_back(program: Program) -> None:
    assert program.desktop.recovery.dialog is None
