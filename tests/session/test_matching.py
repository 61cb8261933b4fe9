"""Speakers that are found anew keep the numbers of those that people know."""

from __future__ import annotations

from app.core.events import (
    SpeakerAssigned,
    SpeakerNamed,
    SpeakersMerged,
    SpeakerTurn,
    TurnsFound,
)
from app.session.matching import found_anew, matched
from app.session.speakers import Speakers

LIVE = (SpeakerTurn(0, 10, 0), SpeakerTurn(10, 20, 1), SpeakerTurn(20, 30, 2))


def known(*events: SpeakerNamed | SpeakersMerged | SpeakerAssigned) -> Speakers:
    speakers = Speakers()
    speakers.apply(TurnsFound(0, 30, LIVE, final=True))
    for event in events:
        speakers.apply(event)
    return speakers


def test_unknown_speakers_are_numbered_as_they_are_heard() -> None:
    found = (SpeakerTurn(0, 15, 7), SpeakerTurn(15, 30, 3))
    assert matched(found, known()) == {7: 0, 3: 1}


def test_a_named_speaker_keeps_its_number_and_others_go_around_it() -> None:
    found = (SpeakerTurn(0, 11, 0), SpeakerTurn(11, 19, 1), SpeakerTurn(20, 30, 2))
    assert matched(found, known(SpeakerNamed(2, "Anna"))) == {0: 0, 1: 1, 2: 2}
    found = (SpeakerTurn(0, 11, 1), SpeakerTurn(11, 19, 0), SpeakerTurn(19, 20, 0))
    assert matched(found, known(SpeakerNamed(0, "Anna"))) == {1: 0, 0: 1}
    assert matched(found, known(SpeakerNamed(1, "Anna"))) == {1: 0, 0: 1}
    assert matched(found[::-1], known(SpeakerNamed(0, "Anna"), SpeakerNamed(1, "Ben"))) == {
        1: 0, 0: 1
    }  # fmt: skip


def test_a_name_is_not_given_for_a_moment_in_common() -> None:
    found = (SpeakerTurn(9, 21, 0), SpeakerTurn(21, 30, 1))
    assert matched(found, known(SpeakerNamed(0, "Anna"))) == {0: 1, 1: 2}


def test_what_a_person_merged_stays_merged() -> None:
    speakers = known(SpeakersMerged(1, 0))
    assert matched(LIVE, speakers) == {0: 0, 1: 0, 2: 2}


def test_a_line_given_by_hand_keeps_its_speaker() -> None:
    speakers = known(SpeakerAssigned(4, 1))
    assert matched((SpeakerTurn(10, 20, 0), SpeakerTurn(0, 10, 1)), speakers)[0] == 1


def test_what_is_found_anew_replaces_everything() -> None:
    speakers = known()
    event = found_anew((SpeakerTurn(1, 2, 5),), speakers, 12.0)
    assert event == TurnsFound(0.0, 30, (SpeakerTurn(1, 2, 0),), final=True)
    speakers.apply(event)
    assert speakers.turns == (SpeakerTurn(1, 2, 0),)


def test_silence_has_no_speakers() -> None:
    assert matched((), known(SpeakerNamed(0, "Anna"))) == {}
    assert found_anew((), Speakers(), 5.0) == TurnsFound(0.0, 5.0, (), final=True)
