"""The two small networks of the embedded diarizer: who is active, and what a voice is like.

Sources: Hervé Bredin, "pyannote segmentation-3.0" (MIT), which tells apart up to three voices in
ten seconds, overlap included; Alibaba, 3D-Speaker, "CAM++ zh-en" (Apache-2.0), 192 numbers for a
voice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from app.core.audio import SPEECH_RATE
from app.core.errors import ModelCorruptError
from app.speech.diarize.features import BINS
from app.speech.onnx import open_session

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

SEGMENTATION_FILE = "segmentation-3.0.onnx"
VOICE_FILE = "campplus-zh-en-192.onnx"

WINDOW = 10 * SPEECH_RATE
"""Samples that are looked at together."""
FRAMES = 589
"""Frames of activity in a window."""
FRAME = 270
"""Samples from one frame to the next."""
FIRST_CENTRE = 495
"""Sample on which the first frame is centred."""
FRAME_S = FRAME / SPEECH_RATE
TRACKS = 3
"""Voices that can be told apart within a window."""
VOICE = 192
"""Numbers that describe a voice."""

_ACTIVE = np.array(
    [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [1, 0, 1], [0, 1, 1]], np.float32
)
"""Which tracks are active in each of the classes that the network tells apart."""
_HINT = "Run 'captionist models remove voices', then 'captionist models pull voices'."


@dataclass(frozen=True, slots=True)
class Voices:
    """Both networks, loaded."""

    segmentation: Any
    voice: Any

    def activity(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Up to WINDOW samples at 16 kHz -> how likely each track is active (FRAMES, TRACKS)."""
        window = np.zeros((1, 1, WINDOW), np.float32)
        window[0, 0, : len(samples)] = samples
        (scores,) = self.segmentation.run(None, {self.segmentation.get_inputs()[0].name: window})
        probabilities: NDArray[np.float32] = np.exp(scores[0]) @ _ACTIVE
        return probabilities

    def embed(self, frames: NDArray[np.float32]) -> NDArray[np.float32]:
        """Filter banks (n, 80) of one voice -> a direction (192,), of length 1."""
        features = (frames - frames.mean(axis=0))[None]
        (found,) = self.voice.run(None, {self.voice.get_inputs()[0].name: features})
        direction: NDArray[np.float32] = found[0] / max(float(np.linalg.norm(found[0])), 1e-9)
        return direction


def load_voices(folder: Path) -> Voices:
    """Load both networks, each on one thread. Raises ModelCorruptError."""
    segmentation = _session(folder / SEGMENTATION_FILE)
    voice = _session(folder / VOICE_FILE)
    _check(segmentation, SEGMENTATION_FILE, (1, 1, WINDOW), (1, FRAMES, len(_ACTIVE)))
    _check(voice, VOICE_FILE, (1, 100, BINS), (1, VOICE))
    return Voices(segmentation, voice)


def _session(path: Path) -> Any:
    try:
        return open_session(path)
    except Exception as exc:  # ONNX Runtime's own exception types are not public
        raise ModelCorruptError(f"The file {path.name} cannot be loaded", hint=_HINT) from exc


def _check(session: Any, name: str, shape: tuple[int, ...], expected: tuple[int, ...]) -> None:
    """Another network under this name would fail later, in the middle of a meeting."""
    try:
        (found,) = session.run(None, {session.get_inputs()[0].name: np.zeros(shape, np.float32)})
        fits = found.shape == expected
    except Exception as exc:  # as above; ValueError if there are more outputs
        raise ModelCorruptError(f"The file {name} is not the model we know", hint=_HINT) from exc
    if not fits:
        raise ModelCorruptError(f"The file {name} is not the model we know", hint=_HINT)
