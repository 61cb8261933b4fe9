"""What is asked of PyObjC, told by stand-ins of its modules."""

from __future__ import annotations

import ctypes
import plistlib
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from app.core.errors import AudioLibraryMissingError
from app.platforms.objectivec import ObjectiveC, Permission


class FakeDescription:
    """CATapDescription with the selectors as PyObjC spells them."""

    calls: list[tuple[str, Any]]

    @classmethod
    def alloc(cls) -> FakeDescription:
        made = cls()
        made.calls = []
        return made

    def __getattr__(self, name: str) -> Any:
        def call(argument: Any) -> FakeDescription:
            self.calls.append((name, argument))
            return self

        if not name.endswith("_"):
            raise AttributeError(name)
        return call

    def UUID(self) -> Any:  # noqa: N802
        return SimpleNamespace(UUIDString=lambda: "AB-CD")


def _parsed(data: bytes, _options: int, _format: None, _error: None) -> tuple[Any, int, None]:
    return plistlib.loads(data), 100, None


@pytest.fixture
def modules(monkeypatch: pytest.MonkeyPatch) -> None:
    foundation = SimpleNamespace(
        NSNumber=SimpleNamespace(numberWithUnsignedInt_=lambda n: ("number", n)),
        NSArray=SimpleNamespace(arrayWithArray_=tuple),
        NSString=SimpleNamespace(stringWithString_=str),
        NSData=SimpleNamespace(dataWithBytes_length_=lambda raw, length: raw[:length]),
        NSPropertyListSerialization=SimpleNamespace(
            propertyListWithData_options_format_error_=_parsed
        ),
    )
    fakes = {
        "CoreAudio": SimpleNamespace(CATapDescription=FakeDescription),
        "Foundation": foundation,
        "objc": SimpleNamespace(pyobjc_id=id),
    }
    for name, fake in fakes.items():
        monkeypatch.setitem(sys.modules, name, fake)


@pytest.mark.usefixtures("modules")
def test_a_tap_of_everything_is_private_audible_and_leaves_out_what_is_named() -> None:
    description = ObjectiveC().tap_of_everything([30])

    assert description.keep.calls == [
        ("initStereoGlobalTapButExcludeProcesses_", (("number", 30),)),
        ("setPrivate_", True),
        ("setMuteBehavior_", 0),
    ]
    assert description.uid == "AB-CD"
    assert description.address == id(description.keep)


@pytest.mark.usefixtures("modules")
def test_a_dictionary_is_what_was_given() -> None:
    content = {"name": "x", "taps": [{"uid": "AB-CD", "drift": 1}]}

    held = ObjectiveC().dictionary(content)

    assert held.keep == content
    assert held.address == id(held.keep)


@pytest.mark.usefixtures("modules")
@pytest.mark.parametrize(
    ("answer", "expected"),
    [(0, Permission.GRANTED), (1, Permission.REFUSED), (2, Permission.UNKNOWN)],
)
def test_macos_is_asked_for_the_permission(
    monkeypatch: pytest.MonkeyPatch, answer: int, expected: Permission
) -> None:
    class Preflight:
        def __call__(self, _service: int, _options: None) -> int:
            return answer

    library = SimpleNamespace(TCCAccessPreflight=Preflight())
    monkeypatch.setattr("ctypes.CDLL", lambda _path: library)

    assert ObjectiveC().permission() is expected
    assert library.TCCAccessPreflight.restype is ctypes.c_int


@pytest.mark.usefixtures("modules")
def test_without_the_private_function_it_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_library(_path: str) -> None:
        raise OSError("no such library")

    for load in (no_library, lambda _path: SimpleNamespace()):
        monkeypatch.setattr("ctypes.CDLL", load)
        assert ObjectiveC().permission() is Permission.UNKNOWN


@pytest.mark.usefixtures("modules")
@pytest.mark.parametrize("fake", [None, SimpleNamespace()])
def test_a_missing_or_old_pyobjc_is_told(monkeypatch: pytest.MonkeyPatch, fake: Any) -> None:
    monkeypatch.setitem(sys.modules, "CoreAudio", fake)

    with pytest.raises(AudioLibraryMissingError) as caught:
        ObjectiveC()

    assert "pyobjc-framework-CoreAudio" in caught.value.hint
