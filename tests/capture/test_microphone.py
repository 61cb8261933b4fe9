"""The microphone, on a PortAudio that the test drives."""

from __future__ import annotations

import numpy as np
import pytest

from app.capture.microphone import MicrophoneSource
from app.core.audio import AudioFormat
from app.core.errors import (
    AudioLibraryMissingError,
    CaptureError,
    DeviceLostError,
    DeviceMissingError,
)
from tests.capture.fake_portaudio import FakePortAudio, entry
from tests.capture.heard import Heard

BLOCK = np.arange(200, dtype=np.int16).reshape(100, 2)


def _started(library: FakePortAudio, device: str = "") -> tuple[MicrophoneSource, Heard]:
    source, heard = MicrophoneSource(device, lambda: library), Heard()
    source.open()
    source.start(heard.deliver, heard.end)
    return source, heard


def test_it_records_at_the_devices_own_rate_in_stereo_at_most() -> None:
    library = FakePortAudio([entry(0, "Array", channels=8, rate=96_000.0)])

    form = MicrophoneSource("", lambda: library).open()

    assert form == AudioFormat(96_000, 2)
    assert library.stream.dtype == "int16"
    assert 0.02 <= library.stream.blocksize / 96_000 <= 0.04


def test_when_a_shape_is_refused_it_tries_others() -> None:
    library = FakePortAudio(
        refuse=lambda rate, channels: "Invalid" if rate != 16_000 or channels == 2 else ""
    )

    assert MicrophoneSource("", lambda: library).open() == AudioFormat(16_000, 1)


def test_when_every_shape_is_refused_it_says_why_and_lets_go() -> None:
    library = FakePortAudio(refuse=lambda *_shape: "Device unavailable")
    source = MicrophoneSource("", lambda: library)

    with pytest.raises(CaptureError, match=r"'Built-in' cannot be opened: device unavailable$"):
        source.open()

    assert library.users == 1


@pytest.mark.parametrize(
    ("asked", "index"), [("", 1), ("usb", 2), ("USB Mic", 2), ("0", 0), ("built", 0)]
)
def test_a_device_is_found_by_name_part_or_number(asked: str, index: int) -> None:
    library = FakePortAudio(
        [entry(0, "Built-in"), entry(1, "Headset"), entry(2, "USB Mic")], default=1
    )

    MicrophoneSource(asked, lambda: library).open()

    assert library.stream.device == index


@pytest.mark.parametrize("asked", ["Nonsense", "7"])
def test_an_unknown_device_is_told_with_those_that_exist(asked: str) -> None:
    library = FakePortAudio([entry(0, "Built-in"), entry(1, "Speakers", channels=0)])

    with pytest.raises(DeviceMissingError, match=f"There is no microphone '{asked}'") as caught:
        MicrophoneSource(asked, lambda: library).open()

    assert "'Built-in'" in caught.value.hint
    assert "Speakers" not in caught.value.hint


def test_no_microphone_at_all_is_told() -> None:
    library = FakePortAudio([entry(0, "Speakers", channels=0)], default=-1)

    with pytest.raises(DeviceMissingError, match=r"There is no microphone$"):
        MicrophoneSource("", lambda: library).open()


def test_a_device_that_was_connected_later_is_found() -> None:
    library = FakePortAudio(appearing=[entry(1, "Just plugged in")])

    MicrophoneSource("plugged", lambda: library).open()

    assert library.stream.device == 1


def test_looking_for_devices_leaves_an_open_one_alone() -> None:
    library = FakePortAudio(appearing=[entry(1, "Just plugged in")])
    source = MicrophoneSource("", lambda: library)
    source.open()

    with pytest.raises(DeviceMissingError):
        MicrophoneSource("plugged", lambda: library).open()

    source.close()
    MicrophoneSource("plugged", lambda: library).open()


def test_a_missing_portaudio_is_told_with_the_command_that_mends_it() -> None:
    def load() -> None:
        raise AudioLibraryMissingError("PortAudio is not installed", hint="Install it")

    with pytest.raises(AudioLibraryMissingError):
        MicrophoneSource("", load).open()


def test_blocks_are_copies_and_count_every_frame() -> None:
    library = FakePortAudio()
    _source, heard = _started(library)

    library.stream.push(BLOCK)
    library.stream.push(BLOCK)

    assert [block.first_frame for block in heard.blocks] == [0, 100]
    assert np.array_equal(heard.samples, np.concatenate([BLOCK, BLOCK]))


def test_a_loss_is_a_jump_as_long_as_the_clock_tells() -> None:
    library = FakePortAudio()
    _source, heard = _started(library)

    library.stream.push(BLOCK, time=5.0)
    library.stream.push(BLOCK, time=5.0 + 541 / 44_100, overflow=True)
    library.stream.push(BLOCK, time=9.0)

    assert [block.first_frame for block in heard.blocks] == [0, 541, 641]


def test_a_loss_of_unknown_length_is_still_a_jump() -> None:
    library = FakePortAudio()
    _source, heard = _started(library)

    library.stream.push(BLOCK)
    library.stream.push(BLOCK, overflow=True)

    assert [block.first_frame for block in heard.blocks] == [0, 101]


def test_an_overflow_before_the_first_block_loses_nothing() -> None:
    library = FakePortAudio()
    _source, heard = _started(library)

    library.stream.push(BLOCK, time=5.0, overflow=True)

    assert heard.blocks[0].first_frame == 0


def test_an_unplugged_device_ends_the_source_with_its_reason() -> None:
    library = FakePortAudio()
    source, heard = _started(library)

    library.stream.finish()

    assert heard.endings == 1
    assert isinstance(source.failure, DeviceLostError)
    assert "'Built-in'" in str(source.failure)
    source.close()
    assert heard.endings == 1


def test_a_failure_to_deliver_ends_the_source_and_is_kept() -> None:
    library = FakePortAudio()
    source, heard = MicrophoneSource("", lambda: library), Heard()
    source.open()
    trouble = RuntimeError("full")

    def deliver(_block: object) -> None:
        raise trouble

    source.start(deliver, heard.end)
    library.stream.push(BLOCK)

    assert heard.endings == 1
    assert source.failure is trouble


def test_closing_lets_go_of_everything_once() -> None:
    library = FakePortAudio()
    source, _heard = _started(library)

    source.close()
    source.close()

    assert library.stream.closed
    assert library.users == 1
