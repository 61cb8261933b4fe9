"""What stages say to each other and to the rest of the program.

Events are facts: frozen, in the past tense, safe to hand to any thread. Times are seconds of the
source's audio, never of the wall clock. The union is closed, so that `match` with `assert_never`
lets the type checker find every place to extend.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

LATE_UTTERANCES = 1_000_000
"""Number of the first utterance that is caught up from the recording; live ones stay below."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a caption. `text` keeps its leading space, so that joining words gives the line."""

    text: str
    start: float
    end: float
    probability: float


@dataclass(frozen=True, slots=True)
class WordsCommitted:
    """Words were added to an utterance that is still being spoken; they are not taken back."""

    utterance: int
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class PreviewChanged:
    """The unstable tail after the committed words is now `text`; it may change or vanish."""

    utterance: int
    text: str


@dataclass(frozen=True, slots=True)
class FinalCaption:
    """The text of an utterance as it is stored.

    A higher `revision` replaces a lower one, unless a person edited the line. An utterance that
    another has absorbed is sent with an empty text. `original` is what was heard, if the user's
    corrections changed it.
    """

    utterance: int
    revision: int
    start: float
    end: float
    text: str
    language: str
    words: tuple[Word, ...]
    original: str = ""


@dataclass(frozen=True, slots=True)
class CaptionEdited:
    """A person wrote `text` for an utterance; no revision replaces it."""

    utterance: int
    text: str


@dataclass(frozen=True, slots=True)
class Translation:
    """What an utterance says in another `language` (a BCP-47 code such as "en" or "zh-Hant").

    Until it is `final` the text only grows; a final one replaces what came before it, unless a
    person edited it.
    """

    utterance: int
    language: str
    text: str
    final: bool


@dataclass(frozen=True, slots=True)
class TranslationEdited:
    """A person wrote `text` as the translation of an utterance; nothing replaces it."""

    utterance: int
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class LanguageDetected:
    """The spoken language (Whisper's code, such as "ko"), and how sure the model is (0 to 1)."""

    language: str
    probability: float


@dataclass(frozen=True, slots=True)
class SpeakerTurn:
    """One voice spoke from `start` to `end`; turns of different speakers may overlap.

    Speakers are numbered from 0 in the order in which they were first heard.
    """

    start: float
    end: float
    speaker: int


@dataclass(frozen=True, slots=True)
class TurnsFound:
    """Who spoke between `start` and `end`: replaces what was found there before, if not final.

    A turn that goes on beyond `end` is told again, whole, with the next stretch.
    """

    start: float
    end: float
    turns: tuple[SpeakerTurn, ...]
    final: bool


YOU = -1
"""The number of the speaker whose own microphone is recorded: others are numbered from 0."""


@dataclass(frozen=True, slots=True)
class OwnVoiceHeard:
    """Somebody spoke into the microphone, not out of the loudspeaker, from `start` to `end`.

    It is told only where the system's sound is recorded as well. The speaker's number is `YOU`.
    """

    start: float
    end: float


@dataclass(frozen=True, slots=True)
class SpeakerNamed:
    """A person gave a speaker a name; an empty one takes it away."""

    speaker: int
    name: str


@dataclass(frozen=True, slots=True)
class SpeakersMerged:
    """A person found that two speakers are one: `speaker` is `into` from now on."""

    speaker: int
    into: int


@dataclass(frozen=True, slots=True)
class SpeakerAssigned:
    """A person said who spoke a line; nothing that is found later changes it.

    `span` (start and end in seconds) limits it to the words in between; None means all of them.
    """

    utterance: int
    speaker: int
    span: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class LevelMeasured:
    """Loudness of the newest audio of a source, in dB below full scale (0 is the loudest)."""

    source: str
    rms: float
    peak: float


@dataclass(frozen=True, slots=True)
class AudioSaved:
    """The recording is safe on disk up to `seconds`."""

    seconds: float


@dataclass(frozen=True, slots=True)
class AudioGap:
    """Audio that was lost, and why. Never swallowed: it is journaled and shown."""

    start: float
    end: float
    reason: str


@dataclass(frozen=True, slots=True)
class RecognitionSkipped:
    """Audio that is recorded but was not recognised live: recognition was too far behind."""

    start: float
    end: float


@dataclass(frozen=True, slots=True)
class RecognitionCaughtUp:
    """Audio that was skipped has been recognised from the recording; its captions came before."""

    start: float
    end: float


class LoadLevel(StrEnum):
    """How much live recognition does for each second of sound, from everything to nothing."""

    NORMAL = "normal"
    LONGER_STEPS = "longer-steps"
    NO_PREVIEW = "no-preview"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class LoadChanged:
    """Live recognition, `behind` seconds behind the sound `at`, now works at another level."""

    level: LoadLevel
    behind: float
    at: float


@dataclass(frozen=True, slots=True)
class CaptureStalled:
    """A source has delivered nothing for `seconds`."""

    source: str
    seconds: float


@dataclass(frozen=True, slots=True)
class CaptureResumed:
    """A stalled source delivers again."""

    source: str


@dataclass(frozen=True, slots=True)
class CaptureEnded:
    """A source ended by itself: a file was over or, with `error`, a device has gone."""

    source: str
    error: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class MeetingPaused:
    """Recording was paused at `at`; the clock of the audio stands still."""

    at: float


@dataclass(frozen=True, slots=True)
class MeetingResumed:
    at: float


@dataclass(frozen=True, slots=True)
class MeetingStarted:
    """Recording began, or was taken up again, `at` seconds of the meeting's audio.

    `clock` is the time of day (ISO 8601 with its offset from UTC), `version` that of the program.
    """

    at: float
    clock: str
    version: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DeviceChanged:
    """A source listens to another device since `at`; `reason` says why in a few words."""

    source: str
    device: str
    at: float
    reason: str


class CaptureProblem(StrEnum):
    """What can be wrong with sound that does come."""

    SILENT = "silent"  # exactly zero for long, as a muted or refused microphone delivers
    CLIPPING = "clipping"
    DEAF = "deaf"  # nothing is captured while the output plays something
    SHIFTED = "shifted"  # a constant offset, as a faulty device or cable gives
    OPPOSED = "opposed"  # the channels cancel each other out, as with a cable wired the wrong way


@dataclass(frozen=True, slots=True)
class CaptureDoubted:
    """Something seems to be wrong with a source since `at`."""

    source: str
    problem: CaptureProblem
    at: float


@dataclass(frozen=True, slots=True)
class CaptureCleared:
    """What seemed to be wrong with a source is over."""

    source: str
    problem: CaptureProblem
    at: float


@dataclass(frozen=True, slots=True)
class ClockJumped:
    """The computer slept, or its clock was set, for `seconds` (below 0: set back)."""

    at: float
    seconds: float
    reason: str


@dataclass(frozen=True, slots=True)
class SpaceMeasured:
    """The disk is nearly full: `free` bytes are left. If `stopping` the recording must end."""

    free: int
    stopping: bool


@dataclass(frozen=True, slots=True)
class MeetingForgot:
    """A person had the sound and the text between two times removed for good."""

    start: float
    end: float


class StageState(StrEnum):
    OPENING = "opening"
    RUNNING = "running"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class StageChanged:
    """A stage moved to another state; `error` and `hint` are set only with FAILED."""

    stage: str
    state: StageState
    error: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class RunMeasured:
    """What a run cost: seconds of audio, process CPU seconds, wall seconds, peak memory in MB."""

    audio_s: float
    cpu_s: float
    wall_s: float
    peak_rss_mb: float


Event = (
    WordsCommitted
    | PreviewChanged
    | FinalCaption
    | CaptionEdited
    | Translation
    | TranslationEdited
    | LanguageDetected
    | TurnsFound
    | OwnVoiceHeard
    | SpeakerNamed
    | SpeakersMerged
    | SpeakerAssigned
    | LevelMeasured
    | AudioSaved
    | AudioGap
    | RecognitionSkipped
    | RecognitionCaughtUp
    | LoadChanged
    | CaptureStalled
    | CaptureResumed
    | CaptureEnded
    | MeetingStarted
    | MeetingPaused
    | MeetingResumed
    | DeviceChanged
    | CaptureDoubted
    | CaptureCleared
    | ClockJumped
    | SpaceMeasured
    | MeetingForgot
    | StageChanged
    | RunMeasured
)
