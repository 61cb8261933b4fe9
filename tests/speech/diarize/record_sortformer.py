"""Writes what NeMo 3.0.0 and torch 2.13.0 find, for tests that have neither: sortformer.npz; and
the small network as ONNX: sortformer.onnx.

Run it where the extra `nemo` is installed: python -m tests.speech.diarize.record_sortformer
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.speech.diarize.sortformer_model import INPUTS, OUTPUTS
from tests.speech.diarize import nemo_models
from tests.speech.diarize.sortformer_sound import (
    BIAS,
    DIM,
    MEL_MEAN,
    MEL_S,
    SETTINGS,
    TALK_S,
    talk,
    weights,
)

FILE = Path(__file__).with_name("sortformer.npz")


def record() -> None:
    found: dict[str, NDArray[Any]] = {"mel": _mel(), **_selection()}
    sound = talk(TALK_S)
    model = _small_model()
    for name, latency in SETTINGS.items():
        nemo_models.configure(model, latency)
        found[f"activity {name}"] = nemo_models.hear(model, sound)
    np.savez_compressed(FILE, **found)  # type: ignore[arg-type, unused-ignore]


def _mel() -> NDArray[np.float32]:
    """Every tenth frame and the last one -> (n, 128)."""
    import torch

    sound = talk(MEL_S)
    mel, length = nemo_models.random_model().process_signal(
        torch.from_numpy(sound)[None], torch.tensor([len(sound)])
    )
    frames: NDArray[np.float32] = mel[0, :, : int(length[0])].T.numpy()
    return np.concatenate([frames[::10], frames[-1:]])


def _selection() -> dict[str, NDArray[Any]]:
    """What torch takes where many scores are equal, with its own numbers."""
    import torch

    rng = np.random.default_rng(3)
    scores = rng.integers(0, 12, (6, 400)).astype(np.float32)
    scores[rng.random(scores.shape) < 0.3] = -np.inf
    taken = [torch.topk(torch.from_numpy(row), 188, sorted=False)[1].sort()[0] for row in scores]
    return {"scores": scores, "taken": torch.stack(taken).numpy().astype(np.int16)}


def _small_model() -> Any:
    """NeMo's streaming around the small network instead of its own."""
    import torch

    mel_weights, own, everyone = (torch.from_numpy(each) for each in weights())

    class Encoder(torch.nn.Module):  # type: ignore[misc, unused-ignore]
        subsampling_factor = 8

        def pre_encode(self, x: Any, lengths: Any) -> Any:
            padded = torch.nn.functional.pad(x - float(MEL_MEAN), (0, 0, 0, -x.shape[1] % 8))
            frames = padded.reshape(1, -1, 8, x.shape[2]).mean(dim=2) @ mel_weights
            return frames, torch.tensor([frames.shape[1]])

    def encode(processed_signal: Any, processed_signal_length: Any, bypass_pre_encode: bool) -> Any:
        return processed_signal, processed_signal_length

    def infer(emb_seq: Any, emb_seq_length: Any) -> Any:
        return torch.sigmoid(
            emb_seq @ own - emb_seq.mean(dim=1, keepdim=True) @ everyone + float(BIAS)
        )

    model = nemo_models.random_model()
    model.sortformer_modules.fc_d_model = DIM
    model.encoder, model.frontend_encoder, model.forward_infer = Encoder(), encode, infer
    return model


def write_onnx() -> None:
    """The small network, with the inputs and outputs of Sortformer."""
    import torch

    mel_weights, own, everyone = (torch.from_numpy(each) for each in weights())

    class Step(torch.nn.Module):  # type: ignore[misc, unused-ignore]
        def forward(
            self, chunk: Any, chunk_n: Any, cache: Any, cache_n: Any, queue: Any, queue_n: Any
        ) -> Any:
            mel = ((chunk - float(MEL_MEAN)) @ mel_weights).transpose(1, 2)
            mean = torch.full((DIM, 1, 8), 1 / 8)
            padded = torch.nn.functional.pad(mel, (0, 7))
            new = torch.nn.functional.conv1d(padded, mean, stride=8, groups=DIM).transpose(1, 2)
            frames = torch.cat([cache, queue, new], dim=1)
            total = (cache_n + queue_n + (chunk_n + 7) // 8).reshape(1, 1, 1)
            mean_of_all = frames.sum(dim=1, keepdim=True) / total
            logits = frames @ own - mean_of_all @ everyone + float(BIAS)
            return torch.sigmoid(logits), new, (chunk_n + 7) // 8

    example: list[Any] = []
    for length, width in ((112, 128), (188, DIM), (100, DIM)):
        example += [torch.rand(1, length, width), torch.tensor([length])]
    torch.onnx.export(
        Step(),
        tuple(example),
        str(FILE.with_suffix(".onnx")),
        input_names=list(INPUTS),
        output_names=list(OUTPUTS),
        dynamic_axes={name: {1: f"{name}_frames"} for name in (*INPUTS[::2], *OUTPUTS[:2])},
        opset_version=17,
        dynamo=False,
    )


if __name__ == "__main__":
    record()
    write_onnx()
