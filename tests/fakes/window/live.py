"""A meeting that goes on, without sound."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from app.core.errors import AppError
from app.core.events import CaptionEdited, StageChanged, StageState
from app.gui.rows import Wish

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.core.events import Event


class FakeLive:
    """A meeting whose events the test makes."""

    def __init__(self, wish: Wish, publish: Callable[[Event], object], id_: str) -> None:
        self.wish = wish
        self.publish = publish
        self.calls: list[str] = []
        self.problem: Exception | None = None
        self.refuse: AppError | None = None
        self.may_stop = threading.Event()
        self.may_stop.set()
        self.on_stop: Callable[[], object] = lambda: None
        self._id = id_

    @property
    def id(self) -> str:
        return self._id

    def start(self) -> None:
        self.calls.append("start")
        if self.problem is not None:
            raise self.problem
        self.publish(StageChanged("recorder", StageState.RUNNING))

    def pause(self) -> None:
        self.calls.append("pause")

    def resume(self) -> None:
        self.calls.append("resume")

    def stop(self) -> None:
        self.may_stop.wait()
        self.calls.append("stop")
        self.on_stop()

    def edit(self, utterance: int, text: str) -> None:
        self.calls.append(f"edit {utterance} {text}")
        self.publish(CaptionEdited(utterance, text))

    def forget(self, seconds: float) -> None:
        if self.refuse is not None:
            raise self.refuse
        self.calls.append(f"forget {seconds:g}")

    def rename(self, title: str) -> None:
        self.calls.append(f"rename {title}")

    def tell(self, event: Event) -> None:
        self.calls.append(f"tell {event}")

    def translate_to(self, targets: tuple[str, ...]) -> None:
        if self.refuse is not None:
            raise self.refuse
        self.calls.append(f"translate to {','.join(targets)}")
