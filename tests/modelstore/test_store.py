"""Models on this machine: found, taken in, checked, removed, all without a network."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from app.core.errors import DataFolderError, ModelCorruptError, ModelError, ModelMissingError
from app.modelstore.store import ModelStore
from tests.modelstore.models import CONTENTS, WEIGHTS, contents, write_model

BAD_NAMES = [
    "",
    ".",
    "..",
    "../x",
    "a/b",
    "a\\b",
    ".hidden",
    "-x",
    "x.",
    "a b",
    "é",
    "NUL",
    "com1.x",
]


@pytest.fixture(autouse=True)
def sources() -> None:
    """No source is needed here: nothing but a pull uses the network."""


def test_an_absent_folder_holds_nothing_and_is_not_made(store: ModelStore, folder: Path) -> None:
    assert store.installed() == []
    assert not folder.exists()


def test_an_unreadable_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(DataFolderError):
        ModelStore(tmp_path / "file").installed()


def test_a_known_model_that_is_absent_can_be_pulled(store: ModelStore) -> None:
    with pytest.raises(ModelMissingError) as caught:
        store.locate("toy")
    assert "captionist models pull toy" in caught.value.hint


@pytest.mark.parametrize("name", ["huge", *BAD_NAMES])
def test_an_unknown_name_is_told_with_the_known_ones(store: ModelStore, name: str) -> None:
    with pytest.raises(ModelMissingError) as caught:
        store.locate(name)
    assert "toy" in caught.value.hint
    assert "models add" in caught.value.hint


def test_an_added_model_is_found(store: ModelStore, folder: Path, tmp_path: Path) -> None:
    source = write_model(tmp_path / "mine")
    place = store.add(source, "my-model")
    assert place == store.locate("my-model") == folder / "my-model"
    found = contents(place)
    assert found.pop("manifest.json")
    assert found == CONTENTS
    (model,) = store.installed()
    assert (model.name, model.known, model.multilingual) == ("my-model", False, False)
    assert model.complete
    assert model.size >= len(WEIGHTS)


def test_an_added_model_outlives_its_source(store: ModelStore, tmp_path: Path) -> None:
    source = write_model(tmp_path / "mine")
    store.add(source, "mine")
    for path in source.iterdir():
        path.unlink()
    assert store.verify("mine") == 4


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="this system has no symbolic links")
def test_links_in_the_source_are_followed(store: ModelStore, tmp_path: Path) -> None:
    real = write_model(tmp_path / "blobs")
    linked = tmp_path / "snapshot"
    linked.mkdir()
    for path in real.iterdir():
        (linked / path.name).symlink_to(path)
    place = store.add(linked, "linked")
    assert not any(path.is_symlink() for path in place.iterdir())


def test_where_files_cannot_be_linked_they_are_copied(
    store: ModelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    place = store.add(write_model(tmp_path / "mine"), "mine")
    assert (place / "model.bin").read_bytes() == WEIGHTS


@pytest.mark.parametrize(("tokens", "multilingual"), [(51_864, False), (51_865, True)])
@pytest.mark.parametrize("form", ["vocabulary.txt", "vocabulary.json"])
def test_english_only_models_are_known_by_their_vocabulary(
    store: ModelStore, tmp_path: Path, form: str, tokens: int, multilingual: bool
) -> None:
    """Their config.json lists all languages nevertheless, as that of tiny.en does."""
    source = write_model(tmp_path / "mine")
    (source / "vocabulary.txt").unlink()
    listed = [f"t{number}" for number in range(tokens)]
    text = json.dumps(listed) if form.endswith("json") else "".join(f"{each}\n" for each in listed)
    (source / form).write_text(text, encoding="utf-8", newline="\n")
    store.add(source, "mine")
    assert store.installed()[0].multilingual is multilingual


def test_a_vocabulary_that_cannot_be_read_limits_no_language(
    store: ModelStore, tmp_path: Path
) -> None:
    source = write_model(tmp_path / "mine")
    (source / "vocabulary.json").write_text('{"a": 1}', encoding="utf-8")
    store.add(source, "mine")
    assert store.installed()[0].multilingual


@pytest.mark.parametrize("name", ["model.bin", "config.json", "tokenizer.json", "vocabulary.txt"])
def test_an_incomplete_folder_is_refused(
    store: ModelStore, folder: Path, tmp_path: Path, name: str
) -> None:
    source = write_model(tmp_path / "mine", without=name)
    with pytest.raises(ModelError, match=name) as caught:
        store.add(source, "mine")
    assert caught.value.hint
    assert not (folder / "mine").exists()


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"config.json": b"{}"}, "alignment_heads"),
        ({"config.json": b"[]"}, "alignment_heads"),
        ({"config.json": b"{"}, "config.json .* damaged"),
        ({"config.json": b'{"alignment_heads": []}'}, "no alignment_heads"),
        ({"config.json": b'{"alignment_heads": "x"}'}, "not a list of pairs"),
        ({"config.json": b'{"alignment_heads": [[0]]}'}, "not a list of pairs"),
        ({"config.json": b'{"alignment_heads": [[1, -1]]}'}, "not a list of pairs"),
        ({"config.json": b'{"alignment_heads": [[1, 0.5]]}'}, "not a list of pairs"),
        ({"config.json": b'{"alignment_heads": [[1, true]]}'}, "not a list of pairs"),
        ({"config.json": b'{"alignment_heads": [[1, 0], [2, 0]]}'}, r"\[2, 0\] does not exist"),
        ({"config.json": b'{"alignment_heads": [[0, 2]]}'}, r"2 layers of 2 heads"),
        ({"config.json": b'{"alignment_heads": [[99, 99]]}'}, "belong to another model"),
        ({"model.bin": WEIGHTS[:5000]}, "damaged or cut off"),
        ({"model.bin": b"version https://git-lfs.github.com/spec/v1"}, "not a Whisper model"),
        ({"model.bin": b""}, "not a Whisper model"),
    ],
)
def test_a_folder_that_cannot_be_used_is_refused(
    store: ModelStore, tmp_path: Path, changed: dict[str, bytes], complaint: str
) -> None:
    source = write_model(tmp_path / "mine", changed=changed)
    with pytest.raises(ModelError, match=complaint) as caught:
        store.add(source, "mine")
    assert caught.value.hint
    assert store.installed() == []


def test_a_folder_that_is_not_there_is_told(store: ModelStore, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no folder"):
        store.add(tmp_path / "nowhere", "mine")


@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_bad_name_is_refused(store: ModelStore, tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelError, match="cannot be the name"):
        store.add(write_model(tmp_path / "mine"), name)


@pytest.mark.parametrize("name", ["mine", "MINE", "Toy"])
def test_a_name_is_given_once(store: ModelStore, tmp_path: Path, name: str) -> None:
    source = write_model(tmp_path / "mine")
    store.add(source, "mine")
    with pytest.raises(ModelError, match="already a model"):
        store.add(source, name)


def test_a_known_name_is_for_the_published_files_only(store: ModelStore, tmp_path: Path) -> None:
    other = write_model(tmp_path / "other", changed={"tokenizer.json": b"{}"})
    with pytest.raises(ModelError, match="published model"):
        store.add(other, "toy")
    store.add(write_model(tmp_path / "same"), "toy")
    assert store.installed()[0].known


def test_a_truncated_model_is_corrupt(store: ModelStore, tmp_path: Path) -> None:
    place = store.add(write_model(tmp_path / "mine"), "mine")
    _replace(place / "model.bin", WEIGHTS[:-1])
    with pytest.raises(ModelCorruptError, match=r"model\.bin") as caught:
        store.locate("mine")
    assert "captionist models remove mine" in caught.value.hint
    assert not store.installed()[0].complete


def test_a_known_model_that_is_truncated_is_pulled_again(store: ModelStore, folder: Path) -> None:
    write_model(folder / "toy", changed={"model.bin": WEIGHTS[:-1]})
    with pytest.raises(ModelCorruptError) as caught:
        store.locate("toy")
    assert "pull toy" in caught.value.hint


def test_changed_bytes_are_found_by_verify_only(store: ModelStore, tmp_path: Path) -> None:
    place = store.add(write_model(tmp_path / "mine"), "mine")
    _replace(place / "model.bin", WEIGHTS[:-1] + b"?")
    store.locate("mine")
    with pytest.raises(ModelCorruptError, match=r"model\.bin"):
        store.verify("mine")


@pytest.mark.parametrize("record", [b"{", b"{}", b'{"files": 3}', b"[]"])
def test_a_damaged_record_is_told(store: ModelStore, tmp_path: Path, record: bytes) -> None:
    place = store.add(write_model(tmp_path / "mine"), "mine")
    (place / "manifest.json").write_bytes(record)
    with pytest.raises(ModelCorruptError, match=r"manifest\.json"):
        store.locate("mine")
    assert not store.installed()[0].complete


def test_a_folder_put_there_by_hand_is_used_but_not_verified(
    store: ModelStore, folder: Path
) -> None:
    write_model(folder / "byhand")
    assert store.locate("byhand") == folder / "byhand"
    with pytest.raises(ModelError, match="by hand"):
        store.verify("byhand")
    (folder / "byhand" / "tokenizer.json").unlink()
    with pytest.raises(ModelCorruptError, match=r"tokenizer\.json"):
        store.locate("byhand")


def test_a_removed_model_is_gone(store: ModelStore, folder: Path, tmp_path: Path) -> None:
    store.add(write_model(tmp_path / "mine"), "mine")
    store.remove("mine")
    assert store.installed() == []
    with pytest.raises(ModelMissingError):
        store.locate("mine")
    assert not list(folder.rglob("model.bin"))


def test_an_unfinished_download_can_be_removed(store: ModelStore, folder: Path) -> None:
    partial = folder / ".partial" / "toy" / "hub"
    partial.mkdir(parents=True)
    (partial / "model.bin").write_bytes(b"half")
    store.remove("toy")
    assert not list(folder.rglob("model.bin"))


@pytest.mark.parametrize("name", ["toy", "huge", *BAD_NAMES])
def test_what_is_not_there_cannot_be_removed(store: ModelStore, name: str) -> None:
    with pytest.raises(ModelMissingError):
        store.remove(name)


def _replace(path: Path, body: bytes) -> None:
    """Put another file in its place; writing into it would change the linked source too."""
    path.unlink()
    path.write_bytes(body)
