"""Lines in the order of time, cut again only where something has changed."""

from __future__ import annotations

from dataclasses import replace

from app.core.events import SpeakerTurn, TurnsFound, Word
from app.session.line import Line, begun
from app.session.linebook import LineBook
from app.session.speakers import Speakers


def line(utterance: int, start: float, end: float) -> Line:
    middle = (start + end) / 2
    words = (Word(" one.", start, middle, 0.9), Word(" two.", middle, end, 0.9))
    return begun(utterance, start).grown(words, "en")


def book(*lines: Line) -> LineBook:
    made = LineBook(Speakers())
    for one in lines:
        made.put(one)
    return made


def test_lines_stay_in_the_order_of_time_when_one_moves() -> None:
    made = book(line(0, 5, 7), line(1, 1, 3), line(2, 3, 5))
    assert [one.utterance for one in made] == [1, 2, 0]
    made.put(line(1, 9, 11))
    assert [one.utterance for one in made] == [2, 0, 1]
    assert made.last == 2


def test_a_long_line_reaches_into_a_stretch_long_after_it_began() -> None:
    made = book(line(0, 0, 30), line(1, 31, 32), line(2, 40, 41))
    assert [one.utterance for one in made.between(29.0, 31.5)] == [0, 1]
    assert not list(LineBook(Speakers()).between(0.0, 9.0))


def test_of_an_utterance_that_nobody_knows_there_are_no_lines() -> None:
    assert (book().last, book().get(3), book().spoken(3)) == (-1, None, ())


def test_a_line_is_cut_where_another_voice_takes_over_once_that_is_told() -> None:
    voices = Speakers()
    made = LineBook(voices)
    made.put(line(0, 0, 4))
    (whole,) = made.spoken(0)
    turns = (SpeakerTurn(0, 2, 0), SpeakerTurn(2, 4, 1))
    voices.apply(TurnsFound(0, 4, turns, final=True))
    assert made.spoken(0)[0] is whole, "it was not said that anything has changed"
    made.cut_anew([0, 7])
    assert [(part.text, part.speakers) for part in made.spoken(0)] == [
        ("one.", (0,)),
        ("two.", (1,)),
    ]


def test_only_what_is_put_in_anew_is_cut_again() -> None:
    kept = line(0, 0, 4)
    made = book(kept)
    before = made.spoken(0)
    made.put(kept.grown((), "en"))
    assert made.spoken(0) is before
    made.put(replace(kept, text="three"))
    assert [part.text for part in made.spoken(0)] == ["three"]
