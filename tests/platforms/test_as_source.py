"""The back ends of Windows and macOS as sources of a meeting: threads, clock and all."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np
import pytest

from app.capture.system import SystemSource
from app.core.errors import DeviceLostError
from app.platforms.coreaudio import Hal
from app.platforms.coretap import TapSystemAudio
from app.platforms.mmdevice import Endpoint, Role
from app.platforms.wasapi import WasapiSystemAudio
from app.platforms.wpatch import SharedPortAudio
from tests.platforms.fake_coreaudio import FakeCoreAudio, FakeObjects
from tests.platforms.fake_wpatch import FakeWPatch, loopback

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.core.audio import AudioBlock
    from app.platforms.system_audio import SystemAudio

    Play = Callable[[], object]


class OneOutput:
    """Windows with one output; `gone` takes it away."""

    gone = False

    def active(self) -> list[Endpoint]:
        return [Endpoint("s", "Speakers")]

    def default(self, _role: Role) -> str:
        return "" if self.gone else "s"


def _windows() -> tuple[SystemAudio, Play, OneOutput]:
    library, endpoints = FakeWPatch([loopback(20, "Speakers")]), OneOutput()
    system = WasapiSystemAudio(endpoints, SharedPortAudio(lambda: library))
    return system, lambda: library.streams[0].play(0.5, 1_440), endpoints


def _mac() -> tuple[SystemAudio, Play]:
    core = FakeCoreAudio()
    system = TapSystemAudio(Hal(core), FakeObjects())
    return system, lambda: core.play(np.full(960, 0.5, np.float32))


@pytest.mark.parametrize("platform", ["windows", "mac"])
def test_sound_and_silence_are_delivered_without_a_hole_until_it_is_stopped(platform: str) -> None:
    system, play = _windows()[:2] if platform == "windows" else _mac()
    blocks: list[AudioBlock] = []
    loud, quiet, ended = threading.Event(), threading.Event(), threading.Event()

    def deliver(block: AudioBlock) -> None:
        blocks.append(block)
        (loud if block.samples.any() else quiet).set()

    source = SystemSource("", system)
    source.open()
    source.start(deliver, ended.set)
    play()
    assert loud.wait(5)
    quiet.clear()
    assert quiet.wait(5), "nothing plays any more, and time goes on"
    source.stop()
    source.close()

    assert not ended.is_set()
    assert source.failure is None
    assert [b.first_frame for b in blocks[1:]] == [b.end_frame for b in blocks[:-1]]


def test_an_output_that_changes_ends_the_source_with_a_reason() -> None:
    system, _, endpoints = _windows()
    ended = threading.Event()
    source = SystemSource("", system)
    source.open()
    endpoints.gone = True
    source.start(lambda _block: None, ended.set)

    assert ended.wait(5)
    source.close()

    assert isinstance(source.failure, DeviceLostError)
