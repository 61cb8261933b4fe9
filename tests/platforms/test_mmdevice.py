"""Windows' outputs, asked for through COM tables like the real ones."""

from __future__ import annotations

import ctypes
import uuid
from functools import partial
from types import SimpleNamespace

import pytest

from app.core.errors import CaptureError, DeviceMissingError
from app.platforms import mmdevice
from app.platforms.mmdevice import Endpoint, Role, WindowsEndpoints, guid
from tests.platforms.fake_com import CHANGED_MODE, FakeWindows

SPEAKERS = ("{0.0.0.00000000}.{a}", "Speakers (Realtek® Audio)")
HEADSET = ("{0.0.0.00000000}.{b}", "Kopfhörer 🎧")


def _endpoints(windows: FakeWindows) -> WindowsEndpoints:
    return WindowsEndpoints(lambda: windows)


def _nothing_left(windows: FakeWindows) -> bool:
    return windows.alive == 0 and not windows.texts and windows.threads == 0


def test_outputs_have_ids_and_names_and_everything_is_given_back() -> None:
    windows = FakeWindows(SPEAKERS, HEADSET)

    assert _endpoints(windows).active() == [Endpoint(*SPEAKERS), Endpoint(*HEADSET)]
    assert _nothing_left(windows)
    assert windows.cleared == 2


def test_an_output_without_a_name_is_listed() -> None:
    windows = FakeWindows(("x", None))

    assert _endpoints(windows).active() == [Endpoint("x", "Unnamed output")]


def test_each_role_has_its_default() -> None:
    windows = FakeWindows(SPEAKERS, HEADSET)
    windows.defaults = {Role.CONSOLE: SPEAKERS[0], Role.COMMUNICATIONS: HEADSET[0]}

    assert _endpoints(windows).default(Role.CONSOLE) == SPEAKERS[0]
    assert _endpoints(windows).default(Role.COMMUNICATIONS) == HEADSET[0]
    assert _nothing_left(windows)


def test_no_output_at_all_is_told() -> None:
    windows = FakeWindows()

    with pytest.raises(DeviceMissingError, match="no sound output"):
        _endpoints(windows).default(Role.CONSOLE)
    assert _nothing_left(windows)


def test_a_thread_that_has_com_in_the_other_mode_keeps_it() -> None:
    windows = FakeWindows(SPEAKERS)
    windows.init_result = CHANGED_MODE

    assert len(_endpoints(windows).active()) == 1
    assert windows.threads == 0


@pytest.mark.parametrize(
    ("attribute", "code"), [("init_result", -2147221164), ("create_result", -2147221164)]
)
def test_what_windows_refuses_is_told_with_its_number(attribute: str, code: int) -> None:
    windows = FakeWindows(SPEAKERS)
    setattr(windows, attribute, code)

    with pytest.raises(CaptureError, match="0x80040154"):
        _endpoints(windows).active()
    assert _nothing_left(windows)


def test_an_object_that_is_not_there_is_told() -> None:
    windows = FakeWindows(SPEAKERS)
    windows.null_enumerator = True

    with pytest.raises(CaptureError, match="does not answer"):
        _endpoints(windows).active()


def test_identifiers_lie_in_memory_as_windows_has_them() -> None:
    text = "bcde0395-e52f-467c-8e3d-c4579291692e"

    assert bytes(guid(text)) == uuid.UUID(text).bytes_le
    assert ctypes.sizeof(mmdevice.PropertyKey) == 20
    assert ctypes.sizeof(mmdevice.PropVariant) == 24


def test_the_real_library_gets_its_types(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without them a pointer would be cut to 32 bits."""
    windows = FakeWindows(SPEAKERS)
    names = ("CoInitializeEx", "CoCreateInstance", "CoTaskMemFree", "PropVariantClear")
    ole = SimpleNamespace(CoUninitialize=windows.CoUninitialize)
    for name in names:
        setattr(ole, name, partial(getattr(windows, name)))
    monkeypatch.setattr("ctypes.CDLL", {"ole32": ole}.__getitem__)

    assert WindowsEndpoints().active() == [Endpoint(*SPEAKERS)]
    assert ole.CoTaskMemFree.argtypes == (ctypes.c_void_p,)
    assert ole.CoCreateInstance.restype is ctypes.c_int32
