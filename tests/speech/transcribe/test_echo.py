"""What a model writes twice although it was said once."""

from __future__ import annotations

from typing import Any

from app.core.audio import SPEECH_RATE
from app.speech.transcribe.alignatt import AlignAttDecoder
from app.speech.transcribe.options import AlignAttOptions
from app.speech.transcribe.policy import Pause
from app.speech.transcribe.whisper import DecodingTask
from tests.fakes.speech import VOCABULARY, FakeWhisper, Speaker

FIVE = [word.strip(" .") for word in VOCABULARY].index("five")


class Echoes(FakeWhisper):
    """Writes all that it has heard once more behind the end of the audio."""

    def continue_text(self, *arguments: Any) -> list[int]:
        encoded, _, prefix = arguments[:3]
        heard = [item.token for item in encoded]
        return [*heard, *heard][len(prefix) :]


def test_what_was_said_once_is_written_once() -> None:
    decoder = AlignAttDecoder(Echoes(), AlignAttOptions(), DecodingTask())
    decoder.append(Speaker().say("one", "two", "three").rest(1.0).samples)
    words = decoder.step(Pause.LONG, 1.0)
    assert [word.text.strip() for word in words] == ["one", "two", "three"]


def test_what_is_said_twice_is_written_twice() -> None:
    decoder = AlignAttDecoder(FakeWhisper(), AlignAttOptions(), DecodingTask())
    said = ["one", "two", "three"] * 2
    decoder.append(Speaker().say(*said).rest(1.0).samples)
    words = decoder.step(Pause.LONG, 1.0)
    assert [word.text.strip() for word in words] == said


class Wonders(Echoes):
    """Takes a sound that is no word for an unlikely one, and, at a closer look, for the last."""

    asked = 0

    def continue_text(self, *arguments: Any) -> list[int]:
        self.asked += 1
        return super().continue_text(*arguments) or [FIVE]


def test_what_was_said_before_a_pause_is_not_written_for_a_sound_behind_it() -> None:
    model = Wonders()
    decoder = AlignAttDecoder(model, AlignAttOptions(), DecodingTask())
    decoder.append(Speaker().say("one", "two", "three").rest(1.0).samples)
    assert len(decoder.step(Pause.LONG, 1.0)) == 3
    decoder.restart(60 * SPEECH_RATE)
    model.unsure, model.asked = {FIVE: 0.3}, 0
    decoder.append(Speaker().hum(2.0).samples)
    assert decoder.step(Pause.LONG, 0.0) == []
    assert model.asked == 2, "the second time closely"
