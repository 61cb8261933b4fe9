"""What lines say in other languages: late text never replaces better text."""

from __future__ import annotations

from app.core.events import (
    Event,
    FinalCaption,
    SpeakerTurn,
    Translation,
    TranslationEdited,
    TurnsFound,
    Word,
)
from app.session.transcript import Transcript
from app.session.translations import LineTranslation, languages_in

WORDS = tuple(
    Word(f" {text}", n, n + 0.9, 0.9) for n, text in enumerate(("one", "two.", "six", "ten"))
)


def said(*events: Event) -> Transcript:
    transcript = Transcript()
    for event in (FinalCaption(0, 0, 0.0, 3.9, "one two. six ten", "en", WORDS), *events):
        transcript.apply(event)
    return transcript


def shown(*events: Event) -> list[tuple[str, str]]:
    found = said(*events).line(0)
    assert found is not None
    return [(told.language, told.text) for told in found.translations]


def test_each_language_has_its_own_translation() -> None:
    events = Translation(0, "pt", "um", final=False), Translation(0, "ko", "하나", final=True)
    assert shown(*events) == [("pt", "um"), ("ko", "하나")]


def test_a_live_translation_that_comes_late_does_not_replace_the_final_one() -> None:
    events = Translation(0, "pt", "final", final=True), Translation(0, "pt", "live", final=False)
    assert shown(*events) == [("pt", "final")]


def test_a_later_final_one_replaces_an_earlier_one() -> None:
    events = Translation(0, "pt", "old", final=True), Translation(0, "pt", "new", final=True)
    assert shown(*events) == [("pt", "new")]


def test_nothing_replaces_what_a_person_wrote() -> None:
    edited = TranslationEdited(0, "pt", "mine")
    assert shown(edited, Translation(0, "pt", "theirs", final=True)) == [("pt", "mine")]
    line = said(Translation(0, "pt", "theirs", final=True), edited).line(0)
    assert line is not None
    assert line.translations == (LineTranslation("pt", "mine", final=True, edited=True),)
    assert line.translation("pt") == line.translations[0]
    assert line.translation("ko") is None


def test_an_empty_final_one_takes_it_away() -> None:
    events = Translation(0, "pt", "old", final=True), Translation(0, "pt", "", final=True)
    assert shown(*events) == []


def test_where_speakers_split_an_utterance_its_last_line_has_the_translation() -> None:
    turns = SpeakerTurn(0.0, 1.95, 0), SpeakerTurn(1.95, 4.0, 1)
    transcript = said(
        Translation(0, "pt", "tudo", final=True), TurnsFound(0.0, 4.0, turns, final=True)
    )
    lines = transcript.lines
    assert [line.text for line in lines] == ["one two.", "six ten"]
    assert [bool(line.translations) for line in lines] == [False, True]


def test_the_languages_of_a_meeting_come_in_the_order_of_their_appearance() -> None:
    pt, ko = LineTranslation("pt", "a"), LineTranslation("ko", "b")
    assert languages_in([(), (pt,), (ko, pt)]) == ["pt", "ko"]
