"""Asks the Hugging Face Hub what a repository holds: names, sizes and hashes of a model's files."""

from __future__ import annotations

import hashlib
import json
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from app.core.errors import DownloadError
from app.modelstore.manifest import HubRepository, ModelFile, ModelKind
from app.modelstore.web import refused, reported

if TYPE_CHECKING:
    from app.modelstore.manifest import ModelManifest
    from app.modelstore.web import Web

HUB = "the Hugging Face Hub"
HUB_PATIENCE_S = 6.0
"""After this many seconds without an answer from the Hub the next source is asked."""
_LARGEST_ANSWER = 32 << 20
_NEEDED = ("config.json", "tokenizer.json", "model.bin")
_TAKEN = (*_NEEDED, "preprocessor_config.json", "vocabulary.json", "vocabulary.txt")
_TAKEN_TO_TRANSLATE = (
    *_NEEDED,
    "shared_vocabulary.json",
    "shared_vocabulary.txt",
    "special_tokens_map.json",
    "tokenizer_config.json",
)


def stated(web: Web, manifest: ModelManifest, authorization: str) -> ModelManifest:
    """`manifest` with the files that its repository holds now, at the revision that this is.

    Raises DownloadError, or ModelCorruptError if a file is not what the listing says.
    """
    (source,) = manifest.sources
    assert isinstance(source, HubRepository)
    taken = _TAKEN_TO_TRANSLATE if manifest.kind is ModelKind.TRANSLATION else _TAKEN
    body = _listing(web, source, authorization)
    try:
        listing: Any = json.loads(body)
        fixed = HubRepository(source.repo, str(listing["sha"]))
        rows = [row for row in listing["siblings"] if row["rfilename"] in taken]
        names = {row["rfilename"] for row in rows}
        missing = [name for name in _NEEDED if name not in names]
        if missing:
            raise DownloadError(f"{HUB} has no {', '.join(missing)} in {source.repo}")
        files = tuple(_stated_file(web, fixed, row, authorization) for row in rows)
    except (KeyError, TypeError, ValueError) as exc:
        raise DownloadError(f"{HUB} sent a listing that is not understood") from exc
    return replace(manifest, files=files, sources=(fixed,))


def _listing(web: Web, source: HubRepository, authorization: str) -> bytes:
    from huggingface_hub import constants

    revision = quote(source.revision, safe="")
    page = f"{constants.ENDPOINT}/api/models/{source.repo}/revision/{revision}?blobs=true"
    return _body(web, page, authorization)


def _stated_file(
    web: Web, source: HubRepository, row: dict[str, Any], authorization: str
) -> ModelFile:
    """Large files come with their SHA-256; small ones with Git's name for their contents.

    Those are fetched here, compared with that name, and get their SHA-256 from their bytes.
    """
    name = str(row["rfilename"])
    if large := row.get("lfs"):
        return ModelFile(name, int(large["size"]), str(large["sha256"]))
    from huggingface_hub import hf_hub_url

    url = hf_hub_url(source.repo, name, revision=source.revision)
    body = _body(web, url, authorization)
    if _git_name(body) != row["blobId"]:
        raise refused(name, HUB)
    return ModelFile(name, len(body), hashlib.sha256(body).hexdigest())


def _git_name(body: bytes) -> str:
    """What Git calls a file with these contents."""
    return hashlib.sha1(b"blob %d\0" % len(body) + body, usedforsecurity=False).hexdigest()


def _body(web: Web, url: str, authorization: str) -> bytes:
    headers = {"Authorization": authorization} if authorization else {}
    with closing(web.open(url, headers, HUB, HUB_PATIENCE_S)) as answer, reported(HUB):
        body: bytes = answer.read(_LARGEST_ANSWER)
        return body
