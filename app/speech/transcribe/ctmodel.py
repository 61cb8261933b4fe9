"""Loads Whisper into CTranslate2, with two names of its vocabulary exchanged or as it is.

`app/speech/transcribe/whisper.py` says what the exchange is for.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.core.errors import ModelCorruptError, ModelError
from app.modelstore.heads import check_alignment_heads
from app.speech.transcribe.ct2 import ctranslate2
from app.speech.transcribe.device import CPU

if TYPE_CHECKING:
    from app.speech.transcribe.device import Device

START = "<|startoftranscript|>"
HELPER = 0
"""The token that borrows the start token's name."""
REINSTALL = "Remove the model and pull it again ('captionist models remove' and 'pull')."


@dataclass(frozen=True, slots=True)
class Loading:
    """How to load: `threads` for each of `workers`; `exchanged` names or those of the model."""

    threads: int = 1
    workers: int = 2
    device: Device = CPU
    exchanged: bool = True


def load_model(folder: Path, loading: Loading) -> Any:
    """A `ctranslate2.models.Whisper`. Raises ModelCorruptError or ModelError."""
    _check_alignment(folder)
    with tempfile.TemporaryDirectory() as draft:
        try:
            if loading.exchanged:
                _link_with_exchanged_names(folder, Path(draft))
            return ctranslate2.models.Whisper(
                draft if loading.exchanged else str(folder),
                device=loading.device.kind,
                compute_type=loading.device.compute_type,
                intra_threads=loading.threads,
                inter_threads=loading.workers,
            )
        except (RuntimeError, ValueError, OSError) as exc:
            raise ModelCorruptError(
                f"The model in {folder.name} cannot be loaded: {exc}", hint=REINSTALL
            ) from exc
        except MemoryError as exc:
            raise ModelError(
                f"The model in {folder.name} does not fit into memory",
                hint="Choose a smaller model.",
            ) from exc


def load_tokenizer(folder: Path) -> Any:
    """Raises ModelCorruptError."""
    from tokenizers import Tokenizer

    try:
        return Tokenizer.from_file(str(folder / "tokenizer.json"))
    except Exception as exc:  # the library raises plain Exception
        raise ModelCorruptError(
            f"The tokenizer in {folder.name} cannot be loaded", hint=REINSTALL
        ) from exc


def _check_alignment(folder: Path) -> None:
    """A model with wrong ones loads, and at the first word that is to be placed it crashes."""
    try:
        check_alignment_heads(folder)
    except OSError:
        return  # the loader says it better
    except ModelCorruptError as exc:
        raise ModelCorruptError(str(exc), hint=REINSTALL) from exc


def _link_with_exchanged_names(folder: Path, draft: Path) -> None:
    """`draft` becomes the model's folder with another vocabulary; nothing large is copied."""
    for file in folder.iterdir():
        target = draft / file.name
        if file.name.startswith("vocabulary."):
            target.write_bytes(_exchange_names(file))
        elif file.name in ("model.bin", "config.json"):
            _link(file.resolve(), target)


def _exchange_names(file: Path) -> bytes:
    text = file.read_text(encoding="utf-8")
    names = json.loads(text) if file.suffix == ".json" else text.split("\n")
    start = names.index(START)
    names[HELPER], names[start] = names[start], names[HELPER]
    return (json.dumps(names) if file.suffix == ".json" else "\n".join(names)).encode()


def _link(file: Path, target: Path) -> None:
    """A link where the system allows one without special rights, else a copy."""
    for attempt in (os.symlink, os.link, shutil.copy):
        try:
            attempt(file, target)
        except OSError:
            continue
        return
    raise OSError(f"{file.name} can be neither linked nor copied")
