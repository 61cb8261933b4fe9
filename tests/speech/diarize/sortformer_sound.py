"""Sound like talk in turns, and a network that is small enough to compute by hand.

`record_sortformer.py` gives both to NeMo, `test_sortformer.py` to us.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.audio import SPEECH_RATE
from app.speech.diarize.sortformer_presets import SUBSAMPLING, Latency

DIM = 8
"""Width of the small network's frames."""
SETTINGS = {
    "1.04s": Latency(6, 7, 188, 144),
    "2.6s": Latency(25, 7, 50, 50),
    "10s": Latency(124, 1, 124, 124),
    "no queue": Latency(30, 2, 0, 1),
}
TALK_S = 100.03  # the last step looks ahead by less than a frame
MEL_S = 1.003


def talk(seconds: float, seed: int = 0) -> NDArray[np.float32]:
    """Voices of four pitches by turns, sometimes two at once, with pauses and a little noise."""
    rng = np.random.default_rng(seed)
    count = int(seconds * SPEECH_RATE)
    out = 0.002 * rng.standard_normal(count)
    time = np.arange(count) / SPEECH_RATE
    at = 0
    while at < count:
        length = int(rng.uniform(0.4, 4.0) * SPEECH_RATE)
        turn = time[at : at + length]
        if rng.random() < 0.8:
            out[at : at + length] += _voice(turn, rng)
        at += int(length * rng.uniform(0.6, 1.2))
    return out.astype(np.float32)


def _voice(time: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    pitch = rng.choice([95, 130, 190, 240]) * (
        1 + 0.1 * np.sin(2 * np.pi * rng.uniform(2, 6) * time)
    )
    phase = 2 * np.pi * np.cumsum(pitch) / SPEECH_RATE
    tones = [np.sin(n * phase) * rng.uniform(0.1, 1) / n for n in range(1, 14)]
    voice: NDArray[np.float64] = (
        0.15 * np.sum(tones, axis=0) * (0.6 + 0.4 * np.sin(8 * np.pi * time))
    )
    return voice


def weights() -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Of the small network: (128, DIM) for mel frames, (DIM, 4) for a frame and for all frames."""
    rng = np.random.default_rng(7)
    mel = rng.standard_normal((128, DIM)) / 60
    own = rng.standard_normal((DIM, 4)) * 4.5
    own -= own.mean(axis=1, keepdims=True)  # the four compete
    return mel.astype(np.float32), own.astype(np.float32), (0.4 * own).astype(np.float32)


MEL_MEAN = np.float32(-10.0)
BIAS = np.float32(-4.5)


class SmallNetwork:
    """Stands in for an ONNX session. The mean of eight mel frames, projected, is a frame; activity
    follows from a frame and from the mean of all frames, so that it shows what is in the cache."""

    def __init__(self) -> None:
        self._mel, self._own, self._all = weights()
        self.longest = 0  # frames in one step

    def run(
        self, outputs: Sequence[str] | None, inputs: Mapping[str, NDArray[Any]], /
    ) -> Sequence[Any]:
        assert outputs == ("spkcache_fifo_chunk_preds", "chunk_pre_encode_embs")
        for name in ("chunk", "spkcache", "fifo"):
            assert inputs[f"{name}_lengths"].tolist() == [inputs[name].shape[1]]
        mel = inputs["chunk"][0] - MEL_MEAN
        padded = np.pad(mel, ((0, -len(mel) % SUBSAMPLING), (0, 0)))
        new = padded.reshape(-1, SUBSAMPLING, mel.shape[1]).mean(axis=1) @ self._mel
        frames = np.concatenate([inputs["spkcache"][0], inputs["fifo"][0], new])
        self.longest = max(self.longest, len(frames))
        logits = frames @ self._own - frames.mean(axis=0) @ self._all + BIAS
        return (1 / (1 + np.exp(-logits)))[None].astype(np.float32), new[None]
