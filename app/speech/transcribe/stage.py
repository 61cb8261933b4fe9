"""The live recogniser as a stage: speech in, words, previews and utterances out."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, TypeAlias

from app.core.events import LanguageDetected, PreviewChanged, Word, WordsCommitted
from app.speech.transcribe.decoders import make_decoder
from app.speech.transcribe.language import LanguageFinder
from app.speech.transcribe.options import AlignAttOptions, LanguageOptions, UtteranceOptions
from app.speech.transcribe.policy import Pause
from app.speech.transcribe.utterance import HeardUtterance, SpeechRested, UtteranceBuilder
from app.speech.transcribe.whisper import DecodingTask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from app.speech.transcribe.decoders import DecoderOptions
    from app.speech.transcribe.whisper import Whisper
    from app.speech.vad.protocol import SpeechAudio

_CATCH_UP = 3.0  # seconds of new audio after which a step is due even in a backlog

Recognised: TypeAlias = (
    WordsCommitted | PreviewChanged | LanguageDetected | HeardUtterance | SpeechRested
)


class TranscribeStage:
    """SpeechAudio -> words, previews, languages and utterances.

    `load` gives the model, on the thread that runs the stage; `language` is a code or "auto".
    The type of `options` chooses the policy; a function of them is asked once the model is there.
    """

    name = "transcribe"

    def __init__(
        self,
        load: Callable[[], Whisper],
        language: str,
        options: DecoderOptions | Callable[[], DecoderOptions] | None = None,
        utterances: UtteranceOptions | None = None,
    ) -> None:
        self._load = load
        self._language = language
        self._options: DecoderOptions = AlignAttOptions()
        self._given = options
        self._utterances = UtteranceBuilder(utterances or UtteranceOptions())
        self._preview = ""
        self._next = -1  # number of the sample expected next
        self._done = Pause.LONG  # how thoroughly the current silence has been dealt with
        self._tail_settled = False  # nothing is left that another look at this silence could find
        self._silence = 0.0

    def open(self) -> None:
        model = self._load()
        model.check_language(self._language)
        self._options = self._chosen_options()
        fixed = "en" if not model.multilingual else self._language
        self._finder = LanguageFinder(model, LanguageOptions(), fixed)
        self._decoder = make_decoder(model, self._options, DecodingTask(self._finder.language))

    def feed(self, items: Sequence[SpeechAudio], /) -> Iterator[Recognised]:
        for item in items:
            yield from self._take(item)
            if self._pause() > self._done or self._decoder.fresh >= _CATCH_UP:
                yield from self._step(self._pause())
        if self._decoder.fresh >= self._options.step and self._pause() is Pause.NONE:
            yield from self._step(Pause.NONE)

    def flush(self) -> Iterator[Recognised]:
        yield from self._finish()

    def close(self) -> None:
        self.__dict__.pop("_decoder", None)
        self.__dict__.pop("_finder", None)

    def _chosen_options(self) -> DecoderOptions:
        given = self._given() if callable(self._given) else self._given
        return given or AlignAttOptions()

    def _take(self, item: SpeechAudio) -> Iterator[Recognised]:
        if not len(item.chunk.samples):
            yield from self._finish()
            yield SpeechRested(item.chunk.start)
            return
        if item.chunk.first_sample != self._next:
            yield from self._finish()
            self._decoder.restart(item.chunk.first_sample)
        self._next = item.chunk.end_sample
        self._silence = item.silence
        self._decoder.append(item.chunk.samples)
        self._utterances.hear(item.chunk)
        if not item.silence:
            self._done, self._tail_settled = Pause.NONE, False

    def _pause(self) -> Pause:
        if self._silence >= self._options.long_pause:
            return Pause.LONG
        return Pause.SHORT if self._silence >= self._options.short_pause else Pause.NONE

    def _finish(self) -> Iterator[Recognised]:
        """Commit whatever still waits: no more audio will come to help it."""
        if self._done is not Pause.LONG:
            yield from self._step(Pause.LONG)

    def _step(self, pause: Pause) -> Iterator[Recognised]:
        if not self._finder.settled:
            yield from self._find_language(patient=pause is not Pause.LONG)
        if self._finder.ready and not self._tail_settled:
            yield from self._tell(self._decoder.step(pause, self._silence))
            self._tail_settled = pause is not Pause.NONE and not self._decoder.preview
        self._done = max(self._done, pause)
        if pause is Pause.LONG:
            yield from self._utterances.close(self._decoder.task.language)
        yield from self._tell_preview()

    def _find_language(self, *, patient: bool) -> Iterator[Recognised]:
        found = self._finder.consider(
            self._decoder.encode(), self._decoder.seconds, patient=patient
        )
        if found:
            self._decoder.task = DecodingTask(found.language)
            yield found

    def _tell(self, words: Iterable[Word]) -> Iterator[Recognised]:
        committed: list[tuple[int, Word]] = []
        for item in self._utterances.add(words, self._decoder.task.language):
            if isinstance(item, HeardUtterance):
                yield from _committed(committed)
                committed.clear()
                yield item
            else:
                committed.append(item)
        yield from _committed(committed)

    def _tell_preview(self) -> Iterator[Recognised]:
        if self._decoder.preview != self._preview:
            self._preview = self._decoder.preview
            yield PreviewChanged(self._utterances.number, self._preview)


def _committed(words: Iterable[tuple[int, Word]]) -> Iterator[WordsCommitted]:
    for number, group in groupby(words, key=itemgetter(0)):
        yield WordsCommitted(number, tuple(word for _, word in group))
