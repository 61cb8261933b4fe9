"""The store under test, and sources that are all on this machine."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import pytest
from huggingface_hub import constants

from app.modelstore.store import ModelStore
from tests.modelstore import server
from tests.modelstore.models import toy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.modelstore.server import FakeServer


@pytest.fixture
def hub() -> Iterator[FakeServer]:
    with server.running() as fake:
        yield fake


@pytest.fixture
def index() -> Iterator[FakeServer]:
    with server.running() as fake:
        yield fake


@pytest.fixture
def closed_port() -> str:
    """An address at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture(autouse=True)
def no_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that pip or a proxy is told on this machine plays a part."""
    for name in list(os.environ):
        if name.startswith("PIP_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)


@pytest.fixture
def use_hub(monkeypatch: pytest.MonkeyPatch) -> UseHub:
    return UseHub(monkeypatch)


class UseHub:
    """Points the Hub's library somewhere, which it else reads once from HF_ENDPOINT."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_IMPLICIT_TOKEN", True)

    def __call__(self, url: str) -> None:
        template = url + "/{repo_id}/resolve/{revision}/{filename}"
        self._monkeypatch.setattr(constants, "ENDPOINT", url)
        self._monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)


@pytest.fixture(autouse=True)
def sources(
    hub: FakeServer, index: FakeServer, use_hub: UseHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both sources are there, and empty until the test fills them."""
    use_hub(hub.url)
    monkeypatch.setenv("PIP_INDEX_URL", f"{index.url}/simple")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "models"


@pytest.fixture
def store(folder: Path) -> ModelStore:
    return ModelStore(folder, (toy(),))
