"""Who spoke each word of a transcript."""

from __future__ import annotations

from app.core.events import (
    YOU,
    CaptionEdited,
    Event,
    FinalCaption,
    MeetingForgot,
    OwnVoiceHeard,
    SpeakerAssigned,
    SpeakerNamed,
    SpeakersMerged,
    SpeakerTurn,
    TurnsFound,
    Word,
    WordsCommitted,
)
from app.session.transcript import Transcript


def words(text: str, start: float = 0.0, step: float = 0.4) -> tuple[Word, ...]:
    """Words that follow each other without a pause."""
    return tuple(
        Word(f" {part}", start + i * step, start + (i + 1) * step, 0.9)
        for i, part in enumerate(text.split())
    )


def caption(utterance: int, text: str, start: float = 0.0, step: float = 0.4) -> FinalCaption:
    said = words(text, start, step)
    return FinalCaption(utterance, 0, start, said[-1].end, text, "en", said)


def turns(*found: tuple[float, float, int], end: float = 60.0) -> TurnsFound:
    return TurnsFound(0.0, end, tuple(SpeakerTurn(*turn) for turn in found), final=False)


def told(transcript: Transcript) -> list[tuple[str, tuple[int, ...]]]:
    return [(line.text, line.speakers) for line in transcript.lines]


def made(*events: FinalCaption | TurnsFound) -> Transcript:
    transcript = Transcript()
    for event in events:
        transcript.apply(event)
    return transcript


def test_without_turns_nobody_is_named() -> None:
    transcript = made(caption(0, "Good morning."))
    assert told(transcript) == [("Good morning.", ())]
    assert transcript.speakers == []


def test_a_change_of_speaker_splits_the_line() -> None:
    transcript = made(caption(0, "How are you? I am fine."), turns((0, 1.2, 0), (1.2, 2.6, 1)))
    assert told(transcript) == [("How are you?", (0,)), ("I am fine.", (1,))]
    first, second = transcript.lines
    assert (first.utterance, first.part, first.end) == (0, 0, first.words[-1].end)
    assert (second.utterance, second.part, second.start) == (0, 1, second.words[0].start)
    whole = transcript.line(0)
    assert whole is not None
    assert whole.text == "How are you? I am fine."


def test_a_change_is_moved_to_the_end_of_the_sentence_nearby() -> None:
    transcript = made(caption(0, "How are you? I am fine."), turns((0, 1.65, 0), (1.65, 2.6, 1)))
    assert told(transcript) == [("How are you?", (0,)), ("I am fine.", (1,))]


def test_a_change_far_from_any_sentence_end_stays() -> None:
    transcript = made(
        caption(0, "one two three four five six seven eight nine ten"),
        turns((0, 2.0, 0), (2.0, 4.0, 1)),
    )
    assert [line.text for line in transcript.lines] == [
        "one two three four five",
        "six seven eight nine ten",
    ]


def test_a_slip_inside_a_sentence_changes_nothing() -> None:
    transcript = made(
        caption(0, "we will meet again tomorrow at nine then", step=0.3),
        turns((0, 1.2, 0), (1.2, 1.5, 1), (1.5, 3.0, 0)),
    )
    assert told(transcript) == [("we will meet again tomorrow at nine then", (0,))]


def test_a_short_answer_between_sentences_is_somebody_elses() -> None:
    transcript = made(
        caption(0, "Shall we go? Yes. Then take your coat.", step=0.3),
        turns((0, 0.9, 0), (0.9, 1.2, 1), (1.2, 2.4, 0)),
    )
    assert told(transcript) == [
        ("Shall we go?", (0,)), ("Yes.", (1,)), ("Then take your coat.", (0,))
    ]  # fmt: skip


def test_overlapping_speech_marks_both() -> None:
    transcript = made(caption(0, "No no that is mine."), turns((0, 2.0, 0), (0.4, 1.8, 1)))
    assert told(transcript) == [("No no that is mine.", (0, 1))]


def test_words_near_a_turn_are_its_own_and_far_ones_nobodys() -> None:
    transcript = made(caption(0, "Hm.", start=5.0), turns((5.6, 8.0, 2)))
    assert told(transcript) == [("Hm.", (2,))]
    transcript = made(caption(0, "Hm.", start=5.0), turns((7.0, 8.0, 2)))
    assert told(transcript) == [("Hm.", ())]


def test_words_that_are_being_spoken_have_a_speaker_too() -> None:
    transcript = Transcript()
    transcript.apply(WordsCommitted(0, words("so far")))
    transcript.apply(turns((0, 5, 3)))
    assert told(transcript) == [("so far", (3,))]


def test_a_correction_keeps_the_change_of_speaker() -> None:
    transcript = made(caption(0, "How are yew? I am vine."), turns((0, 1.2, 0), (1.2, 2.6, 1)))
    transcript.apply(CaptionEdited(0, "How are you today? I am fine."))
    assert told(transcript) == [("How are you today?", (0,)), ("I am fine.", (1,))]


def test_a_line_without_words_belongs_to_who_spoke_most() -> None:
    transcript = Transcript()
    transcript.apply(FinalCaption(0, 0, 0.0, 4.0, "Good morning", "en", ()))
    transcript.apply(turns((0, 1, 0), (1, 4, 1)))
    assert told(transcript) == [("Good morning", (1,))]


def test_names_merges_and_hands_survive_what_is_found_later() -> None:
    transcript = made(
        caption(0, "Good morning."), caption(1, "Hello there.", 5.0), caption(2, "Bye.", 9.0),
        turns((0, 1, 0), (5, 6, 1), (9, 10, 2)),
    )  # fmt: skip
    transcript.apply(SpeakerNamed(1, "Anna"))
    transcript.apply(SpeakersMerged(2, 0))
    transcript.apply(SpeakerAssigned(0, 1))
    assert [who for _, who in told(transcript)] == [(1,), (1,), (0,)]
    transcript.apply(TurnsFound(0, 60, turns((0, 6, 0), (9, 10, 2)).turns, final=True))
    assert [who for _, who in told(transcript)] == [(1,), (0,), (0,)]
    assert [(who.number, who.called()) for who in transcript.speakers] == [
        (0, "Speaker 1"), (1, "Anna")
    ]  # fmt: skip


def test_a_part_of_a_line_can_be_given_to_somebody() -> None:
    transcript = made(caption(0, "How are you? I am fine."), turns((0, 5, 0)))
    second = words("How are you? I am fine.")[3:]
    transcript.apply(SpeakerAssigned(0, 4, (second[0].start, second[-1].end)))
    assert told(transcript) == [("How are you?", (0,)), ("I am fine.", (4,))]


def test_a_merge_takes_the_name_along_and_ends_in_itself() -> None:
    transcript = made(caption(0, "Hi."), turns((0, 5, 0)))
    transcript.apply(SpeakerNamed(0, "Anna"))
    transcript.apply(SpeakersMerged(0, 1))
    transcript.apply(SpeakersMerged(1, 0))
    assert [(who.number, who.name) for who in transcript.speakers] == [(1, "Anna")]


def test_only_the_lines_in_a_stretch_are_made_anew() -> None:
    transcript = Transcript()
    for n in range(2000):
        transcript.apply(caption(n, "Good morning to you.", start=3.0 * n))
    before = transcript.lines
    transcript.apply(TurnsFound(5994.0, 6000.0, (SpeakerTurn(5997.0, 5999.0, 0),), final=False))
    after = transcript.lines
    changed = [n for n, (a, b) in enumerate(zip(before, after, strict=True)) if a is not b]
    assert len(changed) <= 4
    assert min(changed) >= 1995
    assert after[-1].speakers == (0,)


class TestTheOwnVoice:
    """The microphone tells when its user speaks; the diarizer knows only voices."""

    @staticmethod
    def spoken(*events: Event) -> list[tuple[str, tuple[int, ...]]]:
        words = tuple(Word(f" w{n}", n * 1.0, n * 1.0 + 0.8, 0.9) for n in range(8))
        text = " ".join(word.text.strip() for word in words)
        transcript = Transcript()
        for event in events:
            transcript.apply(event)
        transcript.apply(FinalCaption(0, 0, 0.0, 7.8, text, "en", words))
        return [(line.text, line.speakers) for line in transcript.lines]

    def test_lines_of_the_user_have_one_speaker_and_others_have_none(self) -> None:
        assert self.spoken(OwnVoiceHeard(4.0, 8.0)) == [
            ("w0 w1 w2 w3", ()), ("w4 w5 w6 w7", (YOU,))
        ]  # fmt: skip

    def test_it_goes_before_what_the_diarizer_found_and_outlives_what_is_told_anew(self) -> None:
        found = TurnsFound(0.0, 8.0, (SpeakerTurn(0.0, 8.0, 0),), final=True)
        expected = [("w0 w1 w2 w3", (0,)), ("w4 w5 w6 w7", (YOU,))]
        assert self.spoken(OwnVoiceHeard(4.0, 8.0), found) == expected
        assert self.spoken(found, OwnVoiceHeard(4.0, 8.0), found) == expected

    def test_a_breath_does_not_end_a_turn(self) -> None:
        transcript = Transcript()
        for event in (OwnVoiceHeard(1.0, 2.0), OwnVoiceHeard(2.4, 3.0), OwnVoiceHeard(5.0, 6.0)):
            transcript.apply(event)
        assert transcript.turns == (SpeakerTurn(1.0, 3.0, YOU), SpeakerTurn(5.0, 6.0, YOU))

    def test_it_is_forgotten_like_everything_else(self) -> None:
        transcript = Transcript()
        transcript.apply(OwnVoiceHeard(1.0, 6.0))
        transcript.apply(MeetingForgot(2.0, 7.0))
        assert transcript.turns == (SpeakerTurn(1.0, 2.0, YOU),)

    def test_it_is_called_you_until_it_has_a_name(self) -> None:
        transcript = Transcript()
        transcript.apply(OwnVoiceHeard(1.0, 6.0))
        assert [who.called() for who in transcript.speakers] == ["You"]
        transcript.apply(SpeakerNamed(YOU, "Mina"))
        assert [who.called() for who in transcript.speakers] == ["Mina"]
