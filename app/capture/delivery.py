"""A source's own thread: it delivers until its work ends or it is told to stop."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from app.core.errors import AppError

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.core.audio import AudioBlock

    Deliver = Callable[[AudioBlock], object]
    Work = Callable[[Deliver], None]

logger = logging.getLogger(__name__)


class DeliveryThread:
    """Runs `work(deliver)` on a thread; `work` returns at its end or soon after `stopping` is set.

    What `work` raises becomes `failure`. `ended` is called unless `stop` came first.
    """

    def __init__(self, name: str, work: Work) -> None:
        self._name = name
        self._work = work
        self._thread: threading.Thread | None = None
        self.stopping = threading.Event()
        self.failure: Exception | None = None

    def start(self, deliver: Deliver, ended: Callable[[], object]) -> None:
        assert self._thread is None, "a source is started once"
        self._thread = threading.Thread(
            target=self._run, args=(deliver, ended), name=f"source-{self._name}", daemon=True
        )
        self._thread.start()

    def stop(self, wake: Callable[[], object] | None = None) -> None:
        """Return once `work` has returned; `wake` interrupts what it waits for."""
        self.stopping.set()
        if wake is not None:
            wake()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def _run(self, deliver: Deliver, ended: Callable[[], object]) -> None:
        try:
            self._work(deliver)
        except AppError as exc:
            self.failure = exc
        except Exception as exc:  # a bug, but the owner must still hear that the sound has ended
            logger.exception("%s: unexpected failure", self._name)
            self.failure = exc
        if not self.stopping.is_set():
            ended()
