"""Short recordings heard as one stream with pauses in between, as in a conversation.

Recognition behind a pause is another matter than at the start of a recording or in the middle of
one: neither single utterances nor continuous recordings show how good it is.
"""

from __future__ import annotations

import tempfile
import wave
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app.bench.manifest import Part, Recording
from app.bench.run import load_samples
from app.core.audio import SPEECH_RATE
from app.core.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

_WANTED = 120.0  # seconds of recordings; pauses do not count, so that any pause has the same joins
_EDGE = 1.0  # seconds in front of the first recording and behind the last
_NOISE = 1e-4  # of full scale (-80 dBFS): no microphone gives perfect silence
_SEED = 1
_HINT = "They lie in the folder for temporary files, 4 MB for two minutes: make room there."


@dataclass(frozen=True, slots=True, eq=False)
class _Clip:
    """A recording with its sound, mono float32 at 16 kHz."""

    recording: Recording
    samples: NDArray[np.float32]

    @property
    def seconds(self) -> float:
        return len(self.samples) / SPEECH_RATE


@contextmanager
def joined(recordings: Sequence[Recording], pause: float) -> Iterator[list[Recording]]:
    """`recordings` of a language one behind the other, `pause` seconds apart, for two minutes each.

    Their sound is in a folder that is gone afterwards. Raises MediaError for a recording that
    cannot be read, StorageError if there is no room.
    """
    with tempfile.TemporaryDirectory(prefix="captionist-joined-") as folder:
        yield [
            _join(clips, pause, Path(folder) / str(number))
            for number, clips in enumerate(_groups(recordings))
        ]


def _groups(recordings: Sequence[Recording]) -> Iterator[list[_Clip]]:
    for language in dict.fromkeys(recording.language for recording in recordings):
        yield from _filled(r for r in recordings if r.language == language)


def _filled(recordings: Iterable[Recording]) -> Iterator[list[_Clip]]:
    """Neighbours together: as many as come nearest to what is wanted."""
    clips: list[_Clip] = []
    for recording in recordings:
        clip = _Clip(recording, load_samples(recording))
        if clips and sum(c.seconds for c in clips) + clip.seconds / 2 > _WANTED:
            yield clips
            clips = []
        clips.append(clip)
    if clips:
        yield clips


def _join(clips: Sequence[_Clip], pause: float, folder: Path) -> Recording:
    noise = np.random.default_rng(_SEED)
    sound = [_faint(noise, _EDGE)]
    parts = []
    for clip in clips:
        start = sum(map(len, sound)) / SPEECH_RATE
        parts.append(Part(clip.recording, start, start + clip.seconds))
        sound += [clip.samples, _faint(noise, pause)]
    sound[-1] = _faint(noise, _EDGE)
    first = clips[0].recording
    name = first.path.name + (f" +{len(clips) - 1}" if len(clips) > 1 else "")
    _write(folder / name, np.concatenate(sound))
    said = " ".join(filter(None, (clip.recording.transcript for clip in clips)))
    return Recording(folder / name, first.language, said, parts=tuple(parts))


def _faint(noise: np.random.Generator, seconds: float) -> NDArray[np.float32]:
    count = round(seconds * SPEECH_RATE)
    return noise.standard_normal(count, np.float32) * np.float32(_NOISE)


def _write(path: Path, samples: NDArray[np.float32]) -> None:
    """As WAV, whatever the end of the name: it is what is shown of the recording."""
    frames = np.rint(samples * 32768).clip(-32768, 32767).astype("<i2").tobytes()
    try:
        path.parent.mkdir()
        with path.open("wb") as file, wave.open(file, "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(SPEECH_RATE)
            sound.writeframes(frames)
    except OSError as exc:
        reason = exc.strerror or str(exc)
        raise StorageError(f"Joined recordings cannot be written: {reason}", hint=_HINT) from exc
