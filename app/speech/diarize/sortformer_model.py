"""Streaming Sortformer as an ONNX file: what it must look like, and one step of it.

The contract is the one of the published exports of `diar_streaming_sortformer_4spk-v2` and `-v2.1`;
`captionist models convert` makes such files. Inputs: `chunk` (1, T, 128) log-mel frames, `spkcache`
(1, S, D), `fifo` (1, F, D), and their lengths. Outputs: the activity of four speakers in all of
them, (1, S + F + ceil(T / 8), 4), the chunk's frames (1, ceil(T / 8), D), and how many there are.
"""

from __future__ import annotations

import logging
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

import numpy as np

from app.core.errors import ModelCorruptError, ModelError, ModelMissingError
from app.speech.diarize.sortformer_cache import SPEAKERS, CacheRules
from app.speech.diarize.sortformer_mel import MELS
from app.speech.diarize.sortformer_presets import SUBSAMPLING
from app.speech.onnx import CPU, onnx_runtime, open_session

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

logger = logging.getLogger(__name__)

FILE = "sortformer.onnx"
INPUTS = ("chunk", "chunk_lengths", "spkcache", "spkcache_lengths", "fifo", "fifo_lengths")
OUTPUTS = ("spkcache_fifo_chunk_preds", "chunk_pre_encode_embs", "chunk_pre_encode_lengths")
CONVERT_HINT = (
    "Convert the published .nemo file of Streaming Sortformer v2 or v2.1 with "
    "'captionist models convert FILE.nemo -o FOLDER'."
)


class Session(Protocol):
    """What is needed of `onnxruntime.InferenceSession`."""

    def run(
        self, outputs: Sequence[str] | None, inputs: Mapping[str, NDArray[Any]], /
    ) -> Sequence[Any]: ...


class SortformerModel:
    """The network; `dim` is the width of its frames, `rules` how its cache is to be filled."""

    def __init__(self, session: Session, dim: int, rules: CacheRules | None = None) -> None:
        self._session = session
        self.dim = dim
        self.rules = rules or CacheRules()

    def step(
        self,
        mel: NDArray[np.float32],
        cache: NDArray[np.float32],
        queue: NDArray[np.float32],
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Mel frames (T, 128), cache (S, dim), queue (F, dim) -> frames (ceil(T/8), dim) of the
        mel, and the activity (S + F + ceil(T/8), SPEAKERS) of all. Raises ModelError."""
        inputs: dict[str, NDArray[Any]] = {}
        for name, array in zip(INPUTS[::2], (mel, cache, queue), strict=True):
            inputs[name] = array[None].astype(np.float32, copy=False)
            inputs[f"{name}_lengths"] = np.array([len(array)], np.int64)
        try:
            activity, frames = self._session.run(OUTPUTS[:2], inputs)
        except Exception as exc:  # ONNX Runtime's own exception types are not public
            logger.debug("Sortformer failed", exc_info=exc)
            raise ModelError(
                "The Sortformer model cannot be run on this machine", hint=CONVERT_HINT
            ) from exc
        new = -(-len(mel) // SUBSAMPLING)
        total = len(cache) + len(queue) + new
        if activity.shape != (1, total, SPEAKERS) or frames.shape != (1, new, self.dim):
            raise ModelError(
                f"The Sortformer model answers with shapes {activity.shape} and {frames.shape}, "
                f"not with (1, {total}, {SPEAKERS}) and (1, {new}, {self.dim})",
                hint=CONVERT_HINT,
            )
        return frames[0], activity[0]


def load_sortformer(path: Path, threads: int = 1) -> SortformerModel:
    """A .onnx file, or a folder that `captionist models convert` made; runs it once.

    Raises ModelMissingError, ModelCorruptError if it is not ONNX, ModelError if it is another
    model.
    """
    file = path / FILE if path.is_dir() else path
    if not file.is_file():
        raise ModelMissingError(f"There is no Sortformer model at {file}", hint=CONVERT_HINT)
    session = _session(file, threads)
    dim = _check_shapes(session, file)
    model = SortformerModel(session, dim, _rules(session, file))
    nothing = np.zeros((0, dim), np.float32)
    model.step(np.zeros((2 * SUBSAMPLING, MELS), np.float32), nothing, nothing)
    return model


def _session(file: Path, threads: int) -> Any:
    present = onnx_runtime().get_available_providers()
    providers = [name for name in ("CUDAExecutionProvider", *CPU) if name in present]
    try:
        return open_session(file, providers, threads)
    except Exception as exc:  # ONNX Runtime's own exception types are not public
        logger.debug("%s cannot be loaded", file, exc_info=exc)
        raise ModelCorruptError(
            f"{file} is not an ONNX model that can be loaded", hint=CONVERT_HINT
        ) from exc


def _check_shapes(session: Any, file: Path) -> int:
    """The width of the model's frames. Raises ModelError unless the contract is kept."""
    inputs = {node.name: node for node in session.get_inputs()}
    outputs = {node.name for node in session.get_outputs()}
    missing = sorted({*INPUTS} - {*inputs} | {*OUTPUTS} - outputs)
    if missing:
        _refuse(file, f"it has no {', '.join(missing)}")
    surplus = sorted({*inputs} - {*INPUTS})
    if surplus:
        _refuse(file, f"it also asks for {', '.join(surplus)}")
    for name in INPUTS[::2]:
        _check_input(inputs[name], file)
    if inputs["chunk"].shape[2] != MELS:
        _refuse(file, f"it takes {inputs['chunk'].shape[2]} mel bands instead of {MELS}")
    dim = inputs["spkcache"].shape[2]
    if not isinstance(dim, int) or inputs["fifo"].shape[2] != dim:
        _refuse(file, "its speaker cache and its queue differ in width")
    return int(dim)


def _check_input(node: Any, file: Path) -> None:
    if node.type != "tensor(float)" or len(node.shape) != 3:
        _refuse(file, f"its input {node.name} is {node.type} of {len(node.shape)} dimensions")
    if isinstance(node.shape[1], int):
        _refuse(file, f"the length of its input {node.name} is fixed at {node.shape[1]} frames")


def _rules(session: Any, file: Path) -> CacheRules:
    """The published rules with what the file's metadata says otherwise."""
    metadata = session.get_modelmeta().custom_metadata_map
    rules = CacheRules()
    for field in fields(CacheRules):
        if field.name not in metadata:
            continue
        try:
            value = type(getattr(rules, field.name))(metadata[field.name])
        except ValueError:
            _refuse(file, f"its metadata says {field.name}={metadata[field.name]!r}")
        rules = replace(rules, **{field.name: value})
    least = (1 + rules.spkcache_sil_frames_per_spk) * SPEAKERS
    if rules.spkcache_sil_frames_per_spk < 0 or rules.spkcache_len < least:
        _refuse(file, f"its metadata says spkcache_len={rules.spkcache_len}")
    return rules


def _refuse(file: Path, why: str) -> NoReturn:
    raise ModelError(f"{file} is not a Streaming Sortformer model: {why}", hint=CONVERT_HINT)
