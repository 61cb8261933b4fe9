"""What the window needs from the rest of the program, in the window's own words.

The real ones are in `app/gui/adapters.py`. Whatever is marked slow is called from background
operations only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from app.core.events import Event
    from app.core.paths import Paths
    from app.session.translations import LineTranslation


class MeetingState(StrEnum):
    COMPLETE = "complete"
    RECORDING = "recording"
    INTERRUPTED = "interrupted"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class MeetingRow:
    """A meeting as the list shows it; `started` is in local time."""

    id: str
    title: str
    started: datetime | None
    duration_s: float
    state: MeetingState = MeetingState.COMPLETE


@dataclass(frozen=True, slots=True)
class SavedLine:
    """A line of a saved transcript; `start` in seconds.

    Where an utterance has several lines, for several speakers, `span` says which of its words
    this one has (from, to, in seconds); the last of them bears the `translations`.
    """

    utterance: int
    start: float
    text: str
    edited: bool = False
    speakers: tuple[int, ...] = ()
    part: int = 0
    span: tuple[float, float] | None = None
    translations: tuple[LineTranslation, ...] = ()


class MarkKind(StrEnum):
    LOST = "lost"
    SKIPPED = "skipped"
    CAUGHT_UP = "caught-up"


@dataclass(frozen=True, slots=True)
class SavedMark:
    """Something that happened to recognition between two moments (s)."""

    kind: MarkKind
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class OpenedMeeting:
    """`falls` is how often live captions came late because the computer was busy.

    `names` are those that people gave to speakers, by number. `spoken` are the languages that
    were heard, `translated` those into which there are translations.
    """

    row: MeetingRow
    lines: tuple[SavedLine, ...]
    notes: str
    folder: Path
    marks: tuple[SavedMark, ...] = ()
    falls: int = 0
    names: dict[int, str] = field(default_factory=dict)
    spoken: tuple[str, ...] = ()

    @property
    def translated(self) -> list[str]:
        told = (found.language for line in self.lines for found in line.translations)
        return list(dict.fromkeys(told))


@dataclass(frozen=True, slots=True)
class Wish:
    """What to record; as in `MeetingRequest`, which is too heavy for the window's start.

    `engine` tells speakers apart ("" for none), `speakers` is their number (0: unknown).
    `targets` are the languages to translate into (BCP-47), `translator` is the engine for that.
    """

    source: str
    device: str
    model: str
    language: str
    title: str
    threads: int = 1
    preset: str = "auto"
    policy: str = "alignatt"
    translate: bool = False
    vocabulary: tuple[str, ...] = ()
    engine: str = ""
    speakers: int = 0
    targets: tuple[str, ...] = ()
    translator: str = "auto"


@dataclass(frozen=True, slots=True)
class RecoveredRow:
    """A meeting that was interrupted; `problem` and `hint` say why it could not be mended."""

    title: str
    problem: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A model that is known. `languages` is empty for a model that knows all of them.

    `pair` are the codes (BCP-47) of a package that translates between two languages. What stands
    in `conditions` must be accepted before a download.
    """

    name: str
    size_mb: float
    licence: str
    installed: bool
    description: str = ""
    languages: tuple[str, ...] = ()
    pair: tuple[str, str] | None = None
    conditions: str = ""


@dataclass(frozen=True, slots=True)
class TranslationPlan:
    """What is to be translated how: `sources` are spoken (none: not known yet), `model` hears."""

    sources: tuple[str, ...]
    targets: tuple[str, ...]
    engine: str
    model: str


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why there will be no translation into `target`; `missing` are models that would help."""

    target: str
    problem: str
    hint: str = ""
    missing: tuple[ModelRow, ...] = ()


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """A device that can be recorded; `id` goes into a MeetingRequest."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """`suffix` with its dot."""

    name: str
    suffix: str


@dataclass(frozen=True, slots=True)
class VoiceRow:
    """A voice that is remembered; `problem` is why it is not used, "" if it is."""

    name: str
    seconds: float
    meetings: int
    problem: str = ""


@dataclass(frozen=True, slots=True)
class NameGuess:
    """Whose voice it may be; `confidence` is a share of 1."""

    name: str
    confidence: float
    likely: bool


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
        """Mend meetings that were interrupted."""
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

    def rename(self, title: str) -> None: ...

    def tell(self, event: Event) -> None:
        """Keep what a person said about speakers, or wrote as a translation."""

    def translate_to(self, targets: tuple[str, ...]) -> None:
        """Translate into these languages from now on."""


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

    def devices(self, source: str) -> list[DeviceRow]:
        """Devices of "mic" or "system" (slow). Raises CaptureError."""
        ...

    def formats(self) -> list[ExportFormat]: ...

    def processor(self, model: str) -> str:
        """Where `model` runs, and why not on a graphics card, as a clause (slow)."""
        ...

    def live(self, wish: Wish, publish: Callable[[Event], object]) -> Live: ...
