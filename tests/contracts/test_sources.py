"""What every source of audio promises: see app/capture/protocol.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from app.capture.media import MediaFile, PacedMediaSource
from app.capture.microphone import MicrophoneSource
from app.capture.protocol import AudioSource
from app.capture.system import SystemSource
from app.core.audio import AudioFormat
from app.core.errors import AppError, DeviceLostError
from app.platforms.system_audio import Fragment
from tests.capture.fake_portaudio import FakePortAudio
from tests.capture.fake_system_audio import FakeSystemAudio
from tests.capture.heard import Heard
from tests.capture.sounds import pcm, sine, write_wav


@dataclass
class Driven:
    """A source, and the device behind it: `sound` gives a block, `end` goes away."""

    source: AudioSource
    sound: Callable[[], object]
    end: Callable[[], object]
    fails: bool


def _microphone(_folder: Path) -> Driven:
    library = FakePortAudio()
    block = np.ones((441, 2), np.int16)
    return Driven(
        MicrophoneSource("", lambda: library),
        lambda: library.stream.push(block),
        lambda: library.stream.finish(),
        fails=True,
    )


def _system(_folder: Path) -> Driven:
    backend = FakeSystemAudio()
    coming = backend.recording.coming
    fragment = Fragment(np.ones((480, 2), np.int16))
    return Driven(
        SystemSource("", backend),
        lambda: coming.put(fragment),
        lambda: coming.put(DeviceLostError("The sound output is gone")),
        fails=True,
    )


def _file(folder: Path) -> Driven:
    path = write_wav(folder / "talk.wav", pcm(sine(0.1, 8000), 2), 8000)
    source = PacedMediaSource(MediaFile(path), seconds=0.02)
    return Driven(source, lambda: None, lambda: None, fails=False)


@pytest.fixture(params=[_microphone, _system, _file])
def driven(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Driven]:
    made: Driven = request.param(tmp_path)
    yield made
    made.source.close()


def test_it_has_a_name(driven: Driven) -> None:
    assert driven.source.name in ("mic", "system", "talk")


def test_blocks_have_the_format_that_open_told_and_follow_each_other(driven: Driven) -> None:
    heard = Heard()
    form = driven.source.open()
    driven.source.start(heard.deliver, heard.end)
    driven.sound()
    driven.sound()
    driven.end()
    assert heard.ended.wait(10)

    assert isinstance(form, AudioFormat)
    assert len(heard.blocks) >= 2
    place = 0
    for block in heard.blocks:
        assert block.format == form
        assert block.samples.dtype == np.int16
        assert block.samples.shape == (block.frames, form.channels)
        assert block.first_frame == place
        place = block.end_frame


def test_its_own_end_is_told_once_with_the_reason(driven: Driven) -> None:
    heard = Heard()
    driven.source.open()
    driven.source.start(heard.deliver, heard.end)
    driven.end()
    assert heard.ended.wait(10)
    driven.source.stop()
    driven.source.close()

    assert heard.endings == 1
    failure = driven.source.failure
    if driven.fails:
        assert isinstance(failure, AppError)
        assert failure.hint
    else:
        assert failure is None


def test_after_stop_nothing_comes_and_no_end_is_told(driven: Driven) -> None:
    heard = Heard()
    driven.source.open()
    driven.source.start(heard.deliver, heard.end)
    driven.sound()
    assert heard.first.wait(10)
    driven.source.stop()
    count = len(heard.blocks)
    driven.sound()
    driven.source.close()

    assert len(heard.blocks) == count
    assert heard.endings == 0
    assert driven.source.failure is None


def test_stop_and_close_are_allowed_at_any_time(driven: Driven) -> None:
    driven.source.stop()
    driven.source.close()
    driven.source.close()


def test_an_opened_source_may_be_closed_unstarted(driven: Driven) -> None:
    driven.source.open()
    driven.source.stop()
    driven.source.close()
    driven.source.stop()
