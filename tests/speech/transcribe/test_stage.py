"""The live recogniser: what is told when, with a model that hears tones."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
import pytest

from app.core.audio import SPEECH_RATE, AudioChunk
from app.core.errors import LanguageError
from app.core.events import LanguageDetected, LoadLevel, PreviewChanged, Word, WordsCommitted
from app.pipeline.chain import Chain
from app.speech.transcribe.alignatt import AlignAttDecoder
from app.speech.transcribe.options import AlignAttOptions, UtteranceOptions
from app.speech.transcribe.policy import Pause
from app.speech.transcribe.stage import Recognised, TranscribeStage
from app.speech.transcribe.utterance import HeardUtterance, SpeechRested
from app.speech.vad.protocol import SpeechAudio
from app.speech.vad.stage import VadStage
from tests.fakes.speech import FakeWhisper, LoudnessDetector, Speaker, chunked, ramble

Told = list[tuple[float, Recognised]]
"""What was told, and the end of the sound that had been fed by then (s)."""


def recognise(
    speaker: Speaker | Iterable[AudioChunk],
    model: FakeWhisper | None = None,
    *,
    language: str = "en",
    utterances: UtteranceOptions | None = None,
) -> Told:
    model = model or FakeWhisper()
    stage = TranscribeStage(lambda: model, language, AlignAttOptions(), utterances)
    chain = Chain(VadStage(detector=LoudnessDetector), stage)
    chain.open()
    chunks = speaker.chunks() if isinstance(speaker, Speaker) else speaker
    told: Told = []
    end = 0.0
    for chunk in chunks:
        end = chunk.end
        told += [(end, item) for item in chain.feed([chunk])]
    told += [(end, item) for item in chain.flush()]
    chain.close()
    return told


def committed(told: Told) -> str:
    words = [e for _, e in told if isinstance(e, WordsCommitted)]
    return "".join(w.text for event in words for w in event.words).strip()


def utterances(told: Told) -> list[HeardUtterance]:
    return [item for _, item in told if isinstance(item, HeardUtterance)]


def texts(told: Told) -> list[str]:
    return [utterance.caption.text for utterance in utterances(told)]


def previews(told: Told) -> list[PreviewChanged]:
    return [item for _, item in told if isinstance(item, PreviewChanged)]


def test_everything_that_is_said_is_committed_once_and_stored() -> None:
    speaker = Speaker().rest(1).say("one", "two", "three", "four", "end").rest(3)
    told = recognise(speaker)
    assert committed(told) == "one two three four end."
    assert texts(told) == ["one two three four end."]


def test_words_lie_where_they_were_said() -> None:
    speaker = Speaker().rest(1.3).say("one", "two", "three").rest(4).say("four", "end").rest(3)
    told = recognise(speaker)
    words = [w for _, e in told if isinstance(e, WordsCommitted) for w in e.words]
    spoken = [word for word in words if word.text != "."]
    assert [w.text.strip() for w in spoken] == [s.text for s in speaker.said]
    for word, said in zip(spoken, speaker.said, strict=True):
        assert word.start == pytest.approx(said.start, abs=0.06)
    assert spoken[-1].end == pytest.approx(speaker.said[-1].end, abs=0.06)


def test_words_come_while_the_speaker_goes_on() -> None:
    speaker = Speaker().rest(1).say(*ramble(16))
    told = recognise(speaker)
    emitted = [(end, w) for end, e in told if isinstance(e, WordsCommitted) for w in e.words]
    assert len(emitted) == 16
    assert max(end - word.end for end, word in emitted) < 1.0
    assert emitted[0][0] < 2.5


@pytest.mark.parametrize("level", list(LoadLevel))
def test_an_utterance_has_the_sound_of_all_its_words_however_late_they_come(
    level: LoadLevel,
) -> None:
    stage = TranscribeStage(FakeWhisper, "en")
    chain = Chain(VadStage(detector=LoudnessDetector), stage)
    chain.open()
    stage.ease(level)
    speaker = Speaker().rest(1).say(*ramble(12), "end", *ramble(12), gap=0.2).rest(3)
    told = [item for chunk in speaker.chunks() for item in chain.feed([chunk])]
    heard = [item for item in told if isinstance(item, HeardUtterance)]
    assert heard
    for utterance in heard:
        assert utterance.audio.start <= utterance.caption.start


def test_one_step_each_half_second_however_small_the_chunks() -> None:
    model = FakeWhisper()
    speaker = Speaker().say(*ramble(20), gap=0.05)
    recognise(speaker.chunks(512), model)
    assert model.encoded == pytest.approx(speaker.seconds / 0.5, abs=2)


def test_a_backlog_costs_fewer_steps() -> None:
    model = FakeWhisper()
    stage = TranscribeStage(lambda: model, "en")
    chain = Chain(VadStage(detector=LoudnessDetector), stage)
    chain.open()
    speaker = Speaker().say(*ramble(40), gap=0.05)
    told: Told = [(0.0, item) for item in chain.feed(list(speaker.chunks()))]
    behind = model.encoded
    told += [(0.0, item) for item in chain.flush()]
    assert behind <= speaker.seconds / 3.0 + 1
    assert committed(told).split() == [said.text for said in speaker.said]


def test_a_tail_that_is_not_sure_yet_is_a_preview_told_only_when_it_changes() -> None:
    told = recognise(Speaker().rest(1).say("one", "two", "three", "four").rest(3))
    shown = [event.text for event in previews(told)]
    assert shown[0] == " one"
    assert all(before != after for before, after in pairwise(shown))
    assert shown[-1] == ""


def test_the_preview_follows_the_committed_words() -> None:
    speaker = Speaker().rest(1).say("one", "two", "three", "four", "five", "six").rest(3)
    text = ""
    for _, event in recognise(speaker):
        if isinstance(event, WordsCommitted):
            text += "".join(word.text for word in event.words)
        if isinstance(event, PreviewChanged):
            assert " one two three four five six".startswith(text + event.text)


class Scripted(AlignAttDecoder):
    """Commits and previews what it is told to, a step each."""

    script: tuple[tuple[str, str], ...] = ()

    def step(self, pause: Pause, silence: float) -> list[Word]:
        self.fresh = 0.0
        if not self.script:
            self.shown = ""
            return []
        (commit, self.shown), self.script = self.script[0], self.script[1:]
        return [Word(commit, 1.0, 1.2, 0.9)] if commit else []

    @property
    def preview(self) -> str:
        return getattr(self, "shown", "")


def test_a_preview_that_is_the_same_after_a_commit_is_told_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Views drop their preview when words come, and "no" was said twice."""
    monkeypatch.setattr(Scripted, "script", (("", " no"), (" no", " no"), ("", " no"), (" no", "")))
    monkeypatch.setattr(
        "app.speech.transcribe.stage.make_decoder",
        lambda model, _options, task: Scripted(model, AlignAttOptions(), task),
    )
    told = recognise(Speaker().rest(1).say("one", "one", "two", "three").rest(3))
    shown = [
        event.text if isinstance(event, PreviewChanged) else event.words[0].text
        for _, event in told
        if isinstance(event, PreviewChanged | WordsCommitted)
    ]
    assert shown == [" no", " no", " no", " no", ""], "preview, word, preview, word, nothing"
    kinds = [type(event) for _, event in told if not isinstance(event, LanguageDetected)]
    assert kinds[:4] == [PreviewChanged, WordsCommitted, PreviewChanged, WordsCommitted]


def test_a_short_pause_commits_what_is_sure() -> None:
    speaker = Speaker().rest(1).say("one", "two").rest(0.6)
    told = recognise([*speaker.chunks()])
    told_before_the_end = [item for item in told if item[0] < speaker.seconds]
    assert committed(told_before_the_end) == "one two"
    assert texts(told_before_the_end) == []


def test_a_short_pause_leaves_what_is_unsure_to_the_long_one() -> None:
    model = FakeWhisper()
    model.sure = 0.3
    speaker = Speaker().rest(1).say("one", "two").rest(0.7)
    before = recognise(speaker, model)
    silence = [item for item in before if item[0] < speaker.seconds]
    assert committed(silence) == ""
    assert previews(silence)[-1].text == " one two"
    longer = Speaker().rest(1).say("one", "two").rest(1.5)
    assert texts([i for i in recognise(longer, model) if i[0] < longer.seconds]) == ["one two"]


def test_what_is_utterly_improbable_is_never_committed() -> None:
    model = FakeWhisper()
    model.sure = 0.05
    told = recognise(Speaker().rest(1).say("one", "two").rest(3), model)
    assert committed(told) == ""
    assert previews(told)[-1].text == ""


def test_a_long_pause_ends_the_utterance_and_the_next_one_has_the_next_number() -> None:
    speaker = Speaker().rest(1).say("one", "two").rest(1.4).say("three", "four").rest(1.4)
    told = recognise(speaker)
    assert texts(told) == ["one two", "three four"]
    assert [u.caption.utterance for u in utterances(told)] == [0, 1]
    numbers = [
        (e.utterance, w.text) for _, e in told if isinstance(e, WordsCommitted) for w in e.words
    ]
    assert numbers == [(0, " one"), (0, " two"), (1, " three"), (1, " four")]


def test_the_utterance_is_told_after_its_words() -> None:
    told = recognise(Speaker().rest(1).say("one", "end").rest(2).say("two", "end").rest(2))
    for place, (_, item) in enumerate(told):
        if isinstance(item, HeardUtterance):
            earlier = [e for _, e in told[:place] if isinstance(e, WordsCommitted)]
            words = [w for e in earlier if e.utterance == item.caption.utterance for w in e.words]
            assert "".join(w.text for w in words).strip() == item.caption.text


def test_long_speech_is_cut_at_sentence_ends() -> None:
    speaker = Speaker().rest(0.5)
    for number in range(4):
        speaker.say(*ramble(28)[number * 7 : number * 7 + 7], "end").rest(0.2)
    told = recognise(speaker.rest(2), utterances=UtteranceOptions(sentence_after=3.0))
    assert len(texts(told)) == 4
    assert all(text.endswith(" end.") and len(text.split()) == 8 for text in texts(told))
    sound = [utterance.audio for utterance in utterances(told)]
    assert all(a.end_sample == b.first_sample for a, b in pairwise(sound))


def test_a_full_stop_without_a_rest_ends_no_utterance() -> None:
    """As in "Mr. Thornton": in any language nobody rests there."""
    speaker = Speaker().rest(0.5).say(*ramble(10), "end", *ramble(3)).rest(2)
    told = recognise(speaker, utterances=UtteranceOptions(sentence_after=3.0))
    assert len(texts(told)) == 1


def test_speech_without_a_rest_is_cut_between_two_words() -> None:
    speaker = Speaker().rest(0.5).say(*ramble(40)).rest(2)
    told = utterances(recognise(speaker, utterances=UtteranceOptions(longest=5.0)))
    assert len(told) > 2
    for cut in (utterance.audio.end for utterance in told):
        assert not any(said.start < cut < said.end for said in speaker.said)


def test_no_sound_of_an_utterance_is_missing() -> None:
    speaker = Speaker().rest(1).say(*ramble(30)).rest(3)
    (first, *_), samples = utterances(recognise(speaker)), speaker.samples
    audio = first.audio
    np.testing.assert_array_equal(audio.samples, samples[audio.first_sample : audio.end_sample])


def test_nothing_is_decoded_in_silence() -> None:
    model = FakeWhisper()
    recognise(Speaker().rest(30), model)
    assert model.encoded == 0
    speaker = Speaker().rest(1).say("one", "two").rest(1.5)
    recognise(speaker, model)
    until_then = model.encoded
    longer = FakeWhisper()
    recognise(Speaker().rest(1).say("one", "two").rest(30), longer)
    assert longer.encoded == until_then


def test_what_waits_at_the_end_of_the_sound_is_told() -> None:
    told = recognise(Speaker().rest(1).say("one", "two", "three", gap=0.02))
    assert texts(told) == ["one two three"]
    assert previews(told)[-1].text == ""


def test_a_long_rest_is_passed_on_after_the_utterance() -> None:
    told = [e for _, e in recognise(Speaker().rest(1).say("one").rest(20).say("two").rest(9))]
    kinds = [type(e) for e in told if isinstance(e, HeardUtterance | SpeechRested)]
    assert kinds == [HeardUtterance, SpeechRested] * 2
    rested = [e.at for e in told if isinstance(e, SpeechRested)]
    assert rested == pytest.approx([1.3 + 5, 21.7 + 5], abs=0.3)


def test_a_jump_of_the_clock_ends_what_came_before_and_begins_anew() -> None:
    before = Speaker().rest(0.5).say("one", "two", gap=0.05)
    after = Speaker().say("three", "four").rest(2)
    place = 20 * SPEECH_RATE
    told = recognise([*before.chunks(), *chunked(after.samples, 640, place)])
    assert texts(told) == ["one two", "three four"]
    second = utterances(told)[1]
    assert second.caption.start == pytest.approx(20.0, abs=0.06)
    assert second.audio.first_sample == place


def test_older_text_is_the_prompt_of_what_comes_after_a_jump() -> None:
    model = FakeWhisper()
    before = Speaker().rest(0.5).say("one", "two")
    after = Speaker().say("three", "four").rest(2)
    recognise([*before.chunks(), *chunked(after.samples, 640, 20 * SPEECH_RATE)], model)
    assert model.prompts[0] == []
    assert model.prompts[-1] == [0, 1]


def test_sound_that_has_become_text_long_ago_is_dropped() -> None:
    model = FakeWhisper()
    speaker = Speaker().rest(0.5).say(*ramble(80))
    told = recognise(speaker.rest(2), model)
    assert committed(told).split() == [said.text for said in speaker.said]
    assert model.longest_window <= 13.0
    assert len(model.prompts[-1]) == AlignAttOptions().prompt_tokens


def test_speech_that_gives_no_text_for_long_does_not_stop_what_comes_after() -> None:
    """Thirty seconds of a hum that the detector takes for speech."""
    hum = 0.02 * np.sin(np.arange(30 * SPEECH_RATE) * 0.02).astype(np.float32)
    speaker = Speaker().rest(0.2)
    speaker.parts.append(hum)
    speaker.seconds += 30
    told = recognise(speaker.rest(0.1).say("one", "two", "three", "end").rest(2))
    assert committed(told).endswith("one two three end.")


def test_an_utterance_does_not_last_through_minutes_of_music() -> None:
    speaker = Speaker().rest(0.5).say("one", "two").rest(0.1)
    speaker.parts.append(0.02 * np.sin(np.arange(60 * SPEECH_RATE) * 0.02).astype(np.float32))
    speaker.seconds += 60
    told = recognise(speaker.rest(0.1).say("three", "end").rest(2))
    assert texts(told) == ["one two", "three end."]
    assert max(u.audio.end - u.audio.start for u in utterances(told)) < 15.0


class Loops(FakeWhisper):
    """Says the same word again and again, from the third second on."""

    def continue_text(self, *arguments: object) -> list[int]:
        encoded, prefix = arguments[0], arguments[2]
        assert isinstance(encoded, list)
        assert isinstance(prefix, tuple)
        return [1, 2] * 20 if len(encoded) >= 6 else [i.token for i in encoded][len(prefix) :]


def test_a_looping_model_does_not_flood_the_captions() -> None:
    speaker = Speaker().rest(0.5).say(*ramble(40)).rest(2)
    told = recognise(speaker, Loops())
    assert len(committed(told).split()) <= 60


class TestLanguage:
    def test_one_that_is_chosen_is_what_is_decoded(self) -> None:
        model = FakeWhisper(multilingual=True)
        told = recognise(Speaker().say("one", "two").rest(2), model, language="ko")
        assert {task.language for task in model.tasks} == {"ko"}
        assert utterances(told)[0].caption.language == "ko"
        assert not [e for _, e in told if isinstance(e, LanguageDetected)]

    def test_an_english_model_needs_no_search(self) -> None:
        told = recognise(Speaker().say("one", "two").rest(2), language="auto")
        assert utterances(told)[0].caption.language == "en"
        assert not [e for _, e in told if isinstance(e, LanguageDetected)]

    def test_an_unknown_one_is_refused_before_anything_is_heard(self) -> None:
        with pytest.raises(LanguageError):
            recognise(Speaker().say("one"), FakeWhisper(multilingual=True), language="xx")

    def test_auto_finds_it_before_the_first_word(self) -> None:
        model = FakeWhisper(multilingual=True)
        model.named = [[("ko", 0.9)]]
        speaker = Speaker().say("one", "two", "three", "four", "five").rest(2)
        told = recognise(speaker, model, language="auto")
        assert isinstance(told[0][1], LanguageDetected)
        assert told[0][0] == pytest.approx(1.5, abs=0.6)
        assert committed(told) == "one two three four five"
        assert {task.language for task in model.tasks} == {"ko"}

    def test_auto_waits_for_a_sure_answer_but_not_for_ever(self) -> None:
        model = FakeWhisper(multilingual=True)
        model.named = [[("de", 0.4)]]
        speaker = Speaker().say(*ramble(20)).rest(2)
        told = recognise(speaker, model, language="auto")
        assert told[0][1] == LanguageDetected("de", 0.4)
        assert told[0][0] == pytest.approx(5.0, abs=0.6)
        assert committed(told).split() == [said.text for said in speaker.said]

    def test_auto_takes_what_it_has_when_the_utterance_ends(self) -> None:
        model = FakeWhisper(multilingual=True)
        model.named = [[("de", 0.4)], [("ko", 0.8)]]
        speaker = Speaker().say("one", gap=0).rest(2).say("two", "three", "four", "five").rest(2)
        told = recognise(speaker, model, language="auto")
        found = [e for _, e in told if isinstance(e, LanguageDetected)]
        assert found == [LanguageDetected("de", 0.4), LanguageDetected("ko", 0.8)]
        assert texts(told) == ["one", "two three four five"]
        assert [u.caption.language for u in utterances(told)] == ["de", "ko"]


def test_a_stage_that_never_opened_can_be_closed() -> None:
    TranscribeStage(FakeWhisper, "en").close()


def test_less_sound_than_can_be_decoded_is_no_word() -> None:
    stage = TranscribeStage(FakeWhisper, "en")
    stage.open()
    tiny = SpeechAudio(AudioChunk(0, np.full(1000, 0.5, np.float32)), 0.0)
    assert list(stage.feed([tiny])) == []
    assert list(stage.flush()) == []
