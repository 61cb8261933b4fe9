"""Stages on threads, started back to front and stopped front to back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from app.pipeline.runner import run_stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.core.events import StageChanged
    from app.pipeline.channel import Channel
    from app.pipeline.protocol import Stage
    from app.pipeline.runner import ThreadHandle, ThreadHost

GRACE_S = 5.0
"""For a stage that has been cancelled to end what it is doing."""

In = TypeVar("In")
Out = TypeVar("Out")


class Pipeline:
    """Owns the threads of one meeting. Add stages in the order in which data flows."""

    def __init__(self, host: ThreadHost, report: Callable[[StageChanged], object]) -> None:
        self._host = host
        self._report = report
        self._jobs: list[tuple[str, Channel[Any], Callable[[], None]]] = []
        self._running: list[tuple[str, Channel[Any], ThreadHandle]] = []

    def add(
        self,
        stage: Stage[In, Out],
        inbox: Channel[In],
        deliver: Callable[[Out], object],
    ) -> None:
        def job() -> None:
            run_stage(stage, inbox, deliver, self._report)

        self._jobs.append((stage.name, inbox, job))

    def start(self) -> None:
        """Start consumers before producers, so that no item waits for its reader."""
        for name, inbox, job in reversed(self._jobs):
            self._running.insert(0, (name, inbox, self._host.start(name, job)))

    def stop(self, timeout: float) -> list[str]:
        """End the input and let each stage finish, `timeout` seconds each; return the late ones.

        A stage that overruns is cancelled, so that those after it still flush what they have. Once
        one does not even end then, the others, which may wait for the same model, get less time.
        """
        late: list[str] = []
        grace = min(timeout, GRACE_S)
        for name, inbox, handle in self._running:
            inbox.close()
            if not handle.join(grace if late else timeout):
                inbox.cancel()
                if not handle.join(grace):
                    late.append(name)
        self._running.clear()
        return late
