"""Measures who is heard speaking on recordings that have an RTTM file beside them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import TYPE_CHECKING

from app.bench.der import SpeakerErrors, count_speaker_errors
from app.bench.manifest import Recording
from app.bench.run import load_samples
from app.core.audio import SPEECH_RATE, AudioChunk
from app.core.errors import MediaError
from app.export.rttm import parse_rttm
from app.platforms.usage import cpu_seconds
from app.session.turns import TurnBook, cut

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from app.bench.score import Errors
    from app.bench.table import Row
    from app.core.events import SpeakerTurn
    from app.speech.diarize.protocol import Diarizer, OfflineDiarizer

    Judge = Callable[[Path, NDArray[np.float32], Sequence[SpeakerTurn]], Errors | None]

FIRST_S = 3.0
"""What is told within this time is measured apart from what stands in the end."""
_BLOCK = SPEECH_RATE // 10
_AUDIO = (".flac", ".wav", ".mp3", ".m4a", ".ogg", ".opus")


@dataclass(frozen=True, slots=True)
class SpeakerResult:
    """What one recording gave; `first` is what was told within FIRST_S, None for a final pass.

    `words` is what is wrong in the words of each speaker, None where that was not measured.
    """

    name: str
    audio: float
    stored: SpeakerErrors
    first: SpeakerErrors | None
    cpu: float
    words: Errors | None = None


def with_turns(folder: Path) -> list[tuple[Path, Path]]:
    """Recordings of a folder and their RTTM files. Raises MediaError."""
    place = folder if folder.is_dir() else folder.parent
    pairs = [
        (audio, rttm)
        for rttm in sorted(place.glob("*.rttm"))
        for suffix in _AUDIO
        if (audio := rttm.with_suffix(suffix)).is_file()
    ]
    if not pairs:
        raise MediaError(
            f"The folder {place} has no recording with an RTTM file of the same name",
            hint="RTTM lines read: SPEAKER file 1 start seconds <NA> <NA> speaker <NA> <NA>.",
        )
    return pairs


def measure_live(
    audio: Path, rttm: Path, diarizer: Diarizer, judge: Judge | None = None
) -> SpeakerResult:
    """Play a recording to a live engine as fast as it goes; nobody waits for the clock."""
    truth, samples = _truth(rttm), load_samples(Recording(audio, "", ""))
    diarizer.open()
    before = cpu_seconds()
    stored, first = _played(diarizer, samples)
    cpu = cpu_seconds() - before
    diarizer.close()
    errors = count_speaker_errors(truth, stored), count_speaker_errors(truth, first)
    words = judge(audio, samples, stored) if judge else None
    return SpeakerResult(audio.name, len(samples) / SPEECH_RATE, *errors, cpu, words)


def measure_final(
    audio: Path, rttm: Path, diarizer: OfflineDiarizer, judge: Judge | None = None
) -> SpeakerResult:
    truth, samples = _truth(rttm), load_samples(Recording(audio, "", ""))
    before = cpu_seconds()
    found = diarizer.diarize(samples, lambda _share: None, lambda: False)
    cpu = cpu_seconds() - before
    errors = count_speaker_errors(truth, found)
    words = judge(audio, samples, found) if judge else None
    return SpeakerResult(audio.name, len(samples) / SPEECH_RATE, errors, None, cpu, words)


def _truth(rttm: Path) -> tuple[SpeakerTurn, ...]:
    try:
        turns, _ = parse_rttm(rttm.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as exc:
        raise MediaError(f"The file {rttm} cannot be read", hint="It has to be text.") from exc
    return turns


def _played(
    diarizer: Diarizer, samples: NDArray[np.float32]
) -> tuple[Sequence[SpeakerTurn], list[SpeakerTurn]]:
    """All turns in the end, and each moment's as they were known FIRST_S later."""
    book = TurnBook()
    first: list[SpeakerTurn] = []
    done = 0.0
    for at in range(0, len(samples), _BLOCK):
        chunk = AudioChunk(at, samples[at : at + _BLOCK])
        for event in diarizer.feed([chunk]):
            book.apply(event)
        if (now := chunk.end - FIRST_S) > done:
            first += [cut(turn, done, now) for turn in book.between(done, now)]
            done = now
    for event in diarizer.flush():
        book.apply(event)
    end = len(samples) / SPEECH_RATE
    first += [cut(turn, done, end) for turn in book.between(done, end)]
    return book.turns, first


def measure_all(
    pairs: Sequence[tuple[Path, Path]],
    measure: Callable[[Path, Path], SpeakerResult],
    told: Callable[[str], object],
) -> list[Row]:
    """A row for each recording, and one for all of them."""
    results = []
    for audio, rttm in pairs:
        told(audio.name)
        results.append(measure(audio, rttm))
    return [*map(row_of, results), row_of(_total(results))]


def row_of(result: SpeakerResult) -> Row:
    """Errors in percent of the speech, CPU seconds for each second of audio."""
    errors = result.stored
    row: Row = {
        "recording": result.name,
        "audio_s": result.audio,
        "speech_s": errors.speech,
        "der_pct": _percent(errors.der),
        "missed_pct": _share(errors.missed, errors),
        "false_pct": _share(errors.false_alarm, errors),
        "confused_pct": _share(errors.confused, errors),
        "jer_pct": _percent(errors.jer),
        "speakers": errors.speakers,
        "found": errors.found,
        "cpwer_pct": 100 * result.words.rate if result.words else None,
        "cpu_per_s": result.cpu / result.audio if result.audio else None,
    }
    if result.first is not None:
        row[f"der_at_{FIRST_S:.0f}s_pct"] = _percent(result.first.der)
    return row


def _total(results: Sequence[SpeakerResult]) -> SpeakerResult:
    firsts = [result.first for result in results if result.first is not None]
    words = [result.words for result in results if result.words is not None]
    return SpeakerResult(
        "total",
        sum(result.audio for result in results),
        reduce(add, (result.stored for result in results)),
        reduce(add, firsts) if firsts else None,
        sum(result.cpu for result in results),
        reduce(add, words) if words else None,
    )


def _share(seconds: float, errors: SpeakerErrors) -> float | None:
    return 100 * seconds / errors.speech if errors.speech else None


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share
