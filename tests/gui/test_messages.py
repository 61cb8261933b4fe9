"""The message centre and its bar in the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton

from app.core.errors import DiskFullError
from app.gui import messages
from app.gui.message_bar import MessageBar
from app.gui.messages import MOST_SHOWN, Button, Kind, Message, MessageCentre
from tests.gui.conftest import find

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from app.gui.theme import Theme


@pytest.fixture
def centre() -> MessageCentre:
    return MessageCentre()


def texts(centre: MessageCentre) -> list[str]:
    return [message.text for message in centre.current]


def test_a_repeated_message_replaces_the_earlier_one(centre: MessageCentre) -> None:
    centre.show(Message("2 seconds", key="stalled"))
    centre.show(Message("Other"))
    centre.show(Message("4 seconds", key="stalled"))
    centre.show(Message("Other"))
    assert texts(centre) == ["4 seconds", "Other"]


def test_an_expected_error_is_shown_with_its_hint(centre: MessageCentre) -> None:
    centre.show_error(DiskFullError("The disk is full"))
    (message,) = centre.current
    assert (message.text, message.kind) == ("The disk is full.", Kind.ERROR)
    assert message.hint.startswith("Free some space")


def test_a_bug_is_shown_without_its_traceback(
    centre: MessageCentre, caplog: pytest.LogCaptureFixture
) -> None:
    centre.show_error(ZeroDivisionError("division by zero"))
    (message,) = centre.current
    assert "division" not in message.text + message.hint
    assert "ZeroDivisionError" in message.hint
    assert "division by zero" in caplog.text


def test_errors_outlive_what_is_less_important(centre: MessageCentre) -> None:
    centre.show(Message("bad", kind=Kind.ERROR))
    for i in range(MOST_SHOWN + 2):
        centre.show(Message(f"info {i}"))
    assert len(centre.current) == MOST_SHOWN
    assert texts(centre)[0] == "bad"


def test_a_brief_message_leaves_by_itself(
    qtbot: QtBot, centre: MessageCentre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "BRIEF_MS", 10)
    centre.show(Message("soon gone", brief=True))
    centre.show(Message("stays"))
    qtbot.waitUntil(lambda: texts(centre) == ["stays"])


def test_messages_before_the_window_are_shown_in_it(
    qtbot: QtBot, centre: MessageCentre, theme: Theme
) -> None:
    centre.show(Message("Before the window", "A hint"))
    bar = MessageBar(centre, theme)
    qtbot.addWidget(bar)
    assert not bar.isHidden()
    assert find(bar, QLabel, "messageText").text() == "Before the window"
    assert find(bar, QLabel, "messageHint").text() == "A hint"
    find(bar, QToolButton, "messageClose").click()
    assert bar.isHidden()


def test_the_button_of_a_message_helps_and_closes_it(
    qtbot: QtBot, centre: MessageCentre, theme: Theme
) -> None:
    bar = MessageBar(centre, theme)
    qtbot.addWidget(bar)
    helped: list[bool] = []
    centre.show(Message("Exported", button=Button("Show", lambda: helped.append(True))))
    find(bar, QPushButton, "messageButton").click()
    assert helped == [True]
    assert centre.current == ()


def test_the_balloon_speaks_only_while_no_window_can(centre: MessageCentre) -> None:
    balloons: list[str] = []
    visible = [True]
    centre.watch_window(lambda: visible[0])
    centre.use_balloon(lambda message: balloons.append(message.text))
    centre.show(Message("in the window"))
    visible[0] = False
    centre.show(Message("in the tray"))
    assert balloons == ["in the tray"]
