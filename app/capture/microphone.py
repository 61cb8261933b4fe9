"""The microphone, through PortAudio."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.capture import portaudio
from app.core.audio import AudioBlock, AudioFormat
from app.core.errors import CaptureError, DeviceLostError, DeviceMissingError

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

BLOCK_SECONDS = 0.03
_FALLBACK_RATES = (48_000, 44_100, 16_000)


class MicrophoneSource:
    """Records from an input device by name, part of a name or number; "" is the default one.

    `load` gives the module sounddevice; a test gives something like it.
    """

    def __init__(self, device: str = "", load: portaudio.Load = portaudio.load_sounddevice) -> None:
        self._device = device
        self._load = load
        self._library: Any = None
        self._stream: Any = None
        self._title = ""
        self._stopping = False
        self._failure: Exception | None = None
        self._counter = FrameCounter(1)
        self._deliver: Callable[[AudioBlock], object] = _nobody
        self._ended: Callable[[], object] = _nothing

    @property
    def name(self) -> str:
        return "mic"

    @property
    def failure(self) -> Exception | None:
        return self._failure

    def open(self) -> AudioFormat:
        library = self._load()
        microphone = self._find(library)
        portaudio.hold(library)
        self._library = library
        self._title = microphone.name
        try:
            self._format = self._open_stream(microphone)
        except CaptureError:
            self.close()
            raise
        self._counter = FrameCounter(self._format.rate)
        return self._format

    def start(self, deliver: Callable[[AudioBlock], object], ended: Callable[[], object]) -> None:
        assert self._stream is not None, "open first"
        self._deliver, self._ended = deliver, ended
        try:
            self._stream.start()
        except self._library.PortAudioError as exc:
            raise _refused(self._title, exc) from exc

    def stop(self) -> None:
        self._stopping = True
        if self._stream is not None:
            self._stream.abort()

    def close(self) -> None:
        self._stopping = True
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()
        library, self._library = self._library, None
        if library is not None:
            portaudio.release(library)

    def _find(self, library: Any) -> portaudio.Microphone:
        try:
            return portaudio.choose(portaudio.microphones(library), self._device)
        except DeviceMissingError:  # it may have been connected since PortAudio last looked
            portaudio.look_again(library)
            return portaudio.choose(portaudio.microphones(library), self._device)

    def _open_stream(self, microphone: portaudio.Microphone) -> AudioFormat:
        """Open at the device's own rate, or as near to it as the device allows."""
        first_error: Exception | None = None
        for shape in _shapes(microphone):
            try:
                self._stream = self._library.InputStream(
                    device=microphone.index,
                    samplerate=shape.rate,
                    channels=shape.channels,
                    dtype="int16",
                    blocksize=round(shape.rate * BLOCK_SECONDS),
                    callback=self._on_block,
                    finished_callback=self._on_finished,
                )
            except self._library.PortAudioError as exc:
                first_error = first_error or exc
            else:
                return shape
        assert first_error is not None
        raise _refused(microphone.name, first_error) from first_error

    def _on_block(self, samples: NDArray[np.int16], frames: int, moment: Any, status: Any) -> None:
        """Called by PortAudio on a thread that must not wait."""
        place = self._counter.place(
            frames, moment.inputBufferAdcTime, overflowed=bool(status.input_overflow)
        )
        if self._stopping:
            return
        try:
            self._deliver(AudioBlock(place, samples.copy(), self._format))
        except Exception as exc:  # else it would be printed and the recording would stop unheard
            self._failure = exc
            raise self._library.CallbackAbort from exc

    def _on_finished(self) -> None:
        """Called by PortAudio when the stream has come to its end, for whatever reason."""
        if self._stopping:
            return
        if self._failure is None:
            self._failure = DeviceLostError(f"The microphone '{self._title}' is gone")
        self._ended()


class FrameCounter:
    """Places of blocks: counted, not timed, except over a loss, which only time can tell."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._next = 0
        self._expected_time = 0.0

    def place(self, frames: int, time: float, *, overflowed: bool) -> int:
        """The first frame of a block that was captured at `time` (seconds; 0.0: unknown)."""
        if overflowed and self._next:
            self._next += self._lost(time)
        first = self._next
        self._next += frames
        self._expected_time = time + frames / self._rate if time else 0.0
        return first

    def _lost(self, time: float) -> int:
        """At least one frame, so that a loss is never silent."""
        if not time or not self._expected_time:
            return 1
        return max(1, round((time - self._expected_time) * self._rate))


def _shapes(microphone: portaudio.Microphone) -> list[AudioFormat]:
    rates = dict.fromkeys((microphone.rate, *_FALLBACK_RATES))
    channels = dict.fromkeys((min(2, microphone.channels), 1))
    return [AudioFormat(rate, count) for rate in rates for count in channels]


def _refused(title: str, error: Exception) -> CaptureError:
    return CaptureError(
        f"The microphone '{title}' cannot be opened: {portaudio.reason(error)}",
        hint="Another program may be using it, or it is not allowed: check, or choose another one.",
    )


def _nobody(_block: AudioBlock) -> None:
    """Where blocks go before `start`; none come."""


def _nothing() -> None:
    """What happens at the end before `start`."""
