"""What the window needs from the rest of the program, in the window's own words.

The real ones are in `app/gui/adapters.py`. Whatever is marked slow is called from background
operations only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from app.core.events import Event
    from app.core.paths import Paths
    from app.gui.rows import (
        DeviceRow,
        ExportFormat,
        MeetingRow,
        ModelRow,
        NameGuess,
        Obstacle,
        OpenedMeeting,
        RecoveredRow,
        Shrunk,
        SoundRow,
        SoundWish,
        TranslationPlan,
        VoiceRow,
        Wish,
    )


class Meetings(Protocol):
    """The saved meetings. All of it is slow; all of it raises StorageError."""

    def rows(self) -> list[MeetingRow]:
        """Newest first."""
        ...

    def read(self, meeting: str) -> OpenedMeeting: ...

    def edit(self, meeting: str, utterance: int, text: str) -> None: ...

    def rename(self, meeting: str, title: str) -> None: ...

    def delete(self, meeting: str) -> None: ...

    def save_notes(self, meeting: str, markdown: str) -> None: ...

    def folder(self, meeting: str) -> Path:
        """Where the meeting is kept; quick."""
        ...

    def recover(self) -> list[RecoveredRow]:
        """Mend meetings that were interrupted; only then is anything cleaned up."""
        ...

    def free_bytes(self) -> int:
        """What may still be written to the disk with the meetings."""
        ...

    def export(self, meeting: str, format_name: str, path: Path, text: str = "") -> None:
        """`text` is "source", "both", a language's code, or "" for what is usual."""

    def translate(
        self,
        meeting: str,
        targets: tuple[str, ...],
        engine: str,
        progress: Callable[[float], None],
        cancelled: Callable[[], bool],
    ) -> int:
        """Translate what is not yet; how many lines were. Raises TranslationError as well.

        `progress` gets shares of 1.
        """
        ...

    def transcribe(self, meeting: str, model: str, cancelled: Callable[[], bool]) -> bool:
        """Recognise what is missing; False if nothing was. Raises ModelError as well."""
        ...

    def tell(self, meeting: str, event: Event) -> None:
        """Keep what a person said about speakers, or wrote as a translation."""

    def forget(self, meeting: str, start: float, end: float) -> None:
        """Remove sound and text between two times (s) for good."""

    def shrink(
        self,
        meeting: str,
        to: str,
        progress: Callable[[float], None],
        cancelled: Callable[[], bool],
    ) -> Shrunk:
        """Make the recording smaller: `to` "flac" or "opus"; gives way to everything else."""
        ...

    def large(self) -> list[str]:
        """Meetings that are over and whose recordings are still as they were recorded."""
        ...

    def find_speakers(
        self,
        meeting: str,
        engine: str,
        progress: Callable[[float], None],
        cancelled: Callable[[], bool],
    ) -> bool:
        """Tell speakers apart in the whole recording; False, and nothing changes, if cancelled.

        `progress` gets shares of 1. Raises ModelError as well.
        """
        ...


class Models(Protocol):
    """The models that are known or installed. `rows` and `voices` are quick."""

    def rows(self) -> list[ModelRow]:
        """Those that turn speech into text."""
        ...

    def voices(self) -> ModelRow:
        """The one that tells speakers apart."""
        ...

    def translations(self) -> list[ModelRow]:
        """Those that translate, the installed ones first."""
        ...

    def pull(
        self,
        name: str,
        progress: Callable[[float, float], object],
        cancelled: Callable[[], bool],
    ) -> None:
        """Fetch a model whose conditions were accepted (slow); progress in bytes.

        Raises DownloadError, StorageError.
        """
        ...

    def remove(self, name: str) -> None:
        """Delete a model (slow). Raises ModelError, StorageError."""


class Translators(Protocol):
    """What can be translated on this computer."""

    def languages(self, engine: str) -> list[str]:
        """What `engine` may translate into (BCP-47); quick."""
        ...

    def obstacles(self, plan: TranslationPlan) -> list[Obstacle]:
        """What of `plan` cannot be done as things are (slow); nothing is loaded."""
        ...


class Voices(Protocol):
    """How people sound. `rows`, `remove` and `clear` are quick; all of it raises AppError."""

    def play(self, meeting: str, speaker: int, cancelled: Callable[[], bool]) -> None:
        """Play some seconds of a speaker's voice; returns when they have been heard."""

    def guess(self, meeting: str, speaker: int) -> NameGuess | None:
        """Whose remembered voice a speaker without a name may have."""
        ...

    def learn(self, meeting: str, speaker: int | None = None) -> None:
        """Remember the voice of a speaker by the name it has now, or of all that have names."""

    def rows(self) -> list[VoiceRow]:
        """The voices that are remembered, by name."""
        ...

    def remove(self, name: str) -> None: ...

    def clear(self) -> None: ...


class Live(Protocol):
    """A meeting that is being recorded. Called from one thread at a time."""

    @property
    def id(self) -> str: ...

    def start(self) -> None:
        """Raises CaptureError or StorageError; nothing is left behind then."""

    def pause(self) -> None: ...

    def resume(self) -> None: ...

    def stop(self) -> None:
        """Stop and save everything; slow."""

    def edit(self, utterance: int, text: str) -> None: ...

    def forget(self, seconds: float) -> None:
        """Remove the sound and the text of the last `seconds` for good; slow."""

    def rename(self, title: str) -> None: ...

    def tell(self, event: Event) -> None:
        """Keep what a person said about speakers, or wrote as a translation."""

    def translate_to(self, targets: tuple[str, ...]) -> None:
        """Translate into these languages from now on."""


class Sounds(Protocol):
    """Hearing before a meeting what will be recorded. All of it is slow."""

    def check(
        self, wishes: Sequence[SoundWish], level: Callable[[str, float], object]
    ) -> list[SoundRow]:
        """Record three seconds of each; `level` gets a source and its peak (dB). Never raises."""
        ...

    def play(self, row: SoundRow, cancelled: Callable[[], bool]) -> None:
        """Play what was recorded; returns when it has been heard. Raises CaptureError."""


class Services(Protocol):
    """Everything outside the window that the window uses."""

    @property
    def paths(self) -> Paths: ...

    @property
    def meetings(self) -> Meetings: ...

    @property
    def models(self) -> Models: ...

    @property
    def voices(self) -> Voices: ...

    @property
    def translators(self) -> Translators: ...

    @property
    def sounds(self) -> Sounds: ...

    def devices(self, source: str) -> list[DeviceRow]:
        """Devices of "mic" or "system" (slow). Raises CaptureError."""
        ...

    def formats(self) -> list[ExportFormat]: ...

    def processor(self, model: str) -> str:
        """Where `model` runs, and why not on a graphics card, as a clause (slow)."""
        ...

    def live(self, wish: Wish, publish: Callable[[Event], object]) -> Live: ...
