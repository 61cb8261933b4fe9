"""What holds for every test: own folders, no network, no thread and no error left behind."""

from __future__ import annotations

import logging
import os
import socket
import threading
from typing import TYPE_CHECKING, Any

import pytest

from tests.desktop import desktop as desktop
from tests.models import models_folder, starter_model

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")  # before any library starts its threads
os.environ["OMP_WAIT_POLICY"] = "passive"
os.environ["QT_QPA_PLATFORM"] = "offscreen"  # desktop tests start the program with their own

LOCAL = ("127.0.0.1", "::1", "localhost")
THREAD_GRACE = 2.0
"""Seconds for a thread that has been told to stop to be gone."""

MODEL_TIMEOUT = 300.0
"""Seconds for a test with a model: the first one may have to fetch it."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    left_out = pytest.mark.skip(reason="takes long: set CAPTIONIST_LENGTHY=1")
    for item in items:
        if item.get_closest_marker("lengthy") and not os.environ.get("CAPTIONIST_LENGTHY"):
            item.add_marker(left_out)
        if item.get_closest_marker("model") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(MODEL_TIMEOUT))


@pytest.fixture(scope="session")
def tiny_en_store() -> Path:
    """A model folder that holds tiny.en, to be given to the program as CAPTIONIST_MODELS."""
    starter_model("tiny.en")
    return models_folder()


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is read from or written to the folders of the person who runs the tests."""
    monkeypatch.setenv("CAPTIONIST_DATA", str(tmp_path / "captionist-data"))
    monkeypatch.setenv("CAPTIONIST_MODELS", str(tmp_path / "captionist-models"))


@pytest.fixture(autouse=True)
def no_thread_left_behind() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    left = [thread for thread in threading.enumerate() if thread not in before and _is_ours(thread)]
    for thread in left:
        thread.join(THREAD_GRACE)
    running = [thread.name for thread in left if thread.is_alive()]
    assert not running, f"threads still running after the test: {running}"


def _is_ours(thread: threading.Thread) -> bool:
    """Python also counts threads that Qt or a library started, and never sees them end."""
    return not isinstance(thread, threading._DummyThread)


@pytest.fixture(autouse=True)
def no_error_logged(request: pytest.FixtureRequest) -> Iterator[None]:
    """An error in the log fails the test, unless the test asks for `caplog` and looks itself."""
    errors: list[str] = []
    handler = logging.Handler(logging.ERROR)
    handler.emit = lambda record: errors.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger().addHandler(handler)
    yield
    logging.getLogger().removeHandler(handler)
    if "caplog" not in request.fixturenames:
        assert not errors, f"logged during the test: {errors}"


@pytest.fixture(autouse=True)
def no_network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only this machine can be reached, except where a test fetches a model."""
    if request.node.get_closest_marker("model"):
        return
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in LOCAL:
            raise AssertionError(f"a test tried to reach the network: {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
