"""Sounds and media files, made for the tests."""

from __future__ import annotations

import wave
from typing import TYPE_CHECKING

import av
import numpy as np

from app.capture.media import MediaFile

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

FINER = 16
"""Places between two samples at which sounds are compared."""


def sine(seconds: float, rate: int, frequency: float = 440.0) -> NDArray[np.float32]:
    """A tone of half the full level."""
    t = np.arange(round(seconds * rate)) / rate
    return (0.5 * np.sin(2 * np.pi * frequency * t)).astype(np.float32)


def chirp(seconds: float, rate: int) -> NDArray[np.float32]:
    """From 100 Hz to 4 kHz: like nothing but itself, at any shift."""
    t = np.arange(round(seconds * rate)) / rate
    phase = 2 * np.pi * (100 * t + (4000 - 100) / (2 * seconds) * t**2)
    return (0.5 * np.sin(phase)).astype(np.float32)


def pcm(samples: NDArray[np.float32], channels: int = 1) -> NDArray[np.int16]:
    """int16 of shape (frames, channels)."""
    mono = np.round(samples * 32767).astype(np.int16)
    return np.repeat(mono[:, None], channels, axis=1)


def write_wav(path: Path, samples: NDArray[np.int16], rate: int) -> Path:
    """Samples of shape (frames, channels)."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2").tobytes())
    return path


def encode(path: Path, codec: str, rate: int, layout: str = "stereo", seconds: float = 1.0) -> Path:
    """A tone of 440 Hz in the container of the path's suffix."""
    samples = pcm(sine(seconds, rate), len(av.AudioLayout(layout).channels))
    with av.open(str(path), "w") as container:
        pictures = _picture_stream(container) if path.suffix in (".mp4", ".mkv") else None
        stream = container.add_stream(codec, rate=rate, layout=layout)
        assert isinstance(stream, av.AudioStream)
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout=layout)
        frame.rate = rate
        if pictures is not None:
            _add_pictures(container, pictures)
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    return path


def encode_picture(path: Path) -> Path:
    """A video without sound."""
    with av.open(str(path), "w") as container:
        _add_pictures(container, _picture_stream(container))
    return path


def _picture_stream(container: av.container.OutputContainer) -> av.VideoStream:
    stream = container.add_stream("mpeg4", rate=25)
    stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
    return stream


def _add_pictures(container: av.container.OutputContainer, stream: av.VideoStream) -> None:
    for number in range(5):
        picture = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")
        picture.pts = number
        for packet in stream.encode(picture):
            container.mux(packet)
    for packet in stream.encode(None):
        container.mux(packet)


def read_all(path: Path) -> tuple[NDArray[np.int16], MediaFile]:
    """All samples of a file, and the file, closed."""
    with MediaFile(path) as media:
        form = media.open()
        blocks = [block.samples for block in media.blocks()]
    joined = np.concatenate(blocks) if blocks else np.zeros((0, form.channels), np.int16)
    return joined, media


def correlation(heard: NDArray[np.float32], played: NDArray[np.float32]) -> float:
    """How alike the best matching place of `heard` is to `played`, from -1 to 1.

    The place may lie between two samples: half a sample beside it, a chirp up to a quarter of the
    rate is only 0.9 like itself.
    """
    size = len(heard) + len(played)
    spectrum = np.fft.rfft(heard, size)
    match = np.fft.irfft(spectrum * np.conj(np.fft.rfft(played, size)), FINER * size)
    lag = int(np.argmax(match)) / FINER
    back = np.exp(2j * np.pi * lag * np.fft.rfftfreq(size))
    moved = np.fft.irfft(spectrum * back, size)[: len(played)]
    return float(np.corrcoef(moved, played)[0, 1])
