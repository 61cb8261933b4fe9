"""Runs one stage on a thread, reports its state, and always closes it."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Protocol, TypeVar

from app.core.errors import AppError
from app.core.events import StageChanged, StageState

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.pipeline.channel import Channel
    from app.pipeline.protocol import Stage

logger = logging.getLogger(__name__)

In = TypeVar("In")
Out = TypeVar("Out")


class ThreadHandle(Protocol):
    def join(self, timeout: float) -> bool:
        """Wait for the thread; False if it is still running after `timeout` seconds."""
        ...


class ThreadHost(Protocol):
    """Where threads come from: `threading` on the command line, QThread in the desktop program."""

    def start(self, name: str, target: Callable[[], None]) -> ThreadHandle: ...


class _PlainHandle:
    def __init__(self, thread: threading.Thread) -> None:
        self._thread = thread

    def join(self, timeout: float) -> bool:
        self._thread.join(timeout)
        return not self._thread.is_alive()


class PlainThreadHost:
    """Plain threads, for the command line and for tests."""

    def start(self, name: str, target: Callable[[], None]) -> ThreadHandle:
        thread = threading.Thread(target=target, name=name)
        thread.start()
        return _PlainHandle(thread)


def run_stage(
    stage: Stage[In, Out],
    inbox: Channel[In],
    deliver: Callable[[Out], object],
    report: Callable[[StageChanged], object],
) -> None:
    """Drive `stage` until its inbox ends. Never raises: a failure is reported."""
    tell = _guarded(report)
    final = StageChanged(stage.name, StageState.STOPPED)
    tell(StageChanged(stage.name, StageState.OPENING))
    try:
        _work(stage, inbox, deliver, tell)
    except Exception as exc:  # noqa: BLE001 - logged and told
        final = failure_of(stage.name, exc)
    finally:
        inbox.cancel()  # a dead consumer must not block its producer
        _close(stage)
        tell(final)


def failure_of(stage: str, exc: Exception) -> StageChanged:
    """What to tell of a stage that `exc` ended; it is logged here."""
    if isinstance(exc, AppError):
        logger.warning("%s: %s", stage, exc)
        return StageChanged(stage, StageState.FAILED, str(exc), exc.hint)
    logger.error("%s: unexpected failure", stage, exc_info=exc)
    return StageChanged(stage, StageState.FAILED, f"{type(exc).__name__}: {exc}")


def _guarded(report: Callable[[StageChanged], object]) -> Callable[[StageChanged], None]:
    """Whoever listens must not bring down the stage."""

    def tell(event: StageChanged) -> None:
        try:
            report(event)
        except Exception:
            logger.exception("%s: report failed", event.stage)

    return tell


def _work(
    stage: Stage[In, Out],
    inbox: Channel[In],
    deliver: Callable[[Out], object],
    report: Callable[[StageChanged], object],
) -> None:
    stage.open()
    report(StageChanged(stage.name, StageState.RUNNING))
    while items := inbox.take():
        for out in stage.feed(items):
            deliver(out)
    if not inbox.cancelled:
        for out in stage.flush():
            deliver(out)


def _close(stage: Stage[In, Out]) -> None:
    try:
        stage.close()
    except Exception:  # the stage's work is done; its failure to tidy up must not hide that
        logger.exception("%s: close failed", stage.name)
