"""What a folder with a model for CTranslate2 must hold, and how a person can mend it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec

from app.core.errors import ModelCorruptError, ModelError
from app.core.paths import write_atomically
from app.modelstore.heads import check_alignment_heads
from app.modelstore.manifest import ModelFile
from app.modelstore.packages import pair_of
from app.modelstore.web import sha256_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from app.modelstore.manifest import ModelManifest

RECORD = "manifest.json"
"""What `models add` writes beside the files: their sizes and hashes at that moment."""
_REQUIRED = ("model.bin", "config.json", "tokenizer.json")
_SPEC_NAME = b"WhisperSpec"
_TRANSLATOR = b"Transformer"
_NLLB_FILES = {
    *_REQUIRED,
    "shared_vocabulary.json",
    "shared_vocabulary.txt",
    "special_tokens_map.json",
    "tokenizer_config.json",
}


@contextmanager
def readable(folder: Path) -> Iterator[None]:
    """What cannot be read inside becomes a ModelError about `folder`."""
    try:
        yield
    except OSError as exc:
        raise ModelError(
            f"The folder {folder} cannot be read: {exc.strerror or exc}",
            hint="Check who may read it.",
        ) from exc


def model_files(folder: Path) -> list[Path]:
    """The files that make up the model, after checking that none is missing.

    Raises ModelError with what is missing and how to mend it.
    """
    if not folder.is_dir():
        raise ModelError(
            f"There is no folder {folder}", hint="Name a folder that holds a CTranslate2 model."
        )
    missing = [name for name in _REQUIRED if not (folder / name).is_file()]
    if not any(folder.glob("vocabulary.*")):
        missing.append("vocabulary.json or vocabulary.txt")
    if missing:
        raise ModelError(
            f"The folder {folder} is not a complete Whisper model for CTranslate2: "
            f"{', '.join(missing)} missing",
            hint="Copy the missing files from where the model was published, or convert it with "
            "'ct2-transformers-converter --copy_files tokenizer.json preprocessor_config.json'.",
        )
    return sorted(
        path
        for path in folder.iterdir()
        if path.name == "model.bin" or (path.suffix in {".json", ".txt"} and path.name != RECORD)
    )


def translation_files(folder: Path) -> list[Path]:
    """The files of an NLLB model for CTranslate2. Raises ModelError with what is missing."""
    missing = [name for name in _REQUIRED if not (folder / name).is_file()]
    if not any(folder.glob("shared_vocabulary.*")):
        missing.append("shared_vocabulary.json")
    if missing:
        raise ModelError(
            f"The folder {folder} is not a complete NLLB model for CTranslate2: "
            f"{', '.join(missing)} missing",
            hint="Copy the missing files from where the model was published, or convert it with "
            "'ct2-transformers-converter --copy_files tokenizer.json tokenizer_config.json'.",
        )
    with (folder / "model.bin").open("rb") as file:
        if _TRANSLATOR not in file.read(64):
            raise ModelError(
                f"The file model.bin in {folder} does not translate",
                hint="Convert the model with 'ct2-transformers-converter'.",
            )
    return sorted(path for path in folder.iterdir() if path.name in _NLLB_FILES)


def translates(folder: Path) -> bool:
    """Whether `folder` holds a model that translates, as far as its files tell."""
    if pair_of(folder) is not None:
        return True
    return any(folder.glob("shared_vocabulary.*")) and (folder / "tokenizer.json").is_file()


def check_usable(folder: Path) -> None:
    """Raises ModelError unless the complete model in `folder` is one that we can caption with."""
    with (folder / "model.bin").open("rb") as file:
        head = file.read(64)
    if _SPEC_NAME not in head:
        raise ModelError(
            f"The file model.bin in {folder} is not a Whisper model for CTranslate2",
            hint="A file of a few hundred bytes is a Git LFS pointer: fetch it with 'git lfs "
            "pull'. Models in another format are converted with 'ct2-transformers-converter'.",
        )
    check_alignment_heads(folder)


def find_by_contents(folder: Path, manifest: ModelManifest) -> dict[str, Path]:
    """Name of each file of the model -> the file in `folder` with its bytes.

    Raises ModelError with what is missing.
    """
    if not folder.is_dir():
        raise ModelError(f"There is no folder {folder}", hint="Name a folder with the files.")
    wanted = {file.size: file for file in (*manifest.files, *manifest.twins)}
    found: dict[str, Path] = {}
    for path in sorted(path for path in folder.iterdir() if path.is_file()):
        file = wanted.get(path.stat().st_size)
        if file is not None and sha256_of(path) == file.sha256:
            found[file.name] = path
    missing = [file.name for file in manifest.files if file.name not in found]
    if missing:
        raise ModelError(
            f"The folder {folder} does not hold the model {manifest.name}: "
            f"{', '.join(missing)} missing",
            hint="Files may have other names, but must be the published ones, byte for byte.",
        )
    return found


def write_record(folder: Path) -> None:
    """Note size and hash of every file in `folder`. Raises OSError."""
    paths = sorted(path for path in folder.iterdir() if path.is_file() and path.name != RECORD)
    files = [ModelFile(path.name, path.stat().st_size, sha256_of(path)) for path in paths]
    write_atomically(folder / RECORD, msgspec.json.encode({"files": files}))


def read_record(folder: Path) -> tuple[ModelFile, ...] | None:
    """What was noted when the model was added; None for a folder put here by hand.

    Raises ModelCorruptError if the note cannot be understood.
    """
    try:
        raw: Any = msgspec.json.decode((folder / RECORD).read_bytes())
        return msgspec.convert(raw["files"], tuple[ModelFile, ...])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise ModelCorruptError(
            f"The file {RECORD} of the model {folder.name} cannot be read",
            hint=f"Run 'captionist models remove {folder.name}' and add the model again.",
        ) from exc
