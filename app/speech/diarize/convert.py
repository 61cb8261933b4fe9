"""Makes the ONNX file that `sortformer_model` loads, out of NVIDIA's .nemo file.

The only module that imports torch and NeMo, which are needed for nothing else: see the extra
`nemo` in pyproject.toml.
"""

from __future__ import annotations

import importlib.util
import logging
import os
import shutil
import tempfile
import warnings
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.core.errors import DataFolderError, ModelCorruptError, ModelError, ModelMissingError
from app.speech.diarize.sortformer_cache import SPEAKERS, CacheRules
from app.speech.diarize.sortformer_mel import MELS
from app.speech.diarize.sortformer_model import FILE, INPUTS, OUTPUTS, load_sortformer
from app.speech.diarize.sortformer_presets import PRESETS, SUBSAMPLING
from app.speech.onnx import onnx_runtime

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

logger = logging.getLogger(__name__)

EXTRA_HINT = "Install them with: pip install 'captionist[nemo]'."
SOURCE_HINT = (
    "Take diar_streaming_sortformer_4spk-v2.nemo or -v2.1.nemo as NVIDIA publishes it on the "
    "Hugging Face Hub."
)
_OPSET = 17
_LONGEST = 5000
"""Frames of 80 ms for which the model's positions are computed."""


def convert(
    source: Path, folder: Path, *, int8: bool = False, tell: Callable[[str], object] = logger.info
) -> Path:
    """Write the model in `source` (.nemo, or .onnx with `int8`) to `folder`; returns the file.

    With `int8` its weights take a quarter of the room and it runs faster; probabilities change in
    the third decimal. Nothing is left behind on failure. Raises ModelError, DataFolderError.
    """
    if not source.is_file():
        raise ModelMissingError(f"There is no file {source}", hint=SOURCE_HINT)
    is_onnx = source.suffix.lower() == ".onnx"
    if is_onnx and not int8:
        raise ModelError(f"{source} is an ONNX model already", hint="Make it smaller with --int8.")
    if source == folder / FILE:
        raise ModelError(f"{source} would replace itself", hint="Choose another folder.")
    _require(("onnx",) if is_onnx else ("torch", "nemo", "onnx"))
    with _workplace(folder) as work:
        exported = source if is_onnx else work / "exported.onnx"
        if is_onnx:
            load_sortformer(source)
        else:
            tell(f"Reading {source.name}")
            model = read_nemo(source)
            tell("Converting the model to ONNX")
            export(model, exported)
            del model
        ready = exported
        if int8:
            tell("Making the weights smaller")
            ready = work / "int8.onnx"
            _quantise(exported, ready)
        tell("Trying the new model out")
        load_sortformer(ready)
        return ready.replace(folder / FILE)


def read_nemo(source: Path) -> Any:
    """NeMo's model, ready to be run. Raises ModelCorruptError, or ModelError if it is another."""
    with _quiet():
        sortformer = _nemo_class()
        try:
            model = sortformer.restore_from(str(source), map_location="cpu")
        except Exception as exc:  # NeMo raises whatever its parts raise
            logger.debug("NeMo cannot read %s", source, exc_info=exc)
            raise ModelCorruptError(
                f"{source} is not a Sortformer model that NeMo can read", hint=SOURCE_HINT
            ) from exc
    model.eval()
    _check(model, source)
    return model


def _nemo_class() -> Any:
    try:
        from nemo.collections.asr.models import SortformerEncLabelModel
        from nemo.utils import logging as nemo_logging
    except ImportError as exc:  # a part of it is missing, or it is another package of this name
        raise ModelError(
            f"NeMo is installed but cannot be loaded ({exc})", hint=EXTRA_HINT
        ) from exc
    nemo_logging.set_verbosity(nemo_logging.ERROR)  # it writes to standard output
    return SortformerEncLabelModel


def export(model: Any, target: Path) -> None:
    """Write NeMo's `model` as ONNX, with the rules of its cache as metadata."""
    import onnx
    import torch

    model.encoder.set_max_audio_length(_LONGEST)
    lengths = (112, 188, 100)
    widths = (MELS, model.sortformer_modules.fc_d_model, model.sortformer_modules.fc_d_model)
    example: list[Any] = []
    for length, width in zip(lengths, widths, strict=True):
        example += [torch.rand(1, length, width), torch.tensor([length])]
    named = (*INPUTS[::2], *OUTPUTS[:2])
    with _quiet(), torch.no_grad():
        torch.onnx.export(
            _step_module(model),
            tuple(example),
            str(target),
            input_names=list(INPUTS),
            output_names=list(OUTPUTS),
            dynamic_axes={name: {1: f"{name}_frames"} for name in named},
            opset_version=_OPSET,
            dynamo=False,
        )
    written = onnx.load(str(target))
    onnx.helper.set_model_props(written, _metadata(model))
    onnx.save(written, str(target))


def _step_module(model: Any) -> Any:
    """One step of the model for one stream, whose cache and queue have their true lengths."""
    import torch

    class Step(torch.nn.Module):  # type: ignore[misc, unused-ignore]
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(
            self, chunk: Any, chunk_n: Any, cache: Any, cache_n: Any, queue: Any, queue_n: Any
        ) -> Any:
            new, new_n = self.model.encoder.pre_encode(x=chunk, lengths=chunk_n)
            new_n = new_n.to(torch.int64)
            encoded, encoded_n = self.model.frontend_encoder(
                processed_signal=torch.cat([cache, queue, new], dim=1),
                processed_signal_length=cache_n + queue_n + new_n,
                bypass_pre_encode=True,
            )
            return self.model.forward_infer(encoded, encoded_n), new, new_n

    return Step().eval()


def _metadata(model: Any) -> dict[str, str]:
    """What `load_sortformer` reads, and what other programs that take such files read."""
    modules = model.sortformer_modules
    rules = {field.name: str(getattr(modules, field.name)) for field in fields(CacheRules)}
    latency = PRESETS["10s"]
    return rules | {
        "chunk_len": str(latency.chunk),
        "fifo_len": str(latency.fifo),
        "right_context": str(latency.right),
    }


def _check(model: Any, source: Path) -> None:
    """Raises ModelError unless the model is one that the program can feed."""
    modules, sound = model.sortformer_modules, model.cfg.preprocessor
    facts = (
        (modules.n_spk, SPEAKERS, "speakers"),
        (modules.subsampling_factor, SUBSAMPLING, "mel frames in one of its own"),
        (sound.features, MELS, "mel bands"),
        (sound.sample_rate, 16_000, "samples a second"),
        (str(sound.normalize), "NA", "as normalisation"),
    )
    for is_, must, what in facts:
        if is_ != must:
            raise ModelError(
                f"{source} is another kind of Sortformer: it has {is_} {what}, not {must}",
                hint=SOURCE_HINT,
            )


def _quantise(source: Path, target: Path) -> None:
    with _quiet():
        onnx_runtime()
        from onnxruntime.quantization import QuantType, quantize_dynamic

        quantize_dynamic(
            str(source),
            str(target),
            weight_type=QuantType.QInt8,
            op_types_to_quantize=["MatMul", "Gemm"],
        )


def _require(packages: tuple[str, ...]) -> None:
    missing = [name for name in packages if importlib.util.find_spec(name) is None]
    if missing:
        names = {"nemo": "nemo_toolkit"}
        listed = ", ".join(names.get(name, name) for name in missing)
        raise ModelError(
            f"Converting a model needs packages that are not installed: {listed}", hint=EXTRA_HINT
        )


@contextmanager
def _workplace(folder: Path) -> Iterator[Path]:
    """A folder for unfinished files inside `folder`, gone afterwards."""
    work: Path | None = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=".converting-", dir=folder))
        yield work
    except OSError as exc:
        raise DataFolderError(
            f"{folder} cannot be written: {exc.strerror or exc}", hint="Choose another folder."
        ) from exc
    finally:
        if work:
            shutil.rmtree(work, ignore_errors=True)


@contextmanager
def _quiet() -> Iterator[None]:
    """NeMo and torch warn about what does not concern a conversion, and NeMo asks the network."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("WANDB_MODE", "disabled")
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        root.setLevel(level)
