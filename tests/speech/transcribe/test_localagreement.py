"""LocalAgreement-2: what two steps in a row begin with stands, once and for all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.core.audio import SPEECH_RATE
from app.core.events import WordsCommitted
from app.speech.transcribe.decoders import DecoderOptions
from app.speech.transcribe.localagreement import LocalAgreementDecoder, after
from app.speech.transcribe.options import AlignAttOptions, LocalAgreementOptions
from app.speech.transcribe.policy import Pause
from app.speech.transcribe.whisper import DecodingTask
from app.speech.transcribe.words import Piece, PlacedPiece
from tests.fakes.speech import MARKS, FakeWhisper, Speaker, ramble
from tests.speech.transcribe.listening import recognise, texts

OPTIONS = LocalAgreementOptions()


def decoder(options: LocalAgreementOptions = OPTIONS) -> tuple[LocalAgreementDecoder, FakeWhisper]:
    model = FakeWhisper()
    return LocalAgreementDecoder(model, options, DecodingTask()), model


def speak(decoder: LocalAgreementDecoder, *words: str) -> None:
    decoder.append(Speaker().say(*words).samples)


def step(decoder: LocalAgreementDecoder, pause: Pause = Pause.NONE, silence: float = 0.0) -> str:
    return "".join(word.text for word in decoder.step(pause, silence)).strip()


def committed(speaker: Speaker, options: DecoderOptions) -> list[str]:
    """The committed words, one event after the other."""
    told = recognise(speaker, options=options)
    events = [item for _, item in told if isinstance(item, WordsCommitted)]
    words = ["".join(word.text for word in event.words).strip() for event in events]
    assert " ".join(words).replace(" .", ".") == " ".join(texts(told))
    return words


@pytest.fixture
def room_for_four(monkeypatch: pytest.MonkeyPatch) -> None:
    """The decoder takes four tokens behind the prompt and no more."""
    monkeypatch.setattr("app.speech.transcribe.localagreement.room_behind", lambda prompt: 4)


def test_a_word_stands_when_two_steps_agree() -> None:
    decoding, _ = decoder()
    speak(decoding, "one", "two")
    assert step(decoding) == ""
    assert decoding.preview.strip() == "one two"
    speak(decoding, "three")
    assert step(decoding) == "one two"
    assert decoding.preview.strip() == "three"


def test_a_word_that_changes_waits() -> None:
    decoding, model = decoder()
    speak(decoding, "one", "two")
    model.dressed = [[0, 3], [0, 1]]
    assert step(decoding) == ""
    speak(decoding, "three")
    assert step(decoding) == "one"


def test_a_long_pause_commits_the_tail_and_lets_the_sound_go() -> None:
    decoding, _ = decoder()
    speak(decoding, "one", "two")
    decoding.append(Speaker().rest(1.0).samples)
    assert step(decoding, Pause.LONG, 1.1) == "one two"
    assert decoding.preview == ""
    assert decoding.seconds < 1.0
    speak(decoding, "three")
    assert step(decoding, Pause.LONG, 0.1) == "three"


def test_in_a_long_pause_an_improbable_word_is_kept_if_a_probable_one_follows() -> None:
    """The sound is dropped: what is not told now is lost. What trails behind may be made up."""
    decoding, model = decoder()
    model.unsure = {0: 0.01, 2: 0.02, 4: 0.03}
    speak(decoding, "one", "two", "three", "four", "five")
    assert step(decoding, Pause.LONG, 0.1) == "one two three four"


@pytest.mark.usefixtures("room_for_four")
def test_speech_whose_text_does_not_fit_the_decoder_is_decoded_in_parts() -> None:
    decoding, _ = decoder()
    said = ramble(10)
    speak(decoding, *said)
    assert step(decoding, Pause.LONG, 0.1) == " ".join(said)
    assert decoding.seconds < 1.0


@pytest.mark.usefixtures("room_for_four")
def test_a_full_decoder_lets_the_sound_of_committed_words_go() -> None:
    decoding, _ = decoder()
    said = ramble(12)
    told: list[str] = []
    for word in said:
        speak(decoding, word)
        told += step(decoding).split()
    told += step(decoding, Pause.LONG, 0.1).split()
    assert told == said


def test_scripts_with_many_tokens_per_second_get_a_larger_budget() -> None:
    decoding, _ = decoder(replace(OPTIONS, tokens_per_second=1.0))
    decoding.task = DecodingTask("bn")
    said = ramble(25)
    speak(decoding, *said)
    assert step(decoding, Pause.LONG, 0.1) == " ".join(said), "25 tokens in 10 s, not 10 + 10"


def test_the_prompt_is_the_text_whose_sound_is_gone() -> None:
    decoding, model = decoder(replace(OPTIONS, prompt_tokens=2, static_prompt="seven"))
    speak(decoding, "one", "two", "three")
    step(decoding, Pause.LONG, 0.1)
    speak(decoding, "four")
    step(decoding)
    assert model.prompts == [[6], [6, 1, 2]]


def test_what_is_likely_enough_needs_no_second_step_but_the_last_word_does() -> None:
    decoding, model = decoder(replace(OPTIONS, validation=0.9))
    model.sure = 0.95
    speak(decoding, "one", "two")
    assert step(decoding) == "one"
    model.sure = 0.5
    speak(decoding, "three", "four")
    assert step(decoding) == "two"


@pytest.mark.parametrize("trimming", ["segment", "sentence"])
def test_the_sound_held_is_bounded_even_if_nothing_is_committed(trimming: str) -> None:
    options = replace(OPTIONS, longest=6.0, trimming=trimming)
    decoding, model = decoder(options)
    numbers = iter(range(1000))
    for _ in range(40):
        decoding.append(Speaker().rest(1.0).samples)
        model.dressed = [[next(numbers) % 7]]  # never the same twice
        assert step(decoding) == ""
        assert decoding.seconds <= options.longest + 5 + 1


def test_trimming_ends_at_a_sentence_and_keeps_the_clock() -> None:
    decoding, _ = decoder(replace(OPTIONS, longest=2.0, trimming="sentence"))
    speaker = Speaker().say("one", "end").rest(0.2).say("two", "three", "four")
    decoding.append(speaker.samples)
    step(decoding)
    decoding.append(Speaker().say("five").samples)
    assert step(decoding) == "one end. two three four"
    assert decoding.seconds == pytest.approx(speaker.seconds + 0.4 - speaker.said[2].start, abs=0.1)
    decoding.append(Speaker().say("six").samples)
    (five,) = decoding.step(Pause.NONE, 0.0)
    assert five.text.strip() == "five"
    assert five.start == pytest.approx(speaker.seconds, abs=0.1)


def trimmed(speaker: Speaker, trimming: str) -> float:
    """Where the sound begins that is still held when all of it has been committed."""
    decoding, _ = decoder(replace(OPTIONS, longest=2.0, trimming=trimming))
    decoding.append(speaker.samples)
    step(decoding)
    decoding.append(Speaker().say("seven").samples)
    assert len(step(decoding).split()) == len(speaker.said)
    return speaker.seconds + 0.4 - decoding.seconds


@pytest.mark.parametrize("trimming", ["segment", "sentence"])
def test_trimming_ends_where_somebody_rests_and_not_behind_mr(trimming: str) -> None:
    speaker = Speaker().say("one", "end").rest(0.2).say("two", "end", "three", "four")
    assert trimmed(speaker, trimming) == pytest.approx(speaker.said[2].start, abs=0.1)


@pytest.mark.parametrize("trimming", ["segment", "sentence"])
def test_trimming_does_not_end_in_the_midst_of_a_phrase(trimming: str) -> None:
    speaker = Speaker().say("one", "two").rest(0.2).say("three", "four", "five")
    assert trimmed(speaker, trimming) == 0.0


def test_a_segment_ends_at_any_mark_and_a_sentence_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(MARKS, 100, ",")
    speaker = Speaker().say("one", "end").rest(0.2).say("two", "three", "four")
    assert trimmed(speaker, "segment") == pytest.approx(speaker.said[2].start, abs=0.1)
    assert trimmed(speaker, "sentence") == 0.0


def test_new_sound_elsewhere_keeps_the_text_as_prompt() -> None:
    decoding, model = decoder()
    speak(decoding, "one")
    step(decoding, Pause.LONG, 0.1)
    decoding.restart(100 * SPEECH_RATE)
    speak(decoding, "two")
    (two,) = decoding.step(Pause.LONG, 0.1)
    assert two.start == pytest.approx(100.0, abs=0.1)
    assert model.prompts[-1] == [0]


def pieces(*placed: tuple[str, int, int]) -> list[PlacedPiece]:
    """Text, and the frames in which it begins and ends."""
    return [PlacedPiece(Piece(text, (1,)), start, end, 0.9) for text, start, end in placed]


def new(standing: list[PlacedPiece], found: list[PlacedPiece]) -> list[str]:
    return [item.piece.text for item in after(standing, found)]


def test_text_that_was_said_already_is_not_said_again_in_other_words() -> None:
    standing = pieces((" one", 0, 20), (" too", 20, 40), (".", 40, 40))
    found = pieces((" One", 0, 21), (" two", 21, 39), (",", 39, 41), (" six", 41, 60))
    assert new(standing, found) == [" six"]


def test_a_full_stop_that_came_too_early_does_not_swallow_the_rest_of_the_sentence() -> None:
    standing = pieces((" new", 0, 20), (" house", 20, 40), (".", 40, 45))
    rest = pieces((",", 40, 45), (" the", 45, 50), (" garden", 50, 70), (".", 70, 72))
    assert new(standing, [*standing[:2], *rest]) == [" the", " garden", "."]


def test_the_same_word_said_later_is_another_one() -> None:
    found = pieces((" a", 0, 10), (" cat", 10, 100), (" the", 100, 110))
    assert new(pieces((" the", 0, 10)), found) == [" cat", " the"]


def test_a_mark_that_follows_the_last_word_is_new() -> None:
    standing = pieces((" one", 0, 20))
    assert new(standing, [*standing, *pieces((".", 20, 20))]) == ["."]


with_either_policy = pytest.mark.parametrize(
    "options", [OPTIONS, AlignAttOptions()], ids=["agreement", "alignatt"]
)


@with_either_policy
@pytest.mark.parametrize("never_fire", [False, True])
def test_every_word_is_told_once(options: DecoderOptions, never_fire: bool) -> None:
    said = [*ramble(60), "end"]
    words = committed(
        Speaker().rest(0.3).say(*said).rest(2.0), replace(options, never_fire=never_fire)
    )
    assert " ".join(words).replace(" .", ".") == " ".join(said) + "."


@with_either_policy
def test_never_fire_holds_the_last_word_until_another_follows_or_the_utterance_ends(
    options: DecoderOptions,
) -> None:
    held = replace(options, never_fire=True, short_pause=0.3, long_pause=2.0, step=0.3)
    speaker = Speaker().rest(0.3).say("one", "two").rest(1.0).say("three").rest(3.0)
    words = committed(speaker, held)
    assert words[0].split()[-1] != "two"
    assert words[-1] == "three"
    assert " ".join(words) == "one two three"
