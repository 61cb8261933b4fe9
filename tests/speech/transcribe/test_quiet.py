"""Words begin where somebody is heard, not where the path of attention begins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from app.core.audio import SPEECH_RATE, AudioChunk
from app.core.events import Word
from app.speech.transcribe.alignatt import AlignAttDecoder
from app.speech.transcribe.localagreement import LocalAgreementDecoder
from app.speech.transcribe.offline import WindowDecoder
from app.speech.transcribe.options import AlignAttOptions, LocalAgreementOptions, RevisionOptions
from app.speech.transcribe.policy import Pause, StreamingDecoder
from app.speech.transcribe.quiet import begin_with_sound, longest, sounding
from app.speech.transcribe.whisper import Alignment, DecodingTask
from tests.fakes.speech import FakeWhisper, Speaker
from tests.speech.transcribe.listening import recognise, utterances

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray


class EarlyWhisper(FakeWhisper):
    """As with the real one, the first token has all the silence in front of it."""

    def align(
        self, encoded: Any, tokens: Sequence[int], frames: int, task: DecodingTask
    ) -> Alignment:
        found = super().align(encoded, tokens, frames, task)
        found.starts[0] = 0
        return found


def sound(*parts: tuple[float, float], noise: float = 0.001) -> NDArray[np.float32]:
    """Parts of (seconds, amplitude) with noise in all of them."""
    random = np.random.default_rng(3)
    pieces = [a * random.standard_normal(round(s * SPEECH_RATE)) for s, a in parts]
    whole = np.concatenate(pieces)
    return (whole + noise * random.standard_normal(len(whole))).astype(np.float32)


def moved(word: Word, samples: NDArray[np.float32], origin: float = 0.0) -> float:
    (found,) = begin_with_sound([word], AudioChunk(round(origin * SPEECH_RATE), samples))
    assert (found.text, found.end) == (word.text, word.end)
    return found.start


@pytest.mark.parametrize("noise", [0.0, 0.001, 0.02])
def test_a_word_behind_a_silence_begins_with_the_sound(noise: float) -> None:
    samples = sound((1.0, 0.1), (3.0, 0.0), (0.5, 0.1), (1.0, 0.0), noise=noise)
    assert moved(Word(" so", 11.0, 14.5, 0.9), samples, 10.0) == pytest.approx(14.0, abs=0.03)


def test_a_word_before_a_silence_begins_where_it_did() -> None:
    samples = sound((1.0, 0.1), (0.5, 0.1), (3.0, 0.0), (1.0, 0.1))
    assert moved(Word(" so", 1.0, 4.5, 0.9), samples) == 1.0


def test_a_word_that_has_sound_which_is_not_its_own_begins_in_time_for_its_letters() -> None:
    samples = sound((1.0, 0.1), (3.0, 0.0), (0.5, 0.1))
    assert moved(Word(" so", 0.0, 4.5, 0.9), samples) == pytest.approx(4.0, abs=0.03)
    assert moved(Word(" so", 0.0, 4.5, 0.9), sound((4.5, 0.1))) == pytest.approx(4.01, abs=0.03)


@pytest.mark.parametrize("seconds", [0.3, 0.6])
def test_an_ordinary_word_stays_where_it_is(seconds: float) -> None:
    samples = sound((0.1, 0.0), (0.8, 0.1), (1.0, 0.0))
    assert moved(Word(" ordinary", 0.0, seconds, 0.9), samples) == 0.0


def test_in_perfect_silence_nothing_is_known() -> None:
    samples = np.zeros(5 * SPEECH_RATE, np.float32)
    assert moved(Word(" so", 0.0, 4.5, 0.9), samples) == 0.0
    assert not sounding(samples).any()
    assert len(sounding(samples[:100])) == 0


def test_where_nothing_was_recorded_is_no_measure_of_what_is_quiet() -> None:
    samples = sound((3.0, 0.0), (0.5, 0.1), (1.0, 0.0))
    nothing = np.zeros(20 * SPEECH_RATE, np.float32)
    at = moved(Word(" so", 20.5, 23.5, 0.9), np.concatenate([nothing, samples]))
    assert at == pytest.approx(23.0, abs=0.03)


def test_digits_and_syllables_take_longer_than_letters() -> None:
    assert longest(" in") < longest(" initiative.") < 1.1
    assert longest(" 1984") > 1.2
    assert longest(" 안녕하세요") > 1.2


def _aligned(model: FakeWhisper) -> StreamingDecoder:
    return AlignAttDecoder(model, AlignAttOptions(), DecodingTask())


def _agreed(model: FakeWhisper) -> StreamingDecoder:
    return LocalAgreementDecoder(model, LocalAgreementOptions(), DecodingTask())


@pytest.mark.parametrize("make", [_aligned, _agreed])
def test_the_first_word_of_a_stream_begins_when_it_is_said(
    make: Callable[[FakeWhisper], StreamingDecoder],
) -> None:
    speaker = Speaker().rest(3).say("one", "two").rest(1)
    decoder = make(EarlyWhisper())
    decoder.restart(80_000)
    decoder.append(speaker.samples)
    words = decoder.step(Pause.LONG, 0.9)
    assert [word.start for word in words] == pytest.approx([8.0, 8.4], abs=0.06)


def test_the_first_word_of_a_window_begins_when_it_is_said() -> None:
    speaker = Speaker().rest(3).say("one", "two").rest(1)
    decoder = WindowDecoder(EarlyWhisper(), RevisionOptions())
    decoded = decoder.decode(AudioChunk(80_000, speaker.samples), DecodingTask())
    assert decoded is not None
    assert [word.start for word in decoded.words] == pytest.approx([8.0, 8.4], abs=0.06)


def test_captions_begin_when_their_first_word_is_said() -> None:
    speaker = Speaker()
    for _ in range(4):
        speaker.rest(1.6).say("one", "two", "three", "end")
    told = utterances(recognise(speaker.rest(1), EarlyWhisper()))
    starts = [heard.caption.start for heard in told]
    assert starts == pytest.approx([said.start for said in speaker.said[::4]], abs=0.06)
