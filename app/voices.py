"""Voice profiles: what named people sound like, so that later meetings can suggest their names.

Kept only if the user wants it, in one file of this computer, and never sent anywhere.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from math import exp
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from app.core.audio import SPEECH_RATE
from app.core.errors import MeetingMissingError, StorageError
from app.core.paths import write_atomically
from app.diarization import SpeakerWish, locate_engine
from app.speech.diarize.profile import (
    MODEL,
    clip_of,
    direction_of,
    mean_direction,
    worth_hearing,
)
from app.speech.diarize.voices import VOICE, load_voices

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from app.core.events import SpeakerTurn
    from app.core.paths import Paths
    from app.session.audio import AudioReader
    from app.session.store import Meeting

LIKELY: Final = 0.70
"""Cosine from which a profile is suggested without reserve."""
SILENT: Final = 0.60
"""Cosine below which nothing is said. Both were measured: docs/decisions/voice-profiles.md."""

_SLOPE = 0.055  # cosine from a confidence of 50 % to one of 73 %
_MOST = 0.99  # a voice alone is never sure
_LEAST_S = 4.0  # seconds of speech from which a voice is remembered or recognised
_SAMPLES = 12  # meetings that a profile is made of, the latest ones

_changing = threading.Lock()
"""Profiles are read, changed and written as one."""


@dataclass(frozen=True, slots=True)
class VoiceSample:
    """How a person sounded in a meeting: `direction` has length 1, `seconds` it was taken from."""

    meeting: str
    speaker: int
    seconds: float
    direction: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class VoiceProfile:
    """A named voice; `model` is the network that its directions are from."""

    name: str
    model: str
    samples: tuple[VoiceSample, ...]

    @property
    def seconds(self) -> float:
        return sum(sample.seconds for sample in self.samples)

    @property
    def usable(self) -> bool:
        """Whether it can be compared with what the present network hears."""
        return (
            self.model == MODEL
            and bool(self.samples)
            and all(len(sample.direction) == VOICE for sample in self.samples)
        )

    @property
    def problem(self) -> str:
        """Why it is ignored; "" if it is not."""
        return "" if self.usable else f"made with another model ({self.model})"

    def direction(self) -> NDArray[np.float32]:
        """(192,) of length 1."""
        parts = [np.array(s.direction, np.float32) * s.seconds for s in self.samples]
        return mean_direction(parts)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Whose voice it may be; `confidence` is a share of 1, `likely` if it is above LIKELY."""

    name: str
    confidence: float
    likely: bool


@dataclass(frozen=True, slots=True)
class _File:
    version: int = 1
    profiles: tuple[VoiceProfile, ...] = ()


def load_profiles(path: Path) -> tuple[VoiceProfile, ...]:
    """All profiles, by name; none if there is no file. Raises StorageError."""
    try:
        found = msgspec.json.decode(path.read_bytes(), type=_File)
    except FileNotFoundError:
        return ()
    except OSError as exc:
        reason = exc.strerror or exc
        raise StorageError(f"The voice profiles cannot be read: {reason}") from exc
    except (ValueError, RecursionError) as exc:
        raise StorageError(
            f"The voice profiles in {path.name} cannot be understood",
            hint="Run 'captionist voices clear' to begin anew.",
        ) from exc
    return tuple(sorted(found.profiles, key=lambda profile: profile.name.casefold()))


def clear_profiles(path: Path) -> None:
    """Forget all voices. Raises StorageError."""
    try:
        path.unlink(missing_ok=True)
    except OSError as exc:
        reason = exc.strerror or exc
        raise StorageError(f"The voice profiles cannot be removed: {reason}") from exc


def remove_profile(path: Path, name: str) -> bool:
    """Forget a voice, however its name is capitalised; False if it is unknown.

    Raises StorageError.
    """
    with _changing:
        before = load_profiles(path)
        after = [p for p in before if p.name.casefold() != name.strip().casefold()]
        if len(after) < len(before):
            _save(path, after)
        return len(after) < len(before)


def keep_sample(path: Path, name: str, sample: VoiceSample) -> None:
    """Add to the profile of `name`, or make one; "" only takes back what was said before.

    A speaker of a meeting belongs to one profile: with another name the sample moves.
    Raises StorageError.
    """
    with _changing:
        known = {p.name.casefold(): _less(p, sample) for p in load_profiles(path)}
        if name:
            old = known.get(name.casefold())
            kept = old.samples if old is not None and old.usable else ()
            known[name.casefold()] = VoiceProfile(name, MODEL, (*kept, sample)[-_SAMPLES:])
        _save(path, [profile for profile in known.values() if profile.samples])


def suggested(
    direction: NDArray[np.float32], profiles: Sequence[VoiceProfile], taken: Sequence[str] = ()
) -> Suggestion | None:
    """The profile that sounds most like `direction`; None if none does.

    Names that are `taken` by others in the meeting, and profiles of another model, are left out.
    """
    best: tuple[float, str] = (SILENT, "")
    for profile in profiles:
        if profile.usable and profile.name not in taken:
            best = max(best, (float(direction @ profile.direction()), profile.name))
    alike, name = best
    if not name:
        return None
    confidence = min(_MOST, 1 / (1 + exp((SILENT - alike) / _SLOPE)))
    return Suggestion(name, confidence, alike >= LIKELY)


def heard_voice(
    paths: Paths, meeting: Meeting, speaker: int
) -> tuple[NDArray[np.float32], float] | None:
    """The direction of a speaker, and from how many seconds; None if there are too few.

    Raises AppError.
    """
    spans = worth_hearing(meeting.transcript.turns, speaker)
    if sum(end - start for start, end in spans) < _LEAST_S:
        return None
    voices = load_voices(locate_engine(SpeakerWish("embedded"), paths))
    found = direction_of(voices, (stretch(meeting.audio, *span) for span in spans))
    return found if found[1] >= _LEAST_S else None


def learn(paths: Paths, meeting: Meeting, speaker: int) -> None:
    """Remember the voice of a speaker by the name that a person gave. Raises AppError.

    Somebody who was heard too little, or has no name any more, is not remembered.
    """
    name = meeting.transcript.speaker(speaker).name
    heard = heard_voice(paths, meeting, speaker) if name else None
    sample = VoiceSample(meeting.info.id, speaker, 0.0, ())
    if heard is not None:
        direction, seconds = heard
        numbers = tuple(round(float(number), 5) for number in direction)
        sample = replace(sample, seconds=round(seconds, 1), direction=numbers)
    keep_sample(paths.voices, name if heard is not None else "", sample)


def suggest(paths: Paths, meeting: Meeting, speaker: int) -> Suggestion | None:
    """Who a speaker without a name may be. Raises AppError."""
    profiles = load_profiles(paths.voices)
    if meeting.transcript.speaker(speaker).name or not any(p.usable for p in profiles):
        return None
    heard = heard_voice(paths, meeting, speaker)
    taken = [who.name for who in meeting.transcript.speakers if who.name]
    return suggested(heard[0], profiles, taken) if heard is not None else None


def play_clip(meeting: Meeting, speaker: int, cancelled: Callable[[], bool]) -> None:
    """Play some seconds in which a speaker is heard, alone if possible. Raises AppError."""
    from app.capture.playback import play

    play(clip_samples(meeting.audio, meeting.transcript.turns, speaker), SPEECH_RATE, cancelled)


def clip_samples(
    recording: AudioReader, turns: Sequence[SpeakerTurn], speaker: int
) -> NDArray[np.float32]:
    """Mono sound at 16 kHz. Raises MeetingMissingError if there is none, MeetingDamagedError."""
    span = clip_of(turns, speaker)
    sound = stretch(recording, *span) if span else np.zeros(0, np.float32)
    if not len(sound):
        raise MeetingMissingError("There is no recording of this speaker yet", hint="")
    return sound


def stretch(recording: AudioReader, start: float, end: float) -> NDArray[np.float32]:
    """Mono sound at 16 kHz of the first track between two times (s), shorter at its end.

    Nothing if there is no recording. Raises MeetingDamagedError.
    """
    import soxr

    tracks = recording.tracks
    if not tracks:
        return np.zeros(0, np.float32)
    sound = recording.read(tracks[0], start, end)
    found: NDArray[np.float32] = soxr.resample(sound.samples, sound.rate, SPEECH_RATE)
    return found


def _less(profile: VoiceProfile, sample: VoiceSample) -> VoiceProfile:
    """Without what the same speaker of the same meeting said to it."""
    mine = sample.meeting, sample.speaker
    return replace(
        profile,
        samples=tuple(s for s in profile.samples if (s.meeting, s.speaker) != mine),
    )


def _save(path: Path, profiles: Sequence[VoiceProfile]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, msgspec.json.encode(_File(profiles=tuple(profiles))) + b"\n")
    except OSError as exc:
        reason = exc.strerror or exc
        raise StorageError(f"The voice profiles cannot be saved: {reason}") from exc
