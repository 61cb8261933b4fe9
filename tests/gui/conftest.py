"""A window with services in memory, without a screen."""

from __future__ import annotations

import gc
import os

os.environ["QT_QPA_PLATFORM"] = "offscreen"  # before Qt is imported

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from app.core.events import Word, WordsCommitted
from app.core.settings import OverlaySettings
from app.gui.application import make_application
from app.gui.desktop import Desktop
from app.gui.messages import MessageCentre
from app.gui.overlay.panel import CaptionOverlay
from app.gui.theme import Theme
from app.gui.threads import QtThreadHost
from tests.fakes.window.meetings import opened
from tests.fakes.window.services import FakeServices, fake_services

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from app.core.events import Event
    from app.gui.recording.state import RecordingState
    from app.gui.window import MainWindow
    from tests.fakes.window.live import FakeLive

Found = TypeVar("Found", bound=QObject)

OFFSCREEN = "This plugin does not support"
"""What the platform without a screen says of raising and moving windows."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        item.add_marker(pytest.mark.qt_log_ignore(OFFSCREEN))


def find(parent: QObject | None, kind: type[Found], name: str = "") -> Found:
    """The child of this kind and name; it must be there."""
    children = parent.findChildren(kind) if parent is not None else []
    found = [child for child in children if not name or child.objectName() == name]
    assert found, f"no {kind.__name__} {name}"
    return found[-1]


@pytest.fixture(scope="session")
def qapp() -> QApplication:
    """The application as the program makes it."""
    gc.freeze()  # so that collecting is quick
    return make_application()


@pytest.fixture(autouse=True)
def _tidy() -> None:
    """Windows of earlier tests go now: Qt crashes if they go while it applies a style sheet."""
    gc.collect()


@pytest.fixture(scope="session")
def theme(qapp: QApplication) -> Theme:
    found = Theme(qapp)
    found.choose("light")
    return found


@pytest.fixture
def panel(qtbot: QtBot) -> CaptionOverlay:
    found = CaptionOverlay(OverlaySettings())
    qtbot.addWidget(found)
    found.show()
    return found


@dataclass
class Program:
    """The program under test and hands to use it with."""

    bot: QtBot
    desktop: Desktop
    services: FakeServices
    host: QtThreadHost

    @property
    def window(self) -> MainWindow:
        return self.desktop.window

    @property
    def live(self) -> FakeLive:
        """The meeting that was started last."""
        return self.services.lives[-1]

    def find(self, kind: type[Found], name: str) -> Found:
        return find(self.window, kind, name)

    def record(self) -> FakeLive:
        """Press Record and wait until it does."""
        self.desktop.actions.record.trigger()
        self.bot.waitUntil(lambda: self.desktop.recorder.live is not None)
        return self.live

    def wait_state(self, state: RecordingState) -> None:
        self.bot.waitUntil(lambda: self.desktop.recorder.state is state)

    def stop(self) -> None:
        self.desktop.actions.stop.trigger()
        self.idle()

    def idle(self) -> None:
        """Wait until nothing goes on in the background and nothing is being saved."""
        self.bot.waitUntil(lambda: not self.desktop.background.busy)

    def tell(self, *events: Event) -> None:
        """Let the meeting publish `events`, and wait until they have arrived."""
        seen: list[Event] = []
        self.desktop.recorder.event_received.connect(seen.append)
        for event in events:
            self.live.publish(event)
        self.bot.waitUntil(lambda: events[-1] in seen)
        self.desktop.recorder.event_received.disconnect(seen.append)

    def choose(self, meeting: str) -> None:
        self.window.meetings.choose(meeting)
        self.idle()

    def texts(self) -> list[str]:
        """The messages on the screen."""
        return [message.text for message in self.desktop.messages.current]

    def transcript(self) -> str:
        return self.window.centre.view.toPlainText()


def words(utterance: int, start: float, text: str) -> WordsCommitted:
    """An event with a word for each word of `text`, half a second apart."""
    made = [
        Word(f" {word}", start + i / 2, start + i / 2 + 0.4, 0.9)
        for i, word in enumerate(text.split())
    ]
    return WordsCommitted(utterance, tuple(made))


@pytest.fixture
def services(tmp_path: Path) -> FakeServices:
    """Two meetings, one model."""
    return fake_services(
        tmp_path,
        opened("m1", "Product roadmap", "Good morning", "Thank you", notes="Old **notes**"),
        opened("m2", "Interview", "Hello there", days_ago=3),
    )


@pytest.fixture
def program(qtbot: QtBot, services: FakeServices, theme: Theme) -> Iterator[Program]:
    """The whole program, started and settled; it must be able to quit at the end."""
    host = QtThreadHost()
    desktop = Desktop(services, host, theme, MessageCentre())
    found = Program(qtbot, desktop, services, host)
    desktop.show()
    qtbot.waitUntil(lambda: desktop.window.bar.models.row is not None)
    found.idle()
    yield found
    end(found)


def end(program: Program) -> None:
    """Quit, whatever state the test left it in."""
    ended: list[bool] = []
    program.desktop.ended.connect(lambda: ended.append(True))
    for live in program.services.lives:
        live.may_stop.set()
    program.services.models.arrived.set()
    if program.window.isVisible() or not program.desktop.quitting:
        program.desktop.quit()
        program.bot.waitUntil(lambda: bool(ended))
    assert program.host.wait_all(5.0)
    program.window.deleteLater()
    program.desktop.deleteLater()
