"""Recordings become smaller in the background, and are in nobody's way."""

from __future__ import annotations

import threading

from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit

from app.core.errors import StorageError
from app.gui.dialogs.settings import SettingsDialog
from app.gui.meetings import shrinking
from app.gui.rows import Shrunk
from app.gui.turns import Turns
from tests.gui.conftest import Program, find


def shrunk(program: Program) -> list[tuple[str, ...]]:
    return [change for change in program.services.meetings.changes if change[0] == "shrink"]


def test_a_meeting_that_has_ended_is_made_smaller_quietly(program: Program) -> None:
    meetings = program.services.meetings
    meetings.shrunk.clear()
    program.record()
    program.desktop.actions.stop.trigger()
    label = program.find(QLabel, "workLabel")
    program.bot.waitUntil(lambda: "50 %" in label.text())
    assert program.texts() == []
    meetings.shrunk.set()
    program.idle()
    assert shrunk(program) == [("shrink", "live-0", "flac")]
    assert not label.isVisible()


def test_a_new_meeting_does_not_wait_for_it(program: Program) -> None:
    meetings = program.services.meetings
    meetings.shrunk.clear()
    program.record()
    program.desktop.actions.stop.trigger()
    program.bot.waitUntil(lambda: program.desktop.shrinking.busy)
    program.record()
    assert program.live.id == "live-1"
    program.bot.waitUntil(lambda: not program.desktop.shrinking.busy)
    assert meetings.changes[-1] == ("cancelled", "live-0"), "captions need the computer now"
    meetings.shrunk.set()
    program.stop()
    program.bot.waitUntil(lambda: len(shrunk(program)) == 3)
    assert {change[1] for change in shrunk(program)} == {"live-0", "live-1"}


def test_what_was_left_last_time_is_done_once_nothing_is_asked(program: Program) -> None:
    program.services.meetings.left = ["m2"]
    program.desktop.recovery.done.emit()
    program.idle()
    assert shrunk(program) == [("shrink", "m2", "flac")]
    program.desktop.preferences.change("recording", compress="off")
    program.desktop.recovery.done.emit()
    program.idle()
    assert len(shrunk(program)) == 1


def test_closing_the_program_cancels_it(program: Program) -> None:
    meetings = program.services.meetings
    meetings.shrunk.clear()
    program.record()
    program.desktop.actions.stop.trigger()
    program.bot.waitUntil(lambda: program.desktop.shrinking.busy)
    with program.bot.waitSignal(program.desktop.ended):
        program.desktop.quit()
    assert meetings.changes[-1] == ("cancelled", "live-0")


def test_nothing_is_done_if_it_is_not_wished(program: Program) -> None:
    program.desktop.preferences.change("recording", compress="off")
    program.record()
    program.stop()
    assert shrunk(program) == []


def test_a_meeting_in_use_is_tried_again_later(program: Program) -> None:
    meetings = program.services.meetings
    meetings.shrinks = [Shrunk.LATER]
    program.desktop.shrinking.add("m1")
    program.idle()
    meetings.busy = StorageError("The meeting is in use")
    program.desktop.shrinking._next()
    program.idle()
    assert program.texts() == [], "nobody needs to know"
    meetings.busy = None
    program.desktop.shrinking._next()
    program.idle()
    program.desktop.shrinking._next()
    program.idle()
    assert shrunk(program) == [("shrink", "m1", "flac"), ("shrink", "m1", "flac")]


def test_it_gives_up_some_time(program: Program) -> None:
    program.services.meetings.busy = StorageError("The disk is full")
    program.desktop.shrinking.add("m1")
    for _ in range(shrinking.MOST_TRIES + 1):
        program.desktop.shrinking._next()
        program.idle()
    program.services.meetings.busy = None
    program.desktop.shrinking._next()
    program.idle()
    assert shrunk(program) == []


def test_the_settings_have_a_page_for_recordings(program: Program) -> None:
    program.desktop.show_settings()
    dialog = find(program.window, SettingsDialog)
    folder = find(dialog, QLineEdit, "meetingsFolder")
    assert folder.text() == str(program.services.paths.meetings)
    assert folder.isReadOnly()
    box = find(dialog, QComboBox, "setting_recording_compress")
    box.activated.emit(box.findData("opus"))
    assert program.desktop.preferences.settings.recording.compress == "opus"
    program.record()
    program.stop()
    assert shrunk(program) == [("shrink", "live-0", "opus")]


def test_slow_work_ends_when_the_meeting_is_wanted() -> None:
    turns = Turns()
    begun, order = threading.Event(), list[str]()

    def work() -> None:
        with turns.slow("m") as over:
            assert over is not None
            begun.set()
            while not over():
                pass
            order.append("gave way")

    thread = threading.Thread(target=work)
    thread.start()
    begun.wait()
    with turns.wanted("m"), turns.wanted("m"):
        order.append("has it")
        with turns.slow("m") as later:
            assert later is None
    thread.join()
    assert order == ["gave way", "has it"]
    with turns.slow("m") as now:
        assert now is not None
        with turns.slow("m") as twice:
            assert twice is None
