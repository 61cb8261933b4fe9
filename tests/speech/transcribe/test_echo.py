"""What a model writes twice although it was said once."""

from __future__ import annotations

from typing import Any

from app.speech.transcribe.alignatt import AlignAttDecoder
from app.speech.transcribe.options import AlignAttOptions
from app.speech.transcribe.policy import Pause
from app.speech.transcribe.whisper import DecodingTask
from tests.fakes.speech import FakeWhisper, Speaker


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
