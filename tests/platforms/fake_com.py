"""COM objects as they lie in memory: a pointer to a table of C functions."""

from __future__ import annotations

import ctypes
from ctypes import CFUNCTYPE, POINTER, c_int32, c_uint32, c_void_p
from typing import TYPE_CHECKING, Any

from app.platforms import mmdevice
from app.platforms.mmdevice import PropertyKey, PropVariant

if TYPE_CHECKING:
    from collections.abc import Callable

    Method = tuple[Callable[..., int], tuple[Any, ...]]

CHANGED_MODE = mmdevice.CHANGED_MODE
NOT_FOUND = mmdevice.NOT_FOUND
_SLOTS = 8


class FakeWindows:
    """Something like ole32, with the outputs it knows. `alive` counts what was not given back."""

    def __init__(self, *outputs: tuple[str, str | None]) -> None:
        self.outputs = list(outputs)
        self.defaults: dict[int, str] = {}
        self.init_result = 0
        self.create_result = 0
        self.null_enumerator = False
        self.alive = 0
        self.threads = 0
        self.texts: dict[int, Any] = {}
        self.cleared = 0
        self._keep: list[Any] = []

    def CoInitializeEx(self, _reserved: None, _mode: int) -> int:  # noqa: N802
        self.threads += self.init_result in (0, 1)
        return self.init_result

    def CoUninitialize(self) -> None:  # noqa: N802
        self.threads -= 1

    def CoCreateInstance(self, kind: Any, _outer: None, _where: int, _i: Any, out: Any) -> int:  # noqa: N802
        assert bytes(kind._obj) == bytes(mmdevice.ENUMERATOR_CLASS)
        if self.create_result == 0 and not self.null_enumerator:
            out._obj.value = self._enumerator()
        return self.create_result

    def CoTaskMemFree(self, text: c_void_p) -> None:  # noqa: N802
        del self.texts[text.value or 0]

    def PropVariantClear(self, _value: Any) -> int:  # noqa: N802
        self.cleared += 1
        return 0

    def _object(self, **methods: Method) -> int:
        """`methods`: s3=(function, argument types) is what slot 3 does."""
        self.alive += 1
        table = (c_void_p * _SLOTS)()
        entries: dict[str, Method] = {"s2": (self._release, ()), **methods}
        for slot, (function, types) in entries.items():
            call = CFUNCTYPE(c_int32, c_void_p, *types)(function)
            self._keep.append(call)
            table[int(slot[1:])] = ctypes.cast(call, c_void_p)
        this = c_void_p(ctypes.addressof(table))
        self._keep += [table, this]
        return ctypes.addressof(this)

    def _release(self, _this: int) -> int:
        self.alive -= 1
        return 0

    def _enumerator(self) -> int:
        out = POINTER(c_void_p)
        return self._object(
            s3=(self._enumerate, (c_int32, c_uint32, out)),
            s4=(self._default, (c_int32, c_int32, out)),
        )

    def _enumerate(self, _this: int, flow: int, state: int, out: Any) -> int:
        assert (flow, state) == (0, 1), "outputs that are active"
        out[0] = self._object(
            s3=(self._count, (POINTER(c_uint32),)), s4=(self._item, (c_uint32, POINTER(c_void_p)))
        )
        return 0

    def _count(self, _this: int, out: Any) -> int:
        out[0] = len(self.outputs)
        return 0

    def _item(self, _this: int, place: int, out: Any) -> int:
        out[0] = self._device(*self.outputs[place])
        return 0

    def _default(self, _this: int, flow: int, role: int, out: Any) -> int:
        assert flow == 0
        if role not in self.defaults:
            return NOT_FOUND
        out[0] = self._device(self.defaults[role], None)
        return 0

    def _device(self, name: str, title: str | None) -> int:
        def get_id(_this: int, out: Any) -> int:
            text = ctypes.create_unicode_buffer(name)
            self.texts[ctypes.addressof(text)] = text
            out[0] = ctypes.addressof(text)
            return 0

        def open_store(_this: int, access: int, out: Any) -> int:
            assert access == 0
            out[0] = self._store(title)
            return 0

        return self._object(
            s4=(open_store, (c_uint32, POINTER(c_void_p))), s5=(get_id, (POINTER(c_void_p),))
        )

    def _store(self, title: str | None) -> int:
        def get_value(_this: int, key: Any, out: Any) -> int:
            assert key[0].id == 14
            if title is not None:
                text = ctypes.create_unicode_buffer(title)
                self._keep.append(text)
                out[0].kind = mmdevice.TEXT
                out[0].value.text = ctypes.addressof(text)
            return 0

        return self._object(s5=(get_value, (POINTER(PropertyKey), POINTER(PropVariant))))
