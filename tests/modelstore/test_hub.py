"""Models of which only the repository is known: checked against what the Hub states."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from app.core.errors import DownloadError, ModelCorruptError, ModelError
from app.modelstore.manifest import KNOWN, by_repository
from app.modelstore.store import ModelStore
from tests.modelstore.models import CONTENTS, REPO, WEIGHTS, contents, write_model
from tests.modelstore.server import FakeServer

COMMIT = "0123abc"
TOY = by_repository("toy", "A toy", REPO, 1)
EXTRA = {"README.md": b"no part of the model", "model.safetensors": b"neither"}


def git_name(body: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(body) + body, usedforsecurity=False).hexdigest()


def listed(name: str, body: bytes) -> dict[str, object]:
    row: dict[str, object] = {"rfilename": name, "size": len(body), "blobId": git_name(body)}
    if name.startswith("model."):
        row["lfs"] = {"sha256": hashlib.sha256(body).hexdigest(), "size": len(body)}
    return row


def publish(hub: FakeServer, files: dict[str, bytes], listing: dict[str, bytes]) -> None:
    """Serve `files`; say of each what it would be with the bytes of `listing`."""
    rows = [listed(name, body) for name, body in listing.items()]
    answer = json.dumps({"sha": COMMIT, "siblings": rows}).encode()
    hub.serve(f"/api/models/{REPO}/revision/main?blobs=true", answer, "application/json")
    for name, body in files.items():
        hub.serve(f"/{REPO}/resolve/{COMMIT}/{name}", body)


@pytest.fixture
def store(folder: Path) -> ModelStore:
    return ModelStore(folder, (TOY,))


def test_the_files_of_the_newest_revision_are_pulled_and_recorded(
    store: ModelStore, hub: FakeServer, folder: Path
) -> None:
    publish(hub, CONTENTS | EXTRA, CONTENTS | EXTRA)
    place = store.pull("toy")
    found = contents(place)
    record = found.pop("manifest.json")
    assert found == CONTENTS
    assert hashlib.sha256(WEIGHTS).hexdigest().encode() in record
    assert store.verify("toy") == len(CONTENTS)
    (model,) = store.installed()
    assert (model.complete, model.known) == (True, True)


def test_what_changes_later_is_found(store: ModelStore, hub: FakeServer) -> None:
    publish(hub, CONTENTS, CONTENTS)
    (store.pull("toy") / "model.bin").write_bytes(WEIGHTS[::-1])
    with pytest.raises(ModelCorruptError, match=r"model\.bin"):
        store.verify("toy")


@pytest.mark.parametrize("name", ["model.bin", "config.json"])
def test_other_bytes_than_the_hub_states_are_refused(
    store: ModelStore, hub: FakeServer, folder: Path, name: str
) -> None:
    body = CONTENTS[name]
    publish(hub, CONTENTS | {name: body[:-1] + b"?"}, CONTENTS)
    with pytest.raises(ModelCorruptError, match=name):
        store.pull("toy")
    assert not (folder / "toy").exists()


def test_a_cut_download_goes_on_where_it_stopped(store: ModelStore, hub: FakeServer) -> None:
    publish(hub, CONTENTS, CONTENTS)
    weights = f"/{REPO}/resolve/{COMMIT}/model.bin"
    hub.cuts[weights] = [1000]
    store.pull("toy")
    assert [h.get("Range") for h in hub.headers(weights)] == [None, "bytes=1000-"]


@pytest.mark.parametrize(
    "listing", [b"<html>", b"[]", b"{}", b'{"sha": "x", "siblings": [{"rfilename": 3}]}']
)
def test_a_listing_that_is_not_understood(
    store: ModelStore, hub: FakeServer, listing: bytes
) -> None:
    hub.serve(f"/api/models/{REPO}/revision/main?blobs=true", listing, "application/json")
    with pytest.raises(DownloadError):
        store.pull("toy")


def test_a_repository_without_a_model(store: ModelStore, hub: FakeServer) -> None:
    publish(hub, EXTRA, EXTRA)
    with pytest.raises(DownloadError, match=r"model\.bin"):
        store.pull("toy")


def test_a_model_that_cannot_place_words_is_not_taken(
    store: ModelStore, hub: FakeServer, folder: Path
) -> None:
    files = CONTENTS | {"config.json": b'{"lang_ids": [50259]}'}
    publish(hub, files, files)
    with pytest.raises(ModelError, match="alignment_heads"):
        store.pull("toy")
    assert not (folder / "toy").exists()


def test_a_folder_that_was_brought_can_have_the_name(store: ModelStore, tmp_path: Path) -> None:
    store.add(write_model(tmp_path / "brought"), "toy")
    assert store.verify("toy") == len(CONTENTS)


def test_every_known_model_says_where_it_is_and_how_large() -> None:
    assert len({manifest.name for manifest in KNOWN}) == len(KNOWN)
    for manifest in KNOWN:
        assert manifest.size > 30_000_000
        assert manifest.files or manifest.stated_size
