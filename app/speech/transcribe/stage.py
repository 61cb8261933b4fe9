"""The live recogniser as a stage: speech in, words, previews and utterances out."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, TypeAlias

from app.core.audio import SPEECH_RATE
from app.core.events import (
    LanguageDetected,
    LoadLevel,
    PreviewChanged,
    RecognitionSkipped,
    Word,
    WordsCommitted,
)
from app.speech.transcribe.decoders import make_decoder
from app.speech.transcribe.guidance import Guidance, Guide
from app.speech.transcribe.language import LanguageFinder, check_languages
from app.speech.transcribe.load import Governed
from app.speech.transcribe.opening import Opening
from app.speech.transcribe.options import (
    AlignAttOptions,
    LanguageOptions,
    UtteranceOptions,
)
from app.speech.transcribe.policy import Pause
from app.speech.transcribe.utterance import HeardUtterance, SpeechRested, UtteranceBuilder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from app.speech.transcribe.decoders import DecoderOptions
    from app.speech.transcribe.options import Deferred
    from app.speech.transcribe.policy import StreamingDecoder
    from app.speech.transcribe.whisper import Whisper
    from app.speech.vad.protocol import SpeechAudio

_CATCH_UP = 3.0  # seconds of new audio after which a step is due even in a backlog
_LONGER_STEP = {LoadLevel.LONGER_STEPS: 1.5, LoadLevel.NO_PREVIEW: 4.0, LoadLevel.PAUSED: 4.0}
_LONGER_CATCH_UP = 6.0
_UNSEEN = 0.5  # seconds that the detector may need to notice speech
_UNDECIDED = 30.0  # seconds of sound without a word, at most, that are worth another look
_AFTERGLOW = 0.1  # seconds of audio that an utterance keeps behind its last word

Recognised: TypeAlias = (
    WordsCommitted | PreviewChanged | LanguageDetected | HeardUtterance | SpeechRested | Governed
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
        options: Deferred[DecoderOptions] | None = None,
        utterances: UtteranceOptions | None = None,
        guidance: Guidance | None = None,
    ) -> None:
        self._load = load
        self._language = language
        self._options: DecoderOptions = AlignAttOptions()
        self._deferred: Deferred[DecoderOptions] = options or self._options
        self._utterances = UtteranceBuilder(
            utterances or UtteranceOptions(),
            written="en" if guidance and guidance.translate else "",
        )
        self._guidance = guidance or Guidance()
        self._languages = LanguageOptions()
        self._opening = Opening(self._languages.context)
        self._language_known = False
        self._preview = ""
        self._preview_gone = False  # views have dropped it, for words of the same utterance came
        self._next = -1  # number of the sample expected next
        self._done = Pause.LONG  # how thoroughly the current silence has been dealt with
        self._tail_settled = False  # nothing is left that another look at this silence could find
        self._silence = 0.0
        self._load_level = LoadLevel.NORMAL
        self._decided = 0.0  # seconds up to which nothing is left to be committed
        self._deaf_until = 0  # number of the sample up to which sound was left out

    def ease(self, level: LoadLevel) -> None:
        """Do more or less for each second of sound from now on."""
        self._load_level = level
        self._decoder.careful = level is LoadLevel.NORMAL

    def leave_out(self, start: float, end: float) -> Iterator[Recognised]:
        """The sound between two times (s) will not come: close the utterance, tell what is missing.

        Words cut in two are nothing to go by. What follows the last one that stands is missing too.
        """
        unseen = _UNSEEN if self._done is Pause.LONG else _UNDECIDED
        begin = min(start, max(self._decided, start - unseen))
        language = self._decoder.task.language
        cut = int((begin + _AFTERGLOW) * SPEECH_RATE)
        closed = self._utterances.split_at(cut, language, language)
        yield from self._dropping_preview(closed)
        self._deaf_until = int(end * SPEECH_RATE)
        self._decoder.restart(self._deaf_until)
        self._done, self._decided = Pause.LONG, end
        yield from self._tell_preview()
        yield RecognitionSkipped(begin, end)

    def open(self) -> None:
        model = self._model = self._load()
        check_languages(model, self._language)
        self._guide = Guide(model, self._guidance)
        self._options = self._deferred() if callable(self._deferred) else self._deferred
        self._finder = LanguageFinder(model, self._languages, self._language)
        self._decoder = self._decoder_for(self._finder.language)

    def feed(self, items: Sequence[SpeechAudio], /) -> Iterator[Recognised]:
        for item in items:
            yield from self._take(item)
            if self._pause() > self._done or self._decoder.fresh >= self._longest_step:
                yield from self._step(self._pause())
        if self._decoder.fresh >= self._shortest_step and self._pause() is Pause.NONE:
            yield from self._step(Pause.NONE)

    def flush(self) -> Iterator[Recognised]:
        yield from self._finish()

    def close(self) -> None:
        for name in ("_model", "_decoder", "_finder", "_guide"):
            self.__dict__.pop(name, None)

    def _take(self, item: SpeechAudio) -> Iterator[Recognised]:
        if not len(item.chunk.samples):
            yield from self._finish()
            yield SpeechRested(item.chunk.start)
            return
        if item.chunk.first_sample < self._deaf_until:
            return  # what was still under way when the sound behind it was left out
        if item.chunk.first_sample != self._next:
            yield from self._finish()
            self._decoder.restart(item.chunk.first_sample)
            self._decided = max(self._decided, item.chunk.start)
        self._next = item.chunk.end_sample
        self._silence = item.silence
        self._decoder.append(item.chunk.samples)
        self._utterances.hear(item.chunk)
        if not item.silence:
            self._doubt_language()
            self._done, self._tail_settled = Pause.NONE, False
        self._opening.hear(item.chunk, silent=item.silence > 0)

    def _doubt_language(self) -> None:
        """Somebody speaks again, after a long pause perhaps in another language."""
        if self._done is Pause.LONG:
            self._finder.doubt(hold=True)
            self._opening.begin()
        elif self._done is Pause.SHORT:
            self._doubt_in_passing()

    def _doubt_in_passing(self, first_sample: int | None = None) -> None:
        if self._finder.settled and self._opening.age >= self._languages.pause:
            self._finder.doubt(hold=False)
            self._opening.begin(first_sample)

    @property
    def _shortest_step(self) -> float:
        return max(self._options.step, _LONGER_STEP.get(self._load_level, 0.0))

    @property
    def _longest_step(self) -> float:
        return _CATCH_UP if self._load_level is LoadLevel.NORMAL else _LONGER_CATCH_UP

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
            words = self._decoder.step(pause, self._silence)
            yield from self._dropping_preview(self._tell(words))
            self._tail_settled = pause is not Pause.NONE and not self._decoder.preview
        self._done = max(self._done, pause)
        if pause is Pause.LONG:
            self._decided = self._next / SPEECH_RATE
        if pause is Pause.LONG or self._utterances.is_overdue:
            ended = self._utterances.close(self._decoder.task.language)
            yield from self._dropping_preview(ended)
        yield from self._tell_preview()

    def _find_language(self, *, patient: bool) -> Iterator[Recognised]:
        seconds = self._opening.seconds
        if self._finder.due(seconds, patient=patient):
            encoded = self._opening.encode(self._model)
            found = self._finder.consider(encoded, seconds, patient=patient)
            first = not self._language_known
            if found:
                self._language_known = True
                yield from self._switch(found)
                if first and patient and seconds < self._languages.patience_again:
                    self._finder.doubt(hold=False)  # so early an answer is worth a second look
        elif not patient:
            self._finder.keep()
        if self._finder.settled:
            self._opening.settle()

    def _switch(self, found: LanguageDetected) -> Iterator[Recognised]:
        """Decode in another language from where the utterance began.

        Words of it that were told already cannot be taken back: they become an utterance of their
        own, whose stored text is decoded in the right language.
        """
        before, audio = self._decoder.task.language, self._opening.audio
        if found.language != before:
            begin = audio.first_sample
            for utterance in self._utterances.split_at(begin, before, found.language):
                yield utterance
                begin = max(begin, utterance.audio.end_sample)
            self._decoder = self._decoder_for(found.language)
            self._decoder.restart(begin)
            self._decoder.append(audio.samples[begin - audio.first_sample :])
        yield found

    def _decoder_for(self, language: str) -> StreamingDecoder:
        decoder = make_decoder(self._model, self._options, self._guide.task(language))
        decoder.careful = self._load_level is LoadLevel.NORMAL
        return decoder

    def _tell(self, words: Iterable[Word]) -> Iterator[Recognised]:
        committed: list[tuple[int, Word]] = []
        for item in self._utterances.add(words, self._decoder.task.language):
            if isinstance(item, HeardUtterance):
                self._doubt_in_passing(item.audio.end_sample)
                yield from _committed(committed)
                committed.clear()
                yield item
            else:
                committed.append(item)
                self._decided = max(self._decided, item[1].end)
        yield from _committed(committed)

    def _dropping_preview(self, told: Iterable[Recognised]) -> Iterator[Recognised]:
        """Views drop the preview when words are committed or an utterance ends."""
        for item in told:
            yield item
            self._preview_gone = True

    def _tell_preview(self) -> Iterator[Recognised]:
        hidden = self._load_level in (LoadLevel.NO_PREVIEW, LoadLevel.PAUSED)
        preview = "" if hidden else self._decoder.preview
        if preview != self._preview or (preview and self._preview_gone):
            self._preview = preview
            self._preview_gone = False
            yield PreviewChanged(self._utterances.number, self._preview)


def _committed(words: Iterable[tuple[int, Word]]) -> Iterator[WordsCommitted]:
    for number, group in groupby(words, key=itemgetter(0)):
        yield WordsCommitted(number, tuple(word for _, word in group))
