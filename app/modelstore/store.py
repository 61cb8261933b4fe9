"""The models on this machine: a folder each, which is only ever there complete and checked."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.errors import DataFolderError, ModelCorruptError, ModelError, ModelMissingError
from app.modelstore import folders, packages
from app.modelstore.claims import (
    MOVE_HINT,
    claimed,
    link_or_copy,
    move_in,
    partial_folder,
    valid_name,
)
from app.modelstore.manifest import KNOWN, ModelKind
from app.modelstore.sources import Job, Progress, fetch
from app.modelstore.translations import TRANSLATIONS, argos_manifest
from app.modelstore.vocabulary import is_multilingual
from app.modelstore.web import sha256_of, size_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from app.modelstore.manifest import ModelFile, ModelManifest


@dataclass(frozen=True, slots=True)
class InstalledModel:
    """A model folder: `size` in bytes; not `complete` if files are missing or cut short.

    `known` models have a manifest in the program, others were added by the user. `pair` are Argos'
    codes of the two languages of a package of Argos Translate.
    """

    name: str
    folder: Path
    size: int
    known: bool
    multilingual: bool
    complete: bool
    kind: ModelKind = ModelKind.SPEECH
    pair: tuple[str, str] | None = None


def _ignore(_progress: Progress) -> None:
    return None


def _never() -> bool:
    return False


EVERY = (*KNOWN, *TRANSLATIONS)


class ModelStore:
    """All models under one folder. Only `pull` uses the network."""

    def __init__(self, folder: Path, known: tuple[ModelManifest, ...] = EVERY) -> None:
        self._folder = folder
        self._known = {manifest.name: manifest for manifest in known}

    def known(self) -> tuple[ModelManifest, ...]:
        """The models that can be pulled."""
        return tuple(self._known.values())

    def manifest(self, name: str) -> ModelManifest:
        """What is known of a model that can be pulled, "argos-SOURCE-TARGET" among them.

        Raises ModelMissingError.
        """
        manifest = self._known.get(name) or argos_manifest(name)
        if manifest is None:
            raise self._missing(name)
        return manifest

    def installed(self) -> list[InstalledModel]:
        """Every model folder, sorted by name. Raises DataFolderError if it cannot be read."""
        try:
            paths = sorted(path for path in self._folder.iterdir() if self._is_model(path))
            return [self._describe(path) for path in paths]
        except FileNotFoundError:
            return []
        except OSError as exc:
            raise DataFolderError(
                f"The model folder {self._folder} cannot be read: {exc.strerror or exc}",
                hint=MOVE_HINT,
            ) from exc

    def locate(self, name: str) -> Path:
        """The folder of an installed model, after a look at the sizes of its files.

        Raises ModelMissingError, or ModelCorruptError if files are missing or cut short.
        """
        folder = self._folder / name
        if not (valid_name(name) and folder.is_dir()):
            raise self._missing(name)
        damaged = [
            file.name
            for file in self._expected(folder)
            if size_of(folder / file.name) not in {good.size for good in self._good(name, file)}
        ]
        if damaged:
            raise self._corrupt(name, damaged)
        return folder

    def pull(
        self,
        name: str,
        progress: Callable[[Progress], object] = _ignore,
        cancelled: Callable[[], bool] = _never,
        *,
        accepted: bool = False,
    ) -> Path:
        """Download a known model, going on from an earlier attempt; returns its folder.

        `accepted` says that the user has read the manifest's `conditions` and agrees. Raises
        DownloadError (DownloadCancelledError if `cancelled` said so), ModelCorruptError if what
        arrives is not what was published, ModelMissingError, StorageError, and ModelError if
        there are conditions that were not accepted.
        """
        manifest = self.manifest(name)
        if self._is_complete(name):
            return self._folder / name
        if manifest.conditions and not accepted:
            raise ModelError(
                f"The model {name} has conditions that were not accepted. {manifest.conditions}",
                hint=f"If you agree, run 'captionist models pull {name} --accept-license'.",
            )
        with claimed(self._folder, name) as partial:
            ready = fetch(Job(manifest, partial, progress, cancelled))
            if not manifest.files:
                _check_pulled(ready, manifest)
                folders.write_record(ready)
            return move_in(ready, self._folder / name, partial)

    def add_package(self, archive: Path, name: str = "") -> Path:
        """Take a package of Argos Translate (.argosmodel) into the store; returns its new place.

        Without a `name` it is called after its languages. Raises ModelError with what is wrong
        with the package or the name, or StorageError; nothing of it is left then.
        """
        if not archive.is_file():
            raise ModelError(f"There is no file {archive}", hint="Name an .argosmodel file.")
        with folders.readable(archive):
            pair = packages.read_pair(archive)
        name = name or f"argos-{pair.source}-{pair.target}"
        self._check_new_name(name)
        with claimed(self._folder, name) as partial:
            try:
                ready = partial / "added"
                shutil.rmtree(ready, ignore_errors=True)
                ready.mkdir()
                packages.unpack(archive, ready)
                known = self._known.get(name)
                if known is not None and known.files:
                    _check_official(ready, known)
                else:
                    folders.write_record(ready)
                return move_in(ready, self._folder / name, partial)
            except BaseException:
                shutil.rmtree(partial, ignore_errors=True)
                raise

    def add(self, source: Path, name: str) -> Path:
        """Take a folder with a CTranslate2 model (Whisper, NLLB) into the store; its new place.

        Other models are known by their files' contents, whatever these are called there. Files are
        hard-linked where the file system can, else copied. Raises ModelError with what is wrong
        with the folder or the name, or StorageError.
        """
        self._check_new_name(name)
        manifest = self._known.get(name)
        with folders.readable(source):
            if manifest and manifest.files and manifest.kind is not ModelKind.SPEECH:
                return self._take_in(name, folders.find_by_contents(source, manifest))
            wanted = manifest.kind if manifest else None
            if wanted is ModelKind.TRANSLATION or (not wanted and folders.translates(source)):
                files = folders.translation_files(source)
            else:
                files = folders.model_files(source)
                folders.check_usable(source)
        if manifest and manifest.files:  # else nobody can tell
            _check_official(source, manifest)
        return self._take_in(name, {path.name: path for path in files})

    def _take_in(self, name: str, files: dict[str, Path]) -> Path:
        """Link or copy the files, by their names in the store."""
        with claimed(self._folder, name) as partial:
            ready = partial / "added"
            shutil.rmtree(ready, ignore_errors=True)
            ready.mkdir()
            for file, path in files.items():
                link_or_copy(path, ready / file)
            if name not in self._known or not self._known[name].files:
                folders.write_record(ready)
            return move_in(ready, self._folder / name, partial)

    def verify(self, name: str) -> int:
        """Read every file of a model and compare it with its hash; returns the number of files.

        Raises ModelMissingError, or ModelCorruptError that names the files that differ.
        """
        folder = self.locate(name)
        files = self._expected(folder)
        if not files:
            raise ModelError(
                f"The model {name} was put into the store by hand, so there is nothing to "
                "compare it with",
                hint="Move its folder elsewhere and take it in with 'captionist models add'.",
            )
        damaged = [
            file.name
            for file in files
            if not any(_matches(folder / good.name, good) for good in self._good(name, file))
        ]
        if damaged:
            raise self._corrupt(name, damaged)
        return len(files)

    def remove(self, name: str) -> None:
        """Delete a model, and what an unfinished download of it left.

        Raises ModelMissingError or StorageError.
        """
        folder = self._folder / name
        started = valid_name(name) and partial_folder(self._folder, name).is_dir()
        if not started and not (valid_name(name) and folder.is_dir()):
            raise self._missing(name)
        with claimed(self._folder, name) as partial:
            shutil.rmtree(partial / "removed", ignore_errors=True)
            if folder.is_dir():
                folder.rename(partial / "removed")  # so that nobody sees half of it
            shutil.rmtree(partial)

    def _missing(self, name: str) -> ModelMissingError:
        if name in self._known or argos_manifest(name):
            return ModelMissingError(
                f"The model {name} is not installed", hint=f"Run 'captionist models pull {name}'."
            )
        return ModelMissingError(
            f"There is no model {name!r}",
            hint=f"Models that can be pulled: {', '.join(self._known)}. Take in others with "
            "'captionist models add DIR --name NAME'.",
        )

    def _corrupt(self, name: str, files: list[str]) -> ModelCorruptError:
        again = (
            f"pull {name}"
            if name in self._known or argos_manifest(name)
            else f"add DIR --name {name}"
        )
        return ModelCorruptError(
            f"The model {name} is damaged: {', '.join(files)} missing, cut short or changed",
            hint=f"Run 'captionist models remove {name}', then 'captionist models {again}'.",
        )

    def _check_new_name(self, name: str) -> None:
        if not valid_name(name):
            raise ModelError(
                f"{name!r} cannot be the name of a model",
                hint="Use up to 64 letters, digits and . _ - and begin with a letter or digit.",
            )
        taken = {*self._known, *(model.name for model in self.installed())} - {name}
        same = [other for other in taken if other.casefold() == name.casefold()]
        if same or (self._folder / name).exists():
            raise ModelError(
                f"There is already a model {(same or [name])[0]}",
                hint="Choose another name, or remove it with 'captionist models remove'.",
            )

    def _is_model(self, folder: Path) -> bool:
        if not valid_name(folder.name) or not folder.is_dir():
            return False
        marks = ("model.bin", folders.RECORD)
        return folder.name in self._known or any((folder / mark).exists() for mark in marks)

    def _describe(self, folder: Path) -> InstalledModel:
        manifest = self._known.get(folder.name)
        return InstalledModel(
            name=folder.name,
            folder=folder,
            size=sum(size_of(path) for path in folder.iterdir() if path.is_file()),
            known=manifest is not None,
            multilingual=manifest.multilingual if manifest else is_multilingual(folder),
            complete=self._is_complete(folder.name),
            kind=manifest.kind if manifest else _kind(folder),
            pair=packages.pair_of(folder),
        )

    def _is_complete(self, name: str) -> bool:
        try:
            self.locate(name)
        except (ModelMissingError, ModelCorruptError):
            return False
        return True

    def _good(self, model: str, file: ModelFile) -> tuple[ModelFile, ...]:
        """What may stand in place of `file`, itself included."""
        manifest = self._known.get(model)
        twins = manifest.twins if manifest else ()
        return (file, *(twin for twin in twins if twin.name == file.name))

    def _expected(self, folder: Path) -> tuple[ModelFile, ...]:
        """The model's files as they should be; empty for a folder that was put here by hand."""
        manifest = self._known.get(folder.name)
        if manifest and manifest.files:
            return manifest.files
        recorded = folders.read_record(folder)
        if recorded is not None:
            return recorded
        try:
            if folders.translates(folder):
                return ()
            folders.model_files(folder)
        except ModelError as exc:
            raise ModelCorruptError(str(exc), hint=exc.hint) from exc
        return ()


def _matches(path: Path, file: ModelFile) -> bool:
    try:
        return size_of(path) == file.size and sha256_of(path) == file.sha256
    except OSError:  # unreadable is as good as gone
        return False


def _kind(folder: Path) -> ModelKind:
    return ModelKind.TRANSLATION if folders.translates(folder) else ModelKind.SPEECH


def _check_pulled(folder: Path, manifest: ModelManifest) -> None:
    """Raises ModelError unless what was pulled without known hashes can be used."""
    if manifest.kind is ModelKind.SPEECH:
        folders.check_usable(folder)
    elif manifest.pair is None:
        folders.translation_files(folder)


def _check_official(source: Path, manifest: ModelManifest) -> None:
    if not all(_matches(source / file.name, file) for file in manifest.files):
        raise ModelError(
            f"The name {manifest.name} stands for a published model and {source} holds another one",
            hint="Choose another name.",
        )
