"""One instance of PortAudio for the process, and the right loopback among equal names."""

from __future__ import annotations

import sys
import threading
from typing import Any

import pytest

from app.core.errors import AudioLibraryMissingError, CaptureError, DeviceMissingError
from app.platforms.mmdevice import Endpoint
from app.platforms.wpatch import Loopback, SharedPortAudio, load_wpatch, loopback_of, reason
from tests.platforms.fake_wpatch import FakeWPatch, loopback

UNPLUGGED = OSError(-9999, "Unanticipated host error")


def test_the_first_user_opens_and_the_last_one_closes() -> None:
    library = FakeWPatch()
    shared = SharedPortAudio(lambda: library)

    shared.acquire()
    shared.acquire()
    shared.release()
    assert library.log == ["new"]
    shared.release()

    assert library.log == ["new", "terminate"]


def test_a_new_first_user_sees_what_is_there_now() -> None:
    library = FakeWPatch([loopback(7, "Speakers")])
    shared = SharedPortAudio(lambda: library)
    for name in ("Speakers", "Headset"):
        library.devices = [loopback(7, name)]
        shared.acquire()
        assert shared.loopbacks() == [Loopback(7, name, 48_000, 2)]
        shared.release()

    assert library.log == ["new", "terminate"] * 2


def test_there_are_never_two_instances_whatever_threads_do() -> None:
    library = FakeWPatch([loopback(7, "Speakers")])
    shared = SharedPortAudio(lambda: library)
    together = threading.Barrier(8)

    def use() -> None:
        together.wait()
        for _ in range(50):
            shared.acquire()
            stream = shared.start(shared.loopbacks()[0], lambda *_: (None, 0))
            shared.stop(stream)
            shared.release()

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert library.most == 1
    assert library.instances == 0


def test_a_failing_start_of_portaudio_is_told_and_can_be_tried_again() -> None:
    library = FakeWPatch(init_error=UNPLUGGED)
    shared = SharedPortAudio(lambda: library)

    with pytest.raises(CaptureError, match="does not start: unanticipated host error"):
        shared.acquire()
    library.init_error = None
    shared.acquire()

    shared.release()
    assert library.instances == 0


def test_outputs_that_cannot_be_listed_are_told() -> None:
    library = FakeWPatch(list_error=OSError("WASAPI not found"))
    shared = SharedPortAudio(lambda: library)
    shared.acquire()

    with pytest.raises(CaptureError, match="cannot be listed: wasapi not found"):
        shared.loopbacks()


def test_a_missing_library_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyaudiowpatch", None)

    with pytest.raises(AudioLibraryMissingError) as caught:
        load_wpatch()

    assert "pip install PyAudioWPatch" in caught.value.hint


def test_the_module_is_what_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    library: Any = FakeWPatch()
    monkeypatch.setitem(sys.modules, "pyaudiowpatch", library)

    assert load_wpatch() is library


def test_of_two_equal_names_each_output_has_its_own_loopback() -> None:
    outputs = [Endpoint("a", "Monitor"), Endpoint("b", "Speakers"), Endpoint("c", "Monitor")]
    known = [
        Loopback(20, "Monitor", 48_000, 2),
        Loopback(21, "Speakers", 48_000, 2),
        Loopback(22, "Monitor", 48_000, 2),
    ]

    assert [loopback_of(o, outputs, known).index for o in outputs] == [20, 21, 22]


def test_one_name_inside_another_is_not_a_match() -> None:
    outputs = [Endpoint("a", "Speakers"), Endpoint("b", "USB Speakers")]
    known = [Loopback(20, "USB Speakers", 48_000, 2), Loopback(21, "Speakers", 48_000, 2)]

    assert [loopback_of(o, outputs, known).index for o in outputs] == [21, 20]


def test_a_name_that_portaudio_cuts_off_is_found() -> None:
    name = "Loudspeakers of the very large conference room " * 4
    outputs = [Endpoint("a", name)]

    assert loopback_of(outputs[0], outputs, [Loopback(3, name[:127], 48_000, 2)]).index == 3


def test_an_output_newer_than_portaudios_list_is_told() -> None:
    outputs = [Endpoint("a", "Speakers"), Endpoint("b", "Speakers")]

    with pytest.raises(DeviceMissingError, match="does not know the sound output 'Speakers' yet"):
        loopback_of(outputs[1], outputs, [Loopback(20, "Speakers", 48_000, 2)])


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(-9985, "Device unavailable"), "device unavailable"),
        (OSError("[Errno -9996] Invalid input device"), "invalid input device"),
        (OSError(), ""),
    ],
)
def test_portaudios_words_are_told_without_its_numbers(error: OSError, words: str) -> None:
    assert reason(error) == words
