"""Exports in the language that was spoken, in another one, or in both."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from app.core.errors import TranslationError
from app.export import FORMATS, ExportDocument
from app.export.cues import ROW_WIDTH, cues_of, width
from app.session.translations import LineTranslation
from tests.export.documents import JAPANESE, TALK, document, plain, spoken

BOM_DIA = LineTranslation("pt", "Bom dia.", final=True)
MEETING = document(
    replace(
        spoken(0, 1.0, "Good morning."),
        translations=(BOM_DIA, LineTranslation("ko", "안녕하세요.", final=True, edited=True)),
    ),
    spoken(1, 5.0, "Obrigado."),
    title="",
)


def rows(found: ExportDocument, form: str) -> list[str]:
    text = FORMATS[form].render(replace(found, started=None))
    return [row for row in text.splitlines() if row and "-->" not in row and not row.isdigit()]


def test_text_has_translations_below_their_lines() -> None:
    below = ["Good morning.", "    pt: Bom dia.", "    ko: 안녕하세요.", "Obrigado."]
    assert rows(MEETING, "txt") == below
    assert rows(MEETING.told_in("both"), "txt") == below
    assert rows(MEETING.told_in("source"), "txt") == ["Good morning.", "Obrigado."]
    assert rows(MEETING.told_in("pt"), "txt") == ["Bom dia.", "Obrigado."]


@pytest.mark.parametrize("form", ["srt", "vtt"])
def test_subtitles_are_in_what_was_spoken_or_in_a_language_or_in_both(form: str) -> None:
    head = ["WEBVTT"] if form == "vtt" else []
    assert rows(MEETING, form) == [*head, "Good morning.", "Obrigado."]
    assert rows(MEETING.told_in("ko"), form) == [*head, "안녕하세요.", "Obrigado."]
    assert rows(MEETING.told_in("both"), form) == [
        *head, "Good morning.", "Bom dia.", "안녕하세요.", "Obrigado."
    ]  # fmt: skip


def test_json_has_all_translations() -> None:
    first = json.loads(FORMATS["json"].render(MEETING.told_in("pt")))["lines"][0]
    assert first["text"] == "Good morning."
    assert first["translations"] == [
        {"language": "pt", "text": "Bom dia.", "final": True, "edited": False},
        {"language": "ko", "text": "안녕하세요.", "final": True, "edited": True},
    ]


def test_a_language_that_nothing_is_translated_into_is_refused() -> None:
    with pytest.raises(TranslationError) as caught:
        MEETING.told_in("ja")
    assert caught.value.hint == "There are: pt, ko."


def test_a_long_translation_is_shared_out_among_the_subtitles_of_its_line() -> None:
    line = replace(spoken(0, 0.0, TALK), translations=(LineTranslation("ja", JAPANESE * 3),))
    cues = cues_of([line], below=[[JAPANESE * 3]])
    plain_cues = cues_of([line])
    assert [(cue.start_ms, cue.end_ms) for cue in cues] == [
        (cue.start_ms, cue.end_ms) for cue in plain_cues
    ]
    added = [
        row for cue, old in zip(cues, plain_cues, strict=True) for row in cue.rows[len(old.rows) :]
    ]
    assert "".join(added) == JAPANESE * 3
    assert all(width(row) <= ROW_WIDTH for row in added)


def test_the_translation_of_an_utterance_with_two_speakers_stands_for_both_lines() -> None:
    first = replace(plain(0, 0.0, 1.0, "One."), speakers=(0,))
    second = replace(plain(0, 1.0, 2.0, "Two."), speakers=(1,), part=1, translations=(BOM_DIA,))
    assert rows(document(first, second, title="").told_in("pt"), "txt") == ["Speaker 2: Bom dia."]
