"""A live meeting as the window sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.events import CaptionEdited

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from app.core.events import Event
    from app.live import LiveMeeting


class LiveAdapter:
    """`Live` over a LiveMeeting. `starting` is held while it starts; `ended`: no sound is taken in
    any more.

    `possible` leaves of some languages those that can be translated into.
    """

    def __init__(
        self,
        meeting: LiveMeeting,
        starting: AbstractContextManager[None],
        ended: Callable[[], object],
        possible: Callable[[tuple[str, ...]], tuple[str, ...]],
    ) -> None:
        self._meeting = meeting
        self._possible = possible
        self._starting = starting
        self._ended = ended

    @property
    def id(self) -> str:
        return self._meeting.session.id

    def start(self) -> None:
        try:
            with self._starting:
                self._meeting.start()
        except BaseException:
            self._ended()
            raise

    def pause(self) -> None:
        self._meeting.pause()

    def resume(self) -> None:
        self._meeting.resume()

    def stop(self) -> None:
        try:
            self._meeting.stop()
        finally:
            self._ended()

    def edit(self, utterance: int, text: str) -> None:
        self._meeting.tell(CaptionEdited(utterance, text))

    def forget(self, seconds: float) -> None:
        self._meeting.forget(seconds)

    def rename(self, title: str) -> None:
        self._meeting.session.rename(title)

    def tell(self, event: Event) -> None:
        self._meeting.tell(event)

    def translate_to(self, targets: tuple[str, ...]) -> None:
        self._meeting.translate_to(self._possible(targets))
