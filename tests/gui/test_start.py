"""Starting the program: at once, once, and without losing what goes wrong."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from app.core.paths import Paths
from app.gui.desktop import Desktop
from app.gui.hooks import CrashFile, ErrorHook, QuitSignals, start_log
from app.gui.instance import SingleInstance
from app.gui.messages import MessageCentre
from app.gui.selftest import open_and_close
from app.gui.threads import QtThreadHost
from tests.gui.conftest import Program, end
from tests.programs import ROOT, run_captionist

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from app.gui.theme import Theme
    from tests.fakes.window.services import FakeServices

HEAVY = ("av", "ctranslate2", "faster_whisper", "huggingface_hub", "onnxruntime", "sounddevice")
SHOWN = """
import sys
from PySide6.QtCore import QTimer
from app.core.paths import default_paths
from app.gui import application
from app.gui.window import MainWindow

shown = MainWindow.show
def show(self):
    shown(self)
    print("loaded:", *sorted(set(sys.modules) & set(sys.argv[1:])))
    (leave,) = [action for action in self.actions() if action.objectName() == "quitAction"]
    QTimer.singleShot(0, leave.trigger)
MainWindow.show = show
sys.exit(application.run(default_paths()))
"""


def test_nothing_heavy_is_loaded_before_the_window_is_shown() -> None:
    env = {**os.environ, "PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", SHOWN, *HEAVY], env=env, capture_output=True, text=True, timeout=40
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["loaded:"]
    assert "Traceback" not in done.stderr


def test_without_a_desktop_one_sentence_says_so() -> None:
    gone = {"QT_QPA_PLATFORM": "", "DISPLAY": "", "WAYLAND_DISPLAY": ""}
    done = run_captionist(**gone)
    assert done.returncode == 1
    assert done.stderr.startswith("captionist: There is no desktop to show the window on.\n")
    assert "Traceback" not in done.stderr


def test_the_window_opens_and_closes(qapp: object) -> None:
    open_and_close()


def test_a_second_start_brings_the_first_to_the_front(qtbot: QtBot, tmp_path: Path) -> None:
    first, second = SingleInstance(tmp_path), SingleInstance(tmp_path)
    elsewhere = SingleInstance(tmp_path / "other")
    assert first.claim()
    with qtbot.waitSignal(first.asked_to_show):
        assert not second.claim()
    assert elsewhere.claim()
    first.release()
    assert second.claim()
    second.release()
    elsewhere.release()


def test_what_nobody_caught_is_shown_and_logged(
    qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    shown: list[tuple[str, int]] = []
    hook = ErrorHook(lambda error: shown.append((str(error), threading.get_ident())))
    hook.install()
    try:
        thread = threading.Thread(target=lambda: 1 / 0)
        thread.start()
        thread.join()
        sys.excepthook(ValueError, ValueError("here"), None)
        qtbot.waitUntil(lambda: len(shown) == 2)
    finally:
        hook.remove()
    home = threading.get_ident()
    assert shown == [("division by zero", home), ("here", home)]
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal to send oneself")
def test_the_system_can_ask_the_program_to_end(qtbot: QtBot) -> None:
    signals = QuitSignals()
    try:
        with qtbot.waitSignal(signals.asked):
            os.kill(os.getpid(), signal.SIGTERM)
    finally:
        signals.close()
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_the_log_is_written_to_the_data_folder(tmp_path: Path) -> None:
    root = logging.getLogger()
    before = list(root.handlers), root.level
    folder = Paths(tmp_path, tmp_path).logs
    start_log(folder)
    try:
        logging.getLogger("app.test").warning("words for the log")
    finally:
        for handler in set(root.handlers) - set(before[0]):
            root.removeHandler(handler)
            handler.close()
        root.setLevel(before[1])
    assert "words for the log" in (folder / "captionist.log").read_text(encoding="utf-8")


def test_a_crash_is_noticed_at_the_next_start(tmp_path: Path) -> None:
    (tmp_path / "crash.log").write_text("Fatal Python error", encoding="utf-8")
    crash = CrashFile(tmp_path)
    assert crash.start()
    crash.stop()
    assert "Fatal" in (tmp_path / "last-crash.log").read_text(encoding="utf-8")
    again = CrashFile(tmp_path)
    assert not again.start()
    again.stop()


def test_who_records_before_the_models_are_listed_gets_captions(
    qtbot: QtBot, services: FakeServices, theme: Theme
) -> None:
    host = QtThreadHost()
    desktop = Desktop(services, host, theme, MessageCentre())
    program = Program(qtbot, desktop, services, host)
    assert program.record().wish.model == "base"
    assert "Recording without captions." not in program.texts()
    program.desktop.models.refresh()
    program.idle()
    assert program.window.bar.models.chosen_model == "base"
    end(program)
