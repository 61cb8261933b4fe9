"""Who spoke, on the screen: labels, what a person says about them, and the final pass."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QMenu, QPushButton, QToolButton

from app.core.events import (
    CaptionEdited,
    Event,
    FinalCaption,
    SpeakerAssigned,
    SpeakerNamed,
    SpeakersMerged,
    SpeakerTurn,
    StageChanged,
    StageState,
    TurnsFound,
    Word,
)
from app.gui.dialogs.ask import Question
from app.gui.rows import SavedLine
from app.gui.transcript.lines import TranscriptLines
from app.gui.transcript.speaker_menu import NameDialog, SpeakerMenu
from app.gui.transcript.view import TranscriptView
from app.gui.transcript.voices import colour_of, label_of
from tests.gui.conftest import find, words

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from app.gui.theme import Theme
    from tests.gui.conftest import Program


def final(utterance: int, start: float, text: str, revision: int = 0) -> FinalCaption:
    said = tuple(
        Word(f" {part}", start + 0.4 * i, start + 0.4 * (i + 1), 0.9)
        for i, part in enumerate(text.split())
    )
    return FinalCaption(utterance, revision, start, said[-1].end, text, "en", said)


def turns(*found: tuple[float, float, int], end: float = 30.0) -> TurnsFound:
    return TurnsFound(0.0, end, tuple(SpeakerTurn(*turn) for turn in found), final=False)


@pytest.fixture
def view(qtbot: QtBot, theme: Theme) -> TranscriptView:
    found = TranscriptView(theme)
    qtbot.addWidget(found)
    found.resize(600, 300)
    found.show()
    found.show_lines(TranscriptLines(), follow=True)
    return found


def apply(view: TranscriptView, *events: Event) -> None:
    """Whatever happens, the document has a block for each line."""
    for event in events:
        for change in view.lines.changes(event):
            view.follow_change(change)
    lines = view.lines
    assert view.toPlainText().split("\n") == [lines[row].text.strip() for row in range(len(lines))]


def shown(lines: TranscriptLines) -> list[tuple[str, str]]:
    """Label and text of each line."""
    return [
        (label_of(lines.label(row), lines.names), lines[row].text.strip())
        for row in range(len(lines))
    ]


TALK = (final(0, 0.0, "How are you? I am fine."), final(1, 5.0, "Good."))
TWO = turns((0.0, 1.2, 0), (1.2, 2.6, 1), (5.0, 5.4, 1))


def test_turns_split_a_line_that_was_there_before(view: TranscriptView) -> None:
    apply(view, *TALK, TWO)
    assert shown(view.lines) == [
        ("Speaker 1", "How are you?"), ("Speaker 2", "I am fine."), ("", "Good.")
    ]  # fmt: skip


def test_what_is_found_later_moves_and_takes_back_a_split(view: TranscriptView) -> None:
    apply(view, *TALK, TWO, turns((0.0, 2.6, 0), (5.0, 5.4, 1)))
    assert shown(view.lines) == [("Speaker 1", "How are you? I am fine."), ("Speaker 2", "Good.")]


def test_a_revision_is_split_anew(view: TranscriptView) -> None:
    apply(view, *TALK, TWO, final(0, 0.0, "Who are you? I am fine, thanks.", revision=1))
    assert [text for _, text in shown(view.lines)] == [
        "Who are you?", "I am fine, thanks.", "Good."
    ]  # fmt: skip


def test_an_absorbed_utterance_takes_its_parts_along(view: TranscriptView) -> None:
    apply(view, *TALK, TWO, FinalCaption(0, 1, 0.0, 1.0, "", "en", ()))
    assert shown(view.lines) == [("Speaker 2", "Good.")]


def test_a_line_that_is_being_spoken_is_labelled_and_not_split(view: TranscriptView) -> None:
    apply(view, words(0, 0.0, "one two three"), turns((0.0, 1.0, 0), (1.0, 9.0, 1)))
    assert len(view.lines) == 1
    assert view.lines[0].speakers
    assert view.lines[0].text.strip() == "one two three"


def test_names_and_merges_show_everywhere(view: TranscriptView) -> None:
    apply(view, *TALK, TWO, SpeakerNamed(1, "Anna"))
    assert shown(view.lines)[1] == ("Anna", "I am fine.")
    apply(view, SpeakersMerged(0, 1))
    assert shown(view.lines) == [("Anna", "How are you? I am fine."), ("", "Good.")]


def test_a_part_can_be_given_to_somebody_else(view: TranscriptView) -> None:
    apply(view, *TALK, TWO)
    line = view.lines[1]
    apply(view, SpeakerAssigned(0, 4, line.span))
    assert shown(view.lines)[1:] == [("Speaker 5", "I am fine."), ("Speaker 2", "Good.")]


def test_correcting_a_part_keeps_the_others(view: TranscriptView, qtbot: QtBot) -> None:
    apply(view, *TALK, TWO)
    view.edit_row(1)
    with qtbot.waitSignal(view.line_edited) as said:
        view._on_line_saved(0, "I am very fine.")
    assert said.args == [0, "How are you? I am very fine."]
    apply(view, CaptionEdited(*said.args))
    assert shown(view.lines)[:2] == [
        ("Speaker 1", "How are you?"), ("Speaker 2", "I am very fine.")
    ]  # fmt: skip


def test_a_saved_meeting_has_its_labels(view: TranscriptView) -> None:
    lines = TranscriptLines()
    saved = [
        SavedLine(0, 0.0, "How are you?", speakers=(0,)),
        SavedLine(0, 1.2, "I am fine.", speakers=(1, 0), part=1),
        SavedLine(1, 5.0, "Good.", speakers=(1, 0)),
    ]
    lines.load(saved, (), {0: "Anna"})
    view.show_lines(lines)
    assert shown(lines) == [
        ("Anna", "How are you?"), ("Speaker 2, Anna", "I am fine."), ("", "Good.")
    ]  # fmt: skip
    assert lines.is_split(0)
    assert not lines.is_split(1)
    assert view._margin.label_rect(0).width() > 20
    assert view._margin.label_rect(2).isEmpty()
    assert view._labelled_row_at(view._margin.label_rect(1).center()) == 1


def menu(view: TranscriptView, row: int) -> tuple[SpeakerMenu, list[Event]]:
    found: list[Event] = []
    view.speaker_said.connect(found.append)
    return view.speaker_menu(row), found


def test_the_menu_says_what_a_person_knows(view: TranscriptView) -> None:
    apply(view, *TALK, TWO)
    made, said = menu(view, 1)
    name, merge, owners = made.actions()
    assert name.text() == "Name Speaker 2…"
    merge_menu, owner_menu = merge.menu(), owners.menu()
    assert isinstance(merge_menu, QMenu)
    assert isinstance(owner_menu, QMenu)
    merge_menu.actions()[0].trigger()
    texts = [action.text() for action in owner_menu.actions() if action.text()]
    assert texts == ["Speaker 1", "Speaker 2", "Somebody else"]
    owner_menu.actions()[-1].trigger()
    span = view.lines[1].span
    assert said == [SpeakersMerged(1, 0), SpeakerAssigned(0, 2, span)]


def test_a_name_is_asked_for(view: TranscriptView) -> None:
    apply(view, *TALK, TWO)
    made, said = menu(view, 0)
    made.ask_name()
    dialog = find(view.window(), NameDialog)
    find(dialog, QLineEdit, "speakerName").setText("  Anna   Li ")
    find(dialog, QPushButton, "speakerSave").click()
    assert said == [SpeakerNamed(0, "Anna Li")]


def test_colours_differ_between_neighbours() -> None:
    for dark in (False, True):
        assert len({colour_of(n, dark=dark) for n in range(8)}) == 8


def record_with_speakers(program: Program) -> None:
    program.desktop.preferences.change("speakers", engine="embedded", number=3)
    live = program.record()
    assert (live.wish.engine, live.wish.speakers) == ("embedded", 3)
    program.tell(*TALK, TWO)


def test_a_live_meeting_shows_speakers_and_keeps_what_is_said_about_them(
    program: Program,
) -> None:
    record_with_speakers(program)
    view = program.window.centre.view
    assert shown(view.lines)[0] == ("Speaker 1", "How are you?")
    view.speaker_said.emit(SpeakerNamed(0, "Anna"))
    assert shown(view.lines)[0] == ("Anna", "How are you?")
    assert program.live.calls[-1] == "tell SpeakerNamed(speaker=0, name='Anna')"


def test_the_button_in_the_bar_turns_speakers_on_and_off(program: Program) -> None:
    button = program.find(QToolButton, "speakersButton")
    assert not button.isChecked()
    button.click()
    assert program.desktop.preferences.settings.speakers.engine == "embedded"
    button.click()
    assert program.desktop.preferences.settings.speakers.engine == "off"
    assert not button.isChecked()


def test_the_settings_have_engine_number_and_final_pass(program: Program) -> None:
    program.desktop.show_settings()
    engine = program.find(QComboBox, "setting_speakers_engine")
    engine.setCurrentIndex(2)
    engine.activated.emit(2)
    program.find(QCheckBox, "setting_speakers_final_pass").click()
    chosen = program.desktop.preferences.settings.speakers
    assert (chosen.engine, chosen.final_pass) == ("sortformer", False)
    assert program.find(QToolButton, "speakersButton").isChecked()


def changes(program: Program) -> list[tuple[str, ...]]:
    return [change for change in program.services.meetings.changes if change[0] == "speakers"]


def test_a_meeting_is_looked_at_again_when_it_has_ended(program: Program) -> None:
    record_with_speakers(program)
    live = program.live
    program.desktop.actions.stop.trigger()
    program.bot.waitUntil(lambda: any("50 %" in text for text in program.texts()))
    program.services.meetings.found.set()
    program.idle()
    assert changes(program) == [("speakers", live.id, "embedded")]
    assert any("have been told apart" in text for text in program.texts())
    assert shown(program.window.centre.view.lines) == [("Speaker 1", "What was saved")]


def test_it_is_not_looked_at_again_without_the_wish(program: Program) -> None:
    program.desktop.preferences.change("speakers", engine="embedded", final_pass=False)
    program.record()
    program.stop()
    assert changes(program) == []


def test_the_final_pass_can_be_asked_for_and_cancelled(program: Program) -> None:
    program.choose("m1")
    program.window.meetings.speakers_asked.emit("m1")
    program.bot.waitUntil(lambda: any("50 %" in text for text in program.texts()))
    program.window.meetings.speakers_asked.emit("m2")
    assert any("another meeting" in text for text in program.texts())
    (message,) = [m for m in program.desktop.messages.current if "50 %" in m.text]
    assert message.button is not None
    message.button.action()
    program.idle()
    assert not any("%" in text for text in program.texts())
    assert shown(program.window.centre.view.lines)[0] == ("", "Good morning")
    program.services.meetings.found.set()
    program.window.meetings.speakers_asked.emit("m1")
    program.idle()
    assert shown(program.window.centre.view.lines)[0] == ("Speaker 1", "Good morning")


def test_what_is_said_about_a_saved_meeting_is_kept(program: Program) -> None:
    program.choose("m1")
    program.window.centre.view.speaker_said.emit(SpeakerAssigned(0, 1))
    program.idle()
    assert program.services.meetings.told == [SpeakerAssigned(0, 1)]


def test_a_diarizer_that_fails_is_said_and_captions_go_on(program: Program) -> None:
    record_with_speakers(program)
    program.tell(StageChanged("diarize", StageState.FAILED, "The model voices is missing", "Pull"))
    assert "Speakers are not told apart: The model voices is missing." in program.texts()
    program.tell(final(2, 8.0, "Still here."))
    assert "Still here." in program.transcript()


def test_a_missing_model_is_offered_when_speakers_are_turned_on(program: Program) -> None:
    button = program.find(QToolButton, "speakersButton")
    models = program.services.models
    models.speakers = replace(models.speakers, installed=False)
    model_before = program.desktop.preferences.settings.recognition.model
    button.click()
    program.idle()
    question = find(program.window, Question)
    question.agree.click()
    models.arrived.set()
    program.idle()
    assert "The model voices is ready." in program.texts()
    assert program.desktop.preferences.settings.recognition.model == model_before
