"""Core Audio's functions, called with the memory layout that its headers describe."""

from __future__ import annotations

import ctypes

import pytest

from app.core.errors import CaptureError
from app.platforms import coreaudio
from app.platforms.coreaudio import AudioBuffer, BufferList, Hal, StreamDescription
from tests.platforms.fake_coreaudio import MUSIC, OWN, TAP, FakeCoreAudio


def test_structures_are_laid_out_as_in_the_headers() -> None:
    assert ctypes.sizeof(StreamDescription) == 40
    assert ctypes.sizeof(AudioBuffer) == 16
    assert BufferList.first.offset == 8
    assert ctypes.sizeof(coreaudio.Address) == 12


@pytest.mark.parametrize(
    ("selector", "number"),  # as PyObjC's metadata of the macOS 26 SDK have them
    [
        (coreaudio.DEFAULT_OUTPUT, 1682929012),
        (coreaudio.PROCESSES, 1886548771),
        (coreaudio.PROCESS_OF_PID, 1768174192),
        (coreaudio.PLAYS, 1885958767),
        (coreaudio.IS_ALIVE, 1818850926),
        (coreaudio.TAP_FORMAT, 1952869748),
        (coreaudio.GLOBAL, 1735159650),
    ],
)
def test_selectors_are_the_headers_numbers(selector: int, number: int) -> None:
    assert selector == number


def test_the_rate_of_a_tap_is_read() -> None:
    assert Hal(FakeCoreAudio(rate=44_100.0)).tap_rate(TAP) == 44_100


@pytest.mark.parametrize("odd", [{"flags": 0x4}, {"bits": 64}])
def test_a_format_that_is_not_float_is_told(odd: dict[str, int]) -> None:
    with pytest.raises(CaptureError, match="format that is not known"):
        Hal(FakeCoreAudio(**odd)).tap_rate(TAP)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("playing", "expected"),
    [({OWN: 1, MUSIC: 1}, True), ({OWN: 1, MUSIC: 0}, False), ({OWN: 1}, False), ({}, False)],
)
def test_only_what_others_play_counts(playing: dict[int, int], *, expected: bool) -> None:
    assert Hal(FakeCoreAudio(playing=playing)).others_play() is expected


def test_a_process_that_has_just_ended_plays_nothing() -> None:
    library = FakeCoreAudio(refuse_property={"piro": 560947818})

    assert not Hal(library).others_play()


def test_a_process_without_audio_is_no_object() -> None:
    assert Hal(FakeCoreAudio()).own_process() == OWN
    assert Hal(FakeCoreAudio(own=0)).own_process() is None
    assert Hal(FakeCoreAudio(refuse_property={"id2p": 1})).own_process() is None


@pytest.mark.parametrize(
    ("status", "words"), [(1852797029, "nope"), (560947818, "!obj"), (-50, "-50")]
)
def test_a_refusal_is_told_by_its_letters(status: int, words: str) -> None:
    hal = Hal(FakeCoreAudio(refuse_property={"dOut": status}))

    with pytest.raises(CaptureError, match=words):
        hal.default_output()


def test_loading_gives_every_function_its_types(monkeypatch: pytest.MonkeyPatch) -> None:
    class Library:
        def __getattr__(self, name: str) -> object:
            function = type(name, (), {})()
            setattr(self, name, function)
            return function

    library = Library()
    monkeypatch.setattr("ctypes.CDLL", lambda path: library if path else None)

    assert coreaudio.load() is library
    assert vars(library)["AudioDeviceStop"].restype is ctypes.c_int32
    assert len(vars(library)["AudioObjectGetPropertyData"].argtypes) == 6
