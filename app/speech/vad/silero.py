"""Silero VAD (the ONNX file that comes with faster-whisper), its recurrent state carried on.

Source: Silero Team, "Silero VAD" (MIT). Thresholds are this file's own: another export of the same
network gives other probabilities.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from app.core.errors import ModelCorruptError
from app.speech.onnx import open_session

if TYPE_CHECKING:
    from numpy.typing import NDArray

FRAME = 512
"""Samples that one probability stands for (32 ms)."""
_CONTEXT = 64
_STATE = (1, 1, 128)


class SileroVad:
    """Speech probability of consecutive frames of one stream."""

    def __init__(self) -> None:
        self._session = _load()
        self.reset()

    def reset(self) -> None:
        """Forget the stream heard so far."""
        self._h = np.zeros(_STATE, np.float32)
        self._c = np.zeros(_STATE, np.float32)
        self._context = np.zeros(_CONTEXT, np.float32)

    def probabilities(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """One probability for each whole frame of `samples` (n·FRAME samples at 16 kHz) -> (n,)."""
        frames = samples.reshape(-1, FRAME)
        before = np.concatenate([self._context[None], frames[:-1, -_CONTEXT:]])
        self._context = frames[-1, -_CONTEXT:]
        inputs = {"input": np.concatenate([before, frames], axis=1), "h": self._h, "c": self._c}
        out, self._h, self._c = self._session.run(None, inputs)
        probabilities: NDArray[np.float32] = np.ravel(out)
        return probabilities


def _load() -> Any:
    file = _model_file()
    try:
        return open_session(file)
    except Exception as exc:  # ONNX Runtime's own exception types are not public
        raise ModelCorruptError(
            "The voice detector cannot be loaded", hint="Reinstall Captionist."
        ) from exc


def _model_file() -> Path:
    spec = importlib.util.find_spec("faster_whisper")
    if spec is None or not spec.submodule_search_locations:
        raise ModelCorruptError(
            "The package faster-whisper is not installed", hint="Reinstall Captionist."
        )
    return Path(spec.submodule_search_locations[0]) / "assets" / "silero_vad_v6.onnx"
