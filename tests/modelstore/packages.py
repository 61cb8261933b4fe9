"""Packages of Argos Translate that hold nothing real, whole and broken."""

from __future__ import annotations

import io
import json
import stat
import tarfile
import zipfile

ROOT = "translate-aa_bb-1_0"
MODEL = b"\x06\x00\x00\x00\x0f\x00TransformerSpec\x00" + bytes(range(256)) * 20
METADATA = json.dumps({"from_code": "aa", "to_code": "bb", "package_version": "1.0"}).encode()
MEMBERS = {
    f"{ROOT}/metadata.json": METADATA,
    f"{ROOT}/README.md": b"who made it",
    f"{ROOT}/sentencepiece.model": b"pieces",
    f"{ROOT}/model/model.bin": MODEL,
    f"{ROOT}/model/config.json": b"{}",
    f"{ROOT}/model/shared_vocabulary.json": b'["a"]',
    f"{ROOT}/stanza/resources.json": b"not needed",
}
TAKEN = {name.rpartition("/")[2]: body for name, body in MEMBERS.items() if "/stanza/" not in name}


def zipped(members: dict[str, bytes], *, links: tuple[str, ...] = ()) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            info = zipfile.ZipInfo(name)
            kind = stat.S_IFLNK if name in links else stat.S_IFREG
            info.external_attr = (kind | 0o644) << 16
            archive.writestr(info, body, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def package(*, without: str = "", **changed: bytes) -> bytes:
    """A whole package; `without` the member that ends so, and with `changed` file names."""
    members = {name: body for name, body in MEMBERS.items() if not without or without not in name}
    for name in members:
        stem = name.rpartition("/")[2].partition(".")[0]
        members[name] = changed.get(stem, members[name])
    return zipped(members)


def sdist(member: str, body: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        info = tarfile.TarInfo(member)
        info.size = len(body)
        archive.addfile(info, io.BytesIO(body))
    return buffer.getvalue()
