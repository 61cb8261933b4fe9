"""Recording through the window: what can be pressed, what is shown, what is saved."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton

from app.core.errors import DeviceMissingError
from app.core.events import (
    AudioSaved,
    CaptureEnded,
    CaptureResumed,
    CaptureStalled,
    FinalCaption,
    LanguageDetected,
    LevelMeasured,
    PreviewChanged,
    RecognitionCaughtUp,
    RecognitionSkipped,
    StageChanged,
    StageState,
)
from app.gui.dialogs.languages import LanguagesDialog
from app.gui.dialogs.terms import TermsDialog
from app.gui.recording.state import RecordingState
from app.gui.rows import MarkKind, SavedMark
from tests.fakes.window.models import TINY
from tests.gui.conftest import Program, find, words


def visible(program: Program, *names: str) -> set[str]:
    return {name for name in names if program.find(QPushButton, name).isVisible()}


BUTTONS = ("recordButton", "pauseButton", "stopButton")


def test_the_buttons_follow_the_recording(program: Program) -> None:
    assert visible(program, *BUTTONS) == {"recordButton"}
    program.find(QPushButton, "recordButton").click()
    program.bot.waitUntil(lambda: program.desktop.recorder.state is RecordingState.RECORDING)
    assert visible(program, *BUTTONS) == {"pauseButton", "stopButton"}
    assert not program.find(QComboBox, "sourceBox").isEnabled()
    program.find(QPushButton, "pauseButton").click()
    assert program.find(QPushButton, "pauseButton").text() == "Resume"
    program.find(QPushButton, "pauseButton").click()
    program.find(QPushButton, "stopButton").click()
    program.idle()
    assert program.live.calls == ["start", "pause", "resume", "stop"]
    assert visible(program, *BUTTONS) == {"recordButton"}
    assert program.find(QComboBox, "sourceBox").isEnabled()


def test_the_record_key_starts_and_stops(program: Program) -> None:
    for state in (RecordingState.RECORDING, RecordingState.IDLE):
        program.window.activateWindow()
        program.bot.waitUntil(program.window.isActiveWindow)
        QTest.keyClick(program.window, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
        program.wait_state(state)
    program.idle()
    assert program.live.calls == ["start", "stop"]


def test_what_is_recorded_is_what_was_chosen(program: Program) -> None:
    bar = program.window.bar
    bar.sources.choose("system", "speaker")
    bar.languages.choose("ko")
    wish = program.record().wish
    assert (wish.source, wish.device, wish.model, wish.language) == (
        "system", "speaker", "base", "ko",
    )  # fmt: skip


def test_words_reach_transcript_and_captions(program: Program) -> None:
    program.record()
    program.tell(words(0, 0.5, "Good morning"), PreviewChanged(0, " every"))
    assert program.transcript() == "Good morning every"
    assert program.desktop.captions.panel.isVisible()
    assert program.desktop.captions.panel.text() == "Good morning every"
    program.tell(FinalCaption(0, 0, 0.4, 2.0, "Good morning, everyone.", "en", ()))
    assert program.transcript() == "Good morning, everyone."
    assert program.desktop.captions.panel.accessibleName() == "Good morning, everyone."
    assert program.desktop.captions.panel.windowTitle() == "Captionist captions"
    program.stop()
    assert not program.desktop.captions.panel.isVisible()


def test_what_is_saved_is_shown_after_the_stop(program: Program) -> None:
    program.record()
    program.tell(words(0, 0.5, "what was heard"))
    program.stop()
    assert program.transcript() == "What was saved"


def test_the_meeting_is_listed_while_it_is_recorded(program: Program) -> None:
    live = program.record()
    assert program.window.meetings.current == live.id
    program.choose("m1")
    assert program.transcript() == "Good morning\nThank you"
    program.tell(words(0, 0, "not on this page"))
    assert "not on this page" not in program.transcript()
    program.choose(live.id)
    assert program.transcript() == "not on this page"


def test_saved_time_and_level_are_shown(program: Program) -> None:
    program.record()
    program.tell(AudioSaved(2467.2), LevelMeasured("mic", -20.0, -6.0))
    assert program.find(QLabel, "savedLabel").text() == "Saved to 00:41:07"
    assert program.window.bar.meters.share("mic") > 0.5


def test_a_missing_device_is_said_and_nothing_is_left(program: Program) -> None:
    program.services.problem = DeviceMissingError("There is no microphone")
    program.desktop.actions.record.trigger()
    program.idle()
    (message,) = program.desktop.messages.current
    assert message.text == "There is no microphone."
    assert message.hint
    assert program.desktop.recorder.state is RecordingState.IDLE
    assert visible(program, *BUTTONS) == {"recordButton"}
    assert program.window.meetings.model.rowCount() == 2
    assert not program.desktop.captions.panel.isVisible()
    assert message.button is not None
    program.services.problem = None
    message.button.action()
    program.bot.waitUntil(lambda: program.desktop.recorder.live is not None)
    assert program.texts() == []


def test_captions_that_fail_do_not_stop_the_recording(program: Program) -> None:
    program.record()
    program.tell(StageChanged("transcribe", StageState.FAILED, "The model is damaged", "Mend it."))
    (message,) = program.desktop.messages.current
    assert "The model is damaged" in message.text
    assert "still being recorded" in message.hint
    assert "Mend it." in message.hint
    assert program.desktop.recorder.state is RecordingState.RECORDING


def test_a_full_disk_is_the_loudest_message(program: Program) -> None:
    program.record()
    program.tell(StageChanged("recorder", StageState.FAILED, "The disk is full", "Free some."))
    (message,) = program.desktop.messages.current
    assert message.kind == "error"
    assert "cannot be saved" in message.text


def test_silence_of_a_device_is_said_until_it_speaks_again(program: Program) -> None:
    program.record()
    program.tell(CaptureStalled("mic", 2.0))
    assert program.texts() == ["Microphone: no sound has arrived for 2 seconds."]
    program.tell(CaptureStalled("mic", 4.0))
    assert program.texts() == ["Microphone: no sound has arrived for 4 seconds."]
    program.tell(CaptureResumed("mic"))
    assert program.texts() == []


def test_a_device_that_goes_away_ends_and_saves_the_meeting(program: Program) -> None:
    program.record()
    program.tell(CaptureEnded("mic", "The microphone was unplugged", "Plug it in again."))
    program.idle()
    assert program.live.calls == ["start", "stop"]
    (message,) = program.desktop.messages.current
    assert "The microphone was unplugged" in message.text
    assert "saved" in message.hint


def test_the_detected_language_is_named_by_its_speakers(program: Program) -> None:
    program.record()
    program.tell(LanguageDetected("de", 0.98))
    box = program.window.bar.languages
    assert box.currentText() == "Deutsch (detected)"
    assert box.language == "auto"
    program.stop()
    program.record()
    assert box.currentText() == "Detect language"


def test_stopping_while_it_starts_stops_as_soon_as_it_has(program: Program) -> None:
    program.desktop.actions.record.trigger()
    assert not visible(program, "stopButton")
    program.desktop.recorder.stop()
    program.idle()
    assert program.live.calls == ["start", "stop"]
    assert program.desktop.recorder.state is RecordingState.IDLE


def test_a_failing_stop_is_said_and_the_meeting_is_listed(program: Program) -> None:
    live = program.record()

    def fail() -> None:
        raise DeviceMissingError("The end could not be saved")

    live.on_stop = fail
    program.stop()
    assert program.texts() == ["The end could not be saved."]
    assert program.window.meetings.model.row(live.id) is not None


def test_an_edit_of_the_live_transcript_goes_to_the_session(program: Program) -> None:
    live = program.record()
    program.tell(FinalCaption(0, 0, 0.0, 1.0, "Good mourning", "en", ()))
    program.window.centre.view.line_edited.emit(0, "Good morning")
    assert "edit 0 Good morning" in live.calls
    assert program.transcript() == "Good morning"


def test_a_stage_that_is_late_may_still_speak(program: Program) -> None:
    live = program.record()
    program.stop()
    live.publish(words(0, 0, "too late"))
    program.record()
    program.tell(words(0, 0, "new"))
    assert program.transcript() == "new"


def test_where_recognition_paused_is_said_in_the_transcript(program: Program) -> None:
    program.record()
    program.tell(words(0, 0.0, "before"), RecognitionSkipped(5.0, 25.0))
    assert "not captioned live" in program.transcript()
    program.tell(
        FinalCaption(1_000_000, 0, 6.0, 7.0, "late", "en", ()), RecognitionCaughtUp(5.0, 25.0)
    )
    assert program.transcript().splitlines() == [
        "before",
        "Recognition paused here and caught up later",
        "late",
    ]


def test_a_saved_meeting_tells_what_happened_to_recognition(program: Program) -> None:
    kept = program.services.meetings.kept
    marks = (SavedMark(MarkKind.CAUGHT_UP, 1.0, 3.0),)
    kept["m2"] = replace(kept["m2"], marks=marks, falls=2)
    program.choose("m2")
    assert "Recognition paused here and caught up later" in program.transcript()
    detail = program.find(QLabel, "meetingDetail").text()
    assert detail.endswith("captions were late")


def test_translation_is_chosen_remembered_and_recorded(program: Program) -> None:
    box = program.window.bar.tasks
    assert not program.record().wish.translate
    assert not box.isVisible(), "a meeting that has begun stays as it is"
    program.stop()
    box.setCurrentIndex(1)
    box.activated.emit(1)
    assert program.desktop.preferences.settings.recognition.task == "translate"
    assert program.record().wish.translate


def test_a_model_for_english_only_disables_translation(program: Program) -> None:
    program.window.bar.tasks.choose("translate")
    rows = [replace(TINY, installed=True)]
    program.window.bar.models.show_models(rows, TINY.name)
    program.window.bar.models.chosen.emit(TINY.name)
    assert not program.window.bar.tasks.isEnabled()
    assert TINY.name in program.window.bar.tasks.toolTip()
    assert not program.record().wish.translate


def test_a_meetings_own_terms_are_for_this_meeting_only(program: Program) -> None:
    button = program.window.bar.terms
    button.click()
    dialog = find(program.window, TermsDialog)
    dialog.list.setPlainText("Okafor\n# people\n\n  Ada   Lovelace\nokafor\n")
    assert not button.isChecked(), "nothing is chosen yet"
    find(dialog, QPushButton, "termsUse").click()
    assert button.isChecked()
    assert "(2)" in button.toolTip()
    assert program.record().wish.vocabulary == ("Okafor", "Ada Lovelace")
    program.stop()
    assert not button.isChecked()
    assert program.record().wish.vocabulary == ()


def test_terms_of_a_meeting_that_did_not_begin_stay(program: Program) -> None:
    program.desktop._desk._use_terms(("Ada",))
    program.services.problem = DeviceMissingError("There is no microphone")
    program.desktop.actions.record.trigger()
    program.idle()
    program.services.problem = None
    assert program.record().wish.vocabulary == ("Ada",)


def test_several_languages_are_chosen_and_remembered(program: Program) -> None:
    program.window.bar.languages.several_asked.emit()
    dialog = find(program.window, LanguagesDialog)
    for row in (0, 1):
        dialog.languages.list.item(row).setCheckState(Qt.CheckState.Checked)
    dialog.agree.click()
    assert program.desktop.preferences.settings.recognition.language == "en,es"
    assert program.window.bar.languages.currentText() == "English, Español"
    assert program.record().wish.language == "en,es"
