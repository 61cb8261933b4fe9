"""Transcribes without hurry: windows of up to 30 s, cut at pauses, decoded with beam search."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.audio import SPEECH_RATE, AudioChunk
from app.core.events import FinalCaption, LanguageDetected, Word
from app.speech.transcribe.guidance import Guidance, Guide
from app.speech.transcribe.language import LanguageFinder, check_languages
from app.speech.transcribe.offline import WindowDecoder, join_audio
from app.speech.transcribe.options import (
    LanguageOptions,
    RevisionOptions,
    UtteranceOptions,
    settled,
)
from app.speech.transcribe.quiet import quietest_between, rests
from app.speech.transcribe.regions import LanguageRegions
from app.speech.transcribe.words import ends_sentence, is_wordless

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from app.speech.transcribe.options import Deferred
    from app.speech.transcribe.quiet import Rest
    from app.speech.transcribe.whisper import Whisper
    from app.speech.vad.protocol import SpeechAudio

_SHORTEST_PAUSE = 0.2  # seconds; a window may end in the middle of such a silence
_LONG_PAUSE = 1.0  # seconds; a longer pause is no better a place to cut
_EARLIEST_CUT = 8.0  # seconds; a shorter window gives the model too little to go by
_BREATH = 5.0  # seconds at the end of a window without a pause, of which the quietest place is cut
_LATER_IS_BETTER = 0.02  # seconds of pause that a second more of window is worth
_SPEAKER_PAUSE = 0.4  # seconds; after such a pause somebody may go on in another language
_WHOLE_REGIONS = LanguageOptions(certain=0.7)  # all of a region is heard before it is judged
_LINE_PAUSE = 0.9  # seconds of silence that end a line


class WholeStage:
    """SpeechAudio -> FinalCaption, LanguageDetected. `language` is a code or "auto"."""

    name = "transcribe"

    def __init__(
        self,
        load: Callable[[], Whisper],
        language: str,
        options: Deferred[RevisionOptions] | None = None,
        guidance: Guidance | None = None,
    ) -> None:
        self._load = load
        self._language = language
        self._options = RevisionOptions()
        self._deferred = options or self._options
        self._guidance = guidance or Guidance()
        self._lines = LineMaker(UtteranceOptions())
        self._held: list[AudioChunk] = []
        self._pauses: dict[int, float] = {}  # sample in the middle of a pause -> its length (s)

    def open(self) -> None:
        model = self._load()
        check_languages(model, self._language)
        self._guide = Guide(model, self._guidance)
        self._options = settled(self._deferred)
        self._finder = LanguageFinder(model, _WHOLE_REGIONS, self._language)
        self._regions = LanguageRegions(model, self._finder)
        self._decoder = WindowDecoder(model, self._options)

    def feed(self, items: Sequence[SpeechAudio], /) -> Iterator[FinalCaption | LanguageDetected]:
        for item in items:
            if self._held and item.chunk.start - self._held[-1].end > self._options.gap:
                yield from self._decode(self._held[-1].end_sample)
            if len(item.chunk.samples):
                self._hear(item)
            if self._held and self._held[-1].end - self._held[0].start > self._options.longest:
                yield from self._decode(self._best_cut())

    def flush(self) -> Iterator[FinalCaption | LanguageDetected]:
        if self._held:
            yield from self._decode(self._held[-1].end_sample)

    def close(self) -> None:
        self._held = []
        for name in ("_finder", "_regions", "_decoder", "_guide"):
            self.__dict__.pop(name, None)

    def _hear(self, item: SpeechAudio) -> None:
        self._held.append(item.chunk)
        if item.silence >= _SHORTEST_PAUSE:
            length = int(item.silence * SPEECH_RATE)
            begin = item.chunk.end_sample - length
            self._pauses = {at: s for at, s in self._pauses.items() if at < begin}
            self._pauses[begin + length // 2] = item.silence

    def _best_cut(self) -> int:
        """The sample at which the window ends: in a long pause, rather late than early."""
        first, last = self._held[0].first_sample, self._held[-1].end_sample
        earliest = first + int(_EARLIEST_CUT * SPEECH_RATE)

        def worth(at: int) -> float:
            return min(self._pauses[at], _LONG_PAUSE) + _LATER_IS_BETTER * at / SPEECH_RATE

        pauses = [at for at in self._pauses if earliest < at < last]
        return max(pauses, key=worth) if pauses else self._quietest_cut()

    def _quietest_cut(self) -> int:
        held = join_audio(self._held)
        return quietest_between(held, max(held.start, held.end - _BREATH), held.end)

    def _decode(self, cut: int) -> Iterator[FinalCaption | LanguageDetected]:
        places = sorted(
            at for at, length in self._pauses.items() if at < cut and length >= _SPEAKER_PAUSE
        )
        for part, language, news in self._regions.split(self._take(cut), places):
            if news:
                yield news
            task = self._guide.task(language)
            decoded = self._decoder.decode(part, task)
            if decoded is not None:
                yield from self._lines.make(decoded.words, task.written, rests(part))

    def _take(self, cut: int) -> AudioChunk:
        whole = join_audio(self._held)
        length = cut - whole.first_sample
        rest = AudioChunk(cut, whole.samples[length:])
        self._held = [rest] if len(rest.samples) else []
        self._pauses = {at: seconds for at, seconds in self._pauses.items() if at > cut}
        return AudioChunk(whole.first_sample, whole.samples[:length])


class NoRevision:
    """Stands where ReviseStage would when the captions are as good as they get."""

    name = "revise"

    def open(self) -> None: ...

    def feed(self, items: Sequence[object], /) -> Sequence[FinalCaption]:
        return ()

    def flush(self) -> Sequence[FinalCaption]:
        return ()

    def close(self) -> None: ...


class LineMaker:
    """Cuts a window's words into captions at pauses and sentence ends, numbered from 0."""

    def __init__(self, options: UtteranceOptions) -> None:
        self._options = options
        self._number = 0

    def make(
        self, words: Iterable[Word], language: str, found: Sequence[Rest]
    ) -> Iterator[FinalCaption]:
        """`found` are the rests in the sound of `words`."""
        line: list[Word] = []
        for word in words:
            if not line and is_wordless(word.text):
                continue
            if line and self._ends(line, word, found):
                yield self._caption(line, language)
                line = []
            line.append(word)
        if line:
            yield self._caption(line, language)

    def _ends(self, line: Sequence[Word], following: Word, found: Sequence[Rest]) -> bool:
        length = line[-1].end - line[0].start
        pressing = length >= self._options.pressing_after
        return (
            following.start - line[-1].end >= _LINE_PAUSE
            or length >= self._options.longest
            or (
                length >= self._options.sentence_after
                and ends_sentence(line[-1], following, found, pressing=pressing)
            )
        )

    def _caption(self, line: Sequence[Word], language: str) -> FinalCaption:
        caption = FinalCaption(
            utterance=self._number,
            revision=0,
            start=line[0].start,
            end=max(line[-1].end, line[0].start),
            text="".join(word.text for word in line).strip(),
            language=language,
            words=tuple(line),
        )
        self._number += 1
        return caption
