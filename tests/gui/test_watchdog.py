"""What is wrong while it is recorded is said, once each, and taken back when it is over."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel, QPushButton

from app.core.events import (
    AudioGap,
    AudioSaved,
    CaptureCleared,
    CaptureDoubted,
    CaptureProblem,
    CaptureResumed,
    CaptureStalled,
    ClockJumped,
    DeviceChanged,
    FinalCaption,
    LevelMeasured,
    MeetingStarted,
    OwnVoiceHeard,
    SpaceMeasured,
    StageChanged,
    StageState,
)
from app.gui.dialogs.alert import Alert
from app.gui.messages import Message
from app.gui.recording.state import RecordingState, SavedLag, Stopwatch
from app.gui.sound_settings import sound_settings
from app.gui.transcript.voices import label_of
from tests.gui.conftest import Program, find, words


def kinds(program: Program) -> dict[str, str]:
    return {message.text: message.kind.value for message in program.desktop.messages.current}


@pytest.mark.parametrize(
    ("problem", "source", "words", "kind"),
    [
        (CaptureProblem.SILENT, "mic", "nothing but silence", "warning"),
        (CaptureProblem.CLIPPING, "mic", "too loud", "warning"),
        (CaptureProblem.DEAF, "system", "nothing of it is recorded", "error"),
        (CaptureProblem.SHIFTED, "mic", "constant offset", "warning"),
        (CaptureProblem.OPPOSED, "mic", "cancel each other out", "warning"),
    ],
)
def test_a_doubt_is_said_with_a_hint_until_it_is_over(
    program: Program, problem: CaptureProblem, source: str, words: str, kind: str
) -> None:
    program.record()
    program.tell(CaptureDoubted(source, problem, 8.0), CaptureDoubted(source, problem, 8.0))
    (message,) = program.desktop.messages.current
    assert words in message.text
    assert (message.kind.value, bool(message.hint)) == (kind, True)
    assert message.text in program.desktop.tray.icon.toolTip()
    program.tell(CaptureCleared(source, problem, 12.0))
    assert program.texts() == []
    assert program.desktop.tray.icon.toolTip() == "Captionist is recording"


def test_troubles_of_two_sources_are_apart(program: Program) -> None:
    program.record()
    program.tell(CaptureStalled("mic", 2.0), CaptureStalled("system", 2.0))
    assert program.texts() == [
        "Microphone: no sound has arrived for 2 seconds.",
        "System audio: no sound has arrived for 2 seconds.",
    ]
    program.tell(CaptureResumed("mic"))
    assert program.texts() == ["System audio: no sound has arrived for 2 seconds."]
    assert "System audio" in program.desktop.tray.icon.toolTip()


def test_another_device_is_said_and_ends_the_stall(program: Program) -> None:
    program.record()
    program.tell(
        CaptureStalled("mic", 2.0), DeviceChanged("mic", "USB Headset", 5.0, "mic went away")
    )
    assert program.texts() == ["Microphone: it is recorded from “USB Headset” now."]
    assert "From here on recorded from “USB Headset”" in program.transcript()


def test_sleep_is_said_once_and_marked(program: Program) -> None:
    program.record()
    program.tell(
        ClockJumped(40.0, 754.0, "the computer slept"),
        AudioGap(40.0, 794.0, "the computer slept"),
    )
    assert program.texts() == ["Nothing was recorded for 13 min: the computer slept."]
    assert program.transcript() == "13 min are missing here: the computer slept"


def test_a_clock_that_was_set_back_is_nobodys_trouble(program: Program) -> None:
    program.record()
    program.tell(ClockJumped(40.0, -3600.0, "the clock was set"))
    assert program.texts() == []


def test_only_long_gaps_are_said(program: Program) -> None:
    program.record()
    program.tell(AudioGap(3.0, 3.2, "mic started late"))
    assert program.texts() == []
    program.tell(AudioGap(5.0, 9.0, "the disk could not keep up"))
    assert program.texts() == ["4.0 s of sound were lost."]


def test_a_disk_that_fills_up_is_said_until_there_is_room_again(program: Program) -> None:
    program.record()
    program.services.meetings.free = 900_000_000
    program.tell(SpaceMeasured(910_000_000, stopping=False))
    (message,) = program.desktop.messages.current
    assert message.text == "The disk is nearly full: 910 MB are left."
    assert message.button is not None
    program.desktop._watchdog.look_for_space()
    program.idle()
    assert program.texts() == [message.text], "there is no room yet"
    program.services.meetings.free = 2_000_000_000
    program.desktop._watchdog.look_for_space()
    program.idle()
    assert program.texts() == []


def test_a_full_disk_stops_the_recording_as_loud_as_can_be(program: Program) -> None:
    balloons: list[Message] = []
    program.desktop.messages.use_balloon(balloons.append)
    live = program.record()
    program.tell(SpaceMeasured(910_000_000, stopping=False))
    program.tell(SpaceMeasured(190_000_000, stopping=True))
    program.idle()
    assert live.calls == ["start", "stop"]
    alert = find(program.window, Alert)
    assert alert.isVisible()
    heading = next(label.text() for label in alert.findChildren(QLabel))
    assert heading == "The disk is full, so the recording was stopped."
    assert balloons[-1].text == "The disk is full, so the recording was stopped."
    assert kinds(program) == {"The disk is full, so the recording was stopped.": "error"}
    find(alert, QPushButton, "alertAgree").click()
    assert program.desktop.recorder.state is RecordingState.IDLE


def test_troubles_go_with_the_recording(program: Program) -> None:
    program.record()
    program.tell(CaptureDoubted("mic", CaptureProblem.SILENT, 8.0))
    program.stop()
    assert program.texts() == []
    assert program.desktop.tray.icon.toolTip() == "Captionist"


def test_a_source_that_fails_beside_another_is_said_and_the_rest_goes_on(program: Program) -> None:
    live = program.record()
    program.tell(StageChanged("system", StageState.FAILED, "There is no output", "Plug one in."))
    (message,) = program.desktop.messages.current
    assert message.text == "System audio: it is not recorded any more: There is no output."
    assert message.hint == "The rest is still being recorded. Plug one in."
    program.tell(StageChanged("doubts", StageState.FAILED, "no meter"))
    assert live.calls == ["start"]
    assert len(program.texts()) == 1


def test_each_source_has_its_meter(program: Program) -> None:
    program.window.bar.sources.choose("both", "usb", "speaker")
    wish = program.record().wish
    assert (wish.source, wish.device, wish.system_device) == ("both", "usb", "speaker")
    meters = program.window.bar.meters
    assert meters.sources == ["mic", "system"]
    program.tell(LevelMeasured("system", -20.0, -6.0))
    assert meters.share("system") > 0.5 > meters.share("mic")
    program.tell(MeetingStarted(0.0, "2026-01-01T00:00:00+00:00", "1", ("mic",)))
    assert meters.sources == ["mic"], "the other one could not be opened"


def test_what_the_user_says_bears_that_name(program: Program) -> None:
    program.record()
    heard = words(0, 1.0, "I say this").words
    program.tell(FinalCaption(0, 0, 1.0, 2.5, "I say this", "en", heard))
    program.tell(OwnVoiceHeard(0.8, 2.6))
    lines = program.window.centre.view.lines
    assert label_of(lines.label(0), lines.names) == "You"
    assert program.desktop.captions.panel.text() == "You: I say this"


def test_saving_that_falls_behind_is_shown(program: Program) -> None:
    program.record()
    saved = program.find(QLabel, "savedLabel")
    program.tell(AudioSaved(60.0))
    assert (saved.text(), saved.property("role")) == ("Saved to 00:01:00", "muted")
    program.desktop.recorder._watch.advance(75.0, 0.0)
    program.desktop.recorder._watch.pause(0.0)
    program.desktop._desk._show_time()
    assert (saved.text(), saved.property("role")) == ("Saved only to 00:01:00", "warn")
    program.tell(AudioSaved(75.0))
    assert (saved.text(), saved.property("role")) == ("Saved to 00:01:15", "muted")


def test_a_lag_is_measured_from_where_the_clocks_began() -> None:
    lag = SavedLag()
    assert lag.behind(4.0) == 0.0
    assert lag.behind(9.0) == 9.0, "nothing was ever saved"
    lag.note(1.0, 4.0)
    lag.note(2.0, 5.0)
    assert lag.behind(9.0) == 0.0
    assert lag.behind(12.0) == 7.0
    lag.rebase()
    lag.note(3.0, 13.0)
    assert lag.behind(14.0) == 0.0
    lag.reset()
    assert lag.saved is None


def test_a_stopwatch_is_set_forward_after_sleep() -> None:
    watch = Stopwatch()
    watch.reset(100.0)
    watch.start(10.0)
    assert watch.elapsed(15.0) == 105.0
    watch.advance(700.0, 15.0)
    assert watch.elapsed(16.0) == 701.0


def test_sound_settings_are_opened_where_a_program_for_them_is_known() -> None:
    assert sound_settings("linux", lambda _name: None) is None
    assert sound_settings("linux", lambda name: name if name == "pavucontrol" else None) is not None
    assert sound_settings("win32") is not None
