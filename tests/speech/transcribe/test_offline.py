"""Windows decoded with beam search: prompts, loops, and what is not to be trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from app.core.audio import SPEECH_RATE, AudioChunk
from app.speech.transcribe.density import density, room_behind
from app.speech.transcribe.offline import WindowDecoder, join_audio
from app.speech.transcribe.options import RevisionOptions
from app.speech.transcribe.whisper import CONTEXT_LENGTH, DecodingTask
from tests.fakes.speech import FakeWhisper, Speaker, ramble

HINDI = (
    " सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता और समानता प्राप्त है।"
    " उन्हें बुद्धि और अन्तरात्मा की देन प्राप्त है और परस्पर उन्हें भाईचारे के भाव से बर्ताव करना चाहिए।"
    " प्रत्येक व्यक्ति को इस घोषणा में सन्निहित सभी अधिकारों और आज़ादियों को प्राप्त करने का हक़ है"
    " और इस मामले में जाति, वर्ण, लिंग, भाषा, धर्म, राजनीति या अन्य विचार प्रणाली, किसी देश या समाज"
    " विशेष में जन्म, सम्पत्ति या किसी प्रकार की अन्य मर्यादा आदि के कारण भेदभाव का विचार न किया जाएगा।"
    " चाहे कोई देश या प्रदेश स्वतन्त्र हो, संरक्षित हो, या स्वशासन रहित हो, या परिमित प्रभुसत्ता वाला हो।"
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from app.speech.transcribe.offline import DecodedWindow
    from app.speech.transcribe.whisper import Hypothesis, Search
    from tests.fakes.speech import HeardToken

TASK = DecodingTask("en")


def window(*words: str, at: float = 0.0) -> AudioChunk:
    return AudioChunk(round(at * SPEECH_RATE), Speaker().rest(0.5).say(*words).rest(0.5).samples)


def decoder(model: FakeWhisper) -> WindowDecoder:
    return WindowDecoder(model, RevisionOptions())


def test_words_lie_on_the_clock_of_the_source_with_their_marks() -> None:
    decoded = decoder(FakeWhisper()).decode(window("one", "end", at=100.0), TASK)
    assert decoded is not None
    assert decoded.sound
    assert [word.text for word in decoded.words] == [" one", " end."]
    assert [word.start for word in decoded.words] == pytest.approx([100.5, 100.9], abs=0.05)
    assert decoded.words[-1].end == pytest.approx(101.2, abs=0.05)


def test_the_text_of_the_window_before_is_the_prompt() -> None:
    model = FakeWhisper()
    work = decoder(model)
    work.decode(window("one", "two"), TASK)
    work.decode(window("three", at=5.0), TASK)
    assert model.prompts == [[], [0, 1]]


def test_after_half_a_minute_the_text_before_says_nothing() -> None:
    model = FakeWhisper()
    work = decoder(model)
    work.decode(window("one", "two"), TASK)
    work.decode(window("three", at=60.0), TASK)
    assert model.prompts == [[], []]


def test_a_window_without_likely_text_has_none() -> None:
    model = FakeWhisper()
    model.score = -1.5
    assert decoder(model).decode(window("one"), TASK) is None
    assert decoder(FakeWhisper()).decode(AudioChunk(0, np.zeros(16_000, np.float32)), TASK) is None


def test_a_loop_is_tried_again_without_the_prompt() -> None:
    model = FakeWhisper()
    work = decoder(model)
    work.decode(window("one", "two"), TASK)
    model.dressed = [[3] * 20]
    decoded = work.decode(window("four", "five", at=5.0), TASK)
    assert decoded is not None
    assert decoded.sound
    assert [word.text for word in decoded.words] == [" four", " five"]
    assert model.searched == 3
    assert model.prompts[1] == [0, 1]
    assert model.prompts[-1] == []


def test_a_model_that_only_loops_is_not_trusted_and_is_no_prompt() -> None:
    model = FakeWhisper()
    work = decoder(model)
    model.dressed = [[1, 3, 3, 3, 3, 3, 3], [1, 3, 3, 3, 3, 3, 3]]
    decoded = work.decode(window("one", "two"), TASK)
    assert decoded is not None
    assert not decoded.sound
    assert [word.text for word in decoded.words] == [" two", " four"]
    work.decode(window("five", at=5.0), TASK)
    assert model.prompts[-1] == []


@pytest.mark.parametrize("sure", [0.95, 0.3])
def test_speech_whose_text_does_not_fit_the_decoder_is_decoded_in_parts(
    monkeypatch: pytest.MonkeyPatch, sure: float
) -> None:
    """The last part is brief, but no cough that was taken for speech."""
    monkeypatch.setattr("app.speech.transcribe.offline.room_behind", lambda prompt: 4)
    model = FakeWhisper()
    model.sure = sure
    said = ramble(11)
    decoded = decoder(model).decode(window(*said), TASK)
    assert decoded is not None
    assert decoded.sound
    assert [word.text.strip() for word in decoded.words] == said
    starts = [word.start for word in decoded.words]
    assert starts == pytest.approx([0.5 + 0.4 * n for n in range(11)], abs=0.06)


def test_scripts_with_many_tokens_per_second_get_a_larger_budget() -> None:
    said = ramble(40)
    options = RevisionOptions(tokens_per_second=1.0)
    budgets: dict[str, int] = {}
    for language in ("de", "hi", "bn"):
        model = _Counting(multilingual=True)
        WindowDecoder(model, options).decode(window(*said), DecodingTask(language))
        budgets[language] = model.budgets[0]
    assert budgets["hi"] - 10 == pytest.approx(3 * (budgets["de"] - 10), abs=3)
    assert budgets["bn"] - 10 == pytest.approx(6 * (budgets["de"] - 10), abs=6)


def test_a_translation_into_english_needs_no_more_than_english() -> None:
    assert density("my") > 1
    model = _Counting(multilingual=True)
    WindowDecoder(model, RevisionOptions()).decode(
        window("one"), DecodingTask("my", translate=True)
    )
    WindowDecoder(model, RevisionOptions()).decode(window("one"), TASK)
    assert model.budgets[0] == model.budgets[1]


def test_a_budget_never_exceeds_what_the_decoder_holds() -> None:
    for prompt in (0, 64, 223, 271, 500):
        assert 1 <= room_behind(prompt) <= CONTEXT_LENGTH // 2
    assert room_behind(271) + 271 < CONTEXT_LENGTH


def test_a_script_of_three_bytes_a_character_is_no_loop() -> None:
    model = FakeWhisper(multilingual=True)
    model.text = lambda tokens: HINDI if len(tokens) > 1 else " एक"  # type: ignore[method-assign]
    decoded = decoder(model).decode(window("one", "two"), DecodingTask("hi"))
    assert decoded is not None
    assert decoded.sound
    assert model.searched == 1


class _Counting(FakeWhisper):
    budgets: list[int]

    def transcribe(
        self, encoded: Any, before: Sequence[int], task: DecodingTask, search: Search
    ) -> Hypothesis:
        self.budgets = [*getattr(self, "budgets", []), search.budget]
        return super().transcribe(encoded, before, task, search)


def test_chunks_are_joined_at_their_places_with_silence_between() -> None:
    ones = np.ones(10, np.float32)
    joined = join_audio([AudioChunk(100, ones), AudioChunk(110, 2 * ones), AudioChunk(130, ones)])
    assert joined.first_sample == 100
    expected = [*[1] * 10, *[2] * 10, *[0] * 10, *[1] * 10]
    np.testing.assert_array_equal(joined.samples, expected)


class _Hasty(FakeWhisper):
    """Hears only what follows the last pause, as Whisper sometimes does."""

    def encode(self, mel: NDArray[np.float32], kept: int | None = None) -> list[HeardToken]:
        heard = super().encode(mel, kept)
        pauses = [i for i in range(1, len(heard)) if heard[i].start - heard[i - 1].end > _PAUSE]
        return heard[pauses[-1] :] if pauses else heard


_PAUSE = 25
"""Encoder frames."""
SAID = tuple(ramble(15))


def paused(at: float = 0.0) -> AudioChunk:
    """Five words three times, with pauses of 1.5 s between them."""
    speaker = Speaker().rest(0.5)
    for first in (0, 5, 10):
        speaker.say(*SAID[first : first + 5]).rest(1.5)
    return AudioChunk(round(at * SPEECH_RATE), speaker.samples)


def heard(decoded: DecodedWindow | None) -> list[str]:
    return [word.text.strip(" .") for word in decoded.words] if decoded else []


def test_what_a_window_passed_over_is_decoded_by_itself() -> None:
    model = _Hasty()
    decoded = decoder(model).decode(paused(), TASK)
    assert decoded is not None
    assert heard(decoded) == list(SAID)
    assert [word.start for word in decoded.words] == sorted(w.start for w in decoded.words)
    assert model.searched == 3


def test_each_part_has_the_text_before_it_as_prompt_and_the_next_window_all_of_it() -> None:
    model = _Hasty()
    work = decoder(model)
    tokens = model.tokens(" ".join(SAID))
    work.decode(window("one", "two"), TASK)
    work.decode(paused(at=5.0), TASK)
    work.decode(window("three", at=20.0), TASK)
    assert model.prompts == [[], [0, 1], [0, 1], [0, 1, *tokens[:5]], tokens]


def test_unlikely_words_are_not_laid_where_nothing_was_written() -> None:
    model = _Hasty()
    speaker = Speaker().rest(0.5).say("one", "two", "three", "one", "two").rest(1.5)
    speaker.say("four", "five", "six", "seven", "four")
    model.unsure = {0: 0.3, 1: 0.3, 2: 0.6}
    decoded = decoder(model).decode(AudioChunk(0, speaker.samples), TASK)
    assert heard(decoded) == ["four", "five", "six", "seven", "four"]
    assert model.searched == 2


def test_a_translation_may_be_shorter_than_what_was_said() -> None:
    model = _Hasty(multilingual=True)
    decoded = decoder(model).decode(paused(), DecodingTask("ko", translate=True))
    assert heard(decoded) == list(SAID[10:])
