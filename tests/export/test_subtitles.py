"""SRT and WebVTT, held to by reading them back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

import pytest

from app.core.events import Word
from app.export import FORMATS, ExportDocument
from app.export.cues import MAX_ROWS, ROW_WIDTH, Cue, cues_of, width
from app.session.line import Line
from tests.export.documents import DOCUMENTS, TALK, document, plain, spoken

ALL = pytest.mark.parametrize("doc", DOCUMENTS.values(), ids=DOCUMENTS)


@dataclass(frozen=True)
class Read:
    start_ms: int
    end_ms: int
    rows: tuple[str, ...]


def _milliseconds(stamp: str, point: str) -> int:
    found = re.fullmatch(rf"(\d{{2,}}):([0-5]\d):([0-5]\d){re.escape(point)}(\d{{3}})", stamp)
    assert found, stamp
    hours, minutes, seconds, millis = map(int, found.groups())
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + millis


def _cue(times: str, rows: list[str], point: str) -> Read:
    start, arrow, end = times.split(" ")
    assert arrow == "-->"
    return Read(_milliseconds(start, point), _milliseconds(end, point), tuple(rows))


def read_srt(text: str) -> list[Read]:
    cues = []
    for number, part in enumerate(text.split("\n\n") if text else [], 1):
        counter, times, *rows = part.strip("\n").split("\n")
        assert counter == str(number)
        cues.append(_cue(times, rows, ","))
    return cues


def read_vtt(text: str) -> list[Read]:
    head, *parts = text.split("\n\n")
    assert head.strip("\n") == "WEBVTT"
    cues = []
    for part in parts:
        times, *rows = part.strip("\n").split("\n")
        assert not any(sign in row for row in rows for sign in ("<", ">"))
        cues.append(_cue(times, [unescape(row) for row in rows], "."))
    return cues


def _said(text: str) -> str:
    return re.sub(r"[\s\x00]", "", text.replace("-->", "→"))


@ALL
def test_srt_and_vtt_tell_the_same(doc: ExportDocument) -> None:
    srt, vtt = read_srt(FORMATS["srt"].render(doc)), read_vtt(FORMATS["vtt"].render(doc))
    assert [(c.start_ms, c.end_ms) for c in srt] == [(c.start_ms, c.end_ms) for c in vtt]
    assert [_said("".join(c.rows)) for c in srt] == [_said("".join(c.rows)) for c in vtt]


@ALL
def test_times_go_forward(doc: ExportDocument) -> None:
    before = 0
    for cue in read_srt(FORMATS["srt"].render(doc)):
        assert before <= cue.start_ms < cue.end_ms
        before = cue.end_ms


@ALL
def test_rows_fit(doc: ExportDocument) -> None:
    for cue in cues_of(doc.lines):
        assert 1 <= len(cue.rows) <= MAX_ROWS
        for row in cue.rows:
            assert 0 < width(row) <= ROW_WIDTH
            assert row == row.strip()


@ALL
def test_nothing_that_was_said_is_lost(doc: ExportDocument) -> None:
    shown = "".join(_said("".join(cue.rows)) for cue in read_srt(FORMATS["srt"].render(doc)))
    lines = sorted(doc.lines, key=lambda line: max(0.0, line.start))
    said = "".join(_said(line.text) for line in lines)
    if doc is DOCUMENTS["overlapping"]:  # people who speak at the same time take turns
        shown, said = "".join(sorted(shown)), "".join(sorted(said))
    assert shown == said


def test_no_lines_make_no_cues() -> None:
    assert FORMATS["srt"].render(document()) == ""
    assert FORMATS["vtt"].render(document()) == "WEBVTT\n"


def test_srt_looks_like_srt() -> None:
    doc = document(spoken(0, 1.0, "Good morning."), spoken(1, 3_661.5, "Goodbye."))
    assert FORMATS["srt"].render(doc) == (
        "1\n00:00:01,000 --> 00:00:01,600\nGood morning.\n\n"
        "2\n01:01:01,500 --> 01:01:01,800\nGoodbye.\n"
    )


def test_vtt_escapes_markup() -> None:
    text = FORMATS["vtt"].render(document(plain(0, 0, 1, "a <b> & c --> d")))
    assert text == "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\na &lt;b&gt; &amp; c --&gt; d\n"


def test_the_arrow_cannot_be_taken_for_a_time() -> None:
    text = FORMATS["srt"].render(document(plain(0, 0, 1, "a --> b")))
    assert text.count("-->") == 1


def test_rounding_never_gives_a_thousand_milliseconds() -> None:
    [first, second] = read_srt(FORMATS["srt"].render(DOCUMENTS["rounding"]))
    assert (first.start_ms, first.end_ms) == (1_000, 60_000)
    assert second.start_ms == 3_600_000


def test_a_long_utterance_is_cut_in_step_with_its_words() -> None:
    line = spoken(0, 10.0, TALK)
    cues = cues_of([line])
    assert len(cues) > 5
    starts = {round(word.start * 1000): word.text.strip() for word in line.words}
    for cue in cues:
        assert cue.rows[0].startswith(starts[cue.start_ms])
        assert cue.end_ms - cue.start_ms <= 7_000


def test_a_pause_begins_a_new_cue() -> None:
    words = (Word(" One.", 0.0, 0.5, 1.0), Word(" Two.", 4.0, 4.5, 1.0))
    line = Line(0, 0.0, 4.5, "One. Two.", "en", words, 0, final=True, edited=False)
    assert cues_of([line]) == [Cue(0, 500, ("One.",)), Cue(4_000, 4_500, ("Two.",))]


def test_an_edited_line_is_shown_as_edited_at_an_even_pace() -> None:
    words = tuple(Word(" no", float(n), n + 1.0, 1.0) for n in range(20))
    line = Line(0, 0.0, 20.0, TALK, "en", words, 0, final=True, edited=True)
    cues = cues_of([line])
    assert " ".join(row for cue in cues for row in cue.rows) == TALK
    lengths = [cue.end_ms - cue.start_ms for cue in cues]
    assert sum(lengths) == 20_000


def test_parts_of_a_word_stay_together() -> None:
    texts = [" We", " don", "'t", " know", ",", " he", " said", "."]
    words = tuple(Word(text, n * 0.1, n * 0.1 + 0.1, 1.0) for n, text in enumerate(texts * 10))
    said = "".join(word.text for word in words).strip()
    line = Line(0, 0.0, 8.0, said, "en", words, 0, final=True, edited=False)
    rows = [row for cue in cues_of([line]) for row in cue.rows]
    assert " ".join(rows) == said


def test_no_row_begins_with_a_closing_sign_or_a_mark() -> None:
    for name in ("japanese", "thai"):
        for cue in cues_of(DOCUMENTS[name].lines):
            for row in cue.rows:
                assert row[0] not in "、。」ー่้ั็์ิีึืุู", row


def test_wide_characters_take_two_columns() -> None:
    assert (width("abc"), width("한글"), width("e\u0301")) == (3, 4, 1)


def test_who_speaks_into_another_follows() -> None:
    cues = cues_of([spoken(0, 0.0, "One two three"), spoken(1, 0.3, "Yes")])
    assert [(cue.start_ms, cue.end_ms) for cue in cues] == [(0, 300), (300, 600)]
