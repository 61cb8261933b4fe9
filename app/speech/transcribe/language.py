"""Finds the spoken language, and notices when an utterance is spoken in another one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.core.events import LanguageDetected
from app.core.languages import languages_of as languages_of

if TYPE_CHECKING:
    from app.speech.transcribe.options import LanguageOptions
    from app.speech.transcribe.whisper import Whisper


def check_languages(model: Whisper, choice: str) -> None:
    """Raises LanguageError unless `model` can be told to expect every language of `choice`."""
    for code in languages_of(choice):
        model.check_language(code)


class LanguageFinder:
    """Names the language of a stream: one code, "auto", or those that may be spoken ("ko,en").

    The first answer that is sure enough settles it. `doubt` asks again for a new utterance; then a
    switch needs a very sure answer, two likely ones in a row or a likely one at last, and anything
    else keeps the language. A model that knows only English hears English.
    """

    def __init__(self, model: Whisper, options: LanguageOptions, language: str) -> None:
        self._model = model
        self._options = options
        self.allowed = languages_of(language)
        self._fixed = not model.multilingual or len(self.allowed) == 1
        self._probability = 0.0
        self._held = False  # nothing is decoded before the question is answered
        self._open = False  # an utterance has come since the last sure answer
        self._judged = 0.0  # seconds of the utterance that were judged last
        self._candidate = ""  # another language that was likely last time
        first = self.allowed[0] if self.allowed else "en"
        self.language = first if model.multilingual else "en"

    @property
    def ready(self) -> bool:
        """Whether there is a language to decode in."""
        return self._fixed or (self._probability > 0.0 and not self._held)

    @property
    def settled(self) -> bool:
        """Whether looking further is pointless."""
        return self._fixed or (self._probability >= self._options.floor and not self._open)

    def doubt(self, *, hold: bool) -> None:
        """A new utterance begins; `hold` wants it judged before it is decoded."""
        self._judged, self._candidate = 0.0, ""
        if not self._fixed and self._probability > 0.0:
            self._held = hold
            self._open = self._probability >= self._options.floor

    def due(self, seconds: float, *, patient: bool) -> bool:
        """Whether `seconds` of the utterance say enough more than what was judged before."""
        if self.settled:
            return False
        fresh = not patient or seconds >= self._judged + self._options.step
        if self._open:
            return fresh and self._may_tell(seconds, patient=patient)
        return fresh and (not patient or seconds >= self._options.needed)

    def _may_tell(self, seconds: float, *, patient: bool) -> bool:
        """Whether an answer could switch, or let words through that wait."""
        if not patient or seconds >= self._options.needed_to_switch:
            return seconds >= self._needed_if_certain(patient=patient)
        return self._held and seconds >= self._options.needed_again

    def _needed_if_certain(self, *, patient: bool) -> float:
        """Seconds of speech from which a very sure answer counts.

        Few languages are told apart soon; of an utterance that is over nothing more will come.
        """
        if self.allowed:
            return self._options.needed_again
        return self._options.needed_to_switch if patient else self._options.needed

    def keep(self) -> None:
        """The utterance is over and too short to be judged: it is in the language it was in."""
        self._held = self._open = False

    def consider(self, encoded: Any, seconds: float, *, patient: bool) -> LanguageDetected | None:
        """Judge `seconds` of encoded speech; an unsure answer counts only when not `patient`."""
        self._judged = seconds
        if self._open:
            return self._consider_switch(encoded, seconds, patient=patient)
        if patient and seconds < self._options.needed:
            return None
        language, probability = self._likeliest(encoded)
        hopeful = patient and seconds < self._options.patience
        if hopeful and probability < self._options.floor:
            return None
        self._held = False
        if probability <= self._probability:
            return None
        changed = language != self.language or not self.ready
        self.language, self._probability = language, probability
        return LanguageDetected(language, round(probability, 3)) if changed else None

    def _consider_switch(
        self, encoded: Any, seconds: float, *, patient: bool
    ) -> LanguageDetected | None:
        language, probability = self._likeliest(encoded)
        other = language != self.language
        likely = probability >= self._options.likely
        enough = seconds >= self._options.needed_to_switch
        late = seconds >= self._options.patience_again
        again = late or (enough and language == self._candidate)
        soon = seconds >= self._needed_if_certain(patient=patient)
        certain = soon and probability >= self._options.certain
        switches = other and (certain or (likely and again))
        # An early answer lets the words through; it is wrong too often to end the question.
        self._open = patient and not late and not (enough and (switches or (likely and not other)))
        self._held = self._held and self._open and likely and other and not switches
        self._candidate = language if likely and other else ""
        if not switches:
            return None
        self.language, self._probability = language, probability
        return LanguageDetected(language, round(probability, 3))

    def _likeliest(self, encoded: Any) -> tuple[str, float]:
        named = self._model.name_language(encoded, self.allowed)
        return named[0] if named else (self.language, 0.0)
