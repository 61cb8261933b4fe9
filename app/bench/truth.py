"""When each word of a reference was really said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.bench.manifest import TimedText
from app.bench.score import BY_CHARACTER, characters, match_words
from app.core.audio import SPEECH_RATE
from app.speech.transcribe.mel import MelBuffer
from app.speech.transcribe.whisper import FRAME_SECONDS, WINDOW_FRAMES, DecodingTask
from app.speech.transcribe.words import place, split

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from app.bench.manifest import Recording
    from app.core.events import Word
    from app.speech.transcribe.whisper import Whisper


def true_words(
    recording: Recording, samples: NDArray[np.float32], model: Whisper, heard: Sequence[Word]
) -> list[TimedText]:
    """Hand-made times where there are some; else the transcript's segments, aligned by force;

    else the words of an offline transcript, `heard`, that are those of the reference.
    """
    if recording.words:
        return list(recording.words)
    if recording.segments:
        return [w for s in recording.segments for w in _aligned(s, samples, model, recording)]
    spans = [TimedText(text, 0.0, 0.0) for text in recording.transcript.split()]
    timed = [TimedText(word.text, word.start, word.end) for word in heard]
    if recording.language in BY_CHARACTER:
        spans, timed = (_letters(spans), _letters(timed))
    pairs = match_words(spans, [(word.text, word) for word in timed])
    return [TimedText(span.text, word.start, word.end) for span, word in pairs]


def _letters(words: Sequence[TimedText]) -> list[TimedText]:
    return [letter for word in words for letter in characters(word)]


def _aligned(
    segment: TimedText, samples: NDArray[np.float32], model: Whisper, recording: Recording
) -> list[TimedText]:
    task = DecodingTask(recording.language)
    sound = samples[int(segment.start * SPEECH_RATE) : int(segment.end * SPEECH_RATE)]
    mel = MelBuffer(model.n_mels, sound)
    tokens = model.tokens(" " + segment.text.strip().lower())
    encoded = model.encode(mel.window(WINDOW_FRAMES))
    alignment = model.align(encoded, tokens, min(mel.frames, WINDOW_FRAMES), task)
    pieces = place(split(tokens, model.text, task.language), alignment, 0)
    return [
        TimedText(
            p.piece.text.strip(),
            segment.start + p.start * FRAME_SECONDS,
            segment.start + p.end * FRAME_SECONDS,
        )
        for p in pieces
        if any(c.isalnum() for c in p.piece.text)
    ]
