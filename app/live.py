"""One meeting being recorded and captioned: the only place that knows all the concrete classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.core.events import Event
    from app.core.paths import Paths
    from app.pipeline.runner import ThreadHost
    from app.session.session import Session


@dataclass(frozen=True, slots=True)
class MeetingRequest:
    """What to record: `source` is "mic", "system" or a media file's path.

    `device` "" is the system's default. `model` is a name in the model store; "" records without
    recognition.
    """

    source: str
    device: str = ""
    model: str = ""
    language: str = "auto"
    title: str = ""


class LiveMeeting:
    """Owns source, pipeline and session. All methods are called from one thread.

    `publish` gets every event, from any thread, after the session has kept it.
    """

    def __init__(
        self,
        request: MeetingRequest,
        paths: Paths,
        host: ThreadHost,
        publish: Callable[[Event], object],
    ) -> None:
        raise NotImplementedError

    @property
    def session(self) -> Session:
        """The saved meeting; valid after `start`."""
        raise NotImplementedError

    def start(self) -> None:
        """Open the source, create the session, start recording; quick, no model is awaited.

        Raises CaptureError or StorageError; nothing is left behind then. A missing model is
        reported as StageChanged(FAILED) and the recording goes on.
        """

    def pause(self) -> None:
        """Stop taking audio in; the clock of the audio stands still."""

    def resume(self) -> None: ...

    def stop(self, timeout: float = 30.0) -> None:
        """Stop and save everything; blocks, so call it from a background operation in the GUI.

        The recording is complete before any model is waited for; each recognition stage may
        take `timeout` seconds to finish what was said last.
        """
