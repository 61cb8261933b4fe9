"""What fits this machine: threads and preset, measured once for each model in under two seconds."""

from __future__ import annotations

import json
import logging
import os
import platform
import time
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import msgspec

from app.core.paths import write_atomically
from app.core.resources import resource
from app.speech.transcribe.device import CPU, Device, find_device
from app.speech.transcribe.mel import MelBuffer
from app.speech.transcribe.presets import options_for
from app.speech.transcribe.whisper import WORKERS, DecodingTask, Search

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from app.speech.transcribe.whisper import Whisper

logger = logging.getLogger(__name__)

FILE_NAME = "hardware.json"
_CONTEXT = 1500  # mel frames (10 ms), as a step has them
_TOKENS = 12  # what a step adds, at most times
_PROBE = 300  # mel frames that tell roughly how slow a model is
_TIME = 1.8  # seconds that measuring may take
_GAIN = 1.4  # times as fast: what a second thread must bring
_SHARE = 0.5  # of the time may go into steps


@dataclass(frozen=True, slots=True)
class Measured:
    """Threads that are worth having, and seconds of a step with them on an idle machine.

    `device` is where that was; its reason says why it was not the graphics card.
    """

    threads: int
    step_seconds: float
    device: Device = CPU


@dataclass(frozen=True, slots=True)
class Fitted:
    """A model, loaded with the threads that fit the machine, and the preset that does."""

    model: Whisper
    preset: str


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds."""

    cpu: float
    wall: float


@dataclass(frozen=True, slots=True)
class Stopwatch:
    """Tells seconds: `cpu` of this process, which other programs do not disturb, and `wall`."""

    cpu: Callable[[], float] = time.process_time
    wall: Callable[[], float] = time.perf_counter

    def time(self, work: Callable[[], object]) -> Cost:
        cpu, wall = self.cpu(), self.wall()
        work()
        return Cost(self.cpu() - cpu, self.wall() - wall)


_WATCH = Stopwatch()


class Fitting:
    """Loads a model as it fits this machine; what was measured is kept in `folder`."""

    def __init__(self, folder: Path, model: str) -> None:
        self._file = folder / FILE_NAME
        self._model = model

    def __call__(self, load: Callable[[int], Whisper], threads: int) -> Fitted:
        """`load` loads with so many threads; `threads` above 1 are the user's wish and stay."""
        key = f"{key_of(self._model)}, {'wished ' if threads > 1 else ''}threads {threads}"
        known = read_measured(self._file).get(key)
        if known is not None and known.threads <= max(threads, most_threads(cores())):
            model = load(known.threads)
            if _same_place(model.device, known.device):
                if model.device != known.device:
                    remember(self._file, key, replace(known, device=model.device))
                return Fitted(model, preset_for(self._model, known))
            del model  # a graphics card has come or gone: one at a time in memory
        model, found = measure(load, threads, cores())
        found = replace(found, device=model.device)
        remember(self._file, key, found)
        return Fitted(model, preset_for(self._model, found))


def measure(
    load: Callable[[int], Whisper], threads: int, available: int, watch: Stopwatch = _WATCH
) -> tuple[Whisper, Measured]:
    """Time a step with one thread and, where cores and time allow it, with two.

    Gives the model with the threads that won. `threads` above 1 are not put to the test. Live
    recognition and revision may both be at work, each with so many: a core stays free of them.
    """
    began = watch.wall()
    model = load(threads)
    loading = watch.wall() - began
    single = step_cost(model, watch)
    found = Measured(threads, single.cpu / threads)
    enough_time = watch.wall() - began + loading + 3 * single.wall < _TIME
    if threads > 1 or most_threads(available) < 2 or not enough_time:
        return model, found
    del model  # one at a time: memory
    double = load(2)
    gain = single.wall / max(1e-9, step_cost(double, watch).wall)
    if gain > _GAIN:
        return double, Measured(2, single.cpu / gain)
    del double
    return load(1), found


def most_threads(available: int) -> int:
    """Threads for each worker of a model, at least 1; together fewer than the `available` cores."""
    return max(1, (available - 1) // WORKERS)


def step_cost(model: Whisper, watch: Stopwatch) -> Cost:
    """A step: encode, a dozen tokens, align. Only roughly where the model is slow."""
    mel = MelBuffer(model.n_mels, _clip())
    probe = watch.time(lambda: model.encode(mel.window(_PROBE)))
    if probe.wall * _CONTEXT / _PROBE > _TIME / 4:
        scale = 2 * _CONTEXT / _PROBE  # decoding takes about as long as encoding
        return Cost(probe.cpu * scale, probe.wall * scale)
    first = watch.time(lambda: _step(model, mel))  # allocates memory as well
    if first.wall > _TIME / 4:
        return first
    again = [watch.time(lambda: _step(model, mel)) for _ in range(3)]
    return Cost(min(cost.cpu for cost in again), min(cost.wall for cost in again))


def preset_for(model: str, measured: Measured) -> str:
    """ "balanced" if its steps leave half of the time free, else the cheapest preset."""
    options = options_for(model)
    return "balanced" if measured.step_seconds <= _SHARE * options.step else "ultra-fast"


def key_of(model: str) -> str:
    """What a measurement holds for: the model on this kind of machine, with this engine."""
    from app.speech.transcribe.ct2 import ctranslate2

    machine = f"{platform.machine()}, {cores()} cores"
    return f"{model} on {machine}, CTranslate2 {ctranslate2.__version__}"


def cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def read_measured(file: Path) -> dict[str, Measured]:
    """What is known; nothing if the file is missing or not understood."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, Measured])
    except (OSError, msgspec.DecodeError):
        return {}


def remember(file: Path, key: str, measured: Measured) -> None:
    """Add to `file`. If it cannot be written the next start measures again."""
    known = {**read_measured(file), key: replace(measured, step_seconds=_short(measured))}
    text = json.dumps({name: asdict(each) for name, each in known.items()}, indent=2) + "\n"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(file, text.encode())
    except OSError as exc:
        logger.warning("What was measured cannot be kept: %s", exc.strerror or exc)


def device_for(folder: Path, model: str) -> Device:
    """Where `model` runs; what happened when it was last loaded is known from `folder`."""
    from app.speech.transcribe.ct2 import ctranslate2

    found = find_device(ctranslate2)
    known = read_measured(folder / FILE_NAME)
    failed = [
        each.device
        for key, each in known.items()
        if key.startswith(f"{model} on ") and each.device.troubled
    ]
    return failed[-1] if failed and found.kind != CPU.kind else found


def _same_place(one: Device, other: Device) -> bool:
    return (one.kind, one.compute_type) == (other.kind, other.compute_type)


def _short(measured: Measured) -> float:
    return round(measured.step_seconds, 4)


def _step(model: Whisper, mel: MelBuffer) -> None:
    task = DecodingTask()
    encoded = model.encode(mel.window(_CONTEXT))
    tokens = model.continue_text(encoded, [], [], task, Search(_TOKENS))
    if tokens:
        model.align(encoded, tokens, min(mel.frames, _CONTEXT), task)


def _clip() -> NDArray[np.float32]:
    import soundfile

    samples, _rate = soundfile.read(resource("selftest.flac"), dtype="float32")
    heard: NDArray[np.float32] = samples
    return heard
