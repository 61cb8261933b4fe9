"""Names of speakers in every format, and RTTM out and in."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from app.core.errors import MediaError
from app.core.events import SpeakerTurn
from app.export import FORMATS, ExportDocument
from app.export.cues import ROW_WIDTH, width
from app.export.rttm import parse_rttm
from app.session.speakers import Speaker
from tests.export.documents import TALK, document, spoken

TURNS = (SpeakerTurn(0.5, 2.25, 0), SpeakerTurn(2.0, 9.0, 1))


def meeting() -> ExportDocument:
    lines = (
        replace(spoken(0, 1.0, "Good morning."), speakers=(0,)),
        replace(spoken(0, 3.0, "Hello."), speakers=(1,), part=1),
        replace(spoken(1, 5.0, "How are you?"), speakers=(1,)),
        replace(spoken(2, 8.0, "Fine."), speakers=(0, 1)),
    )
    return replace(document(*lines), speakers=(Speaker(0, "Anna > Li"), Speaker(1)), turns=TURNS)


def test_text_names_a_speaker_at_each_change() -> None:
    assert FORMATS["txt"].render(meeting()).splitlines()[3:] == [
        "Anna > Li: Good morning.",
        "Speaker 2: Hello.",
        "How are you?",
        "Anna > Li and Speaker 2: Fine.",
    ]


def test_subtitles_name_a_speaker_at_each_change() -> None:
    rows = FORMATS["srt"].render(meeting()).split("\n\n")
    assert [row.splitlines()[2] for row in rows] == [
        "Anna > Li: Good morning.", "Speaker 2: Hello.", "How are you?",
        "Anna > Li and Speaker 2: Fine.",
    ]  # fmt: skip


def test_a_name_never_widens_a_subtitle() -> None:
    line = replace(spoken(0, 1.0, TALK), speakers=(0,))
    doc = replace(document(line), speakers=(Speaker(0, "Anna " * 12),))
    for row in FORMATS["srt"].render(doc).splitlines():
        assert width(row) <= ROW_WIDTH


def test_voices_are_tags_in_vtt() -> None:
    text = FORMATS["vtt"].render(meeting())
    assert "\n<v Anna &gt; Li>Good morning.\n" in text
    assert "\n<v Speaker 2>How are you?\n" in text


def test_json_has_a_table_of_speakers_and_a_speaker_for_each_line() -> None:
    content = json.loads(FORMATS["json"].render(meeting()))
    assert content["speakers"] == [
        {"speaker": 0, "name": "Anna > Li", "named": True},
        {"speaker": 1, "name": "Speaker 2", "named": False},
    ]
    assert [(line["speaker"], line["also"]) for line in content["lines"]] == [
        (0, []), (1, []), (1, []), (0, [1])
    ]  # fmt: skip
    assert content["turns"][0] == {"start": 0.5, "end": 2.25, "speaker": 0}


def test_rttm_comes_back_as_it_went() -> None:
    text = FORMATS["rttm"].render(meeting())
    assert text.splitlines()[0] == "SPEAKER Weekly 1 0.500 1.750 <NA> <NA> Anna_>_Li <NA> <NA>"
    assert parse_rttm(text) == (TURNS, ("Anna_>_Li", "Speaker_2"))


def test_rttm_of_others_is_read_in_order_of_time() -> None:
    text = ";; a comment\n\nSPKR-INFO x 1 <NA>\nSPEAKER x 1 3 1 <NA> <NA> B\nSPEAKER x 1 0 1 <NA> <NA> A <NA>\n"  # noqa: E501
    turns, names = parse_rttm(text)
    assert (turns, names) == ((SpeakerTurn(0, 1, 0), SpeakerTurn(3, 4, 1)), ("A", "B"))


@pytest.mark.parametrize(
    "row", ["hello", "SPEAKER x 1", "SPEAKER x 1 a b <NA> <NA> A", "SPEAKER x 1 -1 2 <NA> <NA> A",
            "SPEAKER x 1 nan 2 <NA> <NA> A", "SPEAKER x 1 0 inf <NA> <NA> A"]
)  # fmt: skip
def test_what_is_not_rttm_is_said_with_its_row(row: str) -> None:
    with pytest.raises(MediaError, match="Row 2 is not RTTM"):
        parse_rttm(f"\n{row}\n")
