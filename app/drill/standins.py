"""What takes the place of sound cards and models in a recording that is to be harmed."""

from __future__ import annotations

import contextlib
import importlib
import os
import stat
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

from app.capture.delivery import DeliveryThread
from app.core.audio import AudioBlock, AudioFormat
from app.core.events import FinalCaption, Word, WordsCommitted
from app.drill.pattern import FORM, numbered
from app.drill.reports import BlockDelivered, FileSynced, FolderSynced, Plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from app.drill.reports import Reporter

Caption = FinalCaption | WordsCommitted

BLOCK_FRAMES = 480
"""30 ms, as a sound card gives."""
_DEVICE_BUFFER_S = 0.5  # what a device keeps for a program that does not come for it
_WORD_S = 0.25
_WORDS = 4  # in an utterance


class NumberedSource:
    """A device that never ends. What nobody took for too long is lost, as in a real one."""

    def __init__(
        self, name: str, reporter: Reporter, sound: Callable[[int, int], NDArray[Any]] = numbered
    ) -> None:
        self._name = name
        self._reporter = reporter
        self._sound = sound
        self._thread = DeliveryThread(name, self._play)

    @property
    def name(self) -> str:
        return self._name

    @property
    def failure(self) -> Exception | None:
        return self._thread.failure

    def open(self) -> AudioFormat:
        return FORM

    def start(self, deliver: Callable[[AudioBlock], object], ended: Callable[[], object]) -> None:
        self._thread.start(deliver, ended)

    def stop(self) -> None:
        self._thread.stop()

    def close(self) -> None:
        self.stop()

    def _play(self, deliver: Callable[[AudioBlock], object]) -> None:
        started, frame = time.monotonic(), 0
        while True:
            due = started + (frame + BLOCK_FRAMES) / FORM.rate
            if self._thread.stopping.wait(max(0.0, due - time.monotonic())):
                return
            late = time.monotonic() - due
            if late > _DEVICE_BUFFER_S:
                frame += round(late * FORM.rate)
            samples = self._sound(frame, BLOCK_FRAMES)
            self._reporter.tell(BlockDelivered(self._name, frame, BLOCK_FRAMES, FORM.rate))
            deliver(AudioBlock(frame, samples, FORM))
            frame += BLOCK_FRAMES


class ScriptedStage:
    """A recogniser that says four words a second, an utterance a second, and may stand still."""

    name = "transcribe"

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._said = 0
        self._stalled = threading.Event()  # never set: only time ends a stall
        self._stall_left = plan.stall_s

    def open(self) -> None: ...

    def feed(self, items: Sequence[AudioBlock], /) -> Iterator[Caption]:
        for block in items:
            if block.end >= self._plan.stall_at and self._stall_left:
                stall, self._stall_left = self._stall_left, 0.0
                self._stalled.wait(stall)
            while (self._said + 1) * _WORD_S <= block.end:
                yield from self._say()

    def flush(self) -> tuple[()]:
        return ()

    def close(self) -> None: ...

    def _say(self) -> Iterator[Caption]:
        utterance, place = divmod(self._said, _WORDS)
        self._said += 1
        yield WordsCommitted(utterance, (_word(self._said - 1),))
        if place == _WORDS - 1:
            words = tuple(_word(utterance * _WORDS + number) for number in range(_WORDS))
            text = "".join(word.text for word in words).strip()
            yield FinalCaption(utterance, 0, words[0].start, words[-1].end, text, "en", words)


class NoStage:
    """A stage from which nothing comes."""

    name = "revise"

    def open(self) -> None: ...

    def feed(self, _items: Sequence[Any], /) -> tuple[()]:
        return ()

    def flush(self) -> tuple[()]:
        return ()

    def close(self) -> None: ...


def _word(number: int) -> Word:
    start = number * _WORD_S
    return Word(f" word{number}", start, start + _WORD_S, 0.9)


@contextlib.contextmanager
def standing_in(plan: Plan, reporter: Reporter) -> Iterator[None]:
    """Sources, recogniser and `fsync` as `plan` wants them, for the whole process.

    The program knows nothing of drills: what it is made of is exchanged from outside, in a process
    that is there for this alone.
    """
    with contextlib.ExitStack() as stack:
        stack.enter_context(mock.patch.object(os, "fsync", _telling(os.fsync, reporter)))
        if plan.numbered:
            _exchange_sources(stack, plan, reporter)
        if plan.captions and not plan.model:
            exchange_recogniser(stack, plan)
        if plan.check_space_s:
            _put(stack, "app.session.space", "CHECK_SECONDS", plan.check_space_s)
        yield


def _exchange_sources(stack: contextlib.ExitStack, plan: Plan, reporter: Reporter) -> None:
    sound = numbered if not plan.model else _speech()

    def open_source(source: str, _device: str = "", *_more: Any) -> NumberedSource:
        return NumberedSource(source, reporter, sound)

    for module in ("app.live", "app.capture.factory", "app.inputs"):
        _put(stack, module, "open_source_for", open_source)
    _put(stack, "app.platforms.device_eye", "device_eye", lambda *_: None)


def exchange_recogniser(stack: contextlib.ExitStack, plan: Plan) -> None:
    """A recogniser that follows a script takes the place of the real one."""
    from app.meeting import Recognition

    def recognition(*_: Any, **__: Any) -> Recognition:
        return Recognition(ScriptedStage(plan), NoStage())

    for module in ("app.captioning", "app.meeting"):
        _put(stack, module, "recognition_for", recognition)
    _put(stack, "app.catchup", "whole_stage", lambda *_: NoStage())


def _put(stack: contextlib.ExitStack, module: str, name: str, stand_in: Any) -> None:
    """Exchange a name of a module, if it has it."""
    try:
        found = importlib.import_module(module)
    except ModuleNotFoundError:
        return
    if hasattr(found, name):
        stack.enter_context(mock.patch.object(found, name, stand_in))


def _speech() -> Callable[[int, int], NDArray[Any]]:
    """The bundled clip, again and again, as frames of `FORM`."""
    import numpy as np
    import soundfile
    import soxr

    from app.core.resources import resource

    samples, rate = soundfile.read(resource("selftest.flac"), dtype="float32", always_2d=True)
    mono = soxr.resample(samples.mean(axis=1), rate, FORM.rate)
    pcm = np.repeat((mono * 32_767).astype(np.int16)[:, None], FORM.channels, axis=1)

    def sound(first: int, frames: int) -> NDArray[Any]:
        taken: NDArray[Any] = pcm[np.arange(first, first + frames) % len(pcm)]
        return taken

    return sound


def _telling(sync: Callable[[int], None], reporter: Reporter) -> Callable[[int], None]:
    """`os.fsync` that reports what is on the disk now.

    The size is taken before: what is written meanwhile may not have come along.
    """

    def told(descriptor: int) -> None:
        before = os.fstat(descriptor)
        if stat.S_ISDIR(before.st_mode):
            names = dict(_names_in(Path(f"/proc/self/fd/{descriptor}")))
            sync(descriptor)
            reporter.tell(FolderSynced(before.st_ino, names))
            return
        sync(descriptor)
        reporter.tell(FileSynced(before.st_ino, before.st_size))

    return told


def _names_in(folder: Path) -> Iterator[tuple[str, int]]:
    for path in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):  # a draft that has got its name meanwhile
            yield path.name, path.lstat().st_ino
