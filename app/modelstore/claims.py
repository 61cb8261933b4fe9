"""Changing the model folder: one program at a time, and never half a model in sight."""

from __future__ import annotations

import errno
import os
import re
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

import filelock

from app.core.errors import DataFolderError, DiskFullError, ModelError
from app.core.paths import writable_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOVE_HINT = "Set CAPTIONIST_MODELS to a folder that you can write to."
_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9_-])?")
_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
"""Names that Windows keeps for itself."""


def valid_name(name: str) -> bool:
    """Whether `name` can be a model's folder on every system, and nothing but a folder's name."""
    return bool(_NAME.fullmatch(name)) and not _DEVICE.fullmatch(name)


def partial_folder(models: Path, name: str) -> Path:
    """Where unfinished work on a model is kept."""
    return models / ".partial" / name


@contextmanager
def claimed(models: Path, name: str) -> Iterator[Path]:
    """The model's partial folder, while no other program works on the model.

    Raises ModelError if one does; what goes wrong on the disk inside becomes a StorageError.
    """
    with _storage_errors(models):
        writable_folder(models)
        partial = partial_folder(models, name)
        partial.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(partial.with_name(f"{name}.lock"))
        try:
            lock.acquire(timeout=0)
        except filelock.Timeout as exc:
            raise ModelError(
                f"Another program is working on the model {name}", hint="Wait until it is done."
            ) from exc
        try:
            yield partial
        finally:
            lock.release()


def move_in(ready: Path, final: Path, partial: Path) -> Path:
    """Make `ready` the model `final` in one step, in place of a damaged one; empties `partial`."""
    if final.exists():
        final.rename(partial / "replaced")
    ready.rename(final)
    shutil.rmtree(partial)
    return final


def link_or_copy(source: Path, target: Path) -> None:
    """Hard links take no room; where the file system knows none, the bytes are copied."""
    try:
        os.link(source.resolve(), target)
    except OSError:
        shutil.copyfile(source, target)


@contextmanager
def _storage_errors(models: Path) -> Iterator[None]:
    try:
        yield
    except DataFolderError as exc:
        raise DataFolderError(str(exc), hint=MOVE_HINT) from exc
    except OSError as exc:
        if exc.errno in _FULL:
            raise DiskFullError(
                f"The disk of {models} is full",
                hint="Free some space, or set CAPTIONIST_MODELS to a folder on another disk.",
            ) from exc
        place = exc.filename or models
        raise DataFolderError(
            f"The model folder cannot be changed: {exc.strerror or exc} ({place})", hint=MOVE_HINT
        ) from exc
