"""System audio, on a back end that the test drives."""

from __future__ import annotations

import numpy as np
import pytest

from app.capture.system import SystemSource
from app.core.audio import AudioFormat
from app.core.errors import DeviceLostError, DeviceMissingError
from app.platforms.system_audio import Fragment
from tests.capture.fake_system_audio import FakeSystemAudio
from tests.capture.heard import Heard


def _fragment(frames: int, lost: int = 0) -> Fragment:
    return Fragment(np.ones((frames, 2), np.int16), lost)


def test_it_opens_the_device_that_was_asked_for() -> None:
    backend = FakeSystemAudio()

    form = SystemSource("speaker", backend).open()

    assert form == AudioFormat(48_000, 2)
    assert backend.asked == ["speaker"]


def test_an_unknown_device_is_refused_and_closing_is_fine() -> None:
    source = SystemSource("nowhere", FakeSystemAudio())

    with pytest.raises(DeviceMissingError):
        source.open()

    source.close()


def test_what_was_lost_is_a_jump() -> None:
    backend, heard = FakeSystemAudio(), Heard()
    source = SystemSource("", backend)
    source.open()
    for item in (_fragment(100), _fragment(50, lost=30), DeviceLostError("gone")):
        backend.recording.coming.put(item)

    source.start(heard.deliver, heard.end)
    assert heard.ended.wait(10)
    source.close()

    assert [block.first_frame for block in heard.blocks] == [0, 130]
    assert isinstance(source.failure, DeviceLostError)
    assert backend.recording.closed
