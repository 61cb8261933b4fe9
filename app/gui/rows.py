"""What the window knows about things outside it: facts, each as a screen shows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

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
    this one has (from, to, in seconds); the last of them bears the `translations`. `end` is 0 if
    it is not known.
    """

    utterance: int
    start: float
    text: str
    edited: bool = False
    speakers: tuple[int, ...] = ()
    part: int = 0
    span: tuple[float, float] | None = None
    translations: tuple[LineTranslation, ...] = ()
    end: float = 0.0


class MarkKind(StrEnum):
    LOST = "lost"
    SKIPPED = "skipped"
    CAUGHT_UP = "caught-up"
    DEVICE = "device"
    FORGOTTEN = "forgotten"


@dataclass(frozen=True, slots=True)
class SavedMark:
    """Something that happened between two moments (s); `text` is a device, or a gap's reason."""

    kind: MarkKind
    start: float
    end: float
    text: str = ""


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
    `source` is "mic", "system" or "both", with `system_device` for the latter; `own_voice` tells
    apart then who speaks into the microphone. `resume` is a saved meeting that goes on, `begin`
    how long it is (s).
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
    system_device: str = ""
    own_voice: bool = True
    resume: str = ""
    begin: float = 0.0


@dataclass(frozen=True, slots=True)
class TrackRow:
    """A track of a recording: its source ("mic", "system", …) and how much can be heard (s)."""

    source: str
    seconds: float


@dataclass(frozen=True, slots=True)
class RecoveredRow:
    """A meeting that was interrupted; `problem` and `hint` say why it could not be mended.

    `repaired` counts files that were set right, `unusable` names those that cannot be read,
    `missing` those that are gone; `damaged` counts records that were set aside.
    """

    id: str
    title: str
    problem: str = ""
    hint: str = ""
    seconds: float = 0.0
    lines: int = 0
    tracks: tuple[TrackRow, ...] = ()
    repaired: int = 0
    unusable: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    damaged: int = 0


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


class Sound(StrEnum):
    """How a source sounds."""

    FINE = "fine"
    QUIET = "too-quiet"
    SILENT = "silent"
    CLIPPING = "clipping"
    NOTHING = "nothing-came"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class SoundWish:
    """What to listen to: `source` is "mic" or "system", `device` "" for the default one."""

    source: str
    device: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class SoundRow:
    """What a source gave; `peak` in dB below full scale. `clip` is what `Sounds.play` takes."""

    source: str
    verdict: Sound
    peak: float = -96.0
    error: str = ""
    hint: str = ""
    clip: object = None


class Shrunk(StrEnum):
    """What came of making a recording smaller."""

    DONE = "done"
    NOTHING = "nothing to do"
    LATER = "later"  # the meeting was needed for something else, or it was cancelled
